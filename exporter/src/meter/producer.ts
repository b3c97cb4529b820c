import { type HrTime, ValueType } from '@opentelemetry/api';
import { emptyResource, type Resource } from '@opentelemetry/resources';
import {
  AggregationTemporality,
  type DataPoint,
  DataPointType,
  type Histogram,
  type MetricData,
  type MetricProducer,
} from '@opentelemetry/sdk-metrics';
import { type MetricName, metrics, units } from '../contract/index.ts';
import type { Family, Point } from './points.ts';

const SCOPE = { name: 'ccmeter' };

/**
 * Gives the points to an OpenTelemetry reader. Instruments of the SDK are not used: they know neither the start times nor the totals
 * of the ledger, never forget a label set and stop at 2,000 of them.
 */
export function createProducer(
  collect: (nowMs: number) => Family[],
  now: () => number,
  resource: Resource = emptyResource(),
): MetricProducer {
  return {
    async collect() {
      const nowMs = now();
      const data = collect(nowMs)
        .filter(({ points }) => points.length > 0)
        .map((family) => toMetricData(family, nowMs));
      return { resourceMetrics: { resource, scopeMetrics: [{ scope: SCOPE, metrics: data }] }, errors: [] };
    },
  };
}

function toMetricData({ metric, points }: Family, nowMs: number): MetricData {
  const row = metrics[metric];
  if (row.kind === 'histogram') return toHistogramData(metric, points, nowMs);
  const endTime = toHrTime(nowMs);
  const base = {
    descriptor: { name: metric, description: row.help, unit: otelUnit(metric), valueType: ValueType.DOUBLE },
    aggregationTemporality: AggregationTemporality.CUMULATIVE,
    dataPoints: points.map(({ labels, value, startMs }) => ({ startTime: toHrTime(startMs), endTime, attributes: labels, value })),
  };
  if (row.kind === 'counter') return { ...base, dataPointType: DataPointType.SUM, isMonotonic: true };
  return { ...base, dataPointType: DataPointType.GAUGE };
}

/**
 * The unit that OpenTelemetry is told. Where it becomes a Prometheus name, a gauge in `1` gets the suffix `_ratio`, which neither an info
 * nor a yes or no is.
 */
export function otelUnit(metric: MetricName): string {
  const { otel } = units[metrics[metric].unit];
  return otel === '1' && !metric.endsWith('_ratio') ? '' : otel;
}

/** The series of a histogram, put together again: OpenTelemetry counts each bucket apart, Prometheus all up to its bound. */
function toHistogramData(metric: MetricName, points: readonly Point[], nowMs: number): MetricData {
  const groups = new Map<string, Point[]>();
  for (const point of points) {
    const { le: _, ...labels } = point.labels;
    const key = JSON.stringify(labels);
    groups.set(key, [...(groups.get(key) ?? []), point]);
  }
  const { help, unit } = metrics[metric];
  return {
    descriptor: { name: metric, description: help, unit: units[unit].otel, valueType: ValueType.DOUBLE },
    aggregationTemporality: AggregationTemporality.CUMULATIVE,
    dataPointType: DataPointType.HISTOGRAM,
    dataPoints: [...groups.values()].map((group) => toHistogramPoint(metric, group, nowMs)),
  };
}

function toHistogramPoint(metric: MetricName, group: readonly Point[], nowMs: number): DataPoint<Histogram> {
  const buckets = group.filter(({ labels }) => labels.le !== undefined);
  const partOf = (name: string) => group.find((point) => point.name === `${metric}_${name}`)?.value ?? 0;
  const { le: _, ...attributes } = group[0]?.labels ?? {};
  return {
    startTime: toHrTime(Math.min(...group.map(({ startMs }) => startMs))),
    endTime: toHrTime(nowMs),
    attributes,
    value: {
      buckets: {
        boundaries: buckets.slice(0, -1).map(({ labels }) => Number(labels.le)),
        counts: buckets.map(({ value }, at) => value - (buckets[at - 1]?.value ?? 0)),
      },
      sum: partOf('sum'),
      count: partOf('count'),
    },
  };
}

export function toHrTime(ms: number): HrTime {
  const seconds = Math.floor(ms / 1000);
  return [seconds, Math.round((ms - seconds * 1000) * 1e6)];
}
