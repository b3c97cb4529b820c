import { once } from 'node:events';
import { createServer, type Http2Server } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { Health } from '../health.ts';
import { SeriesBook } from '../ledger/series.ts';
import { settle } from '../ledger/settle.ts';
import { createLog } from '../log.ts';
import { responseFact } from '../testing.ts';
import { createOtlp } from './otlp.ts';
import { readOtlpSettings } from './otlp-settings.ts';
import { collectFamilies } from './points.ts';

const NOW = Date.parse('2026-03-01T12:05:00.000Z');

afterEach(() => {
  delete process.env.OTEL_EXPORTER_OTLP_ENDPOINT;
});

/** As much of gRPC as a collector needs to take an export: one message in, an empty one out, status 0 in the trailers. */
async function startCollector(): Promise<{ url: string; requests: { path: string; body: Buffer }[]; server: Http2Server }> {
  const requests: { path: string; body: Buffer }[] = [];
  const server = createServer();
  server.on('stream', async (stream, headers) => {
    const chunks: Buffer[] = [];
    for await (const chunk of stream) chunks.push(chunk);
    requests.push({ path: String(headers[':path']), body: Buffer.concat(chunks) });
    stream.respond({ ':status': 200, 'content-type': 'application/grpc' }, { waitForTrailers: true });
    stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0' }));
    stream.end(Buffer.alloc(5));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, requests, server };
}

function createExport(endpoint: string) {
  process.env.OTEL_EXPORTER_OTLP_ENDPOINT = endpoint;
  const book = new SeriesBook();
  settle([{ fact: responseFact(), counted: new Map(), revision: 0 }], { book, sessionOf: () => undefined, nowMs: NOW });
  const health = new Health(NOW);
  const families = () => collectFamilies('laptop', book, [], health, NOW);
  const ledger = { instanceId: 'the-instance', host: 'laptop' };
  const otlp = createOtlp({ families, ledger, health, log: createLog('silent'), now: () => NOW, intervalMs: 60_000, timeoutMs: 2000 });
  const results = (result: 'ok' | 'failed') => health.value('ccmeter_exporter_exports_total', { sink: 'otlp', result });
  return { otlp, results };
}

test('totals go out over gRPC with the kept instance, and the result is counted', async () => {
  const collector = await startCollector();
  const { otlp, results } = createExport(collector.url);
  await otlp.close(5000);
  expect(collector.requests.map(({ path }) => path)).toEqual(['/opentelemetry.proto.collector.metrics.v1.MetricsService/Export']);
  const body = collector.requests[0]?.body.toString('latin1') ?? '';
  for (const text of ['ccmeter_tokens_total', 'service.instance.id', 'the-instance', 'claude-opus-5', 'host.name'])
    expect(body).toContain(text);
  expect([results('ok'), results('failed')]).toEqual([1, 0]);
  collector.server.close();
});

test('a collector that is away is a counted failure, not a crash', async () => {
  const collector = await startCollector();
  collector.server.close();
  const { otlp, results } = createExport(collector.url);
  await otlp.close(5000);
  expect([results('ok'), results('failed')]).toEqual([0, 1]);
});

test.each([
  ['nothing asks for it', {}, undefined],
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
