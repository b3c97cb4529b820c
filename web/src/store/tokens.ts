import type { Api, PanelAnswer } from '../api/client.ts';
import { courseOf } from '../charts/options/forms.ts';
import type { Stack } from '../charts/options/stack.ts';
import { tokens as texts } from '../texts/tokens.ts';
import { type Asker, byLabel, createAsker, type Frame, pivot, type Scope, times } from './ask.ts';
import { TOKEN_GROUPS, type TokenGroup } from './location.ts';
import { cacheShareOf } from './overview.ts';
import type { Range } from './range.ts';

export interface TokensQuestion extends Scope {
  by: TokenGroup;
}

export interface TokenTotals {
  tokens: number;
  requests: number;
  kinds: Readonly<Record<string, number>>;
  cacheShare: number | null;
  queries: { tokens: string; requests: string };
}

/** One model, or one kind of agent. */
export interface TokenRow {
  name: string;
  requests: number;
  tokens: number;
  kinds: Readonly<Record<string, number>>;
  cacheShare: number | null;
}

export interface TokensNumbers extends Frame {
  totals: TokenTotals;
  before: TokenTotals | null;
  tokens: Stack;
  requests: Stack;
  models: readonly TokenRow[];
  agents: readonly TokenRow[];
  queries: readonly string[];
  agentQueries: readonly string[];
  /** Cache writes by how long they are kept. */
  writes: Stack;
  agentsOverTime: Stack;
  /** Tokens of a request on average, bar by bar. */
  requestSize: Stack;
}

export function tokenGroupOf(by: string): TokenGroup {
  return TOKEN_GROUPS.find((group) => group === by) ?? 'kind';
}

/** Asks everything about tokens. */
export async function loadTokens(api: Api, question: TokensQuestion, nowMs: number, signal?: AbortSignal): Promise<TokensNumbers> {
  const asker = await createAsker(api, question, nowMs, signal);
  const { frame } = asker;
  const [totals, before, tokens, requests, models, agents, writes, agentsOverTime, all] = await Promise.all([
    askTotals(asker, frame.range),
    frame.beforeRange && askTotals(asker, frame.beforeRange),
    asker.stack('tokens', question.by),
    asker.stack('requests', 'model'),
    askRows(asker, 'model'),
    askRows(asker, 'agent'),
    asker.stack('tokens', 'kind', { kind: ['cache_write_5m', 'cache_write_1h'] }),
    asker.stack('tokens', 'agent'),
    asker.stack('tokens'),
  ]);
  return {
    ...frame,
    totals,
    before,
    tokens,
    requests,
    models: models.rows,
    agents: agents.rows,
    queries: models.queries,
    agentQueries: agents.queries,
    writes,
    agentsOverTime,
    requestSize: requestSize(all, requests),
  };
}

async function askTotals({ sums }: Asker, range: Range): Promise<TokenTotals> {
  const [tokens, requests] = await Promise.all([sums('tokens', 'kind', range), sums('requests', null, range)]);
  return {
    tokens: tokens.total,
    requests: requests.total,
    kinds: tokens.values,
    cacheShare: cacheShareOf(tokens.values),
    queries: { tokens: tokens.query, requests: requests.query },
  };
}

/** Tokens of a request on average, bar by bar: none where there was no request. */
export function requestSize(tokens: Stack, requests: Stack): Stack {
  const [all, counts] = [courseOf(tokens), courseOf(requests)];
  const values = all.map((value, index) => (counts[index] ? value / (counts[index] ?? 1) : Number.NaN));
  const sum = (numbers: readonly number[]) => numbers.reduce((total, value) => total + value, 0);
  const mean = sum(counts) === 0 ? Number.NaN : sum(all) / sum(counts);
  const layer = { key: 'all', label: texts.requestSize, title: texts.requestSize, slot: 0, values, total: mean };
  return { ...tokens, layers: Number.isNaN(mean) ? [] : [layer], total: mean };
}

async function askRows({ answer, frame }: Asker, label: 'model' | 'agent') {
  const within = times(frame.range);
  const [tokens, requests] = await Promise.all([
    answer('tokens', { ...within, by: `${label},kind` }),
    answer('requests', { ...within, by: label }),
  ]);
  return { rows: tokenRows(label, tokens, requests), queries: [tokens.query, requests.query] };
}

/** One row per value of the label, the one with the most tokens first. */
export function tokenRows(label: string, tokens: PanelAnswer, requests: PanelAnswer): TokenRow[] {
  const kinds = pivot(tokens, label, 'kind');
  const counts = byLabel(requests, label);
  const all = byLabel(tokens, label);
  return [...new Set([...Object.keys(all), ...Object.keys(counts)])]
    .map((name) => ({
      name,
      requests: counts[name] ?? 0,
      tokens: all[name] ?? 0,
      kinds: kinds[name] ?? {},
      cacheShare: cacheShareOf(kinds[name] ?? {}),
    }))
    .filter((row) => row.tokens + row.requests > 0)
    .sort((one, other) => other.tokens - one.tokens || (one.name < other.name ? -1 : 1));
}
