import { afterEach, expect, test } from 'vitest';
import { Health } from '../health.ts';
import { SeriesBook } from '../ledger/series.ts';
import { settle } from '../ledger/settle.ts';
import { createLog } from '../log.ts';
import { responseFact } from '../testing.ts';
import type { Fact } from '../track/fact.ts';
import { createOtlp } from './otlp.ts';
import { readOtlpSettings } from './otlp-settings.ts';
import { collectFamilies } from './points.ts';
import { messageOf, type OtlpPoint, readResource, startCollector } from './testing.ts';

const NOW = Date.parse('2026-03-01T12:05:00.000Z');

afterEach(() => {
  for (const name of Object.keys(process.env)) if (name.startsWith('OTEL_')) delete process.env[name];
});

/** An exporter of one ledger, with what it counts and what came of its exports. */
function createExport(endpoint: string, wish: { isReady?: () => boolean; instanceId?: string } = {}) {
  process.env.OTEL_EXPORTER_OTLP_ENDPOINT = endpoint;
  const book = new SeriesBook();
  const count = (...facts: Fact[]) =>
    settle(
      facts.map((fact) => ({ fact, counted: new Map(), revision: 0 })),
      { book, sessionOf: () => undefined, nowMs: NOW },
    );
  const health = new Health(NOW);
  // As always: an export without a single point is none.
  health.set('ccmeter_exporter_ready', {}, 1);
  const families = () => collectFamilies('laptop', book, [], health, NOW);
  const ledger = { instanceId: wish.instanceId ?? 'the-instance', host: 'laptop' };
  const otlp = createOtlp({
    families,
    ledger,
    health,
    log: createLog('silent'),
    now: () => NOW,
    isReady: wish.isReady ?? (() => true),
    intervalMs: 60_000,
    timeoutMs: 2000,
  });
  const results = (result: 'ok' | 'failed') => health.value('ccmeter_exporter_exports_total', { sink: 'otlp', result });
  return { otlp, count, results };
}

const requestsOf = (points: readonly OtlpPoint[], model: string) =>
  points.filter(({ metric, attributes }) => metric === 'ccmeter_requests_total' && attributes.model === model).map(({ value }) => value);

test('totals go out over gRPC with the kept instance and their own start times, and the result is counted', async () => {
  const collector = await startCollector();
  const { otlp, count, results } = createExport(collector.url);
  count(responseFact());
  await otlp.close(5000);
  expect(collector.requests.map(({ path }) => path)).toEqual(['/opentelemetry.proto.collector.metrics.v1.MetricsService/Export']);
  expect(readResource(messageOf(collector.requests[0]?.body ?? Buffer.alloc(5)))).toMatchObject({
    'service.name': 'ccmeter',
    'service.instance.id': 'the-instance',
    'host.name': 'laptop',
  });
  expect(collector.points()).toContainEqual({
    metric: 'ccmeter_tokens_total',
    attributes: { host: 'laptop', project: 'unknown', model: 'claude-opus-5', agent: 'main', kind: 'output' },
    // The minute of the response, not the start of the process.
    startMs: Date.parse('2026-03-01T12:00:00.001Z'),
    timeMs: NOW,
    value: 10,
  });
  expect([results('ok'), results('failed')]).toEqual([1, 0]);
  collector.close();
});

test('a series that begins later is sent at 0 first, also where the process ends before the next export', async () => {
  const collector = await startCollector();
  const { otlp, count } = createExport(collector.url);
  count(responseFact());
  await otlp.flush();
  count(responseFact({ key: 'response:2', model: 'glm-5' }));
  await otlp.flush();
  count(responseFact({ key: 'response:3', model: 'kimi-3' }));
  await otlp.close(5000);
  const points = collector.points();
  expect(requestsOf(points, 'claude-opus-5')).toEqual([1, 1, 1, 1]);
  expect(requestsOf(points, 'glm-5')).toEqual([0, 1, 1]);
  expect(requestsOf(points, 'kimi-3')).toEqual([0, 1]);
  collector.close();
});

test('what a first scan finds is history, however long it takes', async () => {
  const collector = await startCollector();
  let ready = false;
  const { otlp, count } = createExport(collector.url, { isReady: () => ready });
  await otlp.flush();
  count(responseFact());
  ready = true;
  await otlp.flush();
  expect(requestsOf(collector.points(), 'claude-opus-5')).toEqual([1]);
  await otlp.close(5000);
  collector.close();
});

test('what was born in an export that failed is born again', async () => {
  let status = 0;
  const collector = await startCollector(() => status);
  const { otlp, count, results } = createExport(collector.url);
  await otlp.flush();
  count(responseFact());
  // Not one of those that are tried again at once.
  status = 3;
  await otlp.flush();
  expect([results('ok'), results('failed')]).toEqual([1, 1]);
  status = 0;
  await otlp.close(5000);
  expect(requestsOf(collector.points(), 'claude-opus-5')).toEqual([0, 0, 1]);
  collector.close();
});

test('many series go out in several messages, none of them too large for a collector', async () => {
  const collector = await startCollector();
  const { otlp, count } = createExport(collector.url);
  for (let at = 0; at < 1500; at++) count(responseFact({ key: `response:${at}`, model: `model-${at}` }));
  await otlp.close(10_000);
  expect(collector.requests.length).toBeGreaterThan(1);
  for (const { body } of collector.requests) expect(body.length).toBeLessThan(4 * 1024 * 1024);
  const models = new Set(collector.points().flatMap(({ attributes }) => attributes.model ?? []));
  expect(models.size).toBe(1500);
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
  const { otlp } = createExport(collector.url);
  await otlp.close(5000);
  const [{ headers, body } = { headers: {}, body: Buffer.alloc(5) }] = collector.requests;
  expect(headers).toMatchObject({ authorization: 'Bearer abc', 'grpc-encoding': 'gzip' });
  expect(body[0]).toBe(1);
  expect(readResource(messageOf(body))).toMatchObject({
    team: 'harbour',
    'service.instance.id': 'the-instance',
    'service.name': 'meter-of-ada',
  });
  collector.close();
});

test('a collector that is away is a counted failure, not a crash', async () => {
  const collector = await startCollector();
  collector.close();
  const { otlp, results } = createExport(collector.url);
  await otlp.close(5000);
  expect([results('ok'), results('failed')]).toEqual([0, 1]);
});

test.each([
  ['nothing asks for it', {}, undefined],
  ['an endpoint that is empty does not ask for it', { OTEL_EXPORTER_OTLP_ENDPOINT: '' }, undefined],
  ['an endpoint asks for it', { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://x' }, { intervalMs: 60_000, timeoutMs: 30_000 }],
  ['an exporter asks for it', { OTEL_METRICS_EXPORTER: 'otlp' }, { intervalMs: 60_000, timeoutMs: 30_000 }],
  ['an exporter of none forbids it', { OTEL_METRICS_EXPORTER: 'none', OTEL_EXPORTER_OTLP_ENDPOINT: 'http://x' }, undefined],
  ['the SDK is disabled', { OTEL_SDK_DISABLED: 'true', OTEL_METRICS_EXPORTER: 'otlp' }, undefined],
  [
    'other times',
    { OTEL_METRICS_EXPORTER: 'otlp', OTEL_METRIC_EXPORT_INTERVAL: '5000', OTEL_METRIC_EXPORT_TIMEOUT: '9000' },
    { intervalMs: 5000, timeoutMs: 5000 },
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
