import { DiagLogLevel, diag } from '@opentelemetry/api';
import { type ExportResult, ExportResultCode } from '@opentelemetry/core';
import { OTLPMetricExporter } from '@opentelemetry/exporter-metrics-otlp-grpc';
import { detectResources, envDetector, type Resource, resourceFromAttributes } from '@opentelemetry/resources';
import { MeterProvider, PeriodicExportingMetricReader, type PushMetricExporter } from '@opentelemetry/sdk-metrics';
import type { Health } from '../health.ts';
import type { Ledger } from '../ledger/ledger.ts';
import type { Log } from '../log.ts';
import { VERSION } from '../version.ts';
import { type Births, createBirths } from './births.ts';
import type { OtlpSettings } from './otlp-settings.ts';
import type { Family } from './points.ts';
import { createProducer } from './producer.ts';

export interface OtlpOptions extends OtlpSettings {
  families: () => Family[];
  ledger: Pick<Ledger, 'instanceId' | 'host'>;
  health: Health;
  log: Log;
  now: () => number;
  /** The first scan is done. */
  isReady: () => boolean;
}

/** A message carries so many points at the most: about 1 MiB, and a collector takes 4 MiB unless told otherwise. */
const MAX_POINTS = 5000;

/** Sends all points over OTLP gRPC at the usual interval. Totals are cumulative, so a collector that was away misses nothing. */
export function createOtlp({ families, ledger, health, log, now, isReady, intervalMs, timeoutMs }: OtlpOptions) {
  diag.setLogger(
    { ...quiet, error: (message) => log.debug({ message }, 'otlp') },
    { logLevel: DiagLogLevel.ERROR, suppressOverrideMessage: true },
  );
  const births = createBirths(isReady);
  const reader = new PeriodicExportingMetricReader({
    exporter: countResults(new OTLPMetricExporter(), births, health, log, now),
    exportIntervalMillis: intervalMs,
    exportTimeoutMillis: timeoutMs,
    maxExportBatchSize: MAX_POINTS,
    metricProducers: [createProducer(families, births, now)],
  });
  const provider = new MeterProvider({ resource: resourceOf(ledger), readers: [reader] });
  const flush = () => provider.forceFlush().catch(() => {});
  return {
    /** Sends now, without waiting for the interval. */
    flush,
    /** Sends once more, then ends; gives up after so many milliseconds. */
    async close(limitMs: number): Promise<void> {
      const limit = new Promise<void>((resolve) => setTimeout(resolve, limitMs).unref());
      // A series that nobody has seen is sent at 0 first, so that what it counts is not taken for history.
      const last = async () => {
        if (births.areDue(families())) await flush();
        await provider.shutdown().catch(() => {});
      };
      await Promise.race([last(), limit]);
    },
  };
}

/** Who sends: what OpenTelemetry wants to know, and what the variables say besides. */
export function resourceOf({ instanceId, host }: Pick<Ledger, 'instanceId' | 'host'>): Resource {
  return (
    resourceFromAttributes({ 'service.name': 'ccmeter', 'service.version': VERSION, 'host.name': host })
      .merge(detectResources({ detectors: [envDetector] }))
      // Last, because totals are kept under it: a second name for the same totals would count them twice.
      .merge(resourceFromAttributes({ 'service.instance.id': instanceId }))
  );
}

const quiet = { verbose() {}, debug() {}, info() {}, warn() {} };

/** The SDK tells nobody whether an export succeeded, so the exporter is asked itself. */
function countResults(exporter: OTLPMetricExporter, births: Births, health: Health, log: Log, now: () => number): PushMetricExporter {
  let failing = false;
  const count = (result: ExportResult) => {
    const ok = result.code === ExportResultCode.SUCCESS;
    health.add('ccmeter_exporter_exports_total', { sink: 'otlp', result: ok ? 'ok' : 'failed' });
    if (ok) health.set('ccmeter_exporter_last_export_timestamp_seconds', { sink: 'otlp' }, now() / 1000);
    if (!ok) births.undo();
    if (!ok && !failing) log.warn({ problem: result.error?.message }, 'OTLP export fails; it is tried again at every interval');
    failing = !ok;
  };
  return {
    export: (metrics, done) =>
      exporter.export(metrics, (result) => {
        count(result);
        done(result);
      }),
    forceFlush: () => exporter.forceFlush(),
    shutdown: () => exporter.shutdown(),
    selectAggregation: (type) => exporter.selectAggregation(type),
    selectAggregationTemporality: (type) => exporter.selectAggregationTemporality(type),
  };
}
