import { createHash, generateKeyPairSync, sign } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { fixedKeys } from './access/source-keys.ts';
import { createApiClient } from './client.ts';
import { createWebFiles } from './routes/web-files.ts';
import { createTestApp, eventOf, NOW_MS, readMessages, someEvent } from './testing.ts';
import { createFixture, type Recorded } from './upstream/fixture.ts';

/** As if asked over loopback. */
const LOCAL = { incoming: { url: '/', headersDistinct: { host: ['localhost'] }, socket: { remoteAddress: '127.0.0.1' } } };

function appOn(recorded: Recorded = {}) {
  return createTestApp({ upstream: createFixture(recorded) }).app;
}

async function get(app: ReturnType<typeof appOn>, path: string, headers: Record<string, string> = {}) {
  const response = await app.request(path, { headers });
  return { status: response.status, body: await response.json() };
}

/** Notes what it was asked, and answers. */
function noting<Asked extends unknown[], Answer>(notes: unknown[], answer: Answer) {
  return (...asked: Asked): Answer => {
    notes.push(asked);
    return answer;
  };
}

describe('questions', () => {
  test('are listed with unit and labels', async () => {
    const { body } = await get(appOn(), '/api/panels');
    expect(body).toHaveProperty(
      'panels',
      expect.arrayContaining([
        {
          id: 'cost',
          kind: 'added',
          help: expect.any(String),
          unit: 'usd',
          labels: ['host', 'project', 'model', 'agent'],
        },
      ]),
    );
  });

  test('are asked at the end of the range in whole minutes', async () => {
    const asked: unknown[] = [];
    const app = appOn({ instant: noting(asked, [{ labels: { model: 'opus' }, value: 41.99999999 }]) });
    const answer = await get(app, '/api/panels/tokens?start=61&end=1970-01-01T00:03:01Z&by=model&project=a&project=b&kind=input');
    expect(asked).toEqual([
      [
        'sum by (model) (max_over_time(ccmeter_tokens_total{project=~"a|b",kind="input"}[180s]) - min_over_time(ccmeter_tokens_total{project=~"a|b",kind="input"}[180s]))',
        240,
      ],
    ]);
    expect(answer).toEqual({
      status: 200,
      body: {
        id: 'tokens',
        unit: 'token',
        start: 60,
        end: 240,
        step: null,
        series: [{ labels: { model: 'opus' }, value: 42, points: null }],
        query:
          'sum by (model) (max_over_time(ccmeter_tokens_total{project=~"a|b",kind="input"}[180s]) - min_over_time(ccmeter_tokens_total{project=~"a|b",kind="input"}[180s]))',
      },
    });
  });

  test('by steps ask for whole buckets in one go and for the one cut short apart', async () => {
    const asked: unknown[] = [];
    const app = appOn({
      range: noting(asked, [
        {
          labels: {},
          points: [
            [120, 1],
            [240, 2],
          ],
        },
      ]),
      instant: noting(asked, [{ labels: {}, value: 4 }]),
    });
    const { body } = await get(app, '/api/panels/sessions?start=0&end=300&step=120');
    expect(asked).toEqual([
      [
        'sum(max_over_time(ccmeter_sessions_total[120s]) - min_over_time(ccmeter_sessions_total[120s]))',
        { start: 120, end: 240, step: 120 },
      ],
      ['sum(max_over_time(ccmeter_sessions_total[60s]) - min_over_time(ccmeter_sessions_total[60s]))', 300],
    ]);
    expect(body).toMatchObject({
      step: 120,
      series: [
        {
          value: 7,
          points: [
            [0, 1],
            [120, 2],
            [240, 4],
          ],
        },
      ],
    });
  });

  test('about now take no range', async () => {
    const app = appOn({
      instant: (query, at) =>
        at === undefined && query === 'sum by (state) (ccmeter_sessions_active)' ? [{ labels: { state: 'working' }, value: 2 }] : [],
    });
    const now = NOW_MS / 1000;
    expect((await get(app, '/api/panels/sessions_active?by=state')).body).toEqual({
      id: 'sessions_active',
      unit: 'session',
      start: now,
      end: now,
      step: null,
      series: [{ labels: { state: 'working' }, value: 2, points: null }],
      query: 'sum by (state) (ccmeter_sessions_active)',
    });
  });

  test('about sizes give the quantile of the range and of each bucket that has one', async () => {
    const bucket = (seconds: number) =>
      `histogram_quantile(0.95, sum by (tool, le) (max_over_time(ccmeter_tool_duration_seconds_bucket[${seconds}s]) - min_over_time(ccmeter_tool_duration_seconds_bucket[${seconds}s])))`;
    const values: Record<string, number> = { [bucket(300)]: 2.5, [bucket(60)]: 7 };
    const app = appOn({
      instant: (query) => [
        { labels: { tool: 'Bash' }, value: values[query] ?? 0 },
        { labels: { tool: 'Read' }, value: Number.NaN },
      ],
      range: (query) =>
        query === bucket(120)
          ? [
              {
                labels: { tool: 'Bash' },
                points: [
                  [120, 1],
                  [240, Number.NaN],
                ],
              },
            ]
          : [],
    });
    expect((await get(app, '/api/panels/tool_seconds?start=0&end=300&step=120&by=tool&quantile=0.95')).body).toMatchObject({
      series: [
        {
          labels: { tool: 'Bash' },
          value: 2.5,
          points: [
            [0, 1],
            [240, 7],
          ],
        },
      ],
    });
  });

  test.each([
    ['/api/panels/tokens', 'start: is missing'],
    ['/api/panels/tokens?start=0&end=60&quantile=0.5', 'quantile: this question is not about sizes'],
    ['/api/panels/tool_seconds?start=0&end=60&quantile=1', 'quantile: wants a part of one'],
    ['/api/panels/sessions_active?end=60', 'end: this question is about now and takes no range'],
    ['/api/panels/tokens?start=0', 'end: is missing'],
    ['/api/panels/tokens?start=60&end=60', 'end: must be later than start'],
    ['/api/panels/tokens?start=yesterday&end=60', 'start: wants seconds since 1970'],
    ['/api/panels/tokens?start=0&end=1e3', 'end: wants seconds since 1970'],
    ['/api/panels/tokens?start=0&end=60&start=1', 'start: does not fit, or was given twice'],
    ['/api/panels/tokens?start=0&end=99999999999', 'start: is more than 100 years before end'],
    ['/api/panels/tokens?start=0&end=600&step=90', 'step: wants seconds, a multiple of 60'],
    ['/api/panels/tokens?start=0&end=600&step=0', 'step: wants seconds, a multiple of 60'],
    ['/api/panels/tokens?start=0&end=660060&step=60', 'step: makes 11001 points over this range, at most 11000 are given; 120 would do'],
    [
      '/api/panels/tokens?start=0&end=600&by=state',
      'by: "state" is not a label of this question; it has host, project, model, agent, kind',
    ],
    ['/api/panels/sessions?start=0&end=600&model=x', 'model: is not a label of this question; it has host, project'],
    ['/api/panels/tokens?start=0&end=600&modell=x', 'modell: is not a parameter here'],
    [`/api/panels/tokens?start=0&end=600&model=${'x'.repeat(1025)}`, 'model: is longer than 1024 characters'],
    ['/api/events?limit=0', 'limit: wants a whole number from 1 to 1000'],
    ['/api/events?type=nonsense', 'type: "nonsense" is not an event type'],
    ['/api/stream?lastEventId=x', 'lastEventId: wants the id of an event'],
  ])('%s is refused by name', async (path, message) => {
    expect(await get(appOn(), path)).toEqual({
      status: 400,
      body: { error: { code: 'invalid_parameter', message: expect.stringContaining(message) } },
    });
  });

  test('11,000 points are fine', async () => {
    expect((await get(appOn(), '/api/panels/tokens?start=0&end=660000&step=60')).status).toBe(200);
  });

  test('nobody knows are 404', async () => {
    expect(await get(appOn(), '/api/panels/constructor')).toMatchObject({ status: 404, body: { error: { code: 'unknown_panel' } } });
  });

  test('fail in the one shape while Prometheus is away', async () => {
    expect(await get(appOn({ version: null }), '/api/panels/tokens?start=0&end=60')).toMatchObject({
      status: 503,
      body: { error: { code: 'prometheus_unreachable' } },
    });
  });
});

describe('ranges', () => {
  test('begin where history begins, on a minute', async () => {
    const app = appOn({ instant: () => [{ labels: {}, value: 119.9 }] });
    expect((await get(app, '/api/range')).body).toEqual({ first: 60, now: Math.floor(NOW_MS / 1000) });
    expect((await get(appOn(), '/api/range')).body).toMatchObject({ first: null });
  });

  test('have label values to choose from', async () => {
    const of = (host: string, project: string, model: string) => ({ labels: { host, project, model }, value: 1 });
    const app = appOn({ instant: () => [of('h', 'b', 'opus'), of('h', 'a', 'opus')] });
    expect((await get(app, '/api/filter-options?start=0&end=60')).body).toEqual({ host: ['h'], project: ['a', 'b'], model: ['opus'] });
  });
});

describe("Prometheus' own API", () => {
  const answer = { status: 200, body: Buffer.from('{"status":"success"}') };

  test.each([
    ['GET', '/api/v1/query?query=up&time=1&evil=2', undefined, 'query query=up&time=1'],
    ['POST', '/api/v1/query', 'query=up', 'query query=up'],
    [
      'GET',
      '/api/v1/query_range?query=up&start=0&end=2026-01-01T00:00:00Z&step=1w',
      undefined,
      'query_range query=up&start=0&end=2026-01-01T00%3A00%3A00Z&step=1w',
    ],
  ])('%s %s is passed on', async (method, path, body, passed) => {
    const seen: [string, URLSearchParams][] = [];
    const app = appOn({ forward: noting(seen, answer) });
    const headers = { 'content-type': 'application/x-www-form-urlencoded' };
    const response = await app.request(path, { method, ...(body === undefined ? {} : { body, headers }) });
    expect([response.status, await response.json(), seen.map(([to, parameters]) => `${to} ${parameters}`)]).toEqual([
      200,
      { status: 'success' },
      [passed],
    ]);
  });

  test.each([
    ['/api/v1/query', 'invalid parameter "query": is missing'],
    ['/api/v1/query?query=sum(', 'invalid parameter "query": 1:5: parse error'],
    ['/api/v1/query_range?query=up&start=0&end=11000&step=1', 'exceeded maximum resolution of 11000 points'],
    ['/api/v1/query_range?query=up&start=0&end=60&step=0', 'invalid parameter "step"'],
    ['/api/v1/query_range?query=up&start=0&end=60&step=', 'invalid parameter "step"'],
    ['/api/v1/query_range?query=up&start=60&end=0&step=1', 'invalid parameter "end"'],
    ['/api/v1/query_range?query=up&end=0&step=1', 'invalid parameter "start"'],
  ])('%s is refused as Prometheus would', async (path, error) => {
    expect(await get(appOn(), path)).toEqual({
      status: 400,
      body: { status: 'error', errorType: 'bad_data', error: expect.stringContaining(error) },
    });
  });

  test('is unavailable while Prometheus is away', async () => {
    expect(await get(appOn({ version: null }), '/api/v1/query?query=up')).toMatchObject({
      status: 503,
      body: { status: 'error', errorType: 'unavailable' },
    });
  });
});

describe('events', () => {
  const post = (app: ReturnType<typeof appOn>, body: string, headers: Record<string, string> = {}, env: object = LOCAL) =>
    app.request('/events', { method: 'POST', body, headers }, env);

  test('come in one by one or many at once, and each once', async () => {
    const { app } = createTestApp();
    const one = await post(app, JSON.stringify(someEvent(1)));
    expect([one.status, await one.json()]).toEqual([202, { accepted: 1, duplicates: 0, rejected: [] }]);
    const many = await post(app, JSON.stringify([someEvent(1), someEvent(2), { id: 'x' }]));
    expect(await many.json()).toEqual({ accepted: 1, duplicates: 1, rejected: [{ index: 2, error: expect.stringContaining('id:') }] });
    expect((await get(app, '/api/events?limit=1')).body).toEqual({ events: [{ seq: expect.any(Number), event: someEvent(2) }] });
    expect(await (await app.request('/metrics')).text()).toContain('ccmeter_api_events_total{result="stored"} 2');
  });

  test('of other monitors lose what is not ours', async () => {
    const { app } = createTestApp();
    const tool = eventOf('tool', 1, { sessionId: 's', tool: 'Bash', status: 'started' });
    await post(app, JSON.stringify({ ...tool, payload: { ...tool.payload, type: 'tool', context: null, project: null, secret: 'x' } }));
    expect((await get(app, '/api/events')).body).toEqual({ events: [{ seq: 1, event: tool }] });
  });

  test.each([['not json'], ['{}'], ['[1]'], ['"\ud800"'], ['null']])('%j is no event', async (body) => {
    const response = await post(createTestApp().app, body);
    expect([response.status, await response.json()]).toEqual([400, { error: expect.any(String), code: 'invalid_format' }]);
  });

  test('an empty list is nothing to complain about', async () => {
    expect((await post(createTestApp().app, '[]')).status).toBe(202);
  });

  test('above 1 MiB are refused', async () => {
    const response = await post(createTestApp().app, ' '.repeat(1024 * 1024 + 1));
    expect([response.status, await response.json()]).toEqual([413, { error: expect.any(String), code: 'payload_too_large' }]);
  });

  test('from elsewhere need a signature even without keys', async () => {
    const away = { incoming: { ...LOCAL.incoming, socket: { remoteAddress: '192.0.2.1' } } };
    const response = await post(createTestApp().app, JSON.stringify(someEvent(1)), { 'x-source-id': 'laptop' }, away);
    expect([response.status, await response.json()]).toEqual([401, expect.objectContaining({ code: 'missing_signature' })]);
  });

  describe('with keys', () => {
    const { publicKey, privateKey } = generateKeyPairSync('ed25519');
    const body = JSON.stringify(someEvent(1));
    const signature = sign(null, Buffer.from(body), privateKey).toString('base64');
    const { app } = createTestApp({ sourceKeys: fixedKeys(new Map([['laptop', publicKey]])) });

    test('are taken when the signature is right', async () => {
      expect((await post(app, body, { 'x-source-id': 'laptop', 'x-signature': signature })).status).toBe(202);
    });

    test.each([
      ['no source', body, { 'x-signature': signature }, 401, 'missing_source'],
      ['no signature', body, { 'x-source-id': 'laptop' }, 401, 'missing_signature'],
      ['an unknown source', body, { 'x-source-id': 'other', 'x-signature': signature }, 401, 'unknown_source'],
      ['another body', `${body} `, { 'x-source-id': 'laptop', 'x-signature': signature }, 401, 'invalid_signature'],
      ['what is no signature', body, { 'x-source-id': 'laptop', 'x-signature': 'AAAA' }, 401, 'invalid_signature'],
      [
        'base64url',
        body,
        { 'x-source-id': 'laptop', 'x-signature': signature.replaceAll('/', '_').replaceAll('+', '-').replaceAll('=', '') },
        401,
        'invalid_encoding',
      ],
    ] as [string, string, Record<string, string>, number, string][])('are refused with %s', async (_, sent, headers, status, code) => {
      const response = await post(app, sent, headers);
      expect([response.status, await response.json()]).toEqual([status, expect.objectContaining({ code: code })]);
    });

    test('may only speak of their own source', async () => {
      const foreign = JSON.stringify(someEvent(2, { source: 'other' }));
      const headers = { 'x-source-id': 'laptop', 'x-signature': sign(null, Buffer.from(foreign), privateKey).toString('base64') };
      const response = await post(app, foreign, headers);
      expect([response.status, await response.json()]).toEqual([400, expect.objectContaining({ code: 'source_mismatch' })]);
    });

    test('of an unsigned body are never parsed', async () => {
      expect(await (await post(app, 'not json', { 'x-source-id': 'laptop', 'x-signature': signature })).json()).toMatchObject({
        code: 'invalid_signature',
      });
    });
  });
});

describe('the stream', () => {
  const open = async (app: ReturnType<typeof appOn>, path: string, headers: Record<string, string> = {}) => {
    const response = await app.request(path, { headers });
    if (response.body === null) throw new Error('no body');
    return response.body;
  };

  test('gives a new client the newest, oldest of them first, then what comes', async () => {
    const { app, deps } = createTestApp();
    deps.store.append(
      [1, 2, 3].map((number) => someEvent(number)),
      NOW_MS,
    );
    const body = await open(app, '/api/stream?replay=2');
    deps.hub.publish(deps.store.append([someEvent(4)], NOW_MS).stored);
    const messages = await readMessages(body, 4);
    expect(messages.map(({ event, id }) => `${event} ${id}`)).toEqual(['event 2', 'event 3', 'heartbeat 3', 'event 4']);
    expect(JSON.parse(messages[0]?.data ?? '')).toEqual(someEvent(2));
  });

  test('gives who comes back what he missed', async () => {
    const { app, deps } = createTestApp();
    deps.store.append(
      [1, 2, 3].map((number) => someEvent(number)),
      NOW_MS,
    );
    const old = { timestamp: new Date(NOW_MS - 3_600_000).toISOString() };
    deps.store.append([someEvent(4, old)], NOW_MS);
    const messages = await readMessages(await open(app, '/api/stream?replay=3', { 'last-event-id': '1' }), 4);
    expect(messages.map(({ event, id }) => `${event} ${id}`)).toEqual(['event 2', 'event 3', 'history 4', 'heartbeat 4']);
    const again = await readMessages(await open(app, '/api/stream?lastEventId=4'), 1);
    expect(again[0]?.event).toBe('heartbeat');
  });

  test('says when what was missed is gone', async () => {
    const { app } = createTestApp();
    const [first] = await readMessages(await open(app, '/api/stream', { 'last-event-id': '9' }), 2);
    expect(first).toMatchObject({ event: 'reset', id: '0' });
  });

  test('answers HEAD without opening a stream', async () => {
    const { app, deps } = createTestApp();
    expect((await app.request('/api/stream', { method: 'HEAD' })).headers.get('content-type')).toBe('text/event-stream');
    expect(deps.hub.clients()).toBe(0);
  });

  test('has an end of room', async () => {
    const { app } = createTestApp({}, { maxClients: 0 });
    expect(await get(app, '/api/stream')).toMatchObject({ status: 503, body: { error: { code: 'too_many_clients' } } });
  });
});

describe('health', () => {
  test('says how Prometheus and the events are', async () => {
    const { app, deps } = createTestApp({ upstream: createFixture({ version: '3.1.0' }) });
    deps.store.append([someEvent(1)], NOW_MS);
    expect(await get(app, '/api/health')).toEqual({
      status: 200,
      body: {
        status: 'ok',
        version: '0.0.0-test',
        uptimeSeconds: 0,
        prometheus: { reachable: true, version: '3.1.0', error: null },
        events: { stored: 1, clients: 0, lastReceivedAt: new Date(NOW_MS).toISOString() },
      },
    });
  });

  test('is degraded without Prometheus, and still answers', async () => {
    expect(await get(appOn({ version: null }), '/api/health')).toMatchObject({
      status: 200,
      body: { status: 'degraded', prometheus: { reachable: false, error: expect.any(String) } },
    });
  });
});

describe('who may ask', () => {
  test.each(['localhost', 'LOCALHOST:10055', '127.0.0.1:1', '[::1]:10055', 'meter.test'])('%s is one of our names', async (host) => {
    const { app } = createTestApp({ allowHosts: ['meter.test'] });
    expect((await get(app, '/api/panels', { host })).status).toBe(200);
  });

  test.each(['evil.test', 'localhost.evil.test', 'localhost.', '127.0.0.1.evil.test', '[::2]', 'localhost:1:2', ''])(
    '%j is not',
    async (host) => {
      expect(await get(appOn(), '/api/panels', { host })).toMatchObject({ status: 403, body: { error: { code: 'host_not_allowed' } } });
    },
  );

  test.each([
    ['GET', '/api/panels', { 'sec-fetch-site': 'cross-site' }, 403],
    ['GET', '/api/panels', { 'sec-fetch-site': 'same-site' }, 403],
    ['GET', '/api/panels', { 'sec-fetch-site': 'same-origin' }, 200],
    ['GET', '/api/panels', { 'sec-fetch-site': 'none' }, 200],
    ['GET', '/', { 'sec-fetch-site': 'cross-site' }, 503],
    ['POST', '/events', { origin: 'http://evil.test', host: 'localhost' }, 403],
    ['POST', '/events', { origin: 'null', host: 'localhost' }, 403],
    ['POST', '/events', { origin: 'http://localhost:5173', host: 'localhost:10055' }, 403],
    ['OPTIONS', '/events', { origin: 'http://evil.test', host: 'localhost' }, 403],
  ] as [string, string, Record<string, string>, number][])('%s %s with %j is %i', async (method, path, headers, status) => {
    const response = await appOn().request(path, { method, headers });
    expect(response.status).toBe(status);
    expect(response.headers.get('access-control-allow-origin')).toBeNull();
  });

  test('every answer carries the strict headers, errors too', async () => {
    for (const path of ['/api/panels', '/nothing', '/']) {
      const { headers } = await appOn().request(path);
      expect(headers.get('content-security-policy')).toContain("default-src 'self'; style-src 'self'");
      expect(headers.get('x-content-type-options')).toBe('nosniff');
      expect(headers.get('cache-control')).toBe(path.startsWith('/api/') ? 'no-store' : null);
    }
  });
});

describe('the dashboard', () => {
  function build() {
    const directory = mkdtempSync(join(tmpdir(), 'ccmeter-web-'));
    onTestFinished(() => rmSync(directory, { recursive: true }));
    mkdirSync(join(directory, 'assets'));
    writeFileSync(join(directory, 'index.html'), '<p>one</p>');
    writeFileSync(join(directory, 'assets', 'app-abc.js'), 'let a = 1;\n'.repeat(100));
    return { directory, app: createTestApp({ web: createWebFiles(directory) }).app };
  }

  test('is its page at every address of a view', async () => {
    const { app } = build();
    for (const path of ['/', '/live', '/sessions/x.y']) {
      const response = await app.request(path, { headers: { accept: 'text/html,*/*' } });
      expect([response.status, await response.text(), response.headers.get('cache-control')], path).toEqual([
        200,
        '<p>one</p>',
        'no-cache',
      ]);
    }
  });

  test.each(['/api/nothing', '/assets/nothing.js', '/events', '/metrics/x', '/api'])('%s is no view', async (path) => {
    const { app } = build();
    expect((await app.request(path, { headers: { accept: 'text/html' } })).status).toBe(404);
  });

  test.each([
    '/..%2f..%2fetc/passwd',
    '/assets//../index.html.map',
    '/\\etc/passwd',
    '/../package.json',
    '/%2e%2e/%2e%2e/etc/passwd',
    '//etc/passwd',
    '/assets/..%5c..%5cx',
    '/assets/%00',
    '/assets/../../x',
  ])('threat: path traversal: %s leads nowhere', async (path) => {
    expect((await build().app.request(path)).status).toBe(404);
  });

  test('has files that are kept for ever and sent compressed', async () => {
    const { app } = build();
    const response = await app.request('/assets/app-abc.js', { headers: { 'accept-encoding': 'br, gzip' } });
    expect(Object.fromEntries(response.headers)).toMatchObject({
      'content-encoding': 'gzip',
      'cache-control': 'public, max-age=31536000, immutable',
      'content-type': 'text/javascript; charset=utf-8',
    });
    const plain = await app.request('/assets/app-abc.js', { headers: { 'accept-encoding': 'gzip;q=0' } });
    expect([plain.headers.get('content-encoding'), (await plain.text()).length]).toEqual([null, 1100]);
    const etag = plain.headers.get('etag') ?? '';
    expect((await app.request('/assets/app-abc.js', { headers: { 'if-none-match': etag } })).status).toBe(304);
    expect(etag).toContain(createHash('sha256').update('let a = 1;\n'.repeat(100)).digest('base64url').slice(0, 22));
  });

  test('is a new one as soon as it is built anew', async () => {
    const { app, directory } = build();
    await app.request('/');
    writeFileSync(join(directory, 'index.html'), '<p>two</p>');
    utimesSync(join(directory, 'index.html'), 1, 1);
    expect(await (await app.request('/')).text()).toBe('<p>two</p>');
  });

  test('that is not built says how to build it', async () => {
    const { app } = createTestApp({ web: createWebFiles('/nowhere') });
    const response = await app.request('/', { headers: { accept: 'text/html' } });
    expect([response.status, await response.text()]).toEqual([503, expect.stringContaining('npm run build')]);
  });
});

test('measures requests by route, not by path', async () => {
  const { app } = createTestApp();
  for (const path of ['/api/panels', '/api/panels/tokens?start=0&end=60', '/api/nothing/at/all']) await app.request(path);
  const text = await (await app.request('/metrics')).text();
  const counted = text.split('\n').filter((line) => line.startsWith('ccmeter_api_request_duration_seconds_count'));
  expect(counted).toEqual([
    'ccmeter_api_request_duration_seconds_count{method="GET",route="/api/panels",status="200"} 1',
    'ccmeter_api_request_duration_seconds_count{method="GET",route="/api/panels/:id",status="200"} 1',
    'ccmeter_api_request_duration_seconds_count{method="GET",route="/*",status="404"} 1',
  ]);
});

test('the client of the web runs on the app in memory', async () => {
  const { app } = createTestApp({ upstream: createFixture({ instant: () => [{ labels: {}, value: 5 }] }) });
  const client = createApiClient('http://localhost', async (input, init) => app.request(input, init));
  const response = await client.api.panels[':id'].$get({ param: { id: 'tokens' }, query: { start: '0', end: '60', project: ['a', 'b'] } });
  expect((await response.json()).series[0]?.value).toBe(5);
});

test('a mistake of ours is told as such, without its inside', async () => {
  const app = appOn({
    instant: () => {
      throw new Error('secret');
    },
  });
  expect(await get(app, '/api/range')).toEqual({
    status: 500,
    body: { error: { code: 'internal', message: expect.not.stringContaining('secret') } },
  });
});
