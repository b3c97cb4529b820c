import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import { connect } from 'node:net';
import { parser } from '@prometheus-io/lezer-promql';
import { beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { options, readConfig } from './config.ts';
import { createDocument } from './openapi/document.ts';
import { operations } from './openapi/operations.ts';
import { startServer } from './server.ts';
import { createTestApp } from './testing.ts';
import { createCredentials } from './upstream/credentials.ts';
import { createFixture, type Recorded } from './upstream/fixture.ts';
import { createPrometheus, type RawAnswer } from './upstream/prometheus.ts';

/**
 * What somebody could try against this API, one `describe` a threat; each test fails where its defence is taken away. `tests/contract/threats.test.ts`
 * has the list of threats and sees that each has a test. Beside these: `server.test.ts` (hosts, bodies, slow readers), `promql/scope.test.ts` (what
 * a user may see), `tests/contract/fuzz.test.ts` (input of any kind).
 */

const EVIL = 'http://evil.test';

async function serve(recorded: Recorded = {}) {
  const { app, deps } = createTestApp({ upstream: createFixture(recorded) });
  const server = await startServer(app, '127.0.0.1', 0);
  onTestFinished(async () => {
    deps.hub.close();
    await server.close();
  });
  return { url: server.url, port: Number(new URL(server.url).port) };
}

/** Everything that comes back for these bytes until the other side closes. */
async function exchange(port: number, request: string): Promise<string> {
  const socket = connect(port, '127.0.0.1');
  socket.write(request);
  let text = '';
  for await (const chunk of socket.setEncoding('utf8')) text += chunk;
  return text;
}

const routes = Object.keys(operations).map((key) => {
  const [method = '', path = ''] = key.split(' ');
  return { method, path: path.replaceAll(/:\w+/g, 'x') };
});
const writes = routes.filter(({ method }) => method !== 'GET');

describe('threat: DNS rebinding: a page that points its own name to 127.0.0.1', () => {
  test.each(routes)('is refused at $method $path', async ({ method, path }) => {
    const { port } = await serve();
    const head = `${method} ${path} HTTP/1.1\r\nHost: evil.test:${port}\r\nOrigin: ${EVIL}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`;
    const answer = await exchange(port, head);
    expect(answer).toMatch(/^HTTP\/1\.1 403 /);
    expect(answer).toContain('host_not_allowed');
  });
});

describe('threat: CORS: a page of another site that wants to read', () => {
  test.each(routes)('is let in nowhere: $method $path', async ({ method, path }) => {
    const { app } = createTestApp();
    for (const origin of [EVIL, 'null', 'http://localhost:3000']) {
      for (const asked of [method, 'OPTIONS']) {
        const headers = { origin, 'access-control-request-method': method, 'access-control-request-private-network': 'true' };
        const response = await app.request(path, { method: asked, headers });
        await response.body?.cancel();
        expect([...response.headers.keys()].filter((name) => name.startsWith('access-control-'))).toEqual([]);
      }
    }
  });
});

describe('threat: CSRF: a page of another site that makes a browser send', () => {
  test.each(writes)('is refused at $method $path', async ({ method, path }) => {
    const { app } = createTestApp();
    for (const headers of [
      { origin: EVIL, 'content-type': 'text/plain' },
      { origin: 'null', 'content-type': 'application/x-www-form-urlencoded' },
      { 'sec-fetch-site': 'cross-site', 'content-type': 'application/json' },
      { 'sec-fetch-site': 'same-site', 'content-type': 'application/json' },
    ] as Record<string, string>[]) {
      const response = await app.request(path, { method, headers, body: '{}' });
      expect([response.status, await response.json()]).toEqual([403, { error: { code: 'foreign_origin', message: expect.any(String) } }]);
    }
  });
});

describe('threat: SSRF: another address for Prometheus', () => {
  test.each(['file:///etc/passwd', 'gopher://x/', 'http://user:pass@127.0.0.1/', 'http://127.0.0.1/?x=', '//127.0.0.1', 'http://'])(
    '%s is no address of one',
    (url) => {
      expect(() => readConfig(['--prometheus-url', url], {})).toThrow('--prometheus-url: got');
      expect(() => readConfig(['--exporter-url', url], {})).toThrow('--exporter-url: got');
    },
  );

  test('what a client sends along does not reach Prometheus, and a redirect is not followed', async () => {
    const seen: { url: string | undefined; headers: IncomingHttpHeaders }[] = [];
    const other = createServer((request, response) => {
      seen.push({ url: request.url, headers: request.headers });
      if (request.url?.includes('metadata')) response.writeHead(302, { location: 'http://169.254.169.254/' }).end();
      else response.setHeader('content-type', 'application/json').end('{"status":"success","data":[]}');
    }).listen(0, '127.0.0.1');
    onTestFinished(() => void other.close());
    await once(other, 'listening');
    const address = other.address();
    const port = typeof address === 'object' ? address?.port : 0;
    const upstream = createPrometheus({ url: `http://127.0.0.1:${port}`, timeoutMs: 1000 });
    const { app } = createTestApp({ upstream });
    const headers = { cookie: 'a=b', authorization: 'Bearer ours', 'x-scope-orgid': 'other', 'x-forwarded-host': 'evil.test' };
    expect((await app.request('/api/v1/labels?url=http://169.254.169.254/', { headers })).status).toBe(200);
    expect((await app.request('/api/v1/metadata')).status).toBe(503);
    expect(seen.map(({ url }) => url)).toEqual(['/api/v1/labels', '/api/v1/metadata']);
    const own = ['accept-encoding', 'connection', 'content-length', 'content-type', 'host'];
    for (const { headers: received } of seen) expect(own).toEqual(expect.arrayContaining(Object.keys(received)));
  });

  test.each(['..', '.', '%2e%2e', 'a%2fb', 'a%3fb', 'a%23b', 'a%5c..'])('the label %s is no way to another path', async (name) => {
    const asked: string[] = [];
    const { app } = createTestApp({ upstream: createFixture({ forward: (path) => void asked.push(path) as undefined }) });
    await app.request(`/api/v1/label/${name}/values`);
    expect(asked).toEqual([]);
  });
});

describe('threat: PromQL injection: PromQL in a label value', () => {
  test.each(['"} or secret{a="', '\\', '\\"', '\n', '`', '.*', 'a|b', '{{.x}}', "'"])('%j stays a value', async (value) => {
    const asked: string[] = [];
    const instant = (query: string) => void asked.push(query) as undefined;
    const { app } = createTestApp({ upstream: createFixture({ instant }) });
    const search = new URLSearchParams([
      ['start', '0'],
      ['end', '60'],
      ['model', value],
      ['project', value],
      ['project', 'other'],
    ]);
    expect((await app.request(`/api/panels/tokens?${search}`)).status).toBe(200);
    const names: string[] = [];
    parser.parse(asked[0] ?? '').iterate({ enter: ({ name }) => void names.push(name) });
    expect(names.filter((name) => name === 'VectorSelector')).toHaveLength(2);
    expect(names.filter((name) => name === 'UnquotedLabelMatcher')).toHaveLength(4);
    expect(names).not.toContain('⚠');
  });
});

describe('threat: query DoS: dear questions', () => {
  test.each([
    ['/api/v1/query_range?query=up&start=0&end=86400&step=1', 'exceeded maximum resolution'],
    ['/api/v1/query?query=max_over_time(up[10y:1s])', 'subqueries'],
    [`/api/v1/query?query=${'('.repeat(500)}1${')'.repeat(500)}`, 'nested deeper'],
    [`/api/v1/query?query=${encodeURIComponent(`up${'+up'.repeat(150)}`)}`, 'selectors'],
    [`/api/v1/query?query=${'x'.repeat(10_001)}`, 'characters'],
    ['/api/panels/tokens?start=0&end=6600600&step=60', 'points'],
  ])('%.60s is not asked', async (path, message) => {
    const asked: string[] = [];
    const note = (query: string) => void asked.push(query) as undefined;
    const { app } = createTestApp({ upstream: createFixture({ forward: note, range: note, instant: note }) });
    const response = await app.request(path);
    expect([response.status, asked]).toEqual([400, []]);
    expect(await response.text()).toContain(message);
  });

  test('many at once are few at a time for Prometheus', async () => {
    const under = { now: 0, most: 0 };
    const free = Promise.withResolvers<void>();
    const send = async () => {
      under.now += 1;
      under.most = Math.max(under.most, under.now);
      await free.promise;
      under.now -= 1;
      return { status: 200, body: Buffer.from('{"status":"success","data":[]}') };
    };
    const upstream = createPrometheus({ url: 'http://prometheus.test', timeoutMs: 5000, send });
    const { app } = createTestApp({ upstream });
    // From several machines, since one client alone gets less.
    const from = (remoteAddress: string) => ({
      incoming: { url: '/', headersDistinct: { host: ['localhost'] }, socket: { remoteAddress } },
    });
    const ask = (index: number) => app.request(`/api/v1/query?query=up%2B${index}`, {}, from(`127.0.0.${(index % 5) + 1}`));
    const answers = Array.from({ length: 60 }, (_, index) => ask(index));
    await expect.poll(() => under.now).toBe(16);
    free.resolve();
    expect((await Promise.all(answers)).map(({ status }) => status)).toEqual(new Array(60).fill(200));
    expect(under.most).toBe(16);
  });
});

describe('threat: XSS: markup in what we answer', () => {
  test('answers are never taken for a page, and pages run nothing', async () => {
    const { app } = createTestApp();
    for (const path of ['/api/panels/<script>', '/api/v1/query?query=<script>', '/api/sessions/<script>', '/<script>', '/api/docs']) {
      const response = await app.request(path);
      const type = response.headers.get('content-type') ?? '';
      expect(response.headers.get('x-content-type-options')).toBe('nosniff');
      const policy = response.headers.get('content-security-policy') ?? '';
      expect(policy).toContain("default-src 'self'");
      expect(policy).not.toMatch(/unsafe|\*|data:/);
      if (type.includes('html')) expect(await response.text()).not.toContain('<script');
      else expect(type).toMatch(/^application\/json/);
    }
  });
});

describe('threat: header injection, request smuggling: line ends in headers, and two lengths of one body', () => {
  test.each(['a\r\nX-Evil: 1', 'a\nb', 'a\0', 'a b'])('%j is no tenant', (tenant) => {
    expect(() => readConfig(['--prometheus-tenant', tenant], {})).toThrow('--prometheus-tenant: got');
  });

  test.each(['a\r\nX-Evil: 1', 'a\nb', '\u0000'])('%j is no token', (token) => {
    expect(() => createCredentials({ token: { text: token } }, () => 0)()).toThrow();
  });

  test.each([
    'POST /api/v1/labels HTTP/1.1\r\nHost: localhost\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
    'POST /api/v1/labels HTTP/1.1\r\nHost: localhost\r\nContent-Length: 4\r\nContent-Length: 5\r\n\r\nabcd',
    'GET /api/panels HTTP/1.1\r\nHost: localhost\r\nX: a\rb\r\n\r\n',
    'GET /api/panels HTTP/1.1\r\nHost: localhost\r\nX : a\r\n\r\n',
    'GET /api/pa nels HTTP/1.1\r\nHost: localhost\r\n\r\n',
    `GET /api/panels HTTP/1.1\r\nHost: localhost\r\nX: ${'x'.repeat(20_000)}\r\n\r\n`,
  ])('%.90j is refused', async (request) => {
    const { port } = await serve();
    expect(await exchange(port, request)).toMatch(/^HTTP\/1\.1 4(00|31) /);
  });
});

describe('threat: slowloris: clients that never come to the point', () => {
  test('half a head is cut off', { timeout: 40_000 }, async () => {
    const { port } = await serve();
    const begun = performance.now();
    const answer = await exchange(port, 'GET /api/panels HTTP/1.1\r\nHost: localhost\r\nX: ');
    expect(answer).toMatch(/^HTTP\/1\.1 408 /);
    expect(performance.now() - begun).toBeLessThan(20_000);
  });
});

describe('threat: prototype pollution, ReDoS: names that mean something to JavaScript, texts that take long to look at', () => {
  test.each(['__proto__', 'constructor', 'prototype', 'toString', 'hasOwnProperty'])('%s is a name like any other', async (name) => {
    const { app } = createTestApp();
    expect((await app.request(`/api/panels/tokens?start=0&end=60&${name}=x`)).status).toBe(400);
    expect((await app.request(`/api/panels/${name}`)).status).toBe(404);
    expect((await app.request(`/api/v1/query?query=up&${name}=x`)).status).toBe(200);
    expect((await app.request(`/api/v1/label/${name}/values`)).status).toBe(200);
    expect(Object.prototype).not.toHaveProperty('x');
  });

  test('labels of an answer cannot change what objects are', async () => {
    const body = Buffer.from(
      '{"status":"success","data":{"resultType":"vector","result":[{"metric":{"__proto__":"x","model":"m"},"value":[1,"1"]}]}}',
    );
    const upstream = createPrometheus({ url: 'http://prometheus.test', timeoutMs: 1000, send: async () => ({ status: 200, body }) });
    const [sample] = await upstream.instant('up', undefined, new AbortController().signal);
    expect(Object.keys(sample?.labels ?? {})).toEqual(['__proto__', 'model']);
    expect(({} as Record<string, unknown>).model).toBeUndefined();
  });

  test.each([
    ['start', '1'.repeat(50_000)],
    ['start', `2026-01-01T00:00:00.${'1'.repeat(50_000)}Z`],
    ['step', `${'1h'.repeat(20_000)}`],
    ['timeout', `${'9'.repeat(50_000)}x`],
    ['query', `{a=~"${'(a+)+'.repeat(1500)}"}`],
    ['query', `"${'\\"'.repeat(4000)}`],
    ['query', '{'.repeat(9999)],
    ['query', '#'.repeat(9999)],
  ])('%s of %.20j is judged at once', async (name, value) => {
    const { app } = createTestApp();
    const body = new URLSearchParams({ query: 'up', start: '0', end: '1', step: '1', [name]: value });
    const times: number[] = [];
    for (let round = 0; round < 3; round += 1) {
      const begun = performance.now();
      const response = await app.request('/api/v1/query_range', { method: 'POST', body });
      times.push(performance.now() - begun);
      expect([200, 400, 413]).toContain(response.status);
    }
    expect(Math.min(...times)).toBeLessThan(200);
  });
});

describe('threat: secrets in files: secrets that others on the machine can see', () => {
  test('no option takes one', () => {
    const flags = Object.values(options).map(({ flag }) => flag);
    for (const flag of flags) expect(flag).not.toMatch(/-(token|password|secret|header)$/);
  });

  test('none is in an error or on a page', async () => {
    const send = () => Promise.reject(new Error('connect failed'));
    const headers = () => ({ authorization: 'Bearer hush-hush' });
    const upstream = createPrometheus({ url: 'http://prometheus.test/hidden', timeoutMs: 1000, send, headers });
    const { app } = createTestApp({ upstream });
    for (const path of ['/api/v1/query?query=up', '/api/panels/sessions_active', '/api/health', '/api/doctor', '/metrics', '/api/docs']) {
      expect(await (await app.request(path)).text()).not.toMatch(/hush-hush|prometheus\.test/);
    }
  });
});

describe('what stands before Prometheus, instead of its answer', () => {
  test.each([
    [{ status: 200, body: Buffer.from('<script>alert(1)</script>') }, 502],
    [{ status: 503, body: Buffer.from('<h1>no</h1>') }, 503],
    [{ status: 200, body: Buffer.from('') }, 502],
  ] as [RawAnswer, number][])('%j is not passed on', async (answer, status) => {
    const { app } = createTestApp({ upstream: createFixture({ forward: () => answer }) });
    const response = await app.request('/api/v1/query?query=up');
    expect([response.status, await response.json()]).toEqual([
      status,
      expect.objectContaining({ status: 'error', error: expect.not.stringContaining('<') }),
    ]);
  });
});

let documented: string[] = [];
beforeAll(async () => {
  const document = await createDocument(createTestApp().app, '1');
  documented = Object.entries(document.paths).flatMap(([path, item]) =>
    Object.keys(item).map((method) => `${method.toUpperCase()} ${path.replaceAll(/\{(\w+)\}/g, ':$1')}`),
  );
});

test('the routes that these tests try are all there are', () => {
  expect(documented.toSorted()).toEqual(Object.keys(operations).toSorted());
});
