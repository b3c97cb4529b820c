import { modelFamily, type PriceBook } from './cost.ts';
import type { Rates } from './prices.ts';

/** What a public snapshot says of one model of Anthropic, in US dollars for a million tokens; what it does not say is absent. */
export interface SnapshotPrice {
  model: string;
  rates: Partial<Rates>;
  longPrompt?: { aboveTokens: number; rates: Partial<Rates> };
}

/** A figure that is not the same. Prices in US dollars for a million tokens; undefined where the model is not there. */
export interface Difference {
  model: string;
  what: string;
  ours: number | undefined;
  theirs: number | undefined;
}

type Json = Record<string, unknown>;

/**
 * Reads a snapshot as LiteLLM (`model_prices_and_context_window.json`) or models.dev (`api.json`) publish them; undefined where it is neither.
 * Only what Anthropic itself sells is taken: others resell the same models at prices of their own.
 */
export function readSnapshot(value: unknown): SnapshotPrice[] | undefined {
  if (!isObject(value)) return undefined;
  if (isObject(value.anthropic) && isObject(value.anthropic.models)) return readModelsDev(value.anthropic.models);
  const rows = Object.entries(value).filter(([, row]) => isObject(row) && 'input_cost_per_token' in row);
  return rows.length === 0 ? undefined : rows.flatMap(([model, row]) => (isObject(row) ? readLiteLlm(model, row) : []));
}

/** Dollars a token, with the long prompt beside the short one. */
function readLiteLlm(model: string, row: Json): SnapshotPrice[] {
  if (row.litellm_provider !== 'anthropic') return [];
  const rates = (suffix: string) => {
    const price = (field: string) => perMillion(row[`${field}${suffix}`]);
    return pruned({
      input: price('input_cost_per_token'),
      output: price('output_cost_per_token'),
      cacheRead: price('cache_read_input_token_cost'),
      write5m: price('cache_creation_input_token_cost'),
      write1h: price('cache_creation_input_token_cost_above_1hr'),
    });
  };
  const long = rates(ABOVE_200K);
  return [{ model, rates: rates(''), ...(Object.keys(long).length === 0 ? {} : { longPrompt: { aboveTokens: 200_000, rates: long } }) }];
}

const ABOVE_200K = '_above_200k_tokens';

/** A token costs fractions of a millionth: what looks like 3.0000000000000004 is 3. */
function perMillion(usdPerToken: unknown): number | undefined {
  return typeof usdPerToken === 'number' ? Number((usdPerToken * 1e6).toPrecision(9)) : undefined;
}

/** Dollars a million tokens. There is one price of cache writes, that of five minutes. */
function readModelsDev(models: Json): SnapshotPrice[] {
  return Object.entries(models).flatMap(([model, row]) => {
    const cost = isObject(row) && isObject(row.cost) ? row.cost : undefined;
    if (cost === undefined) return [];
    const long = isObject(cost.context_over_200k) ? readDevRates(cost.context_over_200k) : {};
    return [
      {
        model,
        rates: readDevRates(cost),
        ...(Object.keys(long).length === 0 ? {} : { longPrompt: { aboveTokens: 200_000, rates: long } }),
      },
    ];
  });
}

function readDevRates(cost: Json): Partial<Rates> {
  const price = (field: string) => (typeof cost[field] === 'number' ? cost[field] : undefined);
  return pruned({ input: price('input'), output: price('output'), cacheRead: price('cache_read'), write5m: price('cache_write') });
}

function pruned(rates: Record<string, number | undefined>): Partial<Rates> {
  return Object.fromEntries(Object.entries(rates).filter(([, rate]) => rate !== undefined));
}

/**
 * Where a snapshot and a book differ at a time. A model that only the book has is no difference: snapshots forget what is no longer sold.
 */
export function comparePrices(snapshot: readonly SnapshotPrice[], book: PriceBook, timeMs: number): Difference[] {
  const found = snapshot.flatMap((theirs) => {
    const model = modelFamily(theirs.model);
    const ours = book.priceOf(theirs.model, timeMs);
    if (ours === undefined) return [{ model, what: 'price', ours: undefined, theirs: theirs.rates.input }];
    const differences = compareRates(model, '', ours.rates, theirs.rates);
    if (theirs.longPrompt === undefined) return differences;
    const long = ours.longPrompt?.aboveTokens === theirs.longPrompt.aboveTokens ? ours.longPrompt.rates : ours.rates;
    return [...differences, ...compareRates(model, `above ${theirs.longPrompt.aboveTokens} tokens: `, long, theirs.longPrompt.rates)];
  });
  const told = new Set<string>();
  return found.filter((one) => !told.has(JSON.stringify(one)) && told.add(JSON.stringify(one)));
}

const WORDS: Record<keyof Rates, string> = {
  input: 'input',
  output: 'output',
  cacheRead: 'cache reads',
  write5m: 'cache writes (5 minutes)',
  write1h: 'cache writes (1 hour)',
};

function compareRates(model: string, place: string, ours: Rates, theirs: Partial<Rates>): Difference[] {
  return (Object.keys(WORDS) as (keyof Rates)[]).flatMap((kind) => {
    const rate = theirs[kind];
    // Both are rounded somewhere: a thousandth of a dollar for a million tokens is none.
    if (rate === undefined || Math.abs(rate - ours[kind]) < 0.001) return [];
    return [{ model, what: place + WORDS[kind], ours: ours[kind], theirs: rate }];
  });
}

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
