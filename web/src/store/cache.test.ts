import { expect, test } from 'vitest';
import { cacheSaved, pricePeriods } from './cache.ts';
import { prices } from './price-book.ts';

const NOW_MS = Date.parse('2026-11-21T00:00:00Z');
const MILLION = 1_000_000;
const [anyPrice] = prices;
if (!anyPrice) throw new Error('there are no prices');

test('the cache saves what reads are cheaper, less what writes are dearer', () => {
  expect(
    cacheSaved({ 'claude-opus-4-6': { cache_read: MILLION, cache_write_5m: MILLION }, 'glm-4.7': { cache_read: MILLION } }, NOW_MS),
  ).toBeCloseTo(5 - 0.5 + 5 - 6.25);
});

test('a range is cut where prices change', () => {
  const row = (from: string, to: string) => ({ ...anyPrice, families: ['x'], from, to });
  const table = [row('1970-01-02', '1970-01-03'), row('1970-01-03', '1971-01-01')];
  expect(pricePeriods({ start: 0, end: 3 * 86_400 }, table)).toEqual([
    { start: 0, end: 86_400 },
    { start: 86_400, end: 2 * 86_400 },
    { start: 2 * 86_400, end: 3 * 86_400 },
  ]);
  expect(pricePeriods({ start: 0, end: 60 }, table)).toEqual([{ start: 0, end: 60 }]);
});
