import { type Price, prices, type Rates } from './prices.ts';

/** Tokens of one response, by the kinds of the `kind` label. */
export interface Tokens {
  input: number;
  output: number;
  cacheRead: number;
  write5m: number;
  write1h: number;
}

/** Money is counted in whole billionths of a dollar, so that sums are exact. The smallest list price is 10 of them a token. */
export const NANO_USD = 1e9;

/** What models cost and cost at a time. */
export interface PriceBook {
  /** The row in force for a model at a time (milliseconds since 1970), or undefined for a model that the book does not know. */
  priceOf(model: string, timeMs: number): Price | undefined;
  /**
   * What one response cost, in whole billionths of a US dollar, or undefined where no price is known for the model at that time.
   *
   * @param timeMs when the response was made, milliseconds since 1970
   * @param fast the response was made in fast mode; where no fast rate is listed the ordinary one counts
   */
  costOf(model: string, timeMs: number, tokens: Tokens, fast: boolean): number | undefined;
  /** Two books that price everything alike have the same; when a source was last looked at does not matter. */
  fingerprint: string;
}

/** The rows of the table, and before them rows of one's own. */
export function createPriceBook(own: readonly Price[] = []): PriceBook {
  const known = new Map<string, readonly DatedRow[]>();
  const tables = [toRows(own), toRows(prices)];
  const rowsOf = (model: string): readonly DatedRow[] => {
    const before = known.get(model);
    if (before !== undefined) return before;
    const names = [model, modelFamily(model)];
    const rows = tables.flatMap((table) => [
      ...table.filter(({ name }) => names.includes(name)),
      ...table.filter((row) => fits(row, names)),
    ]);
    if (known.size < MAX_MODELS) known.set(model, rows);
    return rows;
  };
  const priceOf = (model: string, timeMs: number) => rowsOf(model).find(({ fromMs, toMs }) => timeMs >= fromMs && timeMs < toMs)?.price;
  return {
    priceOf,
    costOf(model, timeMs, tokens, fast) {
      const price = priceOf(model, timeMs);
      return price === undefined ? undefined : addUp(ratesFor(price, tokens, fast), tokens);
    },
    fingerprint: JSON.stringify(tables.map(plain)),
  };
}

/** A row for one name. */
interface DatedRow {
  name: string;
  fromMs: number;
  toMs: number;
  price: Price;
}

function toRows(table: readonly Price[]): DatedRow[] {
  return table.flatMap((price) =>
    price.families.map((name) => ({
      name,
      fromMs: price.from ? Date.parse(price.from) : 0,
      toMs: price.to ? Date.parse(price.to) : Number.MAX_SAFE_INTEGER,
      price,
    })),
  );
}

/** Rows without where their prices were read and when. */
function plain(table: readonly DatedRow[]): unknown[] {
  return table.map(({ name, fromMs, toMs, price: { rates, longPrompt, fast } }) => [name, fromMs, toMs, rates, longPrompt, fast]);
}

function fits({ name }: DatedRow, names: readonly string[]): boolean {
  return name.endsWith('*') && names.some((one) => one.startsWith(name.slice(0, -1)));
}

/** The book of the table alone. */
export const listPrices = createPriceBook();

/**
 * The part of a model's name that prices go by: `us.anthropic.claude-sonnet-4-5-20250929-v1:0`, `claude-sonnet-4-5@20250929` and
 * `claude-sonnet-4-5[1m]` are all `sonnet-4-5`. Names that are not Claude's come back as they are.
 */
export function modelFamily(model: string): string {
  return CLAUDE_NAME.exec(model.toLowerCase())?.[1] ?? model;
}

const CLAUDE_NAME = /(?:^|[./])claude-([a-z0-9-]+?)(?:[-@]\d{8})?(?:-latest)?(?:-v\d+(?::\d+)?)?(?:\[1m\])?$/;

/** Models named by one user: tens. The bound keeps a hostile transcript from growing the cache. */
const MAX_MODELS = 1000;

function ratesFor(price: Price, tokens: Tokens, fast: boolean): Rates {
  if (fast && price.fast) return price.fast;
  const prompt = tokens.input + tokens.cacheRead + tokens.write5m + tokens.write1h;
  return price.longPrompt && prompt > price.longPrompt.aboveTokens ? price.longPrompt.rates : price.rates;
}

/** Rounded once a response: a thousand tokens at less than a thousandth of a dollar a million are something all the same. */
function addUp(rates: Rates, tokens: Tokens): number {
  const usdMillionths =
    tokens.input * rates.input +
    tokens.output * rates.output +
    tokens.cacheRead * rates.cacheRead +
    tokens.write5m * rates.write5m +
    tokens.write1h * rates.write1h;
  return Math.round(usdMillionths * 1000);
}
