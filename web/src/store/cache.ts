import { type Asker, pivot, times } from './ask.ts';
import { priceOf, prices } from './price-book.ts';
import type { Range } from './range.ts';

type Kinds = Readonly<Record<string, number>>;
/** Tokens by model and kind. */
export type TokenTable = Readonly<Record<string, Kinds>>;

/** What the cache saved in a range, and the tokens that it is computed from. */
export interface Saved {
  usd: number;
  table: TokenTable;
  query: string;
}

/** Asks for the tokens of a range, price by price, and says what the cache saved in it. */
export async function askSaved({ answer }: Pick<Asker, 'answer'>, range: Range): Promise<Saved> {
  const parts = await Promise.all(
    pricePeriods(range).map(async (period) => {
      const tokens = await answer('tokens', { ...times(period), by: 'model,kind' });
      return { period, query: tokens.query, table: pivot(tokens, 'model', 'kind') };
    }),
  );
  return {
    usd: parts.reduce((sum, { table, period }) => sum + cacheSaved(table, period.start * 1000), 0),
    table: parts.map((part) => part.table).reduce(addTables, {}),
    query: parts[0]?.query ?? '',
  };
}

/** A range in parts within which no price changes. */
export function pricePeriods({ start, end }: Range, table = prices): Range[] {
  const days = table.flatMap(({ from, to }) => [from, to].flatMap((day) => (day === undefined ? [] : [Date.parse(day) / 1000])));
  const cuts = [...new Set(days)].filter((day) => day > start && day < end).sort((one, other) => one - other);
  return [start, ...cuts].map((from, index) => ({ start: from, end: cuts[index] ?? end }));
}

/**
 * What the cache saved at the ordinary rates of a moment: the same prompts without it would have been plain input. Models without a price are
 * left out, and so is what long prompts and fast mode cost more.
 */
export function cacheSaved(table: TokenTable, timeMs: number): number {
  return Object.entries(table).reduce((sum, [model, { cache_read = 0, cache_write_5m = 0, cache_write_1h = 0 }]) => {
    const rates = priceOf(model, timeMs)?.rates;
    if (!rates) return sum;
    const without = (cache_read + cache_write_5m + cache_write_1h) * rates.input;
    return sum + (without - cache_read * rates.cacheRead - cache_write_5m * rates.write5m - cache_write_1h * rates.write1h) / 1e6;
  }, 0);
}

function addTables(one: TokenTable, other: TokenTable): TokenTable {
  const sum: Record<string, Record<string, number>> = Object.create(null);
  for (const table of [one, other]) {
    for (const [model, kinds] of Object.entries(table)) {
      sum[model] ??= {};
      const cells = sum[model];
      for (const [kind, tokens] of Object.entries(kinds)) cells[kind] = (cells[kind] ?? 0) + tokens;
    }
  }
  return sum;
}
