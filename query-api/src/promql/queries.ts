import { type LabelName, type MetricName, metrics, type UnitName } from '@ccmeter/exporter/contract';
import { addedOver, aggregate, bucketsOf, lastOver, presentOver, quantileOf, type Selector, selector } from './build.ts';

/** One row of {@link questions}. */
export interface Question {
  /**
   * `added`: what was added over a range, in all or bucket by bucket. `quantile`: a size that a part of what was added over a range stays
   * below. `now`: how things stand, without a range; of a counter that its process keeps, what it has counted since its start. `seen`:
   * which values of the labels were there in a range, 1 for each; bucket by bucket only those that were.
   */
  kind: 'added' | 'quantile' | 'now' | 'seen';
  metric: MetricName;
  help: string;
  /** What answers can be grouped and filtered by. */
  labels: readonly LabelName[];
}

/** Every named question. Unit, labels and metric come from the catalogue. */
export const questions = {
  tokens: ask('added', 'ccmeter_tokens_total', 'Tokens, each API response counted once.'),
  cost: ask('added', 'ccmeter_cost_usd_total', 'Cost at the list price of the day; tokens without a known price add nothing.'),
  requests: ask('added', 'ccmeter_requests_total', 'API responses.'),
  sessions: ask('added', 'ccmeter_sessions_total', 'Sessions begun.'),
  messages: ask('added', 'ccmeter_messages_total', 'Prompts of people and responses of models.'),
  unpriced_tokens: ask('added', 'ccmeter_unpriced_tokens_total', 'Tokens whose price is not known, so that they are missing in the cost.'),
  unfinished_requests: ask(
    'added',
    'ccmeter_unfinished_requests_total',
    'Responses whose final count was never written: their tokens are a lower bound.',
  ),
  sessions_active: ask('now', 'ccmeter_sessions_active', 'Sessions with activity in the last 30 minutes, by what they are doing.'),
  tool_calls: ask('added', 'ccmeter_tool_calls_total', 'Finished tool calls, by what came of them.'),
  tool_errors: ask('added', 'ccmeter_tool_errors_total', 'Tool calls that failed, by what went wrong.'),
  tool_seconds: ask('quantile', 'ccmeter_tool_duration_seconds', 'How long tool calls took, waiting for permission included.'),
  agent_spawns: ask('added', 'ccmeter_agent_spawns_total', 'Subagents started.'),
  agent_tokens: ask('added', 'ccmeter_agent_tokens_total', 'Tokens of subagents by their kind, where transcripts tell it.'),
  agent_cost: ask('added', 'ccmeter_agent_cost_usd_total', 'What the tokens of subagents cost, by their kind.'),
  skill_uses: ask('added', 'ccmeter_skill_invocations_total', 'Skills and slash commands used.'),
  session_seconds: ask('quantile', 'ccmeter_session_duration_seconds', 'How long sessions lasted, from first line to last.'),
  active_seconds: ask('added', 'ccmeter_active_seconds_total', 'Time in which something happened, gaps above five minutes left out.'),
  hour_messages: ask('added', 'ccmeter_hour_messages_total', 'Messages by hour and weekday where Claude Code ran.'),
  lines: ask('added', 'ccmeter_lines_total', 'Lines added and removed by edits that were made.'),
  commits: ask('added', 'ccmeter_commits_total', 'Git commits made by tool calls.'),
  pull_requests: ask('added', 'ccmeter_pull_requests_total', 'Pull requests opened by tool calls.'),
  api_errors: ask('added', 'ccmeter_api_errors_total', 'Requests that failed in the end.'),
  compactions: ask('added', 'ccmeter_compactions_total', 'Conversations summed up to make room.'),
  todos_abandoned: ask('added', 'ccmeter_todos_abandoned_total', 'Todo lists left unfinished.'),
  todos: ask('now', 'ccmeter_todos', 'Todos of unfinished lists, by how far they are.'),
  file_lines: ask('added', 'ccmeter_file_history_lines_total', 'Lines that differ between kept versions of files, by whomever.'),
  versions: ask('seen', 'ccmeter_session_info', 'Versions of Claude Code, projects and models of the sessions of 24 hours.'),
  stats_tokens: ask('now', 'ccmeter_stats_tokens', 'Tokens as stats-cache.json has them: about twice of what was used.'),
  stats_sessions: ask('now', 'ccmeter_stats_sessions', 'Sessions as stats-cache.json has them.'),
  stats_messages: ask('now', 'ccmeter_stats_messages', 'Messages as stats-cache.json has them: every line of the main conversation.'),
  stats_tool_calls: ask('now', 'ccmeter_stats_tool_calls', 'Tool calls as stats-cache.json has them.'),
  stats_days: ask('now', 'ccmeter_stats_active_dates', 'Days with activity in stats-cache.json.'),
  stats_first_session: ask('now', 'ccmeter_stats_first_session_timestamp_seconds', 'When the first session in stats-cache.json began.'),
  stats_longest_session: ask('now', 'ccmeter_stats_longest_session_seconds', 'The longest session in stats-cache.json, pauses included.'),
  stats_computed: ask('now', 'ccmeter_stats_computed_timestamp_seconds', 'The last day that stats-cache.json covers.'),
  history_deletion: ask('now', 'ccmeter_history_deletion_timestamp_seconds', 'When Claude Code deletes the oldest transcript on disk.'),
  history_at_risk: ask('now', 'ccmeter_history_at_risk_bytes', 'Bytes of transcripts that Claude Code deletes within 7 days.'),
  sessions_resumed: ask('added', 'ccmeter_sessions_resumed_total', 'Sessions that were taken up again after half an hour or more.'),
  sessions_forked: ask('added', 'ccmeter_sessions_forked_total', 'Sessions that began as a fork of another one.'),
  quota_used: ask('now', 'ccmeter_quota_used_ratio', 'Used part of the windows of the subscription.'),
  quota_reset: ask('now', 'ccmeter_quota_reset_timestamp_seconds', 'When the windows of the subscription begin anew.'),
  exporter_unknown: ask(
    'now',
    'ccmeter_exporter_unknown_records_total',
    'Records of transcripts that are not known, by what is new and by version.',
  ),
  exporter_label_values: ask('now', 'ccmeter_exporter_label_values', 'Values of labels that are shown by name.'),
  exporter_label_limits: ask('now', 'ccmeter_exporter_label_values_limit', 'How many values of a label are shown by name at the most.'),
  exporter_build: ask('now', 'ccmeter_exporter_build_info', 'The exporters that are running, by version.'),
  exporter_unusable: ask('now', 'ccmeter_exporter_unusable_sources_total', 'Files beside the transcripts that could not be used.'),
  exporter_files: ask('now', 'ccmeter_exporter_files', 'Transcripts on disk.'),
  exporter_lines: ask('now', 'ccmeter_exporter_lines_total', 'Transcript lines read since the exporter started.'),
  exporter_backlog: ask('now', 'ccmeter_exporter_backlog_bytes', 'Bytes on disk that are not read yet.'),
  exporter_ready: ask('now', 'ccmeter_exporter_ready', 'Exporters that have read all that was on disk when they started.'),
  exporter_series: ask('now', 'ccmeter_exporter_series', 'Series kept in the ledger.'),
  exporter_unreadable: ask('now', 'ccmeter_exporter_unreadable_lines_total', 'Lines that could not be used since the exporter started.'),
  exporter_read_errors: ask('now', 'ccmeter_exporter_read_errors_total', 'Failed reads since the exporter started.'),
  exporter_outbox: ask('now', 'ccmeter_exporter_outbox_events', 'Events that wait to be sent.'),
  exporter_events: ask('now', 'ccmeter_exporter_events_total', 'Events that left the outbox since the exporter started.'),
  exporter_exports: ask('now', 'ccmeter_exporter_exports_total', 'Attempts to send samples since the exporter started.'),
  exporter_last_export: ask('now', 'ccmeter_exporter_last_export_timestamp_seconds', 'When samples were last accepted.'),
  exporter_pending: ask('now', 'ccmeter_exporter_pending_samples', 'Samples that the sink has not accepted yet.'),
  exporter_refused: ask('now', 'ccmeter_exporter_refused_samples_total', 'Samples that the sink refused for good.'),
} as const satisfies Record<string, Question>;

export type QuestionId = keyof typeof questions;

/** Narrows a text to the id of a question. */
export function isQuestionId(text: string): text is QuestionId {
  return Object.hasOwn(questions, text);
}

/** The unit of the answers to a question. */
export function unitOf(question: Question): UnitName {
  return metrics[question.metric].unit;
}

/** Label values that count, by label: any of those listed. */
export type Filters = { readonly [Name in LabelName]?: readonly string[] | undefined };

/** What to put into a question. `by` and the keys of `filters` are labels of the question: the route has seen to it. */
export interface Asked {
  by: readonly LabelName[];
  filters: Filters;
}

/** PromQL for what was added over the `seconds` before the moment of evaluation. */
export function addedQuery(question: Question, asked: Asked, seconds: number): string {
  return aggregate('sum', asked.by, addedOver(select(question, asked.filters), seconds));
}

/** PromQL for the size that the part `quantile` of what was added over the `seconds` before the moment of evaluation stays below. */
export function quantileQuery(question: Question, asked: Asked, seconds: number, quantile: number): string {
  return quantileOf(quantile, asked.by, addedOver(bucketsOf(select(question, asked.filters)), seconds));
}

/** PromQL for which values of the labels there were in the `seconds` before the moment of evaluation. */
export function seenQuery(question: Question, asked: Asked, seconds: number): string {
  return aggregate('group', asked.by, presentOver(select(question, asked.filters), seconds));
}

/** PromQL for how things stand. */
export function nowQuery(question: Question, asked: Asked): string {
  return aggregate('sum', asked.by, select(question, asked.filters).text);
}

const YEAR_SECONDS = 365 * 86_400;

/** PromQL for the time of the earliest thing counted, as seconds since 1970, on any machine heard of within a year. */
export function historyStartQuery(): string {
  return aggregate('min', [], lastOver(selector('ccmeter_history_start_timestamp_seconds'), YEAR_SECONDS));
}

/** PromQL for the time of the newest sample of any exporter, as seconds since 1970; nothing where there was none within five minutes. */
export function exporterNowQuery(): string {
  return aggregate('max', [], `timestamp(${selector('ccmeter_exporter_ready').text})`);
}

/** PromQL for the time that Prometheus itself has, as seconds since 1970. */
export function prometheusNowQuery(): string {
  return 'vector(time())';
}

/** Labels whose values a user can choose from. */
export const FILTER_LABELS = ['host', 'project', 'model'] as const satisfies readonly LabelName[];

/** PromQL for the label values with requests in the `seconds` before the moment of evaluation: one series per combination. */
export function filterOptionsQuery(seconds: number): string {
  return aggregate('group', FILTER_LABELS, presentOver(selector('ccmeter_requests_total'), seconds));
}

function ask<Kind extends Question['kind'], Name extends MetricName>(kind: Kind, metric: Name, help: string) {
  return { kind, metric, help, labels: metrics[metric].labels };
}

function select(question: Question, filters: Filters): Selector {
  return selector(question.metric, filters);
}
