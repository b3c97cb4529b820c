import { expect, test } from 'vitest';
import { createPriceBook, listPrices, modelFamily, NANO_USD } from './cost.ts';
import { readOwnPrices } from './own-prices.ts';
import { type Price, prices, type Rates } from './prices.ts';

const none = { input: 0, output: 0, cacheRead: 0, write5m: 0, write1h: 0 };
const { costOf, priceOf } = listPrices;
const day = (date: string) => Date.parse(date);

test.each([
  ['claude-sonnet-4-5-20250929', 'sonnet-4-5'],
  ['us.anthropic.claude-sonnet-4-5-20250929-v1:0', 'sonnet-4-5'],
  ['claude-opus-4-1@20250805', 'opus-4-1'],
  ['anthropic/claude-opus-4-6', 'opus-4-6'],
  ['claude-sonnet-4-6[1m]', 'sonnet-4-6'],
  ['claude-3-7-sonnet-latest', '3-7-sonnet'],
  ['claude-3-5-haiku-20241022', '3-5-haiku'],
  ['glm-4.7', 'glm-4.7'],
])('%s is priced as %s', (model, family) => {
  expect(modelFamily(model)).toBe(family);
});

test('every kind of token has its own price', () => {
  const tokens = { input: 1_000_000, output: 2_000_000, cacheRead: 3_000_000, write5m: 4_000_000, write1h: 5_000_000 };
  expect(costOf('claude-opus-4-5-20251101', day('2026-01-01'), tokens, false)).toBe((5 + 50 + 1.5 + 25 + 50) * NANO_USD);
});

test('a model without a known price costs unknown, not nothing', () => {
  expect(costOf('glm-4.7', day('2026-01-01'), { ...none, input: 1 }, false)).toBeUndefined();
  expect(costOf('toString', day('2026-01-01'), { ...none, input: 1 }, false)).toBeUndefined();
});

test('the price of the day counts', () => {
  const reads = { ...none, cacheRead: 1_000_000 };
  expect(costOf('claude-sonnet-5-5', day('2026-10-06T23:59:59.999Z'), reads, false)).toBe(0.2 * NANO_USD);
  expect(costOf('claude-sonnet-5-5', day('2026-10-07T00:00:00.000Z'), reads, false)).toBe(0.1 * NANO_USD);
});

test('a long prompt changes the price of the whole request', () => {
  const short = { ...none, input: 50_000, cacheRead: 50_000, output: 1000 };
  expect(costOf('claude-haiku-5-5', 0, short, false)).toBe(50_000 * 100 + 50_000 * 10 + 1000 * 500);
  expect(costOf('claude-haiku-5-5', 0, { ...short, cacheRead: 50_001 }, false)).toBe(50_000 * 500 + 50_001 * 50 + 1000 * 2500);
});

test('fast mode has its own price', () => {
  expect(costOf('claude-opus-4-6', 0, { ...none, output: 1_000_000 }, true)).toBe(150 * NANO_USD);
  expect(costOf('claude-haiku-4-5-20251001', 0, { ...none, output: 1_000_000 }, true)).toBe(5 * NANO_USD);
});

test('at every moment a family has exactly one row', () => {
  const borders = prices.flatMap((price) => [price.from, price.to]).filter((date) => date !== undefined);
  const moments = ['2025-01-01', ...borders].flatMap((date) => [day(date) - 1, day(date)]);
  for (const price of prices) {
    for (const family of price.families) {
      for (const moment of moments) {
        const rows = prices.filter(
          (row) => row.families.includes(family) && (!row.from || day(row.from) <= moment) && (!row.to || day(row.to) > moment),
        );
        expect(rows, `${family} at ${new Date(moment).toISOString()}`).toHaveLength(1);
        expect(priceOf(`claude-${family}`, moment)).toBe(rows[0]);
      }
    }
  }
});

test('every price is a whole number of billionths of a dollar a token', () => {
  const all: Rates[] = prices.flatMap((price) => [price.rates, price.longPrompt?.rates, price.fast].filter((rates) => rates !== undefined));
  for (const value of all.flatMap((rates) => Object.values(rates))) expect(value * 1000).toBeCloseTo(Math.round(value * 1000), 9);
});

const own = (...rows: object[]): Price[] => readOwnPrices(JSON.stringify({ prices: rows }));
const million = { ...none, input: 1_000_000 };

test('prices of one’s own go before the table, and only for their time', () => {
  const book = createPriceBook(
    own(
      { models: ['claude-opus-5', 'glm-4.7'], input: 7, output: 8, from: '2026-03-01', to: '2026-04-01' },
      { models: ['glm-*'], input: 1, output: 2 },
    ),
  );
  const cost = (model: string, date: string) => (book.costOf(model, day(date), million, false) ?? Number.NaN) / NANO_USD;
  expect([cost('claude-opus-5', '2026-02-28'), cost('claude-opus-5', '2026-03-01'), cost('claude-opus-5', '2026-04-01')]).toEqual([
    5, 7, 5,
  ]);
  expect([cost('glm-4.7', '2026-03-15'), cost('glm-4.7', '2026-04-15'), cost('glm-5', '2026-03-15')]).toEqual([7, 1, 1]);
  expect(cost('gpt-5-mini', '2026-03-15')).toBeNaN();
  // By its family, whatever its vendor calls it.
  expect(createPriceBook(own({ models: ['opus-5'], input: 9, output: 9 })).costOf('anthropic/claude-opus-5', 0, million, false)).toBe(
    9 * NANO_USD,
  );
});

test('a price below a thousandth of a dollar for a million tokens is not lost', () => {
  const book = createPriceBook(own({ models: ['small'], input: 0.0004, output: 0 }));
  expect(book.costOf('small', 0, { ...none, input: 10_000 }, false)).toBe(4000);
});

test('a book has another fingerprint when it prices something otherwise, and only then', () => {
  const row = { models: ['x'], input: 1, output: 2 };
  const { fingerprint } = createPriceBook(own(row));
  expect(createPriceBook(own({ ...row, checked: '2026-01-01', source: 'y' })).fingerprint).toBe(fingerprint);
  expect(createPriceBook(own({ ...row, output: 3 })).fingerprint).not.toBe(fingerprint);
  expect(createPriceBook().fingerprint).toBe(listPrices.fingerprint);
});

test('hostile names of models do not grow the book without end', () => {
  for (let at = 0; at < 5000; at++) expect(priceOf(`model-${at}`, 0)).toBeUndefined();
  expect(priceOf('claude-opus-5', 0)).toBeDefined();
});
