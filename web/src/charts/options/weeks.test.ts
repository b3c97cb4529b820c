import { expect, test } from 'vitest';
import { weeksOf } from './weeks.ts';

const DAY = 86_400;
const friday = Date.parse('2026-11-20T00:00:00Z') / 1000;
const days = Array.from({ length: 4 }, (_, index) => ({ start: friday + index * DAY, end: friday + (index + 1) * DAY, value: index }));

test.each([
  [
    1,
    [
      [null, null, null, null, 0, 1, 2],
      [3, null, null, null, null, null, null],
    ],
  ],
  [
    7,
    [
      [null, null, null, null, null, 0, 1],
      [2, 3, null, null, null, null, null],
    ],
  ],
])('weeks that begin on day %d', (weekStart, expected) => {
  expect(weeksOf(days, weekStart, 'UTC').map((week) => week.days.map((day) => day?.value ?? null))).toEqual(expected);
});
