import { expect, test } from 'vitest';
import { hoursOfWeek, levelOf } from './activity.ts';

test('hours are those of the viewer', () => {
  const friday = Date.parse('2026-11-20T23:00:00Z') / 1000;
  const points = [
    [friday, 3],
    [friday - 7 * 86_400, 4],
  ] as const;
  expect(hoursOfWeek(points, 'UTC')[4]?.[23]).toBe(7);
  expect(hoursOfWeek(points, 'Europe/Berlin')[5]?.[0]).toBe(7);
});

test.each([
  [0, 100, 0],
  [1, 100, 1],
  [25, 100, 3],
  [100, 100, 5],
  [3, 0, 0],
])('%d of at most %d has level %d', (value, most, level) => expect(levelOf(value, most)).toBe(level));
