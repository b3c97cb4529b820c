import { addedQuery, type Filters, questions } from './queries.ts';

/** What Claude Code's own telemetry counts as well, by what we call it. Names as the OpenTelemetry Collector translates them. */
const NATIVE = {
  tokens: 'claude_code_token_usage_tokens_total',
  cost: 'claude_code_cost_usage_USD_total',
  sessions: 'claude_code_session_count_total',
  lines: 'claude_code_lines_of_code_count_total',
  commits: 'claude_code_commit_count_total',
  pull_requests: 'claude_code_pull_request_count_total',
  active_seconds: 'claude_code_active_time_seconds_total',
} as const;

/** Numbers that both sources have. */
export type SharedNumber = keyof typeof NATIVE;
export const SHARED_NUMBERS = Object.keys(NATIVE) as SharedNumber[];

/**
 * PromQL for what Claude Code's own telemetry says was added in the `seconds` before the moment of evaluation; no series where there is none.
 * Its series begin with their first value, so it is the newest value less the one from before, which is 0 where there was none: `increase()`
 * would lose the first value of each session. Ours under the same names (`/metrics/claude-code`) have a project and are left out.
 */
export function nativeQuery(number: SharedNumber, seconds: number): string {
  const series = `${NATIVE[number]}{project=""}`;
  const newest = `max_over_time(${series}[${seconds}s])`;
  return `sum(${newest} - (last_over_time(${series}[1d] offset ${seconds}s) or ${newest} * 0))`;
}

/** PromQL for what we counted in the same time. */
export function ownQuery(number: SharedNumber, filters: Filters, seconds: number): string {
  return addedQuery(questions[number], { by: [], filters }, seconds);
}
