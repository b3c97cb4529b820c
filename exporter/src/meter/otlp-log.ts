import { ValueType } from '@opentelemetry/api';
import { ExportResultCode } from '@opentelemetry/core';
import { OTLPMetricExporter } from '@opentelemetry/exporter-metrics-otlp-grpc';
import { detectResources, envDetector, type Resource, resourceFromAttributes } from '@opentelemetry/resources';
import {
  AggregationTemporality,
  DataPointType,
  type GaugeMetricData,
  type MetricData,
  type SumMetricData,
} from '@opentelemetry/sdk-metrics';
import { metrics } from '../contract/index.ts';
import type { LoggedSample } from '../ledger/sample-log.ts';
import type { LogSource } from './change-log.ts';
import { sampleName, seriesLabels, shownValue } from './points.ts';
import { otelUnit, toHrTime } from './producer.ts';
import type { WriteOutcome } from './write-client.ts';

/** About 1 MiB; a collector takes 4 MiB unless told otherwise. */
const MAX_POINTS = 5000;

/**
 * Where a resource says more than who it is, Prometheus writes that down as `target_info` every 150 seconds from the first point of a message
 * to its last. A message is then kept short in time, so that this is not more than the points themselves.
 */
const MAX_SPAN_MS = 3_600_000;

/**
 * Writes samples of the change log over OTLP gRPC, each as a data point with its own time. Counters are sums. The parts of a histogram change
 * one by one, which a histogram of OTLP cannot say, so they go out as gauges under the names that they have in Prometheus.
 */
export function createOtlpLog(log: LogSource) {
  const exporter = new OTLPMetricExporter();
  const resource = identityOf(log);
  const isPlain = Object.keys(resource.attributes).length === IDENTITY.length;
  const post = (samples: readonly LoggedSample[], signal: AbortSignal | undefined) =>
    new Promise<WriteOutcome>((resolve) => {
      // An export has a limit of its own, but who closes does not wait for it. What came of it is not known then.
      signal?.addEventListener('abort', () => resolve({ kind: 'retry', problem: 'it was closed' }), { once: true });
      exporter.export({ resource, scopeMetrics: [{ scope: { name: 'ccmeter' }, metrics: toMetrics(samples, log) }] }, ({ code, error }) => {
        if (code === ExportResultCode.SUCCESS) return resolve({ kind: 'ok' });
        // What will never be taken: INVALID_ARGUMENT and OUT_OF_RANGE.
        const refused = error !== undefined && 'code' in error && (error.code === 3 || error.code === 11);
        resolve({ kind: refused ? 'refused' : 'retry', problem: error?.message ?? 'it failed' });
      });
    });
  return {
    async write(samples: readonly LoggedSample[], signal?: AbortSignal): Promise<WriteOutcome> {
      for (let at = 0; at < samples.length; ) {
        const end = endOfMessage(samples, at, isPlain ? Number.POSITIVE_INFINITY : MAX_SPAN_MS);
        const outcome = await post(samples.slice(at, end), signal);
        if (outcome.kind !== 'ok') return outcome;
        at = end;
      }
      return { kind: 'ok' };
    },
    close: () => exporter.shutdown(),
  };
}

/** Where the message that begins at `at` ends: at the most so many points, at the most so long a time. */
function endOfMessage(samples: readonly LoggedSample[], at: number, maxSpanMs: number): number {
  const firstMs = samples[at]?.timeMs ?? 0;
  let end = at + 1;
  while (end < samples.length && end - at < MAX_POINTS && Math.abs((samples[end]?.timeMs ?? 0) - firstMs) <= maxSpanMs) end += 1;
  return end;
}

const IDENTITY = ['service.name', 'service.instance.id'];

/** Who sends, with what the variables say besides. */
export function identityOf({ instanceId }: Pick<LogSource, 'instanceId'>): Resource {
  return (
    resourceFromAttributes({ 'service.name': 'ccmeter' })
      .merge(detectResources({ detectors: [envDetector] }))
      // Last, because totals are kept under it: a second name for the same totals would count them twice.
      .merge(resourceFromAttributes({ 'service.instance.id': instanceId }))
  );
}

function toMetrics(samples: readonly LoggedSample[], { book, host }: LogSource): MetricData[] {
  const byName = new Map<string, SumMetricData | GaugeMetricData>();
  for (const { seriesId, timeMs, value } of samples) {
    const series = book.get(seriesId);
    if (series === undefined) continue;
    const name = sampleName(series);
    let metric = byName.get(name);
    if (metric === undefined) {
      const { help, kind } = metrics[series.metric];
      const whole = kind === 'counter';
      const descriptor = { name, description: help, unit: whole ? otelUnit(series.metric) : '', valueType: ValueType.DOUBLE };
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
