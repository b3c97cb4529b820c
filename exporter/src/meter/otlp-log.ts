import { ValueType } from '@opentelemetry/api';
import { ExportResultCode } from '@opentelemetry/core';
import { OTLPMetricExporter } from '@opentelemetry/exporter-metrics-otlp-grpc';
import {
  AggregationTemporality,
  DataPointType,
  type GaugeMetricData,
  type MetricData,
  type SumMetricData,
} from '@opentelemetry/sdk-metrics';
import { metrics, units } from '../contract/index.ts';
import type { LoggedSample } from '../ledger/ledger.ts';
import type { LogSource } from './change-log.ts';
import { resourceOf } from './otlp.ts';
import { sampleName, seriesLabels, shownValue } from './points.ts';
import { toHrTime } from './producer.ts';
import type { WriteOutcome } from './write-client.ts';

/** About 1 MiB; a collector takes 4 MiB unless told otherwise. */
const MAX_POINTS = 5000;

/**
 * Writes samples of the change log over OTLP gRPC, each as a data point with its own time. Counters are sums. The parts of a histogram change
 * one by one, which a histogram of OTLP cannot say, so they go out as gauges under the names that they have in Prometheus.
 */
export function createOtlpLog(log: LogSource) {
  const exporter = new OTLPMetricExporter();
  const resource = resourceOf(log);
  const post = (samples: readonly LoggedSample[]) =>
    new Promise<WriteOutcome>((resolve) => {
      exporter.export({ resource, scopeMetrics: [{ scope: { name: 'ccmeter' }, metrics: toMetrics(samples, log) }] }, ({ code, error }) => {
        if (code === ExportResultCode.SUCCESS) return resolve({ kind: 'ok' });
        // What will never be taken: INVALID_ARGUMENT and OUT_OF_RANGE.
        const refused = error !== undefined && 'code' in error && (error.code === 3 || error.code === 11);
        resolve({ kind: refused ? 'refused' : 'retry', problem: error?.message ?? 'it failed' });
      });
    });
  return {
    async write(samples: readonly LoggedSample[]): Promise<WriteOutcome> {
      for (let at = 0; at < samples.length; at += MAX_POINTS) {
        const outcome = await post(samples.slice(at, at + MAX_POINTS));
        if (outcome.kind !== 'ok') return outcome;
      }
      return { kind: 'ok' };
    },
    close: () => exporter.shutdown(),
  };
}

function toMetrics(samples: readonly LoggedSample[], { book, host }: LogSource): MetricData[] {
  const byName = new Map<string, SumMetricData | GaugeMetricData>();
  for (const { seriesId, timeMs, value } of samples) {
    const series = book.get(seriesId);
    if (series === undefined) continue;
    const name = sampleName(series);
    let metric = byName.get(name);
    if (metric === undefined) {
      const { help, unit, kind } = metrics[series.metric];
      const whole = kind === 'counter';
      const descriptor = { name, description: help, unit: whole ? units[unit].otel : '', valueType: ValueType.DOUBLE };
      const base = { descriptor, aggregationTemporality: AggregationTemporality.CUMULATIVE, dataPoints: [] };
      metric = whole ? { ...base, dataPointType: DataPointType.SUM, isMonotonic: true } : { ...base, dataPointType: DataPointType.GAUGE };
      byName.set(name, metric);
    }
    metric.dataPoints.push({
      startTime: toHrTime(series.startMs),
      endTime: toHrTime(timeMs),
      attributes: seriesLabels(series, host),
      value: shownValue(series, value),
    });
  }
  return [...byName.values()];
}
