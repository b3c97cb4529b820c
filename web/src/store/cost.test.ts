import { expect, test } from 'vitest';
import { accumulate, cacheSaved, costAt, costElsewhere, inForce, projectMonth } from './cost.ts';

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

test('of a model whose price changed the row in force counts', () => {
  const of = (timeMs: number) => inForce(timeMs).filter((price) => price.families.includes('sonnet-5-5'));
  expect(of(NOW_MS)).toHaveLength(1);
  expect(of(NOW_MS)[0]?.rates.cacheRead).toBe(0.1);
  expect(of(Date.parse('2026-10-01T00:00:00Z'))[0]?.rates.cacheRead).toBe(0.2);
});

test('the cache saves what reads are cheaper, less what writes are dearer', () => {
  expect(
    cacheSaved({ 'claude-opus-4-6': { cache_read: MILLION, cache_write_5m: MILLION }, 'glm-4.7': { cache_read: MILLION } }, NOW_MS),
  ).toBeCloseTo(5 - 0.5 + 5 - 6.25);
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

test('an accumulated bar has all before it', () => {
  const layer = { key: 'a', label: 'a', title: 'a', slot: 0, values: [1, 0, 2], total: 3 };
  const buckets = [0, 60, 120].map((start) => ({ start, end: start + 60 }));
  expect(accumulate({ label: 'model', step: 60, buckets, layers: [layer], total: 3, query: '' }).layers[0]?.values).toEqual([1, 1, 3]);
});
