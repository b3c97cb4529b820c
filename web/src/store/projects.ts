import type { Api } from '../api/client.ts';
import type { Stack } from '../charts/options/stack.ts';
import { createAsker, type Frame, type Scope, type Sums } from './ask.ts';

export interface ProjectRow {
  name: string;
  costUsd: number;
  tokens: number;
  requests: number;
  sessions: number;
  activeSeconds: number;
  toolCalls: number;
  lines: number;
  commits: number;
}

export interface ProjectsNumbers extends Frame {
  rows: readonly ProjectRow[];
  before: number | null;
  cost: Stack;
  active: Stack;
  costUsd: number;
  activeSeconds: number;
  activeBefore: number | null;
  queries: readonly string[];
}

/** Asks everything about projects. */
export async function loadProjects(api: Api, question: Scope, nowMs: number, signal?: AbortSignal): Promise<ProjectsNumbers> {
  const asker = await createAsker(api, question, nowMs, signal);
  const { frame, sums, stack } = asker;
  const columns = await Promise.all([
    sums('cost', 'project'),
    sums('tokens', 'project'),
    sums('requests', 'project'),
    sums('sessions', 'project'),
    sums('active_seconds', 'project'),
    sums('tool_calls', 'project'),
    sums('lines', 'project'),
    sums('commits', 'project'),
  ]);
  const [before, activeBefore, cost, active] = await Promise.all([
    frame.beforeRange && sums('cost', null, frame.beforeRange),
    frame.beforeRange && sums('active_seconds', null, frame.beforeRange),
    stack('cost', 'project'),
    stack('active_seconds', 'project'),
  ]);
  return {
    ...frame,
    rows: projectRows(columns),
    before: before?.total ?? null,
    activeBefore: activeBefore?.total ?? null,
    cost,
    active,
    costUsd: columns[0].total,
    activeSeconds: columns[4].total,
    queries: columns.map((column) => column.query),
  };
}

type Columns = readonly [Sums, Sums, Sums, Sums, Sums, Sums, Sums, Sums];

/** One row for each project of which anything is known, the dearest first. */
export function projectRows([cost, tokens, requests, sessions, active, calls, lines, commits]: Columns): ProjectRow[] {
  const names = new Set([cost, tokens, requests, sessions, active, calls, lines, commits].flatMap(({ values }) => Object.keys(values)));
  return [...names]
    .map((name) => ({
      name,
      costUsd: cost.values[name] ?? 0,
      tokens: tokens.values[name] ?? 0,
      requests: requests.values[name] ?? 0,
      sessions: sessions.values[name] ?? 0,
      activeSeconds: active.values[name] ?? 0,
      toolCalls: calls.values[name] ?? 0,
      lines: lines.values[name] ?? 0,
      commits: commits.values[name] ?? 0,
    }))
    .sort((one, other) => other.costUsd - one.costUsd || (one.name < other.name ? -1 : 1));
}
