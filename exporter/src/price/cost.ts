import { type Price, prices, type Rates } from './prices.ts';

export { type Price, prices, type Rates, sources } from './prices.ts';

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

/**
 * What one response cost, in billionths of a US dollar, or undefined where no price is known for the model at that time.
 *
 * @param timeMs when the response was made, milliseconds since 1970
 * @param fast the response was made in fast mode; where no fast rate is listed the ordinary one counts
 */
export function costOf(model: string, timeMs: number, tokens: Tokens, fast: boolean): number | undefined {
  const price = priceOf(model, timeMs);
  if (price === undefined) return undefined;
  const rates = ratesFor(price, tokens, fast);
  return (
    tokens.input * nanoPerToken(rates.input) +
    tokens.output * nanoPerToken(rates.output) +
    tokens.cacheRead * nanoPerToken(rates.cacheRead) +
    tokens.write5m * nanoPerToken(rates.write5m) +
    tokens.write1h * nanoPerToken(rates.write1h)
  );
}

/** The row in force for a model at a time, or undefined for a model that the table does not know. */
export function priceOf(model: string, timeMs: number): Price | undefined {
  return byFamily.get(modelFamily(model))?.find((row) => timeMs >= row.fromMs && timeMs < row.toMs)?.price;
}

/**
 * The part of a model's name that prices go by: `us.anthropic.claude-sonnet-4-5-20250929-v1:0`, `claude-sonnet-4-5@20250929` and
 * `claude-sonnet-4-5[1m]` are all `sonnet-4-5`. Names that are not Claude's come back as they are.
 */
export function modelFamily(model: string): string {
  const known = families.get(model);
  if (known !== undefined) return known;
  const match = CLAUDE_NAME.exec(model.toLowerCase());
  const family = match?.[1] ?? model;
  if (families.size < MAX_FAMILIES) families.set(model, family);
  return family;
}

const CLAUDE_NAME = /(?:^|[./])claude-([a-z0-9-]+?)(?:[-@]\d{8})?(?:-latest)?(?:-v\d+(?::\d+)?)?(?:\[1m\])?$/;

/** Models named by one user: tens. The bound keeps a hostile transcript from growing the cache. */
const MAX_FAMILIES = 1000;
const families = new Map<string, string>();

const byFamily = new Map<string, { fromMs: number; toMs: number; price: Price }[]>();
for (const price of prices) {
  for (const family of price.families) {
    const rows = byFamily.get(family) ?? [];
    rows.push({ fromMs: price.from ? Date.parse(price.from) : 0, toMs: price.to ? Date.parse(price.to) : Infinity, price });
    byFamily.set(family, rows);
  }
}

function ratesFor(price: Price, tokens: Tokens, fast: boolean): Rates {
  if (fast && price.fast) return price.fast;
  const prompt = tokens.input + tokens.cacheRead + tokens.write5m + tokens.write1h;
  return price.longPrompt && prompt > price.longPrompt.aboveTokens ? price.longPrompt.rates : price.rates;
}

function nanoPerToken(usdPerMillion: number): number {
  return Math.round(usdPerMillion * 1000);
}
