import { describe, expect, test } from 'vitest';
import { createTestApp } from '../testing.ts';
import { createFixture, type Recorded } from '../upstream/fixture.ts';

/** What went upstream, as `path?parameters`. */
function appThatNotes(recorded: Recorded = {}, given: Parameters<typeof createTestApp>[0] = {}) {
  const asked: string[] = [];
  const upstream = createFixture({
    forward: (path, parameters) => {
      asked.push(`${path}?${decodeURIComponent(String(parameters).replaceAll('+', ' '))}`);
      return { status: 200, body: Buffer.from('{"status":"success","data":[]}') };
    },
    instant: (query) => {
      asked.push(query);
      return [];
    },
    range: (query) => {
      asked.push(query);
      return [];
    },
    ...recorded,
  });
  return { app: createTestApp({ upstream, ...given }).app, asked };
}

const FORM = { 'content-type': 'application/x-www-form-urlencoded' };

test.each([
  ['GET', '/api/v1/series?match[]=up&match[]={a="b"}&start=1&evil=2', '', 'series?start=1&match[]=up&match[]={a="b"}'],
  ['POST', '/api/v1/series', 'match[]=up&end=2', 'series?end=2&match[]=up'],
  ['GET', '/api/v1/labels', '', 'labels?'],
  ['POST', '/api/v1/labels', 'match[]=up', 'labels?match[]=up'],
  ['GET', '/api/v1/label/__name__/values?match[]=up&limit=10', '', 'label/__name__/values?limit=10&match[]=up'],
  ['GET', '/api/v1/label/U__a_2e_b/values', '', 'label/U__a_2e_b/values?'],
  ['GET', '/api/v1/metadata?metric=up&limit=1', '', 'metadata?metric=up&limit=1'],
  ['GET', '/api/v1/query_exemplars?query=up&start=1&end=2', '', 'query_exemplars?query=up&start=1&end=2'],
  ['POST', '/api/v1/query_exemplars', 'query=up', 'query_exemplars?query=up'],
  ['GET', '/api/v1/rules?type=alert&rule_name[]=a', '', 'rules?type=alert&rule_name[]=a'],
  ['GET', '/api/v1/alerts?x=1', '', 'alerts?'],
  ['GET', '/api/v1/status/buildinfo', '', 'status/buildinfo?'],
  // As in Prometheus, the form counts before the address, and the first of several.
  ['POST', '/api/v1/query?query=a&time=5', 'query=b&query=c&timeout=', 'query?query=b&time=5'],
])('%s %s is passed on', async (method, path, body, passed) => {
  const { app, asked } = appThatNotes();
  const response = await app.request(path, { method, ...(method === 'POST' ? { body, headers: FORM } : {}) });
  expect([response.status, asked]).toEqual([200, [passed]]);
});

test.each([
  ['/api/v1/series', '"match[]": is missing'],
  ['/api/v1/series?match[]=rate(x[5m])', '"match[]": wants a series selector'],
  ['/api/v1/series?match[]=x{', '"match[]": 1:3: parse error'],
  [`/api/v1/labels?${'match[]=x&'.repeat(51)}`, '"match[]": at most 50'],
  ['/api/v1/labels?start=yesterday', '"start": cannot be parsed to a valid timestamp'],
  ['/api/v1/label/a%2f..%2fb/values', '"name": wants the name of a label'],
  ['/api/v1/label/a.b/values', '"name": wants the name of a label'],
  ['/api/v1/metadata?limit=-1', '"limit": wants a whole number'],
  ['/api/v1/rules?type=both', '"type": wants alert or record'],
  ['/api/v1/query?query=up&timeout=soon', '"timeout": wants a duration'],
  ['/api/v1/query_range?query=up&start=0&end=1&step=1s1', '"step": wants a duration'],
  ['/api/v1/query_range?query=up&start=0&end=1', '"step": is missing'],
])('%s is refused as Prometheus would', async (path, error) => {
  const { app, asked } = appThatNotes();
  const response = await app.request(path);
  expect([response.status, await response.json(), asked]).toEqual([
    400,
    { status: 'error', errorType: 'bad_data', error: expect.stringContaining(`invalid parameter ${error}`) },
    [],
  ]);
});

test('what no Prometheus says is not shown', async () => {
  const { app } = appThatNotes({ forward: () => ({ status: 502, body: Buffer.from('<h1>Bad gateway</h1>') }) });
  const response = await app.request('/api/v1/query?query=up');
  expect([response.status, await response.json()]).toEqual([503, expect.objectContaining({ errorType: 'unavailable' })]);
});

test('a form that is too large is refused in the same shape', async () => {
  const { app } = appThatNotes();
  const response = await app.request('/api/v1/query', { method: 'POST', body: `query=${'x'.repeat(70_000)}`, headers: FORM });
  expect([response.status, await response.json()]).toEqual([413, expect.objectContaining({ status: 'error' })]);
});

describe('a client that asks too often', () => {
  test('is told when to come back, in the shape of the route', async () => {
    const { app } = appThatNotes({}, { queryRate: 1 });
    const ask = (path: string) => app.request(path);
    for (let count = 0; count < 4; count += 1) expect((await ask('/api/v1/labels')).status).toBe(200);
    const [prometheus, panel] = [await ask('/api/v1/labels'), await ask('/api/panels/tokens?start=0&end=60')];
    expect([prometheus.status, prometheus.headers.get('retry-after'), await prometheus.json()]).toEqual([
      429,
      '1',
      { status: 'error', errorType: 'too_many_requests', error: expect.any(String) },
    ]);
    expect([panel.status, panel.headers.get('retry-after'), await panel.json()]).toEqual([
      429,
      '1',
      { error: { code: 'too_many_requests', message: expect.any(String) } },
    ]);
    expect((await ask('/api/panels')).status).toBe(200);
  });

  test('cannot have more than some under way', async () => {
    const end = Promise.withResolvers<void>();
    let asked = 0;
    const forward = async () => {
      asked += 1;
      await end.promise;
      return { status: 200, body: Buffer.from('{}') };
    };
    const { app } = createTestApp({ upstream: { ...createFixture(), forward } });
    const under = Array.from({ length: 64 }, () => app.request('/api/v1/labels'));
    expect((await app.request('/api/v1/labels')).status).toBe(429);
    await expect.poll(() => asked).toBe(12);
    end.resolve();
    expect((await Promise.all(under)).map(({ status }) => status)).toEqual(new Array(64).fill(200));
    expect((await app.request('/api/v1/labels')).status).toBe(200);
  });
});

describe('who may see one project', () => {
  const scopes = new Map([['*', { project: ['shop'] }]]);

  test.each([
    ['/api/v1/query?query=sum(x)', 'query?query=sum(x{project="shop"})'],
    ['/api/v1/query_range?query=x&start=0&end=1&step=1', 'query_range?query=x{project="shop"}&start=0&end=1&step=1'],
    ['/api/v1/query_exemplars?query=x', 'query_exemplars?query=x{project="shop"}'],
    ['/api/v1/series?match[]=x&match[]={project="blog"}', 'series?match[]=x{project="shop"}&match[]={project="shop",project="blog"}'],
    ['/api/v1/labels', 'labels?match[]={project="shop"}'],
    ['/api/v1/label/project/values', 'label/project/values?match[]={project="shop"}'],
    ['/api/v1/label/project/values?match[]=x', 'label/project/values?match[]=x{project="shop"}'],
    ['/api/v1/metadata', 'metadata?'],
    [
      '/api/panels/tokens?start=0&end=60&project=blog',
      'sum(max_over_time(ccmeter_tokens_total{project="shop",project="blog"}[60s]) - min_over_time(ccmeter_tokens_total{project="shop",project="blog"}[60s]))',
    ],
    ['/api/panels/sessions_active', 'sum(ccmeter_sessions_active{project="shop"})'],
    ['/api/range', 'min(last_over_time(ccmeter_history_start_timestamp_seconds{project="shop"}[31536000s]))'],
    [
      '/api/filter-options?start=0&end=60',
      'group by (host, project, model) (present_over_time(ccmeter_requests_total{project="shop"}[60s]))',
    ],
  ])('%s asks for that alone', async (path, passed) => {
    const { app, asked } = appThatNotes({}, { scopes });
    expect((await app.request(path)).status).toBe(200);
    expect(asked).toEqual([passed]);
  });

  test.each(['/api/v1/rules', '/api/v1/alerts'])('%s are empty and say why', async (path) => {
    const { app, asked } = appThatNotes({}, { scopes });
    expect(await (await app.request(path)).json()).toMatchObject({ status: 'success', warnings: [expect.any(String)] });
    expect(asked).toEqual([]);
  });
});
