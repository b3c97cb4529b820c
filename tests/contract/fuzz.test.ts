import { connect } from 'node:net';
import fc from 'fast-check';
import { expect, onTestFinished, test } from 'vitest';
import { type ErrorShape, hasShape } from '../../query-api/src/openapi/answers.ts';
import { createDocument } from '../../query-api/src/openapi/document.ts';
import { startServer } from '../../query-api/src/server.ts';
import { createTestApp, NOW_MS, openToAll, someEvent } from '../../query-api/src/testing.ts';
import { contentType, headers, hostileBody, hostileText } from './hostile.ts';
import { type Case, requestsTo } from './requests.ts';

/** The same requests each time, so that what fails here fails elsewhere; another seed is a change to read. */
const SEED = 20_261_121;
const REQUESTS = 10_000;
const OVER_SOCKETS = 1500;
/** Far above what any of them takes. */
const PATIENCE_MS = 20_000;

/** As if asked over loopback. */
const LOCAL = { incoming: { url: '/', headersDistinct: { host: ['localhost'] }, socket: { remoteAddress: '127.0.0.1' } } };

const page = { bytes: Buffer.from('<!doctype html>'), gzip: null, contentType: 'text/html', etag: '"1"', immutable: false };
const given = { sendRate: 1_000_000, queryRate: 1_000_000, web: { get: (path: string) => (path === '/index.html' ? page : undefined) } };

/** The API as it is on loopback, for users alone, and for somebody who may see one project. */
const apps = {
  open: createTestApp(given),
  closed: createTestApp({ ...given, access: openToAll({ open: false }) }),
  scoped: createTestApp({ ...given, scopes: new Map([['*', { project: ['p1'] }]]) }),
};
for (const { deps } of Object.values(apps)) deps.store.append([someEvent(1)], NOW_MS);
const document = await createDocument(apps.open.app, '1');

test('10,000 bad requests are answered in the documented shape, never with a mistake of ours, never late', {
  timeout: 600_000,
}, async () => {
  const seen = { operations: new Map<string, number>(), statuses: new Map<number, number>(), types: new Set<string>() };
  const which = fc.constantFrom(...(['open', 'open', 'open', 'open', 'scoped', 'closed'] as const));
  await fc.assert(
    fc.asyncProperty(requestsTo(document), which, async (one, name) => {
      const { status, text } = await within(one.target, answerTo(apps[name].app, one));
      count(seen.operations, one.operation);
      count(seen.statuses, status);
      if (one.method === 'POST') seen.types.add(`${one.operation} ${one.headers['content-type']}`);
      expect(status, text).toBeLessThan(500);
      if (one.mustFail) expect(status, text).toBeGreaterThanOrEqual(400);
      if (status >= 400) expectDocumented(one, status, text);
    }),
    { numRuns: REQUESTS, seed: SEED },
  );
  // It would prove nothing if some routes, types or kinds of answers were left out.
  const operations = Object.entries(document.paths).flatMap(([path, item]) =>
    Object.keys(item).map((method) => `${method.toUpperCase()} ${path}`),
  );
  for (const operation of operations) expect(seen.operations.get(operation) ?? 0, operation).toBeGreaterThan(100);
  for (const status of [200, 202, 204, 400, 401, 403, 404, 415]) expect(seen.statuses.get(status) ?? 0, `${status}`).toBeGreaterThan(0);
  const posts = operations.filter((operation) => operation.startsWith('POST '));
  expect(seen.types.size).toBeGreaterThanOrEqual(posts.length * 10);
});

test.each(['PUT', 'DELETE', 'PATCH', 'OPTIONS', 'QUERY'])('%s is nowhere and harmless', async (method) => {
  for (const path of Object.keys(document.paths)) {
    const response = await apps.open.app.request(path.replaceAll(/\{\w+\}/g, 'x'), { method }, LOCAL);
    expect([404, 405]).toContain(response.status);
    expect(hasShape('Error', await response.json()), path).toBe(true);
  }
});

/** Raw bytes that are nearly HTTP. */
const rawRequest = fc
  .record({
    one: requestsTo(document),
    method: fc.constantFrom('', 'GET', 'POST', 'HEAD', 'OPTIONS', 'TRACE', 'CONNECT', 'PRI', 'get', 'G\0T'),
    target: fc.oneof(
      fc.constant(''),
      hostileText,
      fc.constantFrom('*', '//', '/..', '/%2e%2e/%2e%2e', 'http://localhost/api/panels', '/\\'),
    ),
    version: fc.constantFrom('HTTP/1.1', 'HTTP/1.1', 'HTTP/1.1', 'HTTP/1.0', 'HTTP/2.0', 'HTTP/1.1 x', ''),
    headers,
    type: contentType,
    extra: fc.option(
      fc.constantFrom('Expect: x', 'Upgrade: websocket', 'X: \u00ff', ' folded', 'Content-Length: -1', 'Transfer-Encoding: gzip', 'X'),
    ),
    body: hostileBody,
    length: fc.constantFrom('right', 'right', 'right', 'short', 'long', 'chunked', 'none'),
  })
  .map(({ one, method, target, version, headers: given, type, extra, body, length }) => {
    const lines = Object.entries({ host: 'localhost', ...given, 'content-type': type }).map(([name, value]) => `${name}: ${value}`);
    if (extra !== null) lines.push(extra);
    const claimed = { right: body.length, short: Math.max(0, body.length - 1), long: body.length + 5 }[length as 'right'];
    if (claimed !== undefined) lines.push(`content-length: ${claimed}`);
    if (length === 'chunked') lines.push('transfer-encoding: chunked');
    const head = `${method || one.method} ${target || one.target} ${version}\r\n${lines.join('\r\n')}\r\n\r\n`;
    return Buffer.concat([Buffer.from(head, 'latin1'), body]);
  });

test('1,500 over real sockets, of which many are no HTTP, are answered below 500 and in the one shape, or cut off', {
  timeout: 600_000,
}, async () => {
  const server = await startServer(apps.open.app, '127.0.0.1', 0);
  onTestFinished(async () => {
    apps.open.deps.hub.close();
    await server.close();
  });
  const port = Number(new URL(server.url).port);
  const statuses = new Map<number, number>();
  const requests = fc.sample(rawRequest, { numRuns: OVER_SOCKETS, seed: SEED });
  while (requests.length > 0) {
    const batch = requests.splice(0, 25);
    const answers = await Promise.all(batch.map((bytes) => within(bytes.toString('latin1').slice(0, 200), exchange(port, bytes))));
    for (const [index, answer] of answers.entries()) {
      const [, status] = /^HTTP\/1\.1 (\d{3}) /.exec(answer) ?? [];
      count(statuses, Number(status ?? 0));
      if (status === undefined) expect(answer).toBe('');
      else expectOneShape(Number(status), answer, batch[index]?.toString('latin1').slice(0, 300) ?? '');
    }
  }
  for (const status of [200, 400, 403, 404, 417]) expect(statuses.get(status) ?? 0, `${status}`).toBeGreaterThan(3);
  expect(await (await fetch(`${server.url}/-/healthy`)).text()).toBe('ok\n');
});

function expectOneShape(status: number, answer: string, asked: string): void {
  expect(status, `${asked}\n→\n${answer.slice(0, 300)}`).toBeLessThan(500);
  // What follows belongs to the bytes behind the request, which were taken for another one.
  const [, length] = /^content-length: (\d+)/im.exec(answer) ?? [];
  const begin = answer.indexOf('\r\n\r\n') + 4;
  const body = answer.slice(begin, begin + Number(length));
  if (status < 400 || asked.startsWith('HEAD ')) return;
  const shapes: ErrorShape[] = ['Error', 'PrometheusError', 'VibeTeaError'];
  expect(
    shapes.some((shape) => hasShape(shape, parse(body))),
    `${asked}\n→\n${answer.slice(0, 500)}`,
  ).toBe(true);
}

/** What comes back until the other side closes or has said all; of a stream its beginning. */
function exchange(port: number, bytes: Uint8Array): Promise<string> {
  const { promise, resolve } = Promise.withResolvers<string>();
  const socket = connect(port, '127.0.0.1');
  let text = '';
  socket.setEncoding('latin1').on('data', (chunk: string) => {
    text += chunk;
    if (isWhole(text)) socket.destroy();
  });
  socket.once('close', () => resolve(text)).on('error', () => {});
  // The end of what we say, so that nobody waits for more.
  socket.end(bytes);
  return promise;
}

function isWhole(text: string): boolean {
  const end = text.indexOf('\r\n\r\n');
  if (end === -1 || text.startsWith('HTTP/1.1 100')) return false;
  if (/^content-type: text\/event-stream/im.test(text)) return true;
  const [, length] = /^content-length: (\d+)/im.exec(text.slice(0, end)) ?? [];
  return length !== undefined && text.length >= end + 4 + Number(length);
}

async function answerTo(
  app: typeof apps.open.app,
  { method, target, headers: given, body }: Case,
): Promise<{ status: number; text: string }> {
  const init: RequestInit = { method, headers: given, ...(body === undefined ? {} : { body }) };
  const response = await app.request(new Request(`http://localhost${target}`, init), undefined, LOCAL);
  if (!(response.headers.get('content-type') ?? '').includes('event-stream'))
    return { status: response.status, text: await response.text() };
  await response.body?.cancel();
  return { status: response.status, text: '' };
}

async function within<Answer>(what: string, answer: Promise<Answer>): Promise<Answer> {
  const { promise, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new Error(`${what} hangs`)), PATIENCE_MS);
  return Promise.race([answer, promise]).finally(() => clearTimeout(timer));
}

function expectDocumented({ operation, described }: Case, status: number, text: string): void {
  const documented = described.responses[status];
  const schema = documented?.content?.['application/json']?.schema ?? {};
  const shapes = (schema.anyOf ?? [schema]).map(({ $ref }) => $ref?.split('/').at(-1) ?? 'Error') as ErrorShape[];
  const body = parse(text);
  // A path parameter may end up as no part of this path any more, such as `..`.
  const fits = shapes.some((shape) => hasShape(shape, body)) || (status === 404 && hasShape('Error', body));
  expect(fits, `${operation} ${status} ${text}`).toBe(true);
  const code: unknown = Object(body).error?.code ?? Object(body).code;
  if (code !== undefined && code !== 'not_found') expect(documented?.description, `${operation} ${code}`).toContain(`\`${code}\``);
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function count<Key>(map: Map<Key, number>, key: Key): void {
  map.set(key, (map.get(key) ?? 0) + 1);
}
