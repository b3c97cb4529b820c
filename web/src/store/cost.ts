import type { Api, SessionSummary } from '../api/client.ts';
import type { Stack } from '../charts/options/stack.ts';
import { midnight, zoneOffset } from '../format/zone.ts';
import { createAsker, type Frame, placeOf, type Scope, type Sums, times } from './ask.ts';
import { askSaved, type Saved, type TokenTable } from './cache.ts';
import { askDays, type Day, type Days } from './days.ts';
import { COST_GROUPS, type CostGroup } from './location.ts';
import { inForce, type Price, type Rates } from './price-book.ts';
import { nextMinute } from './range.ts';

export interface CostQuestion extends Scope {
  by: CostGroup;
}

/** What a month may come to, if the days to come are like those of the last four weeks. */
export interface Projection {
  soFar: number;
  expected: number;
  /** Eight of ten such months end between these. */
  low: number;
  high: number;
  daysLeft: number;
}

/** What all the tokens of the range would cost on one model. */
export interface Elsewhere {
  price: Price;
  /** At ordinary rates. */
  costUsd: number;
  /** If every prompt were so long that the rates of long prompts hold; the same where there are none. */
  mostUsd: number;
  /** If every response were made in fast mode; none where the model has none. */
  fastUsd: number | null;
  /** `costUsd` against what was paid; none where nothing was. */
  ratio: number | null;
}

/** One line of the price list: a row of the table, at ordinary rates or at others. */
export interface PriceLine {
  price: Price;
  rates: Rates;
  /** What the rates are for, where they are not the ordinary ones. */
  only: { longerThan: number } | 'fast' | null;
}

export interface CostNumbers extends Frame {
  costUsd: number;
  before: number | null;
  /** Over the last hour. */
  burnUsd: number;
  today: number;
  cost: Stack;
  projects: Sums;
  models: Sums;
  agents: Sums;
  sessions: readonly SessionSummary[];
  days: Days;
  projection: Projection;
  unpriced: Sums;
  elsewhere: readonly Elsewhere[];
  prices: readonly PriceLine[];
  saved: Saved;
  /** The models of the range. */
  used: ReadonlySet<string>;
  queries: Readonly<Record<'cost' | 'burn', string>>;
}

export function costGroupOf(by: string): CostGroup {
  return COST_GROUPS.find((group) => group === by) ?? 'model';
}

const CALENDAR_DAYS = 371;
const DEAREST_SESSIONS = 10;

/** Asks everything about money. */
export async function loadCost(api: Api, question: CostQuestion, nowMs: number, signal?: AbortSignal): Promise<CostNumbers> {
  const asker = await createAsker(api, question, nowMs, signal);
  const { frame } = asker;
  // The calendar and the month are of now, whatever range is looked at.
  const present = asker.until(nextMinute(nowMs));
  const within = { ...times(frame.range), ...placeOf(question.filters), model: [...question.filters.model] };
  const [all, before, burn, cost, projects, models, agents, days, unpriced, saved, listed] = await Promise.all([
    asker.sums('cost'),
    frame.beforeRange && asker.sums('cost', null, frame.beforeRange),
    asker.sums('cost', null, present.frame.range),
    asker.stack('cost', question.by),
    asker.sums('cost', 'project'),
    asker.sums('cost', 'model'),
    asker.sums('cost', 'agent'),
    askDays(present, 'cost', CALENDAR_DAYS),
    asker.sums('unpriced_tokens', 'model'),
    askSaved(asker, frame.range),
    api.sessions({ ...within, sort: 'cost', order: 'desc', limit: String(DEAREST_SESSIONS) }, signal),
  ]);
  return {
    ...frame,
    costUsd: all.total,
    before: before?.total ?? null,
    burnUsd: burn.total,
    today: days.days.at(-1)?.value ?? 0,
    cost,
    projects,
    models,
    agents,
    sessions: listed.sessions.filter((session) => session.costUsd > 0),
    days,
    projection: projectMonth(days.days, nowMs / 1000),
    unpriced,
    elsewhere: costElsewhere(saved.table, all.total, nowMs),
    prices: priceLines(inForce(nowMs)),
    saved,
    used: new Set(Object.keys(saved.table)),
    queries: { cost: all.query, burn: burn.query },
  };
}

const SAMPLE_DAYS = 28;
/** Eight of ten of a normal distribution lie within this many standard deviations. */
const EIGHT_OF_TEN = 1.2816;

/** Projects the month that `nowSeconds` is in. The days before today are the sample; days before the first use are not in it. */
export function projectMonth(days: readonly Day[], nowSeconds: number): Projection {
  const today = midnight(nowSeconds);
  const dayOfMonth = new Date((today + zoneOffset(today)) * 1000).getUTCDate();
  const monthStart = midnight(nowSeconds, 1 - dayOfMonth);
  const soFar = sum(days.filter((day) => day.start >= monthStart).map((day) => day.value));
  const past = days.filter((day) => day.start < today).slice(-SAMPLE_DAYS);
  const sample = past
    .slice(
      Math.max(
        0,
        past.findIndex((day) => day.value > 0),
      ),
    )
    .map((day) => day.value);
  const daysLeft = daysInMonth(monthStart) - dayOfMonth;
  const mean = sample.length === 0 ? 0 : sum(sample) / sample.length;
  const deviation = sample.length < 2 ? 0 : Math.sqrt(sum(sample.map((value) => (value - mean) ** 2)) / (sample.length - 1));
  // What is left of today counts as a part of a day.
  const left = daysLeft + Math.max(0, 1 - (nowSeconds - today) / 86_400);
  const spread = EIGHT_OF_TEN * deviation * Math.sqrt(left);
  const expected = soFar + mean * left;
  return { soFar, expected, low: Math.max(soFar, expected - spread), high: expected + spread, daysLeft };
}

function daysInMonth(monthStart: number): number {
  const first = new Date((monthStart + zoneOffset(monthStart)) * 1000);
  return new Date(Date.UTC(first.getUTCFullYear(), first.getUTCMonth() + 1, 0)).getUTCDate();
}

type Kinds = Readonly<Record<string, number>>;

/** What all tokens would cost on each model whose price is in force, the cheapest first. */
export function costElsewhere(table: TokenTable, paidUsd: number, nowMs: number): Elsewhere[] {
  const all: Record<string, number> = {};
  for (const kinds of Object.values(table)) for (const [kind, tokens] of Object.entries(kinds)) all[kind] = (all[kind] ?? 0) + tokens;
  return inForce(nowMs)
    .map((price) => {
      const costUsd = costAt(price.rates, all);
      return {
        price,
        costUsd,
        mostUsd: price.longPrompt ? Math.max(costUsd, costAt(price.longPrompt.rates, all)) : costUsd,
        fastUsd: price.fast ? costAt(price.fast, all) : null,
        ratio: paidUsd > 0 ? costUsd / paidUsd : null,
      };
    })
    .sort((one, other) => one.costUsd - other.costUsd);
}

/** Rows of the price table with their other rates as lines of their own. */
export function priceLines(table: readonly Price[]): PriceLine[] {
  return table.flatMap((price): PriceLine[] => [
    { price, rates: price.rates, only: null },
    ...(price.longPrompt ? [{ price, rates: price.longPrompt.rates, only: { longerThan: price.longPrompt.aboveTokens } }] : []),
    ...(price.fast ? [{ price, rates: price.fast, only: 'fast' as const }] : []),
  ]);
}

/** What tokens cost by the ordinary rates, in US dollars. */
export function costAt(rates: Rates, kinds: Kinds): number {
  const { input = 0, output = 0, cache_read = 0, cache_write_5m = 0, cache_write_1h = 0 } = kinds;
  const perMillion =
    input * rates.input +
    output * rates.output +
    cache_read * rates.cacheRead +
    cache_write_5m * rates.write5m +
    cache_write_1h * rates.write1h;
  return perMillion / 1e6;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
