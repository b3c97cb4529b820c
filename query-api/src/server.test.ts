import { connect } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import type { Deps } from './environment.ts';
import type { HubOptions } from './live/hub.ts';
import { startSnapshots } from './live/snapshots.ts';
import { startServer } from './server.ts';
import { createTestApp, NOW_MS, readMessages, someEvent } from './testing.ts';
import type { Upstream } from './upstream/prometheus.ts';

async function serve(given: Partial<Deps> = {}, hub: Partial<HubOptions> = {}) {
  const { app, deps } = createTestApp(given, hub);
  const server = await startServer(app, '127.0.0.1', 0);
  onTestFinished(async () => {
    deps.hub.close();
    await server.close();
  });
  return { url: server.url, port: Number(new URL(server.url).port), deps };
}

/** What comes back for these bytes, until the other side closes. */
async function exchange(port: number, request: string): Promise<string> {
  const socket = connect(port, '127.0.0.1');
  socket.end(request);
  let text = '';
  for await (const chunk of socket.setEncoding('utf8')) text += chunk;
  return text;
}

test.each([
  ['GET /api/panels HTTP/1.1\r\nHost: 127.0.0.1', 200],
  ['GET /api/panels HTTP/1.1\r\nHost: localhost:1234', 200],
  ['GET /api/panels HTTP/1.1\r\nHost: evil.test', 403],
  ['GET /metrics HTTP/1.1\r\nHost: evil.test', 403],
  ['GET / HTTP/1.1\r\nHost: evil.test', 403],
  ['GET /api/stream HTTP/1.1\r\nHost: evil.test', 403],
  ['GET /api/panels HTTP/1.1\r\nHost: localhost.evil.test', 403],
  ['GET /api/panels HTTP/1.1\r\nHost: localhost.', 403],
  ['GET /api/panels HTTP/1.1\r\nHost: localhost\r\nHost: evil.test', 403],
  ['GET /api/panels HTTP/1.1\r\nHost: evil.test\r\nHost: localhost', 403],
  ['GET http://evil.test/api/panels HTTP/1.1\r\nHost: localhost', 403],
  ['GET http://localhost/api/panels HTTP/1.1\r\nHost: localhost', 200],
  ['GET /api/panels HTTP/1.1\r\nHost: user@localhost', 400],
  ['GET /api/panels HTTP/1.1\r\nHost: ', 400],
  ['GET /api/panels HTTP/1.1\r\nX: y', 400],
  ['GET /api/panels HTTP/1.0\r\nX: y', 400],
  ['OPTIONS * HTTP/1.1\r\nHost: localhost', 400],
])('%j is answered with %i', async (request, status) => {
  const { port } = await serve();
  const answer = await exchange(port, `${request}\r\nConnection: close\r\n\r\n`);
  expect(answer.slice(0, 12)).toMatch(new RegExp(`^HTTP/1\\.[01] ${status}`));
});

test('takes events over loopback and tells them to who listens, who can leave and come back', async () => {
  const { url } = await serve();
  const post = (number: number) => fetch(`${url}/events`, { method: 'POST', body: JSON.stringify(someEvent(number)) });
  const first = await fetch(`${url}/api/stream`);
  expect((await post(1)).status).toBe(202);
  const seen = await readMessages(bodyOf(first), 2);
  expect(seen.map(({ event, id }) => `${event} ${id}`)).toEqual(['heartbeat 0', 'event 1']);
  await post(2);
  const second = await fetch(`${url}/api/stream`, { headers: { 'last-event-id': '1' } });
  expect((await readMessages(bodyOf(second), 2)).map(({ event, id }) => `${event} ${id}`)).toEqual(['event 2', 'heartbeat 2']);
});

test('forgets a listener whose connection ends', async () => {
  const { url, deps } = await serve();
  const asker = new AbortController();
  await fetch(`${url}/api/stream`, { signal: asker.signal });
  expect(deps.hub.clients()).toBe(1);
  asker.abort();
  await expect.poll(() => deps.hub.clients()).toBe(0);
});

test('ends the connection of a listener who does not read, and keeps the others', async () => {
  let cuts = 0;
  const { url, port, deps } = await serve(
    {},
    {
      maxQueueBytes: 64 * 1024,
      onCut: () => {
        cuts += 1;
      },
    },
  );
  const slow = connect(port, '127.0.0.1').pause();
  slow.write('GET /api/stream HTTP/1.1\r\nHost: localhost\r\n\r\n');
  const gone = new Promise<boolean>((resolve) => slow.once('close', () => resolve(true)));
  slow.on('error', () => {});
  const quick = await fetch(`${url}/api/stream`);
  await expect.poll(() => deps.hub.clients()).toBe(2);
  const reading = readMessages(bodyOf(quick), Number.POSITIVE_INFINITY).catch(() => []);
  const project = 'p'.repeat(1000);
  // Until the socket's own buffers are full, so that the queue of the hub begins to grow.
  for (let number = 1; cuts === 0 && number < 50_000; number += 1) {
    deps.hub.publish([{ seq: number, fresh: true, event: someEvent(number, { project }) }]);
    if (number % 20 === 0) await new Promise(setImmediate);
  }
  expect([cuts, deps.hub.clients()]).toEqual([1, 1]);
  slow.resume();
  expect(await gone).toBe(true);
  deps.hub.close();
  expect((await reading).length).toBeGreaterThan(0);
});

const tooMuch = Buffer.alloc(1024 * 1024 + 1, ' ');

test.each([
  ['with a length', { body: tooMuch }],
  ['in chunks', { body: new Blob([tooMuch]).stream(), duplex: 'half' }],
] as [string, RequestInit][])('refuses a body above 1 MiB sent %s', async (_, body) => {
  const { url } = await serve();
  const response = await fetch(`${url}/events`, { method: 'POST', ...body });
  expect([response.status, await response.json()]).toEqual([413, expect.objectContaining({ code: 'payload_too_large' })]);
});

test('a question to Prometheus ends when its asker leaves', async () => {
  const asked = Promise.withResolvers<void>();
  const ended = Promise.withResolvers<void>();
  const instant: Upstream['instant'] = (_query, _at, signal) => {
    signal.addEventListener('abort', () => ended.resolve());
    asked.resolve();
    return new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
  };
  const { deps } = createTestApp();
  const { url } = await serve({ upstream: { ...deps.upstream, instant } });
  const asker = new AbortController();
  const answer = fetch(`${url}/api/range`, { signal: asker.signal });
  await asked.promise;
  asker.abort();
  await expect(answer).rejects.toThrow();
  await ended.promise;
});

test('stops with streams open', async () => {
  const { app, deps } = createTestApp();
  const server = await startServer(app, '127.0.0.1', 0);
  deps.store.append([someEvent(1)], NOW_MS);
  const response = await fetch(`${server.url}/api/stream?replay=1`);
  deps.hub.close();
  await server.close();
  expect(await response.text()).not.toBe('');
});

function bodyOf(response: Response): ReadableStream<Uint8Array> {
  if (response.body === null) throw new Error('no body');
  return response.body;
}

test('figures are told to those who asked for them, at once and when they have changed', async () => {
  const { url, deps } = await serve();
  const stop = startSnapshots({
    reader: deps.reader,
    hub: deps.hub,
    latestSeq: deps.store.latestSeq,
    now: () => NOW_MS,
    changedMs: 5,
  });
  onTestFinished(stop);
  const post = (number: number) => fetch(`${url}/events`, { method: 'POST', body: JSON.stringify(someEvent(number)) });
  const figures = bodyOf(await fetch(`${url}/api/stream?stats=true&type=tool`));
  const others = bodyOf(await fetch(`${url}/api/stream?type=tool`));
  expect(deps.hub.statsWanted()).toEqual([{}]);
  await post(1);
  const told = (await readMessages(figures, 3)).filter(({ event }) => event === 'stats').map(({ data }) => JSON.parse(data ?? ''));
  expect(told.map(({ sessions }) => sessions.working)).toEqual([0, 1]);
  deps.hub.close();
  expect((await readMessages(others, 9)).map(({ event }) => event)).toEqual(['heartbeat']);
});

test('who finds the house full is told when to come back', async () => {
  const { url } = await serve({}, { maxClients: 1 });
  await fetch(`${url}/api/stream`);
  const response = await fetch(`${url}/api/stream`);
  expect([response.status, response.headers.get('retry-after')]).toEqual([503, '30']);
  expect(await response.json()).toMatchObject({ error: { code: 'too_many_clients' } });
});
