/** A sample at a time. */
interface Sample {
  timeMs: number;
  value: number;
}

/** One series of the test, made for a moment on a full minute. */
interface TestSeries {
  name: string;
  labels: Record<string, string>;
  samples(end: number): Sample[];
}

const MINUTE = 60_000;

/** A counter of the ledger: something before the hour in view, and `grows` in the middle of it, with the old value at that minute's beginning. */
function counter(name: string, labels: Record<string, string>, grows: number): TestSeries {
  return {
    name,
    labels: { host: 'h', ...labels },
    samples: (end) => [
      { timeMs: end - 90 * MINUTE + 1, value: 0 },
      { timeMs: end - 90 * MINUTE + 30_000, value: 1000 },
      { timeMs: end - 30 * MINUTE + 1, value: 1000 },
      { timeMs: end - 30 * MINUTE + 20_000, value: 1000 + grows },
    ],
  };
}

/** A value that stands, written every half minute for 20 minutes, off the full minute. */
function gauge(name: string, labels: Record<string, string>, value: number | ((end: number) => number)): TestSeries {
  return {
    name,
    labels: { host: 'h', ...labels },
    samples: (end) => steps(end, () => (typeof value === 'number' ? value : value(end))),
  };
}

/** A counter that begins with its process and grows evenly. */
function growing(name: string, labels: Record<string, string>, perSecond: number): TestSeries {
  return { name, labels: { host: 'h', ...labels }, samples: (end) => steps(end, (at) => 100 + at * 30 * perSecond) };
}

function steps(end: number, valueAt: (at: number) => number): Sample[] {
  return Array.from({ length: 40 }, (_, at) => ({ timeMs: end - 20 * MINUTE + at * 30_000 + 10_000, value: valueAt(at) }));
}

/** What an OpenTelemetry counter of a session looks like: its first value is not 0. */
function native(name: string, labels: Record<string, string>, first: number, last: number): TestSeries {
  return {
    name,
    labels: { job: 'claude-code', user_email: 'ada@example.org', ...labels },
    samples: (end) => [
      { timeMs: end - 20 * MINUTE, value: first },
      { timeMs: end - 10 * MINUTE, value: last },
    ],
  };
}

function histogram(name: string, labels: Record<string, string>, buckets: Record<string, number>): TestSeries[] {
  return Object.entries(buckets).map(([le, grows]) => counter(`${name}_bucket`, { ...labels, le }, grows));
}

const p = { project: 'p' };
const m = { model: 'm', agent: 'main' };

/** Two of everything where a panel tells them apart, and one of another machine that must not be shown. */
export const SERIES: readonly TestSeries[] = [
  counter('ccmeter_cost_usd_total', { ...p, ...m }, 6),
  counter('ccmeter_cost_usd_total', { project: 'q', model: 'n', agent: 'subagent' }, 2),
  counter('ccmeter_cost_usd_total', { ...p, ...m, host: 'other' }, 50),
  counter('ccmeter_tokens_total', { ...p, ...m, kind: 'input' }, 10),
  counter('ccmeter_tokens_total', { ...p, ...m, kind: 'output' }, 7),
  counter('ccmeter_tokens_total', { ...p, ...m, kind: 'cache_read' }, 60),
  counter('ccmeter_tokens_total', { ...p, ...m, kind: 'cache_write_5m' }, 20),
  counter('ccmeter_tokens_total', { project: 'q', model: 'n', agent: 'subagent', kind: 'cache_write_1h' }, 10),
  counter('ccmeter_tokens_total', { ...p, ...m, kind: 'input', host: 'other' }, 500),
  counter('ccmeter_requests_total', { ...p, ...m }, 3),
  counter('ccmeter_requests_total', { project: 'q', model: 'n', agent: 'subagent' }, 4),
  counter('ccmeter_unpriced_tokens_total', { model: 'x', kind: 'input' }, 9),
  counter('ccmeter_unfinished_requests_total', { model: 'm' }, 1),
  counter('ccmeter_sessions_total', p, 2),
  counter('ccmeter_sessions_total', { project: 'q' }, 1),
  counter('ccmeter_active_seconds_total', p, 1200),
  counter('ccmeter_messages_total', { ...p, role: 'user' }, 5),
  counter('ccmeter_messages_total', { ...p, role: 'assistant' }, 8),
  counter('ccmeter_hour_messages_total', { hour: '09', weekday: 'monday' }, 13),
  counter('ccmeter_tool_calls_total', { ...p, tool: 'Bash', result: 'ok' }, 30),
  counter('ccmeter_tool_calls_total', { ...p, tool: 'Bash', result: 'error' }, 8),
  counter('ccmeter_tool_calls_total', { ...p, tool: 'Edit', result: 'ok' }, 2),
  counter('ccmeter_tool_errors_total', { tool: 'Bash', category: 'exit_code' }, 8),
  counter('ccmeter_agent_spawns_total', { ...p, agent_type: 'explore' }, 4),
  counter('ccmeter_skill_invocations_total', { ...p, skill: 'review' }, 6),
  counter('ccmeter_api_errors_total', { category: 'overloaded' }, 3),
  counter('ccmeter_commits_total', p, 2),
  counter('ccmeter_pull_requests_total', p, 1),
  counter('ccmeter_compactions_total', p, 1),
  counter('ccmeter_lines_total', { ...p, change: 'added', language: 'typescript' }, 120),
  counter('ccmeter_lines_total', { ...p, change: 'removed', language: 'typescript' }, 30),
  ...histogram('ccmeter_session_duration_seconds', p, { 60: 0, 300: 5, 900: 10, '+Inf': 10 }),
  ...histogram('ccmeter_tool_duration_seconds', { tool: 'Bash' }, { 0.1: 0, 0.5: 20, '+Inf': 20 }),
  gauge('ccmeter_sessions_active', { ...p, state: 'working' }, 2),
  gauge('ccmeter_sessions_active', { ...p, state: 'waiting' }, 1),
  gauge('ccmeter_quota_used_ratio', { window: 'five_hour' }, 0.25),
  gauge('ccmeter_quota_reset_timestamp_seconds', { window: 'five_hour' }, (end) => end / 1000 + 7200),
  gauge('ccmeter_todos', { ...p, status: 'pending' }, 4),
  gauge('ccmeter_exporter_build_info', { version: '0.1.0' }, 1),
  gauge('ccmeter_exporter_ready', {}, 1),
  gauge('ccmeter_exporter_series', {}, 321),
  gauge('ccmeter_exporter_backlog_bytes', {}, 4096),
  gauge('ccmeter_exporter_pending_samples', { sink: 'remote_write' }, 12),
  gauge('ccmeter_exporter_outbox_events', {}, 17),
  gauge('ccmeter_history_deletion_timestamp_seconds', {}, (end) => end / 1000 + 86_400),
  growing('ccmeter_exporter_read_bytes_total', {}, 50),
  growing('ccmeter_exporter_unreadable_lines_total', { reason: 'not_json' }, 0.1),
  growing('ccmeter_exporter_exports_total', { sink: 'otlp', result: 'ok' }, 0.2),
  gauge('up', { job: 'otel-collector', instance: 'collector:8888' }, 1),
  growing('otelcol_receiver_accepted_metric_points', {}, 100),
  growing('otelcol_receiver_refused_metric_points', {}, 2),
  gauge('otelcol_exporter_queue_size', { exporter: 'otlp_http/prometheus' }, 250),
  gauge('otelcol_exporter_queue_capacity', { exporter: 'otlp_http/prometheus' }, 1000),
  gauge('prometheus_tsdb_head_series', {}, 777),
  native('claude_code_cost_usage_USD_total', { model: 'm', query_source: 'main', session_id: '1' }, 1.5, 4),
  native('claude_code_cost_usage_USD_total', { model: 'n', query_source: 'subagent', session_id: '1' }, 1, 1),
  native('claude_code_cost_usage_USD_total', { model: 'm', query_source: 'main', session_id: '2', user_email: 'bob@example.org' }, 9, 9),
  native('claude_code_token_usage_tokens_total', { model: 'm', type: 'input', session_id: '1' }, 100, 300),
  native('claude_code_token_usage_tokens_total', { model: 'm', type: 'output', session_id: '1' }, 10, 40),
  native('claude_code_session_count_total', { start_type: 'fresh', session_id: '1' }, 1, 1),
  native('claude_code_session_count_total', { start_type: 'agents_view', session_id: '9' }, 1, 1),
  native('claude_code_lines_of_code_count_total', { type: 'added', session_id: '1' }, 5, 11),
  native('claude_code_commit_count_total', { session_id: '1' }, 1, 2),
  native('claude_code_pull_request_count_total', { session_id: '1' }, 1, 1),
  native('claude_code_active_time_seconds_total', { type: 'user', session_id: '1' }, 30, 90),
  native('claude_code_code_edit_tool_decision_total', { decision: 'accept', session_id: '1' }, 2, 7),
];

/** By dashboard, panel and query: what it must give, by the values of the labels that are left. */
export const EXPECTED: Record<string, Record<string, number>> = {
  'ccmeter-overview / Cost / A': { '': 8 },
  'ccmeter-overview / Tokens / A': { '': 107 },
  'ccmeter-overview / Requests / A': { '': 7 },
  'ccmeter-overview / Sessions / A': { '': 3 },
  'ccmeter-overview / Cache share / A': { '': 0.6 },
  'ccmeter-overview / Time active / A': { '': 1200 },
  'ccmeter-overview / Cost by model / A': { m: 6, n: 2 },
  'ccmeter-overview / Tokens by kind / A': { input: 10, output: 7, cache_read: 60, cache_write_5m: 20, cache_write_1h: 10 },
  'ccmeter-overview / Requests by project / A': { p: 3, q: 4 },
  'ccmeter-overview / Sessions now / A': { working: 2, waiting: 1 },
  'ccmeter-overview / Cost by project / A': { p: 6, q: 2 },
  'ccmeter-overview / Cost by machine / A': { h: 8 },
  'ccmeter-overview / Cost by model, in all / A': { m: 6, n: 2 },
  'ccmeter-tokens-cost / Input / A': { '': 10 },
  'ccmeter-tokens-cost / Output / A': { '': 7 },
  'ccmeter-tokens-cost / Cache reads / A': { '': 60 },
  'ccmeter-tokens-cost / Cache writes / A': { '': 30 },
  'ccmeter-tokens-cost / Without a price / A': { '': 9 },
  'ccmeter-tokens-cost / Unfinished responses / A': { '': 1 },
  'ccmeter-tokens-cost / Tokens by model / A': { m: 97, n: 10 },
  'ccmeter-tokens-cost / Tokens by agent / A': { main: 97, subagent: 10 },
  'ccmeter-tokens-cost / Cost by project / A': { p: 6, q: 2 },
  'ccmeter-tokens-cost / Cost by agent / A': { main: 6, subagent: 2 },
  'ccmeter-tokens-cost / Tokens by kind / A': { input: 10, output: 7, cache_read: 60, cache_write_5m: 20, cache_write_1h: 10 },
  'ccmeter-tokens-cost / Cost of a request / A': { m: 2, n: 0.5 },
  'ccmeter-tokens-cost / Cost of a session / A': { p: 3, q: 2 },
  'ccmeter-tokens-cost / Used of a window / A': { 'five_hour h': 0.25 },
  'ccmeter-tokens-cost / Until a window begins anew / A': { 'five_hour h': 7200 },
  'ccmeter-sessions-tools / Messages / A': { '': 13 },
  'ccmeter-sessions-tools / Tool calls / A': { '': 40 },
  'ccmeter-sessions-tools / Calls that failed / A': { '': 0.2 },
  'ccmeter-sessions-tools / Commits / A': { '': 2 },
  'ccmeter-sessions-tools / Pull requests / A': { '': 1 },
  'ccmeter-sessions-tools / Compactions / A': { '': 1 },
  'ccmeter-sessions-tools / Sessions by project / A': { p: 2, q: 1 },
  'ccmeter-sessions-tools / Messages by role / A': { user: 5, assistant: 8 },
  // Five of ten up to 300 s; the ninth of ten is four fifths of the way from 300 s to 900 s.
  'ccmeter-sessions-tools / How long sessions last / A': { '': 300 },
  'ccmeter-sessions-tools / How long sessions last / B': { '': 780 },
  'ccmeter-sessions-tools / Todos / A': { pending: 4 },
  'ccmeter-sessions-tools / Tool calls by tool / A': { Bash: 38, Edit: 2 },
  'ccmeter-sessions-tools / Tool calls by result / A': { ok: 32, error: 8 },
  'ccmeter-sessions-tools / What goes wrong / A': { exit_code: 8 },
  'ccmeter-sessions-tools / Subagents / A': { explore: 4 },
  'ccmeter-sessions-tools / Skills and commands / A': { review: 6 },
  // All twenty between 0.1 s and 0.5 s.
  'ccmeter-sessions-tools / How long tools take, 95 % / A': { Bash: 0.48 },
  'ccmeter-sessions-tools / API errors / A': { overloaded: 3 },
  'ccmeter-sessions-tools / Lines by change / A': { added: 120, removed: 30 },
  'ccmeter-sessions-tools / Lines by language / A': { typescript: 150 },
  'ccmeter-sessions-tools / Messages by hour / A': { '09': 13 },
  // The last sample is 20 s before the end.
  'ccmeter-pipeline / Last heard of / A': { '0.1.0 h': 20 },
  'ccmeter-pipeline / Ready / A': { h: 1 },
  'ccmeter-pipeline / Series / A': { h: 321 },
  'ccmeter-pipeline / Bytes not read yet / A': { h: 4096 },
  'ccmeter-pipeline / Bytes read in a second / A': { h: 50 },
  'ccmeter-pipeline / Lines that cannot be read / A': { 'h not_json': 60 },
  'ccmeter-pipeline / Until transcripts are deleted / A': { h: 86_400 },
  'ccmeter-pipeline / Samples that wait / A': { 'h remote_write': 12 },
  'ccmeter-pipeline / Events that wait / A': { h: 17 },
  'ccmeter-pipeline / Exports / A': { 'ok otlp': 120 },
  'ccmeter-pipeline / Parts that answer / A': { 'otel-collector': 1 },
  'ccmeter-pipeline / Points taken in by the collector / A': { '': 100 },
  'ccmeter-pipeline / Points taken in by the collector / B': { '': 2 },
  'ccmeter-pipeline / Queue of the collector / A': { 'otlp_http/prometheus': 0.25 },
  'ccmeter-pipeline / Series in Prometheus / A': { '': 777 },
  'ccmeter-native / Cost / A': { '': 5 },
  'ccmeter-native / Tokens / A': { '': 340 },
  'ccmeter-native / Sessions / A': { '': 1 },
  'ccmeter-native / Commits / A': { '': 2 },
  'ccmeter-native / Pull requests / A': { '': 1 },
  'ccmeter-native / Time active / A': { '': 90 },
  'ccmeter-native / Cost by model / A': { m: 4, n: 1 },
  'ccmeter-native / Tokens by type / A': { input: 300, output: 40 },
  'ccmeter-native / Cost by source / A': { main: 4, subagent: 1 },
  'ccmeter-native / Cost by person / A': { 'ada@example.org': 5 },
  'ccmeter-native / Lines by type / A': { added: 11 },
  'ccmeter-native / Edits by decision / A': { accept: 7 },
  'ccmeter-native / Cost: telemetry and transcripts / A': { '': 5 },
  // Of all machines: this dashboard does not choose among them.
  'ccmeter-native / Cost: telemetry and transcripts / B': { '': 58 },
  'ccmeter-native / Cost by transcripts and model / A': { m: 56, n: 2 },
};
