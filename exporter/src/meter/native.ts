import type { MetricName } from '../contract/index.ts';
import type { PageFamily } from './page.ts';
import type { Family, Point } from './points.ts';

/**
 * Our numbers under the names that Claude Code's own telemetry has in Prometheus, so that dashboards made for it work unchanged for
 * people who do not turn telemetry on. Not for a Prometheus that gets the telemetry as well: there everything would count twice.
 *
 * Source: https://code.claude.com/docs/en/monitoring-usage, names as the OpenTelemetry Collector translates them.
 * Attributes of people and organizations are left out; `host` and `project` are ours.
 */
interface NativeMetric {
  metric: MetricName;
  name: string;
  help: string;
  suffix: string;
  /** Labels beside host and project, by those of our point. */
  labels(own: Record<string, string>): Record<string, string>;
}

/** Both kinds of cache writes are one there. */
const TOKEN_TYPES: Record<string, string> = {
  input: 'input',
  output: 'output',
  cache_read: 'cacheRead',
  cache_write_5m: 'cacheCreation',
  cache_write_1h: 'cacheCreation',
};

const modelAndSource = ({ model = '', agent = '' }: Record<string, string>) => ({ model, query_source: agent });

const NATIVE: readonly NativeMetric[] = [
  {
    metric: 'ccmeter_tokens_total',
    name: 'claude_code_token_usage_tokens_total',
    help: 'Number of tokens used.',
    suffix: 'tokens',
    labels: (own) => ({ type: TOKEN_TYPES[own.kind ?? ''] ?? '', ...modelAndSource(own) }),
  },
  {
    metric: 'ccmeter_cost_usd_total',
    name: 'claude_code_cost_usage_USD_total',
    help: 'Cost of sessions.',
    suffix: 'USD',
    labels: modelAndSource,
  },
  {
    metric: 'ccmeter_sessions_total',
    name: 'claude_code_session_count_total',
    help: 'Count of sessions started.',
    suffix: '',
    labels: () => ({}),
  },
  {
    metric: 'ccmeter_lines_total',
    name: 'claude_code_lines_of_code_count_total',
    help: 'Count of lines of code changed.',
    suffix: '',
    labels: ({ change = '' }) => ({ type: change }),
  },
  {
    metric: 'ccmeter_commits_total',
    name: 'claude_code_commit_count_total',
    help: 'Number of git commits made.',
    suffix: '',
    labels: () => ({}),
  },
  {
    metric: 'ccmeter_pull_requests_total',
    name: 'claude_code_pull_request_count_total',
    help: 'Number of pull requests made.',
    suffix: '',
    labels: () => ({}),
  },
  {
    metric: 'ccmeter_active_seconds_total',
    name: 'claude_code_active_time_seconds_total',
    help: 'Total active time.',
    suffix: 'seconds',
    labels: () => ({ type: 'cli' }),
  },
];

/** The families of the page at `/metrics/claude-code`. */
export function toNative(families: readonly Family[]): PageFamily[] {
  return NATIVE.map(({ metric, name, help, suffix, labels }) => {
    const points = families.find((family) => family.metric === metric)?.points ?? [];
    return { name, help, suffix, kind: 'counter', points: addUp(points, labels) };
  });
}

/** Points whose labels are the same under the other names are one point. */
function addUp(points: readonly Point[], labelsOf: NativeMetric['labels']): Point[] {
  const sums = new Map<string, Point>();
  for (const { labels: own, value, startMs } of points) {
    const labels = { host: own.host ?? '', project: own.project ?? '', ...labelsOf(own) };
    const key = JSON.stringify(labels);
    const known = sums.get(key);
    if (known === undefined) sums.set(key, { labels, value, startMs });
    else sums.set(key, { labels, value: known.value + value, startMs: Math.min(known.startMs, startMs) });
  }
  return [...sums.values()];
}
