import { metrics } from '@ccmeter/exporter/contract';
import { added, series, sum } from './promql.ts';
import { type ThresholdName, thresholdSeries } from './thresholds.ts';

/** One alert: what it says, when, and what to do then. */
export interface Alert {
  name: string;
  severity: 'critical' | 'warning' | 'info';
  expr: string;
  /** How long it must be so. */
  lasting: string;
  summary: string;
  description: string;
  /** What a person does about it. */
  remedy: string;
}

const limit = (name: ThresholdName) => `scalar(${thresholdSeries(name)})`;
const spent = (range: string, offset = '') => sum([], added(series('ccmeter_cost_usd_total'), range, offset));
const budget = limit('budget_usd');

/** Spending that is too fast over a long window, and still is over a short one: it fires early and ends soon after the spending does. */
function burning(long: string, short: string, shortOfLong: number, share: ThresholdName): string {
  const allowed = `${limit(share)} * ${budget}`;
  const wanted = `${thresholdSeries('budget_usd')} > 0`;
  return `${spent(long)} > ${allowed} and ${spent(short)} > ${allowed} / ${shortOfLong} and on () ${wanted}`;
}

/** A gauge that is above its threshold and not less than a quarter of an hour ago. */
function growing(text: string, name: ThresholdName): string {
  return `${text} > ${limit(name)} and ${text} >= ${text} offset 15m`;
}

const dollars = '{{ $value | printf "%.2f" }} USD';
const share = '{{ $value | humanizePercentage }}';

/** What is told of use. */
export const useAlerts: readonly Alert[] = [
  {
    name: 'CcmeterBudgetBurnsFast',
    severity: 'critical',
    expr: burning('1h', '5m', 12, 'budget_fast_ratio'),
    lasting: '2m',
    summary: 'Claude Code spends far faster than the budget allows',
    description: `${dollars} were spent in the last hour, and spending goes on.`,
    remedy: 'See by project and model which session it is (dashboard “Tokens and cost”); a loop of subagents is the usual cause.',
  },
  {
    name: 'CcmeterBudgetBurnsSlowly',
    severity: 'warning',
    expr: burning('1d', '2h', 12, 'budget_slow_ratio'),
    lasting: '15m',
    summary: 'At this pace the budget of Claude Code does not last the month',
    description: `${dollars} were spent in the last day, and spending goes on.`,
    remedy: 'Use a cheaper model for routine work, raise the budget, or speak about it.',
  },
  {
    name: 'CcmeterSpendUnusual',
    severity: 'warning',
    expr: `${spent('1d')} > ${limit('unusual_spend_times')} * ${spent('14d', '1d')} / 14 and ${spent('1d')} > ${limit('unusual_spend_least_usd')}`,
    lasting: '15m',
    summary: 'Claude Code costs far more than usual',
    description: `${dollars} were spent in the last day, several times the mean of the two weeks before.`,
    remedy: 'See by project and model what is new.',
  },
  {
    name: 'CcmeterToolsFail',
    severity: 'info',
    expr: `ccmeter:tool_failures:ratio1h > ${limit('tool_failure_ratio')} and sum by (host) (ccmeter:tool_calls:added1h) >= ${limit('tool_failure_least_calls')}`,
    lasting: '10m',
    summary: 'Many tool calls fail on {{ $labels.host }}',
    description: `${share} of the calls of the last hour failed.`,
    remedy:
      'See by tool and category what fails (dashboard “Sessions and tools”): a broken test command, a missing permission, a full disk.',
  },
  {
    name: 'CcmeterSessionWaits',
    severity: 'info',
    // After five minutes without a line a session counts as idle, so a longer time would never come.
    expr: `${series('ccmeter_sessions_active', { state: ['waiting'] })} > 0`,
    lasting: '4m',
    summary: 'A session in {{ $labels.project }} on {{ $labels.host }} waits for you',
    description: '{{ $value }} sessions wait for their next prompt or a permission.',
    remedy: 'Answer it. Whoever does not want to be told silences this alert.',
  },
  {
    name: 'CcmeterModelWithoutPrice',
    severity: 'warning',
    expr: `${sum(['host', 'model'], added(series('ccmeter_unpriced_tokens_total'), '1h'))} > 0`,
    lasting: '0m',
    summary: 'The price of {{ $labels.model }} is not known',
    description: '{{ $value | humanize }} tokens of the last hour are missing in the cost.',
    remedy: 'Update ccmeter, or add the model to exporter/src/price/prices.ts.',
  },
  ...quotaAlerts(),
];

/** Only where the catalogue has the metric. */
function quotaAlerts(): Alert[] {
  const name = 'ccmeter_quota_used_ratio';
  if (!Object.hasOwn(metrics, name)) return [];
  return [
    {
      name: 'CcmeterQuotaNearlyUsed',
      severity: 'warning',
      expr: `${name} > ${limit('quota_ratio')}`,
      lasting: '0m',
      summary: 'The {{ $labels.window }} window of the subscription is nearly used on {{ $labels.host }}',
      description: `${share} of it are used.`,
      remedy: 'Wait for its reset, or go on with a cheaper model.',
    },
  ];
}

const NEWS = '10m';

/** What is told of the way of the data. */
export const pipelineAlerts: readonly Alert[] = [
  {
    name: 'CcmeterExporterSilent',
    severity: 'info',
    expr: `time() - last_over_time(ccmeter:exporter:seen_timestamp_seconds[1d]) > ${limit('silent_seconds')}`,
    lasting: '0m',
    summary: 'Nothing is heard of the exporter on {{ $labels.host }}',
    description:
      'It was heard of within a day, but not for {{ $value | humanizeDuration }}. A machine that sleeps is silent too; nothing is lost by it.',
    remedy: 'On that machine: `curl http://127.0.0.1:10054/-/status`, and the log of the service.',
  },
  {
    name: 'CcmeterLinesUnreadable',
    severity: 'warning',
    expr: `sum by (host, reason) (increase(${series('ccmeter_exporter_unreadable_lines_total')}[1h])) > ${limit('unreadable_lines')}`,
    lasting: '0m',
    summary: 'Transcript lines cannot be read on {{ $labels.host }}',
    description: '{{ $value | humanize }} lines in the last hour: {{ $labels.reason }}. They are not counted.',
    remedy: 'Claude Code may have changed its format: update ccmeter, or report the line’s shape without its text.',
  },
  {
    name: 'CcmeterFormatUnknown',
    severity: 'info',
    // What an attachment or a progress line holds is counted nowhere, so news there can wait.
    expr: `sum by (host, record_kind, record_name, version) (increase(${series('ccmeter_exporter_unknown_records_total', { record_kind: ['type', 'subtype', 'block', 'field'] })}[1h])) > ${limit('unknown_records')}`,
    lasting: '0m',
    summary: 'Claude Code {{ $labels.version }} on {{ $labels.host }} writes something new',
    description:
      'A {{ $labels.record_kind }} that ccmeter does not know: {{ $labels.record_name }}. Everything else in these lines is counted.',
    remedy: 'Update ccmeter. If the numbers of this version look wrong, report the name shown here.',
  },
  {
    name: 'CcmeterSourcesUnusable',
    severity: 'warning',
    expr: `sum by (host, source, reason) (increase(${series('ccmeter_exporter_unusable_sources_total')}[1h])) > ${limit('unusable_sources')}`,
    lasting: '0m',
    summary: 'Files of Claude Code are of an unknown kind on {{ $labels.host }}',
    description: '{{ $value | humanize }} files ({{ $labels.source }}) in the last hour: {{ $labels.reason }}.',
    remedy: 'Update ccmeter; what transcripts tell is counted all the same.',
  },
  {
    name: 'CcmeterSamplesWait',
    severity: 'warning',
    expr: growing(series('ccmeter_exporter_pending_samples'), 'pending_samples'),
    lasting: NEWS,
    summary: 'Samples pile up on {{ $labels.host }}',
    description: '{{ $value | humanize }} samples wait for {{ $labels.sink }}.',
    remedy: 'Look at ccmeter_exporter_exports_total{result="failed"} and at the log of the exporter: the database refuses, or is too slow.',
  },
  {
    name: 'CcmeterEventsWait',
    severity: 'info',
    expr: growing(series('ccmeter_exporter_outbox_events'), 'outbox_events'),
    lasting: NEWS,
    summary: 'Live events pile up on {{ $labels.host }}',
    description: '{{ $value | humanize }} events wait for the query API. Numbers are not affected.',
    remedy: 'Is the query API up, and does it know the key of that machine?',
  },
  {
    name: 'CcmeterExportsFail',
    severity: 'warning',
    expr: `time() - max by (host, sink) (${series('ccmeter_exporter_last_export_timestamp_seconds')}) > ${limit('export_age_seconds')}`,
    lasting: '0m',
    summary: 'The exporter on {{ $labels.host }} cannot send',
    description: '{{ $labels.sink }} has accepted nothing for {{ $value | humanizeDuration }}.',
    remedy: 'Look at the log of the exporter. Totals are kept; what is missing arrives when the way is free.',
  },
  {
    name: 'CcmeterSamplesRefused',
    severity: 'critical',
    expr: `sum by (host, sink) (increase(${series('ccmeter_exporter_refused_samples_total')}[1h])) > 0`,
    lasting: '0m',
    summary: 'The database refuses samples of {{ $labels.host }} for good',
    description: '{{ $value | humanize }} samples of the last hour are missing there.',
    remedy: 'Prometheus wants out_of_order_time_window (prometheus.yml); Mimir limits it by tenant.',
  },
  {
    name: 'CcmeterHistorySoonDeleted',
    severity: 'critical',
    expr: `${series('ccmeter_history_deletion_timestamp_seconds')} - time() < ${limit('deletion_seconds')} and on (host) ${series('ccmeter_exporter_backlog_bytes')} > 0`,
    lasting: '30m',
    summary: 'Claude Code will delete transcripts on {{ $labels.host }} that are not counted yet',
    description: 'The oldest is due in {{ $value | humanizeDuration }}.',
    remedy: 'Let the exporter run until its backlog is read, or raise cleanupPeriodDays in ~/.claude/settings.json.',
  },
  {
    name: 'CcmeterPipelinePartDown',
    severity: 'critical',
    expr: 'up{job=~"otel-collector|prometheus"} == 0',
    lasting: '5m',
    summary: '{{ $labels.job }} is down',
    description: 'It has not answered for five minutes. Exporters keep what they have and try again.',
    remedy: '`docker compose ps`, `docker compose logs`.',
  },
  {
    name: 'CcmeterCollectorQueueFills',
    severity: 'warning',
    expr: `max by (exporter) (otelcol_exporter_queue_size / otelcol_exporter_queue_capacity) > ${limit('collector_queue_ratio')}`,
    lasting: '5m',
    summary: 'The queue of the collector fills',
    description: `${share} of it are used by {{ $labels.exporter }}.`,
    remedy: 'Prometheus is away or too slow; when the queue is full, senders are refused and try again.',
  },
];

export const alerts: readonly Alert[] = [...useAlerts, ...pipelineAlerts];
