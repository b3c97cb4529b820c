import { DiagLogLevel, diag } from '@opentelemetry/api';
import { type ExportResult, ExportResultCode } from '@opentelemetry/core';
import { OTLPMetricExporter } from '@opentelemetry/exporter-metrics-otlp-grpc';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { MeterProvider, PeriodicExportingMetricReader, type PushMetricExporter } from '@opentelemetry/sdk-metrics';
import type { Health } from '../health.ts';
import type { Ledger } from '../ledger/ledger.ts';
import type { Log } from '../log.ts';
import { VERSION } from '../version.ts';
import { createLogWriter } from './log-writer.ts';
import { createOtlpLog, identityOf } from './otlp-log.ts';
import type { OtlpSettings } from './otlp-settings.ts';
import type { Family } from './points.ts';
import { createProducer } from './producer.ts';

export interface OtlpOptions extends OtlpSettings {
  families: () => Family[];
  ledger: Ledger;
  health: Health;
  log: Log;
  now: () => number;
  /** The first scan is done. */
  isReady: () => boolean;
}

/** A message carries so many points at the most: about 1 MiB, and a collector takes 4 MiB unless told otherwise. */
const MAX_POINTS = 5000;

/**
 * Sends over OTLP gRPC: the change log, oldest first, each change with its own time; and at the usual interval all gauges, and all totals once
 * more for those who ask only for the present.
 */
export function createOtlp({ families, ledger, health, log, now, isReady, sink, shown, intervalMs, timeoutMs }: OtlpOptions) {
  diag.setLogger(
    { ...quiet, error: (message) => log.debug({ message }, 'otlp') },
    { logLevel: DiagLogLevel.ERROR, suppressOverrideMessage: true },
  );
  const changes = createOtlpLog(ledger);
  const writer = createLogWriter({ way: 'otlp', shown, sink, ledger, health, log, now, write: changes.write });
  const reader = new PeriodicExportingMetricReader({
    exporter: countResults(new OTLPMetricExporter(), health, log, now),
    exportIntervalMillis: intervalMs,
    exportTimeoutMillis: timeoutMs,
    maxExportBatchSize: MAX_POINTS,
    metricProducers: [createProducer(present, now)],
  });
  const resource = resourceFromAttributes({ 'service.version': VERSION, 'host.name': ledger.host }).merge(identityOf(ledger));
  const provider = new MeterProvider({ resource, readers: [reader] });

  /** Totals are repeated only when all changes are there: before, an old one would be told at a time that is not its own. */
  function present(nowMs: number): Family[] {
    const all = families();
    if (isReady() && ledger.pendingSamples(sink) === 0) {
      ledger.repeat(nowMs);
      return all;
    }
    return all.map(({ metric, points }) => ({ metric, points: points.filter(({ seriesId }) => seriesId === undefined) }));
  }

  return {
    notify: writer.notify,
    /** Sends what there is now, without waiting for the interval. */
    async flush(limitMs: number): Promise<void> {
      await writer.flush(limitMs);
      await provider.forceFlush().catch(() => {});
    },
    /** Sends once more, then ends; gives up after so many milliseconds. */
    async close(limitMs: number): Promise<void> {
      const limit = new Promise<void>((resolve) => setTimeout(resolve, limitMs).unref());
      const last = async () => {
        await writer.flush(limitMs);
        await provider.shutdown().catch(() => {});
      };
      await Promise.race([last(), limit]);
      await writer.close();
      await changes.close();
    },
  };
}

const quiet = { verbose() {}, debug() {}, info() {}, warn() {} };

/** The SDK tells nobody whether an export succeeded, so the exporter is asked itself. */
function countResults(exporter: OTLPMetricExporter, health: Health, log: Log, now: () => number): PushMetricExporter {
  let failing = false;
  const count = (result: ExportResult) => {
    const ok = result.code === ExportResultCode.SUCCESS;
    health.add('ccmeter_exporter_exports_total', { sink: 'otlp', result: ok ? 'ok' : 'failed' });
    if (ok) health.set('ccmeter_exporter_last_export_timestamp_seconds', { sink: 'otlp' }, now() / 1000);
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
