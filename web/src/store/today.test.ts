import { expect, test } from 'vitest';
import { todayOf } from './today.ts';

const at = (text: string) => Date.parse(text) / 1000;
const NOW = at('2026-11-20T12:30:00Z');

test('today is held against the days before, until the same time of the day', () => {
  const points: [number, number][] = [
    [at('2026-11-18T09:00:00Z'), 10],
    [at('2026-11-18T12:00:00Z'), 4],
    [at('2026-11-18T20:00:00Z'), 6],
    // Nothing on the 19th.
    [at('2026-11-19T09:00:00Z'), 0],
    [at('2026-11-20T08:00:00Z'), 3],
    [at('2026-11-20T12:00:00Z'), 2],
  ];
  const today = todayOf(points, NOW, 'q', 'UTC');
  expect(today).toMatchObject({ soFar: 5, usualByNow: 12, usualDay: 20, days: 1 });
  const [now, usual] = today.course.layers;
  expect(now?.values.slice(7, 14)).toEqual([0, 3, 3, 3, 3, 5, Number.NaN]);
  expect(usual?.values.at(-1)).toBe(20);
  expect(today.course.buckets[0]?.start).toBe(at('2026-11-20T00:00:00Z'));
});

test('the day begins where the viewer is', () => {
  const today = todayOf([[at('2026-11-19T23:00:00Z'), 7]], NOW, 'q', 'Europe/Berlin');
  expect(today).toMatchObject({ soFar: 7, usualByNow: null, usualDay: null, days: 0 });
  expect(today.course.layers).toHaveLength(1);
});
