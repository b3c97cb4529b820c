import type { MetricName } from '../contract/index.ts';
import { type Births, createBirths } from './births.ts';
import type { PageFamily } from './page.ts';
import type { Family, Point } from './points.ts';

type Labels = Record<string, string>;

/**
 * Our numbers under the names that Claude Code's own telemetry has in Prometheus, so that dashboards made for it work unchanged for
 * people who do not turn telemetry on. Not for a Prometheus that gets the telemetry as well: there everything would count twice.
 *
 * Source: https://code.claude.com/docs/en/monitoring-usage. Three metrics have two names: with the unit, as the OpenTelemetry Collector
 * translates them, and without, as Claude Code's own page shows them. Attributes of people, organizations and terminals are not known
 * here; `host` and `project` are ours.
 */
interface NativeMetric {
  metric: MetricName;
  /** With the suffix that stands for the unit, and without where that is a name as well. */
  names: readonly { name: string; suffix: string }[];
  help: string;
  /** Labels beside host and project, by those of our point; undefined where it does not count. */
  labels(own: Labels): Labels | undefined;
}

/** Both kinds of cache writes are one there. */
const TOKEN_TYPES: Labels = {
  input: 'input',
  output: 'output',
  cache_read: 'cacheRead',
  cache_write_5m: 'cacheCreation',
  cache_write_1h: 'cacheCreation',
};

/** Tools whose permission is a decision about code. What was done, or tried, had been accepted; who or what decided is not known. */
const EDIT_TOOLS = new Set(['Edit', 'MultiEdit', 'Write', 'NotebookEdit']);
const DECISIONS: Record<string, Labels> = {
  ok: { decision: 'accept' },
  error: { decision: 'accept' },
  rejected: { decision: 'reject' },
  blocked: { decision: 'reject', source: 'hook' },
};

const modelAndSource = ({ model = '', agent = '' }: Labels) => ({ model, query_source: agent });

const plain = (name: string) => [{ name, suffix: '' }];

const NATIVE: readonly NativeMetric[] = [
  {
    metric: 'ccmeter_tokens_total',
    names: [{ name: 'claude_code_token_usage_tokens_total', suffix: 'tokens' }, ...plain('claude_code_token_usage_total')],
    help: 'Number of tokens used.',
    labels: (own) => ({ type: TOKEN_TYPES[own.kind ?? ''] ?? '', ...modelAndSource(own) }),
  },
  {
    metric: 'ccmeter_cost_usd_total',
    names: [{ name: 'claude_code_cost_usage_USD_total', suffix: 'USD' }, ...plain('claude_code_cost_usage_total')],
    help: 'Cost of sessions.',
    labels: modelAndSource,
  },
  {
    // Each session by itself, as there: dashboards count the sessions that they see.
    metric: 'ccmeter_session_info',
    names: plain('claude_code_session_count_total'),
    help: 'Count of sessions started. Here: those of the last 24 hours, each once.',
    labels: ({ session_id = '' }) => ({ session_id, start_type: 'fresh' }),
  },
  {
    metric: 'ccmeter_lines_total',
    names: plain('claude_code_lines_of_code_count_total'),
    help: 'Count of lines of code changed.',
    labels: ({ change = '' }) => ({ type: change }),
  },
  {
    metric: 'ccmeter_tool_calls_total',
    names: plain('claude_code_code_edit_tool_decision_total'),
    help: 'Count of code edit tool permission decisions.',
    labels: ({ tool = '', result = '' }) => (EDIT_TOOLS.has(tool) ? { tool_name: tool, ...DECISIONS[result] } : undefined),
  },
  {
    metric: 'ccmeter_commits_total',
    names: plain('claude_code_commit_count_total'),
    help: 'Number of git commits made.',
    labels: () => ({}),
  },
  {
    metric: 'ccmeter_pull_requests_total',
    names: plain('claude_code_pull_request_count_total'),
    help: 'Number of pull requests made.',
    labels: () => ({}),
  },
  {
    metric: 'ccmeter_active_seconds_total',
    names: [{ name: 'claude_code_active_time_seconds_total', suffix: 'seconds' }, ...plain('claude_code_active_time_total')],
    help: 'Total active time.',
    labels: () => ({ type: 'cli' }),
  },
];

/** Makes the families of the page at `/metrics/claude-code` for one reader: see `births.ts`. */
export function createNative(hasBegun: () => boolean): (families: readonly Family[]) => PageFamily[] {
  const births: Births = createBirths(hasBegun);
  const sessions = new Map<string, number>();
  return (families) => toNative(births(families.map((family) => numberSessions(family, sessions))));
}

/** More sessions than anybody has in a day; beyond, they are numbered anew and are shown at 0 once more. */
const MAX_SESSIONS = 100_000;

/** There a session is a counter, which is born at 0; its number tells whether it has been shown. The ledger's numbers are above 0. */
function numberSessions(family: Family, sessions: Map<string, number>): Family {
  if (family.metric !== 'ccmeter_session_info') return family;
  if (sessions.size > MAX_SESSIONS) sessions.clear();
  const points = family.points.map((point) => {
    const id = point.labels.session_id ?? '';
    const number = sessions.get(id) ?? -1 - sessions.size;
    sessions.set(id, number);
    return { ...point, seriesId: number };
  });
  return { ...family, points };
}

/** The families of the page. */
export function toNative(families: readonly Family[]): PageFamily[] {
  return NATIVE.flatMap(({ metric, names, help, labels }) => {
    const points = addUp(families.find((family) => family.metric === metric)?.points ?? [], labels);
    return names.map(({ name, suffix }) => ({ name, help, suffix, kind: 'counter' as const, points }));
  });
}

/** Points whose labels are the same under the other names are one point. */
function addUp(points: readonly Point[], labelsOf: NativeMetric['labels']): Point[] {
  const sums = new Map<string, Point>();
  for (const { labels: own, value, startMs } of points) {
    const translated = labelsOf(own);
    if (translated === undefined) continue;
    const labels = { host: own.host ?? '', project: own.project ?? '', ...translated };
    const key = JSON.stringify(labels);
    const known = sums.get(key);
    if (known === undefined) sums.set(key, { labels, value, startMs });
    else sums.set(key, { labels, value: known.value + value, startMs: Math.min(known.startMs, startMs) });
  }
  return [...sums.values()];
}
