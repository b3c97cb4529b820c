import { type Price, priceOf, prices, type Rates } from '@ccmeter/exporter/prices';
import type { Api } from '../api/client.ts';
import type { Stack } from '../charts/options/stack.ts';
import { midnight, zoneOffset } from '../format/zone.ts';
import { createAsker, type Frame, pivot, type Scope, type Sums, times } from './ask.ts';
import { askDays, type Day } from './days.ts';
import { COST_GROUPS, type CostGroup } from './location.ts';

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
  costUsd: number;
  /** Against what they did cost; none where nothing was paid. */
  ratio: number | null;
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
  days: readonly Day[];
  projection: Projection;
  unpriced: Sums;
  elsewhere: readonly Elsewhere[];
  /** What cache reads saved against plain input, less what cache writes cost more. */
  cacheSavedUsd: number;
  /** The models of the range. */
  used: ReadonlySet<string>;
}

export function costGroupOf(by: string): CostGroup {
  return COST_GROUPS.find((group) => group === by) ?? 'model';
}

const CALENDAR_DAYS = 371;
const HOUR = 3600;

/** Asks everything about money. */
export async function loadCost(api: Api, question: CostQuestion, nowMs: number, signal?: AbortSignal): Promise<CostNumbers> {
  const asker = await createAsker(api, question, nowMs, signal);
  const { frame } = asker;
  const end = frame.range.end;
  // The calendar and the month are of now, whatever range is looked at.
  const present = await createAsker(api, { ...question, range: { kind: 'quick', name: '1h' } }, nowMs, signal);
  const [all, before, burn, cost, projects, models, days, unpriced, tokens] = await Promise.all([
    asker.sums('cost'),
    frame.beforeRange && asker.sums('cost', null, frame.beforeRange),
    present.sums('cost', null, { start: present.frame.range.end - HOUR, end: present.frame.range.end }),
    asker.stack('cost', question.by),
    asker.sums('cost', 'project'),
    asker.sums('cost', 'model'),
    askDays(present, 'cost', CALENDAR_DAYS),
    asker.sums('unpriced_tokens', 'model'),
    asker.answer('tokens', { ...times(frame.range), by: 'model,kind' }),
  ]);
  const table = pivot(tokens, 'model', 'kind');
  return {
    ...frame,
    costUsd: all.total,
    before: before?.total ?? null,
    burnUsd: burn.total,
    today: days.at(-1)?.value ?? 0,
    cost,
    projects,
    models,
    days,
    projection: projectMonth(days, nowMs / 1000),
    unpriced,
    elsewhere: costElsewhere(table, all.total, nowMs),
    cacheSavedUsd: cacheSaved(table, end * 1000),
    used: new Set(Object.keys(table)),
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
export function costElsewhere(table: Readonly<Record<string, Kinds>>, paidUsd: number, nowMs: number): Elsewhere[] {
  const all: Record<string, number> = {};
  for (const kinds of Object.values(table)) for (const [kind, tokens] of Object.entries(kinds)) all[kind] = (all[kind] ?? 0) + tokens;
  return inForce(nowMs)
    .map((price) => {
      const costUsd = costAt(price.rates, all);
      return { price, costUsd, ratio: paidUsd > 0 ? costUsd / paidUsd : null };
    })
    .sort((one, other) => one.costUsd - other.costUsd);
}

/** The rows of the price table that hold at a moment. */
export function inForce(nowMs: number): Price[] {
  return prices.filter((price) => (!price.from || Date.parse(price.from) <= nowMs) && (!price.to || nowMs < Date.parse(price.to)));
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

/** What the cache saved: the same prompts without it would have been plain input. Models without a price are left out. */
export function cacheSaved(table: Readonly<Record<string, Kinds>>, timeMs: number): number {
  return sum(
    Object.entries(table).map(([model, { cache_read = 0, cache_write_5m = 0, cache_write_1h = 0 }]) => {
      const rates = priceOf(model, timeMs)?.rates;
      if (!rates) return 0;
      const without = (cache_read + cache_write_5m + cache_write_1h) * rates.input;
      return (without - cache_read * rates.cacheRead - cache_write_5m * rates.write5m - cache_write_1h * rates.write1h) / 1e6;
    }),
  );
}

/** The same stack, each bar with all before it added. */
export function accumulate(stack: Stack): Stack {
  const layers = stack.layers.map((layer) => {
    let sumSoFar = 0;
    return {
      ...layer,
      values: layer.values.map((value) => {
        sumSoFar += value;
        return sumSoFar;
      }),
    };
  });
  return { ...stack, layers };
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
