import type { MetricName } from '@ccmeter/exporter/contract';
import { added, series, sum } from './promql.ts';

/** A recording rule: what dashboards and alerts ask often, asked once a minute for all of them. */
export interface RecordingRule {
  record: string;
  expr: string;
}

/** Counters that are summed up over the last hour and the last day, with the labels that are kept. */
const OVER_TIME: readonly [name: string, metric: MetricName, labels: readonly string[]][] = [
  ['cost_usd', 'ccmeter_cost_usd_total', ['host', 'project', 'model']],
  ['tokens', 'ccmeter_tokens_total', ['host', 'model', 'kind']],
  ['requests', 'ccmeter_requests_total', ['host', 'project', 'model']],
  ['tool_calls', 'ccmeter_tool_calls_total', ['host', 'tool', 'result']],
];

/** Names are `ccmeter:<what>:<operation and range>`; `added` is the exact form, not `increase()`. */
export const recordingRules: readonly RecordingRule[] = [
  ...OVER_TIME.flatMap(([name, metric, labels]) =>
    ['1h', '1d'].map((range) => ({ record: `ccmeter:${name}:added${range}`, expr: sum(labels, added(series(metric), range)) })),
  ),
  {
    record: 'ccmeter:cache_read:ratio1d',
    expr: `sum by (host, model) (ccmeter:tokens:added1d{kind="cache_read"}) / (sum by (host, model) (ccmeter:tokens:added1d{kind!="output"}) > 0)`,
  },
  {
    record: 'ccmeter:tool_failures:ratio1h',
    expr: `sum by (host) (ccmeter:tool_calls:added1h{result="error"}) / (sum by (host) (ccmeter:tool_calls:added1h) > 0)`,
  },
  // The time of the newest sample, kept for when there are no more.
  { record: 'ccmeter:exporter:seen_timestamp_seconds', expr: `max by (host) (timestamp(${series('ccmeter_exporter_build_info')}))` },
];
