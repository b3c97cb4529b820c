import type { Price, Rates } from './prices.ts';

/** A file of prices that cannot be: the message names the place in it, what is there and what is wanted. */
export class PricesError extends Error {}

type Json = Record<string, unknown>;

/**
 * Reads prices of one's own: `{"prices": [{"models": ["glm-4.7"], "input": 0.6, "output": 2.2}]}`, US dollars for a million tokens. They go
 * before the table. See the README for all fields.
 *
 * @throws PricesError
 */
export function readOwnPrices(text: string): Price[] {
  let file: unknown;
  try {
    file = JSON.parse(text);
  } catch (error) {
    throw new PricesError(`it is not JSON: ${error instanceof Error ? error.message : String(error)}`);
  }
  const { prices } = readObject(file, 'the file', ['prices']);
  if (!Array.isArray(prices)) throw wrong('prices', prices, 'a list');
  const rows = prices.map((row, at) => readRow(row, `prices[${at}]`));
  refuseOverlaps(rows);
  return rows;
}

const RATES = ['input', 'output', 'cacheRead', 'cacheWrite5m', 'cacheWrite1h'];

function readRow(value: unknown, at: string): Price {
  const row = readObject(value, at, [...RATES, 'models', 'from', 'to', 'longPrompt', 'fast', 'source', 'checked']);
  const from = readDay(row.from, `${at}.from`);
  const to = readDay(row.to, `${at}.to`);
  if (from !== undefined && to !== undefined && from >= to)
    throw wrong(`${at}.to`, to, `a day after ${from}: it is the first that no longer counts`);
  return {
    families: readModels(row.models, `${at}.models`),
    ...(from === undefined ? {} : { from }),
    ...(to === undefined ? {} : { to }),
    rates: readRates(row, at),
    ...(row.longPrompt === undefined ? {} : { longPrompt: readLongPrompt(row.longPrompt, `${at}.longPrompt`) }),
    ...(row.fast === undefined ? {} : { fast: readRates(readObject(row.fast, `${at}.fast`, RATES), `${at}.fast`) }),
    source: readText(row.source, `${at}.source`) ?? 'own',
    checked: readDay(row.checked, `${at}.checked`) ?? '',
  };
}

function readModels(value: unknown, at: string): string[] {
  const isList = Array.isArray(value) && value.length > 0;
  if (!isList) throw wrong(at, value, 'a list of names, such as ["glm-4.7"] or ["glm-4.5*"]');
  return value.map((name, index) => {
    if (typeof name !== 'string' || !/^[^\s*]+\*?$/.test(name))
      throw wrong(`${at}[${index}]`, name, 'the name of a model, with a * at its end or without');
    return name;
  });
}

/** What is not said of the cache costs what input costs. */
function readRates(row: Json, at: string): Rates {
  const input = readPrice(row.input, `${at}.input`);
  const write5m = readPrice(row.cacheWrite5m ?? input, `${at}.cacheWrite5m`);
  return {
    input,
    output: readPrice(row.output, `${at}.output`),
    cacheRead: readPrice(row.cacheRead ?? input, `${at}.cacheRead`),
    write5m,
    write1h: readPrice(row.cacheWrite1h ?? write5m, `${at}.cacheWrite1h`),
  };
}

function readLongPrompt(value: unknown, at: string): NonNullable<Price['longPrompt']> {
  const row = readObject(value, at, [...RATES, 'aboveTokens']);
  const { aboveTokens } = row;
  if (typeof aboveTokens !== 'number' || !Number.isInteger(aboveTokens) || aboveTokens < 1)
    throw wrong(`${at}.aboveTokens`, aboveTokens, 'a number of tokens');
  return { aboveTokens, rates: readRates(row, at) };
}

/** Nothing costs more than this: whoever writes 3 for 3 cents a thousand is told. */
const MOST_USD = 10_000;

function readPrice(value: unknown, at: string): number {
  if (typeof value !== 'number' || !(value >= 0 && value <= MOST_USD))
    throw wrong(at, value, `a number of US dollars for a million tokens, from 0 to ${MOST_USD}`);
  return value;
}

function readDay(value: unknown, at: string): string | undefined {
  if (value === undefined) return undefined;
  const isDay = typeof value === 'string' && /^\d{4}-\d{2}-\d{2}$/.test(value);
  if (!isDay || new Date(value).toJSON()?.slice(0, 10) !== value) throw wrong(at, value, 'a day, such as 2026-01-31 (UTC)');
  return value;
}

function readText(value: unknown, at: string): string | undefined {
  if (value !== undefined && typeof value !== 'string') throw wrong(at, value, 'a text');
  return value;
}

function readObject(value: unknown, at: string, fields: readonly string[]): Json {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw wrong(at, value, `an object with ${fields.join(', ')}`);
  const odd = Object.keys(value).find((field) => !fields.includes(field));
  if (odd !== undefined) throw new PricesError(`${at} has ${JSON.stringify(odd)}, which is none of ${fields.join(', ')}`);
  return { ...value };
}

function wrong(at: string, seen: unknown, wanted: string): PricesError {
  const shown = seen === undefined ? 'missing' : JSON.stringify(seen).slice(0, 60);
  return new PricesError(`${at} is ${shown}; it wants ${wanted}`);
}

/** One model has one price at a time. */
function refuseOverlaps(rows: readonly Price[]): void {
  rows.forEach((row, at) => {
    rows.slice(0, at).forEach((other, before) => {
      const name = row.families.find((model) => other.families.includes(model));
      const apart = (row.to ?? '9') <= (other.from ?? '') || (other.to ?? '9') <= (row.from ?? '');
      if (name !== undefined && !apart) throw new PricesError(`prices[${at}] and prices[${before}] both price ${name} at the same time`);
    });
  });
}
