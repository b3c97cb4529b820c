import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { Health } from '../health.ts';
import { Ledger } from '../ledger/ledger.ts';
import { createLog } from '../log.ts';
import { responseFact, sessionFact, temporaryDirectory } from '../testing.ts';
import type { Fact } from '../track/fact.ts';
import { createOtlp } from './otlp.ts';
import { readOtlpSettings } from './otlp-settings.ts';
import { collectFamilies } from './points.ts';
import { messageOf, type OtlpPoint, readResource, startCollector } from './testing.ts';

const NOW = Date.parse('2026-03-01T12:05:00.000Z');
const MINUTE = 60_000;

let directory: string;
beforeEach(() => {
  const temporary = temporaryDirectory();
  directory = temporary.path;
  return () => temporary[Symbol.dispose]();
});

afterEach(() => {
  for (const name of Object.keys(process.env)) if (/^(OTEL|CCMETER)_/.test(name)) delete process.env[name];
});

/** An exporter with a clock that is moved by hand, what it counts and what came of its exports. */
function createExport(endpoint: string, wish: { isReady?: () => boolean } = {}) {
  process.env.OTEL_EXPORTER_OTLP_ENDPOINT = endpoint;
  const ledger = new Ledger(directory, 'laptop');
  const clock = { nowMs: NOW };
  const count = (...facts: Fact[]) => {
    ledger.begin();
    for (const fact of facts) ledger.put(fact);
    ledger.commit([]);
    ledger.settle(clock.nowMs);
  };
  const health = new Health(NOW);
  // As always: an export without a single point is none.
  health.set('ccmeter_exporter_ready', {}, 1);
  const otlp = createOtlp({
    families: () => collectFamilies('laptop', ledger.book, [], health, clock.nowMs),
    ledger,
    health,
    log: createLog('silent'),
    now: () => clock.nowMs,
    isReady: wish.isReady ?? (() => true),
    sink: 'there',
    shown: 'there',
    intervalMs: 60_000,
    timeoutMs: 2000,
  });
  const send = () => {
    otlp.notify();
    return otlp.flush(20_000);
  };
  const close = async () => {
    await otlp.close(20_000);
    ledger.close();
  };
  const results = (result: 'ok' | 'failed') => health.value('ccmeter_exporter_exports_total', { sink: 'otlp', result });
  return { otlp, send, close, count, results, clock, ledger };
}

/** Times after NOW and values of the requests of a model, in the order in which they came. */
const requestsOf = (points: readonly OtlpPoint[], model: string) =>
  points
    .filter(({ metric, attributes }) => metric === 'ccmeter_requests_total' && attributes.model === model)
    .map(({ timeMs, value }) => [timeMs - NOW, value]);

test('every change goes out at its own time, then the totals as they are now, with the kept instance', async () => {
  const collector = await startCollector();
  const { close, count, results, ledger } = createExport(collector.url);
  const { instanceId } = ledger;
  count(responseFact({ timeMs: NOW - 5 * MINUTE + 2000 }));
  await close();
  expect(new Set(collector.requests.map(({ path }) => path))).toEqual(
    new Set(['/opentelemetry.proto.collector.metrics.v1.MetricsService/Export']),
  );
  for (const { body } of collector.requests) {
    expect(readResource(messageOf(body))).toMatchObject({ 'service.name': 'ccmeter', 'service.instance.id': instanceId });
  }
  const tokens = collector.points().filter(({ metric, attributes }) => metric === 'ccmeter_tokens_total' && attributes.kind === 'output');
  const one = {
    metric: 'ccmeter_tokens_total',
    attributes: { host: 'laptop', project: 'unknown', model: 'claude-opus-5', agent: 'main', kind: 'output' },
    startMs: NOW - 5 * MINUTE + 1,
  };
  expect(tokens).toEqual([
    { ...one, timeMs: NOW - 5 * MINUTE + 1, value: 0 },
    { ...one, timeMs: NOW - 5 * MINUTE + 2000, value: 10 },
    { ...one, timeMs: NOW, value: 10 },
  ]);
  expect(results('ok')).toBeGreaterThanOrEqual(2);
  expect(results('failed')).toBe(0);
  collector.close();
});

test('where a resource says more than who it is, a message does not reach over hours', async () => {
  const collector = await startCollector();
  process.env.OTEL_RESOURCE_ATTRIBUTES = 'team=harbour';
  const { close, count } = createExport(collector.url);
  count(...Array.from({ length: 20 }, (_, at) => responseFact({ key: `response:${at}`, timeMs: NOW - at * 30 * MINUTE })));
  await close();
  expect(collector.requests.length).toBeGreaterThan(5);
  expect(requestsOf(collector.points(), 'claude-opus-5')).toHaveLength(41);
  collector.close();
});

test('what is learned late is counted after what has been shown', async () => {
  const collector = await startCollector();
  const { send, close, count, clock } = createExport(collector.url);
  count(responseFact({ timeMs: NOW - MINUTE }));
  await send();
  clock.nowMs = NOW + 10_000;
  // Its line was written before the totals were shown, and is read now; the other is of a series that nobody has been shown.
  count(responseFact({ key: 'response:2', timeMs: NOW - 2000 }), responseFact({ key: 'response:3', model: 'glm-5', timeMs: NOW - 2000 }));
  await close();
  const points = collector.points();
  expect(requestsOf(points, 'claude-opus-5')).toEqual([
    [-MINUTE + 1, 0],
    [-MINUTE + 2, 1],
    [0, 1],
    [1, 1],
    [2, 2],
    [10_000, 2],
  ]);
  expect(requestsOf(points, 'glm-5')).toEqual([
    [-MINUTE + 1, 0],
    [-2000, 1],
    [10_000, 1],
  ]);
  collector.close();
});

test('that holds over a restart', async () => {
  const collector = await startCollector();
  const before = createExport(collector.url);
  before.count(responseFact({ timeMs: NOW - MINUTE }));
  await before.close();
  const after = createExport(collector.url);
  after.clock.nowMs = NOW + 10_000;
  after.count(responseFact({ key: 'response:2', timeMs: NOW - 2000 }));
  await after.close();
  expect(requestsOf(collector.points(), 'claude-opus-5').slice(3)).toEqual([
    [1, 1],
    [2, 2],
    [10_000, 2],
  ]);
  collector.close();
});

test('totals are not shown before all changes are there, and not before the first scan is done', async () => {
  const collector = await startCollector(() => 14);
  let ready = false;
  const { send, close, count, ledger } = createExport(collector.url, { isReady: () => ready });
  count(responseFact({ timeMs: NOW - MINUTE }));
  await send();
  ready = true;
  await send();
  expect(ledger.pendingSamples('there')).toBeGreaterThan(0);
  expect(requestsOf(collector.points(), 'claude-opus-5').filter(([timeMs]) => timeMs === 0)).toEqual([]);
  expect(collector.points().some(({ metric }) => metric === 'ccmeter_exporter_ready')).toBe(true);
  await close();
  collector.close();
});

test('a collector that was away gets each change once', async () => {
  let status = 14;
  const collector = await startCollector(() => status);
  const { send, close, count, results, ledger } = createExport(collector.url);
  count(responseFact({ timeMs: NOW - MINUTE }));
  await send();
  expect(results('ok')).toBe(0);
  expect(results('failed')).toBeGreaterThan(0);
  status = 0;
  await expect.poll(() => ledger.pendingSamples('there'), { timeout: 20_000 }).toBe(0);
  await close();
  expect(requestsOf(collector.pointsTaken(), 'claude-opus-5')).toEqual([
    [-MINUTE + 1, 0],
    [-MINUTE + 2, 1],
    [0, 1],
  ]);
  collector.close();
});

test('closing ends a flush that waits for a collector that says nothing', async () => {
  const silent = createServer();
  silent.listen(0, '127.0.0.1');
  await once(silent, 'listening');
  const { otlp, count, ledger } = createExport(`http://127.0.0.1:${(silent.address() as AddressInfo).port}`);
  count(responseFact({ timeMs: NOW - MINUTE }));
  otlp.notify();
  const flushed = otlp.flush(60_000);
  await otlp.close(50);
  ledger.close();
  await flushed;
  silent.close();
});

test('a histogram goes out in its parts, under the names that they have in Prometheus', async () => {
  const collector = await startCollector();
  const { close, count } = createExport(collector.url);
  count(sessionFact({ timeMs: NOW - 120 * MINUTE, lastMs: NOW - 60 * MINUTE, lastMainMs: NOW - 60 * MINUTE }));
  await close();
  const names = new Set(collector.points().map(({ metric }) => metric));
  for (const part of ['bucket', 'sum', 'count']) expect(names).toContain(`ccmeter_session_duration_seconds_${part}`);
  const hour = collector
    .points()
    .filter(({ metric, attributes }) => metric.endsWith('duration_seconds_bucket') && attributes.le === '3600');
  expect(hour.map(({ value }) => value)).toEqual([0, 1]);
  collector.close();
});

test('many series go out in several messages, none of them too large for a collector', async () => {
  const collector = await startCollector();
  const { close, count } = createExport(collector.url);
  const projects = Array.from({ length: 500 }, (_, at) => `project-${at}`);
  count(
    ...projects.map((project) => sessionFact({ key: `session:${project}`, sessionId: project, project })),
    ...projects.flatMap((sessionId) =>
      ['claude-opus-5', 'glm-5'].map((model) => responseFact({ key: `response:${sessionId} ${model}`, sessionId, model })),
    ),
  );
  await close();
  expect(collector.requests.length).toBeGreaterThan(1);
  for (const { body } of collector.requests) expect(body.length).toBeLessThan(4 * 1024 * 1024);
  const requests = collector.points().filter(({ metric }) => metric === 'ccmeter_requests_total');
  expect(new Set(requests.map(({ attributes }) => `${attributes.project} ${attributes.model}`)).size).toBe(1000);
  collector.close();
});

test('variables of OpenTelemetry reach the wire: headers, compression, attributes; the instance stays ours', async () => {
  const collector = await startCollector();
  Object.assign(process.env, {
    OTEL_EXPORTER_OTLP_HEADERS: 'authorization=Bearer%20abc',
    OTEL_EXPORTER_OTLP_COMPRESSION: 'gzip',
    OTEL_RESOURCE_ATTRIBUTES: 'team=harbour,service.instance.id=theirs',
    OTEL_SERVICE_NAME: 'meter-of-ada',
  });
  const { close, ledger } = createExport(collector.url);
  const { instanceId } = ledger;
  await close();
  const [{ headers, body } = { headers: {}, body: Buffer.alloc(5) }] = collector.requests;
  expect(headers).toMatchObject({ authorization: 'Bearer abc', 'grpc-encoding': 'gzip' });
  expect(body[0]).toBe(1);
  expect(readResource(messageOf(body))).toMatchObject({
    team: 'harbour',
    'service.instance.id': instanceId,
    'service.name': 'meter-of-ada',
  });
  collector.close();
});

test('a collector that is away is a counted failure, not a crash', async () => {
  const collector = await startCollector();
  collector.close();
  const { close, results } = createExport(collector.url);
  await close();
  expect(results('ok')).toBe(0);
  expect(results('failed')).toBeGreaterThan(0);
});

const LOCAL = { sink: 'otlp http://localhost:4317 default', shown: 'localhost:4317' };

test.each([
  ['nothing asks for it', {}, undefined],
  ['an endpoint that is empty does not ask for it', { OTEL_EXPORTER_OTLP_ENDPOINT: '' }, undefined],
  [
    'an endpoint asks for it',
    { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://x' },
    { sink: 'otlp http://x default', shown: 'x', intervalMs: 60_000, timeoutMs: 30_000 },
  ],
  ['an exporter asks for it', { OTEL_METRICS_EXPORTER: 'otlp' }, { ...LOCAL, intervalMs: 60_000, timeoutMs: 30_000 }],
  [
    'another database behind the same collector',
    { OTEL_METRICS_EXPORTER: 'otlp', CCMETER_OTLP_ID: 'new' },
    { ...LOCAL, sink: 'otlp http://localhost:4317 new', intervalMs: 60_000, timeoutMs: 30_000 },
  ],
  ['an exporter of none forbids it', { OTEL_METRICS_EXPORTER: 'none', OTEL_EXPORTER_OTLP_ENDPOINT: 'http://x' }, undefined],
  ['the SDK is disabled', { OTEL_SDK_DISABLED: 'true', OTEL_METRICS_EXPORTER: 'otlp' }, undefined],
  [
    'other times',
    { OTEL_METRICS_EXPORTER: 'otlp', OTEL_METRIC_EXPORT_INTERVAL: '5000', OTEL_METRIC_EXPORT_TIMEOUT: '9000' },
    { ...LOCAL, intervalMs: 5000, timeoutMs: 5000 },
  ],
  [
    'another protocol',
    { OTEL_METRICS_EXPORTER: 'otlp', OTEL_EXPORTER_OTLP_PROTOCOL: 'http/protobuf' },
    { mistake: expect.stringContaining('http/protobuf') },
  ],
  [
    'delta',
    { OTEL_METRICS_EXPORTER: 'otlp', OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE: 'delta' },
    { mistake: expect.stringContaining('delta') },
  ],
  [
    'a time that is none',
    { OTEL_METRICS_EXPORTER: 'otlp', OTEL_METRIC_EXPORT_INTERVAL: 'soon' },
    { mistake: expect.stringContaining('soon') },
  ],
])('the variables: %s', (_, env, settings) => {
  expect(readOtlpSettings(env)).toEqual(settings);
});
