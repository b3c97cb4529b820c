import { expect, test } from 'vitest';
import { costAt, costElsewhere, priceLines, projectMonth } from './cost.ts';
import { inForce } from './price-book.ts';

const NOW_MS = Date.parse('2026-11-21T00:00:00Z');
const MILLION = 1_000_000;

test('tokens cost what the rates say', () => {
  const rates = { input: 5, output: 25, cacheRead: 0.5, write5m: 6.25, write1h: 10 };
  expect(costAt(rates, { input: MILLION, output: MILLION, cache_read: MILLION, cache_write_5m: MILLION, cache_write_1h: MILLION })).toBe(
    46.75,
  );
  expect(costAt(rates, {})).toBe(0);
});

test('the same tokens on the model that they ran on cost the same', () => {
  const table = { 'claude-opus-4-6': { input: MILLION, output: 2 * MILLION } };
  const rows = costElsewhere(table, 55, NOW_MS);
  expect(rows.find((row) => row.price.families.includes('opus-4-6'))).toMatchObject({ costUsd: 55, ratio: 1 });
  expect(rows.map((row) => row.costUsd)).toEqual([...rows.map((row) => row.costUsd)].sort((one, other) => one - other));
});

test('long prompts and fast mode are bounds and lines of their own', () => {
  const rows = costElsewhere({ x: { input: MILLION } }, 1, NOW_MS);
  const of = (family: string) => rows.find((row) => row.price.families.includes(family));
  expect(of('sonnet-4-5')).toMatchObject({ costUsd: 3, mostUsd: 6, fastUsd: null });
  expect(of('opus-5')).toMatchObject({ costUsd: 5, mostUsd: 5, fastUsd: 10 });
  const lines = priceLines(inForce(NOW_MS));
  expect(lines.filter((line) => line.price.families.includes('sonnet-4-5')).map((line) => [line.only, line.rates.input])).toEqual([
    [null, 3],
    [{ longerThan: 200_000 }, 6],
  ]);
  expect(lines.filter((line) => line.price.families.includes('opus-5')).map((line) => line.only)).toEqual([null, 'fast']);
});

const DAY = 86_400;
const month = (values: readonly number[], end: number) =>
  values.map((value, index) => ({ start: end - (values.length - index) * DAY, end: end - (values.length - index - 1) * DAY, value }));

test('a month of equal days has no range', () => {
  const end = new Date(2026, 10, 11).getTime() / 1000;
  const { soFar, expected, low, high, daysLeft } = projectMonth(
    month(
      Array.from({ length: 40 }, () => 2),
      end,
    ),
    end - 1,
  );
  expect({ soFar, daysLeft }).toEqual({ soFar: 20, daysLeft: 20 });
  expect(expected).toBeCloseTo(60, 2);
  expect(low).toBeCloseTo(60, 2);
  expect(high).toBeCloseTo(60, 2);
});

test('days that differ make a range, which never goes below what is spent', () => {
  const end = new Date(2026, 10, 30).getTime() / 1000;
  const { soFar, low, high, expected } = projectMonth(
    month(
      Array.from({ length: 29 }, (_, index) => (index % 2) * 50),
      end,
    ),
    end - DAY / 2,
  );
  expect(low).toBeGreaterThanOrEqual(soFar);
  expect(high).toBeGreaterThan(expected);
});

test('nothing used is nothing projected', () => {
  expect(projectMonth([], NOW_MS / 1000)).toMatchObject({ soFar: 0, expected: 0, low: 0, high: 0 });
});
