import type { Api, PanelAnswer } from '../api/client.ts';
import { courseOf } from '../charts/options/forms.ts';
import type { Stack } from '../charts/options/stack.ts';
import { type Asker, byLabel, createAsker, type Frame, ranked, type Scope, times, total, unnarrowed } from './ask.ts';
import { askSaved, type Saved } from './cache.ts';
import type { CostGroup, FilterName, TokenGroup } from './location.ts';
import type { Range } from './range.ts';
import { askToday, type Today } from './today.ts';
import { type ToolRow, toolRows } from './tools.ts';

/** What is asked for. */
export interface OverviewQuestion extends Scope {
  costBy: CostGroup;
  tokensBy: TokenGroup;
}

export interface Totals {
  costUsd: number;
  tokens: number;
  requests: number;
  sessions: number;
  /** Tokens by kind. */
  kinds: Readonly<Record<string, number>>;
  /** Share of all prompt tokens that came from the cache; none where there was no prompt. */
  cacheShare: number | null;
  /** The PromQL behind cost, tokens, requests and sessions. */
  queries: readonly string[];
}

export interface Row {
  name: string;
  costUsd: number;
  tokens: number;
  requests: number;
  sessions: number;
  /** As in {@link Totals}. */
  cacheShare: number | null;
  /** All or some of the tokens have no known price. */
  unpriced: boolean;
}

/** All numbers of the overview, asked for at one moment, so that they agree with each other. */
export interface Overview extends Frame {
  totals: Totals;
  /** The same for the range before; none where history does not reach. */
  before: Totals | null;
  cost: Stack;
  tokens: Stack;
  sessions: Stack;
  /** Courses of the totals that have no chart. */
  courses: { requests: readonly number[]; cacheShare: readonly number[] };
  saved: Saved;
  savedBefore: number | null;
  today: Today;
  /** The tool with the most failed calls; none where none failed. */
  failing: ToolRow | null;
  toolCalls: number;
  projects: readonly Row[];
  models: readonly Row[];
  /** The PromQL behind the tables. */
  queries: Readonly<Record<'projects' | 'models' | 'kinds' | 'totals' | 'tools', readonly string[]>>;
  unpriced: readonly { model: string; tokens: number }[];
  unfinished: readonly { model: string; requests: number }[];
  /** Filters in force that cannot narrow the question named. */
  unnarrowed: Readonly<Record<'sessions' | 'unpriced' | 'unfinished', readonly FilterName[]>>;
}

/** Asks everything that the overview shows. */
export async function loadOverview(api: Api, question: OverviewQuestion, nowMs: number, signal?: AbortSignal): Promise<Overview> {
  const asker = await createAsker(api, question, nowMs, signal);
  const { frame } = asker;
  const [totals, before, cost, tokens, sessions, tables, honesty, kinds, requests, saved, savedBefore, today, tools] = await Promise.all([
    askTotals(asker, frame.range),
    frame.beforeRange && askTotals(asker, frame.beforeRange),
    asker.stack('cost', question.costBy),
    asker.stack('tokens', question.tokensBy),
    asker.stack('sessions'),
    askTables(asker),
    askHonesty(asker),
    asker.stack('tokens', 'kind'),
    asker.stack('requests'),
    askSaved(asker, frame.range),
    frame.beforeRange && askSaved(asker, frame.beforeRange),
    askToday(asker, nowMs),
    asker.answer('tool_calls', { ...times(frame.range), by: 'tool,result' }),
  ]);
  const calls = toolRows(tools);
  const unpricedModels = new Set(honesty.unpriced.map((row) => row.model));
  return {
    ...frame,
    totals,
    before,
    cost,
    tokens,
    sessions,
    courses: { requests: courseOf(requests), cacheShare: shareCourse(kinds) },
    saved,
    savedBefore: savedBefore?.usd ?? null,
    today,
    failing: worstOf(calls),
    toolCalls: calls.reduce((sum, row) => sum + row.all, 0),
    projects: tables.projects,
    queries: { ...tables.queries, totals: totals.queries, tools: [tools.query] },
    models: tables.models.map((row) => ({ ...row, unpriced: unpricedModels.has(row.name) })),
    ...honesty,
    unnarrowed: {
      sessions: unnarrowed('sessions', question.filters),
      unpriced: unnarrowed('unpriced_tokens', question.filters),
      unfinished: unnarrowed('unfinished_requests', question.filters),
    },
  };
}

/** Nothing was counted in the range. */
export function isEmpty(overview: Overview): boolean {
  return overview.totals.requests === 0 && overview.totals.tokens === 0 && overview.totals.sessions === 0;
}

/** Share of prompt tokens (input, cache reads, cache writes) that were cache reads. */
export function cacheShareOf(kinds: Readonly<Record<string, number>>): number | null {
  const { input = 0, cache_read = 0, cache_write_5m = 0, cache_write_1h = 0 } = kinds;
  const prompt = input + cache_read + cache_write_5m + cache_write_1h;
  return prompt === 0 ? null : cache_read / prompt;
}

async function askTotals({ answer: ask }: Asker, range: Range): Promise<Totals> {
  const within = times(range);
  const [cost, tokens, requests, sessions] = await Promise.all([
    ask('cost', within),
    ask('tokens', { ...within, by: 'kind' }),
    ask('requests', within),
    ask('sessions', within),
  ]);
  const kinds = byLabel(tokens, 'kind');
  return {
    costUsd: total(cost),
    tokens: total(tokens),
    requests: total(requests),
    sessions: total(sessions),
    kinds,
    cacheShare: cacheShareOf(kinds),
    queries: [cost, tokens, requests, sessions].map((answer) => answer.query),
  };
}

/** The share of prompts that came from the cache, bar by bar. */
function shareCourse(kinds: Stack): number[] {
  return kinds.buckets.map((_, index) => {
    const values = Object.fromEntries(kinds.layers.map((layer) => [layer.key, layer.values[index] ?? 0]));
    return cacheShareOf(values) ?? Number.NaN;
  });
}

function worstOf(rows: readonly ToolRow[]): ToolRow | null {
  const [worst] = rows.filter((row) => row.error > 0).sort((one, other) => other.error - one.error);
  return worst ?? null;
}

async function askTables({ answer: ask, frame }: Asker) {
  const within = times(frame.range);
  const of = (id: Parameters<typeof ask>[0], by: string) => ask(id, { ...within, by });
  const [cost, tokens, requests, sessions, modelCost, modelTokens, modelRequests] = await Promise.all([
    of('cost', 'project'),
    of('tokens', 'project,kind'),
    of('requests', 'project'),
    of('sessions', 'project'),
    of('cost', 'model'),
    of('tokens', 'model,kind'),
    of('requests', 'model'),
  ]);
  const queriesOf = (...answers: PanelAnswer[]) => answers.map((answer) => answer.query);
  return {
    projects: rowsOf('project', cost, tokens, requests, sessions),
    models: rowsOf('model', modelCost, modelTokens, modelRequests),
    queries: {
      projects: queriesOf(cost, tokens, requests, sessions),
      models: queriesOf(modelCost, modelTokens, modelRequests),
      kinds: queriesOf(modelTokens),
    },
  };
}

async function askHonesty({ answer: ask, frame }: Asker) {
  const within = { ...times(frame.range), by: 'model' };
  const [unpriced, unfinished] = await Promise.all([ask('unpriced_tokens', within), ask('unfinished_requests', within)]);
  return {
    unpriced: ranked(byLabel(unpriced, 'model')).map(([model, tokens]) => ({ model, tokens })),
    unfinished: ranked(byLabel(unfinished, 'model')).map(([model, requests]) => ({ model, requests })),
  };
}

/** One row per value of the label, dearest first, then the one with the most tokens. */
function rowsOf(label: string, cost: PanelAnswer, tokens: PanelAnswer, requests: PanelAnswer, sessions?: PanelAnswer): Row[] {
  const costs = byLabel(cost, label);
  const counts = byLabel(requests, label);
  const begun = sessions ? byLabel(sessions, label) : {};
  const all = byLabel(tokens, label);
  const names = new Set([...Object.keys(costs), ...Object.keys(all), ...Object.keys(counts), ...Object.keys(begun)]);
  const rows = [...names].map((name) => ({
    name,
    costUsd: costs[name] ?? 0,
    tokens: all[name] ?? 0,
    requests: counts[name] ?? 0,
    sessions: begun[name] ?? 0,
    cacheShare: cacheShareOf(byLabel({ ...tokens, series: tokens.series.filter((one) => one.labels[label] === name) }, 'kind')),
    unpriced: false,
  }));
  const used = rows.filter((row) => row.costUsd + row.tokens + row.requests + row.sessions > 0);
  return used.sort((one, other) => other.costUsd - one.costUsd || other.tokens - one.tokens || (one.name < other.name ? -1 : 1));
}
