import { createServer, type RequestListener } from 'node:http';
import { gzipSync } from 'node:zlib';
import { Registry } from 'prom-client';
import { afterEach, expect, test } from 'vitest';
import { addUpstreamGauges } from '../metrics.ts';
import { createPrometheus } from './prometheus.ts';

const closers: (() => void)[] = [];
afterEach(() => {
  for (const close of closers.splice(0)) close();
});

/** A server that answers as it is told, and an upstream that asks it. */
async function upstreamOf(answer: RequestListener, timeoutMs = 5000, given: Partial<Parameters<typeof createPrometheus>[0]> = {}) {
  const server = createServer(answer).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  closers.push(() => {
    server.close();
    server.closeAllConnections();
  });
  const address = server.address();
  const url = `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}/base`;
  const observed: string[] = [];
  return { upstream: createPrometheus({ url, timeoutMs, observe: (result) => observed.push(result), ...given }), observed };
}

function json(value: unknown, status = 200): RequestListener {
  return (_, response) => response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(value));
}

const vector = json({ status: 'success', data: { resultType: 'vector', result: [{ metric: { model: 'opus' }, value: [1, '2.5'] }] } });
const never = new AbortController().signal;

test('asks by a posted form under the path of its address', async () => {
  let seen = '';
  const { upstream, observed } = await upstreamOf((request, response) => {
    request.setEncoding('utf8').on('data', (text) => {
      seen = `${request.method} ${request.url} ${text}`;
    });
    request.on('end', () => vector(request, response));
  });
  expect(await upstream.instant('up{a="é"}', 60, never)).toEqual([{ labels: { model: 'opus' }, value: 2.5 }]);
  expect(seen).toBe('POST /base/api/v1/query query=up%7Ba%3D%22%C3%A9%22%7D&time=60');
  expect(observed).toEqual(['ok']);
});

test('keeps its connections for the next question', async () => {
  const ports = new Set<number | undefined>();
  const { upstream } = await upstreamOf((request, response) => {
    ports.add(request.socket.remotePort);
    vector(request, response);
  });
  for (let round = 0; round < 10; round += 1) await upstream.instant('up', undefined, never);
  // A connection is free again a moment after its answer has been read, so there may be two.
  expect(ports.size).toBeLessThanOrEqual(2);
});

test('reads a range', async () => {
  const { upstream } = await upstreamOf(
    json({
      status: 'success',
      data: {
        resultType: 'matrix',
        result: [
          {
            metric: {},
            values: [
              [60, '1'],
              [120, 'NaN'],
            ],
          },
        ],
      },
    }),
  );
  expect(await upstream.range('up', { start: 60, end: 120, step: 60 }, never)).toEqual([
    {
      labels: {},
      points: [
        [60, 1],
        [120, Number.NaN],
      ],
    },
  ]);
});

test.each([
  ['a refusal', json({ status: 'error', errorType: 'bad_data', error: 'no' }, 400), 502, 'prometheus_refused'],
  ['too many samples', json({ status: 'error', errorType: 'execution', error: 'too many' }, 422), 502, 'prometheus_refused'],
  ['its own timeout', json({ status: 'error', errorType: 'timeout', error: 'late' }, 503), 504, 'prometheus_timeout'],
  ['one that still starts', (_, response) => response.writeHead(503).end('Service Unavailable'), 503, 'prometheus_unreachable'],
  ['something else', (_, response) => response.end('<html>'), 502, 'prometheus_unreadable'],
  ['an unknown shape', json({ status: 'success', data: { resultType: 'vector', result: [1] } }), 502, 'prometheus_unreadable'],
  ['a redirect', (_, response) => response.writeHead(302, { location: 'http://169.254.169.254/' }).end(), 503, 'prometheus_unreachable'],
  ['a broken connection', (request) => request.socket.destroy(), 503, 'prometheus_unreachable'],
] as [string, RequestListener, number, string][])('%s becomes an error with a code', async (_, answer, status, code) => {
  const { upstream } = await upstreamOf(answer);
  await expect(upstream.instant('up', undefined, never)).rejects.toMatchObject({ status, code });
});

test('nobody there is prometheus_unreachable with the reason', async () => {
  const { upstream } = await upstreamOf(vector);
  closers.splice(0).forEach((close) => {
    close();
  });
  await expect(upstream.instant('up', undefined, never)).rejects.toMatchObject({
    status: 503,
    code: 'prometheus_unreachable',
    message: expect.stringContaining('ECONNREFUSED'),
  });
});

test('one that does not answer is given up', async () => {
  const { upstream, observed } = await upstreamOf(() => {}, 30);
  await expect(upstream.instant('up', undefined, never)).rejects.toMatchObject({ status: 504, code: 'prometheus_timeout' });
  expect(observed).toEqual(['timeout']);
});

test('a question ends with its asker', async () => {
  const asker = new AbortController();
  const gone = Promise.withResolvers<void>();
  const { upstream, observed } = await upstreamOf((_, response) => {
    response.once('close', () => gone.resolve());
    asker.abort();
  });
  await expect(upstream.instant('up', undefined, asker.signal)).rejects.toMatchObject({ code: 'cancelled' });
  await gone.promise;
  expect(observed).toEqual(['cancelled']);
});

test('says its version, and nothing where it has none', async () => {
  const { upstream } = await upstreamOf(json({ status: 'success', data: { version: '3.15.0' } }));
  expect(await upstream.version(never)).toBe('3.15.0');
  const { upstream: other } = await upstreamOf((_, response) => response.writeHead(404).end());
  expect(await other.version(never)).toBeNull();
});

test('carries its own headers and nothing of the asker', async () => {
  let seen: Record<string, unknown> = {};
  const { upstream } = await upstreamOf(
    (request, response) => {
      seen = request.headers;
      vector(request, response);
    },
    5000,
    { headers: () => ({ authorization: 'Bearer t', 'x-scope-orgid': 'team' }) },
  );
  await upstream.instant('up', undefined, never);
  expect(seen).toMatchObject({ authorization: 'Bearer t', 'x-scope-orgid': 'team' });
  expect(Object.keys(seen)).not.toContain('cookie');
});

/** Counts what it is asked, and answers. */
function counting(answer: RequestListener = vector) {
  const count = { asked: 0 };
  const listener: RequestListener = (request, response) => {
    count.asked += 1;
    answer(request, response);
  };
  return { count, listener };
}

test('many who ask the same at once are two questions at most', async () => {
  const { count, listener } = counting();
  const { upstream } = await upstreamOf(listener);
  const answers = await Promise.all(Array.from({ length: 50 }, () => upstream.instant('up', undefined, never)));
  expect([new Set(answers.map((answer) => JSON.stringify(answer))).size, count.asked]).toEqual([1, 2]);
});

test('what is past is asked once in a while, what is live every time', async () => {
  const { count, listener } = counting();
  const { upstream } = await upstreamOf(listener, 5000, { now: () => 10_000_000 });
  for (let round = 0; round < 3; round += 1) await upstream.instant('up', 10_000 - 3600, never);
  expect(count.asked).toBe(1);
  for (let round = 0; round < 3; round += 1) await upstream.instant('up', 10_000, never);
  expect(count.asked).toBe(4);
});

test('nothing is kept while older events come in', async () => {
  const { count, listener } = counting();
  let settled = true;
  const { upstream } = await upstreamOf(listener, 5000, { now: () => 10_000_000, isSettled: () => settled });
  await upstream.instant('up', 60, never);
  settled = false;
  await upstream.instant('up', 60, never);
  expect(count.asked).toBe(2);
});

test('one that fails again and again is left alone for a while', async () => {
  const { count, listener } = counting((request) => request.socket.destroy());
  const { upstream } = await upstreamOf(listener);
  for (let round = 0; round < 5; round += 1) await expect(upstream.instant(`up+${round}`, undefined, never)).rejects.toThrow();
  await expect(upstream.instant('up', undefined, never)).rejects.toMatchObject({
    status: 503,
    code: 'prometheus_unreachable',
    retryAfterSeconds: 1,
  });
  // The first try may have been made twice by the HTTP client, the last one was not made at all.
  expect(count.asked).toBe(5);
});

test('says how things stand, for its metrics', async () => {
  const asked = Promise.withResolvers<void>();
  const free = Promise.withResolvers<void>();
  const { upstream } = await upstreamOf((request, response) => {
    asked.resolve();
    void free.promise.then(() => vector(request, response));
  });
  const registry = new Registry();
  addUpstreamGauges(registry, upstream.state);
  const answers = Array.from({ length: 20 }, (_, index) => upstream.instant(`up+${index}`, undefined, never));
  await asked.promise;
  const page = await registry.metrics();
  for (const line of [
    'ccmeter_api_prometheus_questions 16',
    'ccmeter_api_prometheus_waiting_questions 4',
    'ccmeter_api_prometheus_resting 0',
  ])
    expect(page).toContain(line);
  free.resolve();
  await Promise.all(answers);
  expect(upstream.state()).toEqual({ inside: 0, waiting: 0, resting: false });
});

test('a proxy that finds nobody counts as nobody there', async () => {
  const { upstream, observed } = await upstreamOf((_, response) => response.writeHead(502).end('<h1>Bad gateway</h1>'));
  await expect(upstream.instant('up', undefined, never)).rejects.toMatchObject({ code: 'prometheus_unreachable' });
  expect(observed).toEqual(['unreachable']);
});

test('an answer that is small only while it is packed is cut off', async () => {
  const { upstream } = await upstreamOf((_, response) => {
    response.writeHead(200, { 'content-type': 'application/json', 'content-encoding': 'gzip' });
    response.end(gzipSync(Buffer.alloc(65 * 1024 * 1024, ' ')));
  });
  await expect(upstream.instant('up', undefined, never)).rejects.toMatchObject({ status: 422, code: 'answer_too_large' });
});
