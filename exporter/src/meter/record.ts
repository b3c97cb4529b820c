import { type LabelsOf, type LedgerMetric, metrics, UNKNOWN } from '../contract/index.ts';
import { listPrices, type PriceBook, type Tokens } from '../price/cost.ts';
import type { ActivityFact, ApiErrorFact, Fact, ResponseFact, SessionFact, ToolFact, ToolResult, ToolUse } from '../track/fact.ts';
import { measureCommand, measureHour, measureTodos, measureVersion } from './record-sources.ts';

/**
 * One number that a fact adds to one series. `value` is a whole number: tokens, requests …, for money billionths of a dollar, for
 * durations milliseconds.
 */
export type Measurement = {
  [Name in LedgerMetric]: {
    metric: Name;
    labels: Omit<LabelsOf<Name>, 'host'>;
    value: number;
    /** The metric is a histogram, and `value` one of the values that it counts. */
    observed?: true;
    /** When it happened, where that is not the time of the fact. */
    timeMs?: number;
  };
}[LedgerMetric];

/** What a fact cannot tell by itself. */
export interface Surroundings {
  /** Project of the fact's session. */
  project: string;
  nowMs: number;
  /** The table, where it is not given. */
  prices?: PriceBook | undefined;
}

/** A response without a final count is given this long before it is said to be unfinished. */
export const UNFINISHED_AFTER_MS = 10 * 60_000;

/** How a value of the ledger becomes the value that the world sees: money is kept in billionths of a dollar, time in milliseconds. */
export function scaleOf(metric: LedgerMetric): number {
  switch (metrics[metric].unit) {
    case 'usd':
      return 1e9;
    case 'second':
      return 1000;
    default:
      return 1;
  }
}

/** Everything that one fact counts, as of now. The same fact measured again with more knowledge gives the whole again, not the difference. */
export function measure(fact: Fact, around: Surroundings): Measurement[] {
  switch (fact.type) {
    case 'session':
      return measureSession(fact, around);
    case 'activity':
      return measureActivity(fact, around);
    case 'prompt':
      return [{ metric: 'ccmeter_messages_total', labels: { project: around.project, role: 'user' }, value: 1 }, ...measureHour(fact)];
    case 'response':
      return measureResponse(fact, around);
    case 'tool':
      return measureTool(fact, around);
    case 'api_error':
      return measureApiError(fact);
    case 'continuation':
      return [{ metric: CONTINUED[fact.how], labels: { project: around.project }, value: 1 }];
    case 'compaction':
      return [{ metric: 'ccmeter_compactions_total', labels: { project: around.project }, value: 1 }];
    case 'todo':
      return measureTodos(fact);
    case 'file_version':
      return measureVersion(fact, around.project);
    case 'command':
      return measureCommand(fact, around.project);
    case 'stats':
      return [];
  }
}

const CONTINUED = { resumed: 'ccmeter_sessions_resumed_total', forked: 'ccmeter_sessions_forked_total' } as const;

function measureSession(fact: SessionFact, { project }: Surroundings): Measurement[] {
  if (!fact.begun) return [];
  const begun: Measurement = { metric: 'ccmeter_sessions_total', labels: { project }, value: 1 };
  if (fact.endedMs === undefined) return [begun];
  const { durationMs, endedMs } = fact;
  return [begun, { metric: 'ccmeter_session_duration_seconds', labels: { project }, value: durationMs, observed: true, timeMs: endedMs }];
}

function measureActivity(fact: ActivityFact, { project }: Surroundings): Measurement[] {
  return [{ metric: 'ccmeter_active_seconds_total', labels: { project }, value: fact.activeMs }];
}

function measureApiError(fact: ApiErrorFact): Measurement[] {
  return [{ metric: 'ccmeter_api_errors_total', labels: { category: fact.category }, value: 1 }];
}

function measureResponse(fact: ResponseFact, { project, nowMs, prices = listPrices }: Surroundings): Measurement[] {
  const { model, agent } = fact;
  const labels = { project, model, agent };
  const cost = prices.costOf(model, fact.timeMs, fact.tokens, fact.fast);
  const measurements: Measurement[] = [
    { metric: 'ccmeter_requests_total', labels, value: 1 },
    { metric: 'ccmeter_messages_total', labels: { project, role: 'assistant' }, value: 1 },
    ...measureHour(fact),
  ];
  for (const [kind, value] of byKind(fact.tokens)) {
    measurements.push({ metric: 'ccmeter_tokens_total', labels: { ...labels, kind }, value });
    if (cost === undefined) measurements.push({ metric: 'ccmeter_unpriced_tokens_total', labels: { model, kind }, value });
  }
  if (cost !== undefined) measurements.push({ metric: 'ccmeter_cost_usd_total', labels, value: cost });
  if (agent === 'subagent') measurements.push(...measureSubagent(fact, project, cost));
  if (isUnfinished(fact, nowMs)) measurements.push({ metric: 'ccmeter_unfinished_requests_total', labels: { model }, value: 1 });
  return measurements;
}

/** A subagent's part of tokens and cost, by its kind. */
function measureSubagent({ agentType = UNKNOWN, tokens }: ResponseFact, project: string, cost: number | undefined): Measurement[] {
  const labels = { project, agent_type: agentType };
  const counted: Measurement[] = byKind(tokens).map(([kind, value]) => ({
    metric: 'ccmeter_agent_tokens_total',
    labels: { ...labels, kind },
    value,
  }));
  return cost === undefined ? counted : [...counted, { metric: 'ccmeter_agent_cost_usd_total', labels, value: cost }];
}

function isUnfinished(fact: ResponseFact, nowMs: number): boolean {
  return !fact.finished && nowMs - fact.timeMs > UNFINISHED_AFTER_MS;
}

function byKind(tokens: Tokens): [kind: string, value: number][] {
  return [
    ['input', tokens.input],
    ['output', tokens.output],
    ['cache_read', tokens.cacheRead],
    ['cache_write_5m', tokens.write5m],
    ['cache_write_1h', tokens.write1h],
  ];
}

/** The tool as it is shown. What a user has named is not shown until somebody has said how. */
export function shownTool({ use, shownTool }: ToolFact): string {
  if (use === undefined) return UNKNOWN;
  return isOfMcp(use.tool) ? (shownTool ?? 'mcp') : use.tool;
}

/** Tools of MCP servers have names that users chose. */
export function isOfMcp(tool: string): boolean {
  return tool.startsWith('mcp__');
}

function measureTool(fact: ToolFact, { project }: Surroundings): Measurement[] {
  const { use, result } = fact;
  const measurements: Measurement[] = [];
  const tool = shownTool(fact);
  if (use?.agentType !== undefined) {
    measurements.push({
      metric: 'ccmeter_agent_spawns_total',
      labels: { project, agent_type: use.agentType },
      value: 1,
      timeMs: use.timeMs,
    });
  }
  if (use?.skill !== undefined) {
    measurements.push({ metric: 'ccmeter_skill_invocations_total', labels: { project, skill: use.skill }, value: 1, timeMs: use.timeMs });
  }
  if (result === undefined) return measurements;
  const { timeMs } = result;
  measurements.push({ metric: 'ccmeter_tool_calls_total', labels: { project, tool, result: result.outcome }, value: 1, timeMs });
  if (result.category !== undefined) {
    measurements.push({ metric: 'ccmeter_tool_errors_total', labels: { tool, category: result.category }, value: 1, timeMs });
  }
  if (use !== undefined && timeMs >= use.timeMs) {
    measurements.push({ metric: 'ccmeter_tool_duration_seconds', labels: { tool }, value: timeMs - use.timeMs, observed: true, timeMs });
  }
  return [...measurements, ...measureWork(use, result, project)];
}

/** Lines, commits and pull requests: what a tool call left behind. */
function measureWork(use: ToolUse | undefined, result: ToolResult, project: string): Measurement[] {
  const { timeMs } = result;
  const measurements: Measurement[] = [];
  const lines = result.lines ?? (result.outcome === 'ok' && result.countFromInput ? use?.lines : undefined);
  if (lines !== undefined) {
    const language = use?.language ?? result.language ?? 'other';
    measurements.push(
      { metric: 'ccmeter_lines_total', labels: { project, change: 'added', language }, value: lines.added, timeMs },
      { metric: 'ccmeter_lines_total', labels: { project, change: 'removed', language }, value: lines.removed, timeMs },
    );
  }
  if (result.outcome !== 'ok') return measurements;
  const commits = use?.commits ? (result.commits ?? 1) : 0;
  if (commits > 0) measurements.push({ metric: 'ccmeter_commits_total', labels: { project }, value: commits, timeMs });
  if (use?.opensPullRequest && result.pullRequest) {
    measurements.push({ metric: 'ccmeter_pull_requests_total', labels: { project }, value: 1, timeMs });
  }
  return measurements;
}
