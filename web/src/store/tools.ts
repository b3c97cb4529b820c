import type { Api, PanelAnswer } from '../api/client.ts';
import type { Stack } from '../charts/options/stack.ts';
import { tools as texts } from '../texts/work.ts';
import { type Asker, byLabel, createAsker, type Frame, pivot, type Scope, type Sums, times } from './ask.ts';
import type { Range } from './range.ts';

export const TOOL_GROUPS = ['tool', 'result', 'project'] as const;
export type ToolGroup = (typeof TOOL_GROUPS)[number];

export interface ToolsQuestion extends Scope {
  by: ToolGroup;
}

/** What came of tool calls. */
export interface Calls {
  all: number;
  ok: number;
  error: number;
  rejected: number;
  blocked: number;
}

export interface ToolRow extends Calls {
  tool: string;
  /** Seconds that half and that nineteen of twenty calls stayed below; none where no duration is known. */
  p50: number | null;
  p95: number | null;
}

/** A kind of subagent. */
export interface AgentRow {
  name: string;
  /** How often it was started. */
  times: number;
  tokens: number;
  costUsd: number;
}

export interface ToolsNumbers extends Frame {
  calls: Calls;
  before: Calls | null;
  rows: readonly ToolRow[];
  queries: readonly string[];
  callsOverTime: Stack;
  /** Calls of every tool over time. */
  trends: Stack;
  durations: Stack;
  errors: Stack;
  agents: readonly AgentRow[];
  agentQueries: readonly string[];
  agentsUnnarrowed: readonly string[];
  agentsOverTime: Stack;
  skills: Sums;
  skillsOverTime: Stack;
}

/** Asks everything about tools, subagents and skills. */
export async function loadTools(api: Api, question: ToolsQuestion, nowMs: number, signal?: AbortSignal): Promise<ToolsNumbers> {
  const asker = await createAsker(api, question, nowMs, signal);
  const { frame } = asker;
  const [
    calls,
    before,
    table,
    callsOverTime,
    trends,
    durations,
    errors,
    spawns,
    agentTokens,
    agentCost,
    agentsOverTime,
    skills,
    skillsOverTime,
  ] = await Promise.all([
    askCalls(asker, frame.range),
    frame.beforeRange && askCalls(asker, frame.beforeRange),
    askTable(asker),
    asker.stack('tool_calls', question.by),
    asker.stack('tool_calls', 'tool', {}, Number.POSITIVE_INFINITY),
    asker.quantiles('tool_seconds', [
      [texts.half, '0.5'],
      [texts.most95, '0.95'],
    ]),
    asker.stack('tool_errors', 'category'),
    asker.sums('agent_spawns', 'agent_type'),
    asker.sums('agent_tokens', 'agent_type'),
    asker.sums('agent_cost', 'agent_type'),
    asker.stack('agent_spawns', 'agent_type'),
    asker.sums('skill_uses', 'skill'),
    asker.stack('skill_uses', 'skill'),
  ]);
  return {
    ...frame,
    calls,
    before,
    ...table,
    callsOverTime,
    trends,
    durations,
    errors,
    agents: agentRows(spawns.values, agentTokens.values, agentCost.values),
    agentQueries: [spawns.query, agentTokens.query, agentCost.query],
    agentsUnnarrowed: spawns.unnarrowed,
    agentsOverTime,
    skills,
    skillsOverTime,
  };
}

export function isEmptyTools(numbers: ToolsNumbers): boolean {
  return numbers.calls.all === 0 && numbers.agents.length === 0 && numbers.skills.total === 0;
}

/** One row per kind of subagent that was started or used something. */
function agentRows(spawns: Values, tokens: Values, costs: Values): AgentRow[] {
  return [...new Set([...Object.keys(spawns), ...Object.keys(tokens)])]
    .map((name) => ({ name, times: spawns[name] ?? 0, tokens: tokens[name] ?? 0, costUsd: costs[name] ?? 0 }))
    .filter((row) => row.times + row.tokens > 0);
}

type Values = Readonly<Record<string, number>>;

/** Failed calls as a share of those that were made: rejected and blocked ones were not. */
export function failureShare(calls: Calls): number | null {
  const made = calls.ok + calls.error;
  return made === 0 ? null : calls.error / made;
}

async function askCalls({ sums }: Asker, range: Range): Promise<Calls> {
  return callsOf((await sums('tool_calls', 'result', range)).values);
}

async function askTable({ answer, frame }: Asker): Promise<{ rows: ToolRow[]; queries: string[] }> {
  const within = times(frame.range);
  const [calls, p50, p95] = await Promise.all([
    answer('tool_calls', { ...within, by: 'tool,result' }),
    answer('tool_seconds', { ...within, by: 'tool', quantile: '0.5' }),
    answer('tool_seconds', { ...within, by: 'tool', quantile: '0.95' }),
  ]);
  return { rows: toolRows(calls, p50, p95), queries: [calls.query, p50.query, p95.query] };
}

/** One row per tool that was called. */
export function toolRows(calls: PanelAnswer, p50?: PanelAnswer, p95?: PanelAnswer): ToolRow[] {
  const half = p50 ? byLabel(p50, 'tool') : {};
  const most = p95 ? byLabel(p95, 'tool') : {};
  return Object.entries(pivot(calls, 'tool', 'result'))
    .map(([tool, results]) => ({ tool, ...callsOf(results), p50: half[tool] ?? null, p95: most[tool] ?? null }))
    .filter((row) => row.all > 0);
}

function callsOf({ ok = 0, error = 0, rejected = 0, blocked = 0 }: Readonly<Record<string, number>>): Calls {
  return { all: ok + error + rejected + blocked, ok, error, rejected, blocked };
}
