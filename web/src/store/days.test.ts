import { expect, test } from 'vitest';
import { midnight } from '../format/zone.ts';
import { type Day, dayRuns, streaks } from './days.ts';

const DAY = 86_400;
const at = (text: string) => Date.parse(text) / 1000;

test('days of 24 hours are one run', () => {
  expect(dayRuns(0, 3 * DAY, (seconds) => seconds + DAY)).toEqual([{ start: 0, end: 3 * DAY }]);
});

test('a day on which clocks change is a run of its own, and so is the beginning of today', () => {
  const zone = 'Europe/Berlin';
  const start = midnight(at('2026-10-24T12:00:00Z'), 0, zone);
  const runs = dayRuns(start, at('2026-10-27T10:00:00Z'), (seconds) => midnight(seconds, 1, zone));
  expect(runs.map((run) => (run.end - run.start) / 3600)).toEqual([24, 25, 24, 11]);
  expect(runs[1]?.end).toBe(runs[2]?.start);
});

const days = (...values: number[]): Day[] => values.map((value, index) => ({ start: index * DAY, end: (index + 1) * DAY, value }));

test.each([
  [days(1, 1, 0, 1, 1, 1), { now: 3, longest: 3, active: 5 }],
  [days(1, 1, 1, 0, 1, 0), { now: 1, longest: 3, active: 4 }],
  [days(1, 0, 0), { now: 0, longest: 1, active: 1 }],
  [days(1, 2), { now: 2, longest: 2, active: 2 }],
  [days(), { now: 0, longest: 0, active: 0 }],
])('the rows of days in %j', (given, expected) => expect(streaks(given)).toEqual(expected));
