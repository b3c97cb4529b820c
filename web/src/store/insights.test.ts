import { describe, expect, test } from 'vitest';
import { habitsOf, periodsAt } from './insights.ts';

const at = (text: string) => Date.parse(text) / 1000;
const iso = (seconds: number) => new Date(seconds * 1000).toISOString().slice(0, 16);

describe('periods', () => {
  // A Friday.
  const [week, days, month] = periodsAt(at('2026-11-20T12:30:00Z'), 1, 'UTC').map(({ now, before }) =>
    [now.start, now.end, before.start, before.end].map(iso),
  );

  test('a week is compared with the last one until the same moment', () =>
    expect(week).toEqual(['2026-11-16T00:00', '2026-11-20T12:30', '2026-11-09T00:00', '2026-11-13T12:30']));
  test('seven days with those before', () =>
    expect(days).toEqual(['2026-11-13T12:30', '2026-11-20T12:30', '2026-11-06T12:30', '2026-11-13T12:30']));
  test('a month with the last one until the same moment', () =>
    expect(month).toEqual(['2026-11-01T00:00', '2026-11-20T12:30', '2026-10-01T00:00', '2026-10-20T12:30']));

  test('a month that is longer than the last one is compared with all of that', () => {
    const [, , march] = periodsAt(at('2026-03-31T12:00:00Z'), 1, 'UTC');
    expect([march?.before.start, march?.before.end].map((seconds) => iso(seconds ?? 0))).toEqual(['2026-02-01T00:00', '2026-03-01T00:00']);
  });

  test('the week begins when the viewer says', () =>
    expect(iso(periodsAt(at('2026-11-20T12:30:00Z'), 7, 'UTC')[0]?.now.start ?? 0)).toBe('2026-11-15T00:00'));

  test('days begin where the viewer is', () =>
    expect(iso(periodsAt(at('2026-11-20T12:30:00Z'), 1, 'Europe/Berlin')[0]?.now.start ?? 0)).toBe('2026-11-15T23:00'));
});

describe('habits', () => {
  const hours = Array.from({ length: 7 }, () => new Array<number>(24).fill(0));
  const none = { days: [], query: '' };

  test('are the largest of each', () => {
    const busy = hours.map((row, weekday) => row.map((_, hour) => (hour === 14 ? weekday : 0)));
    const days = { days: [3, 9, 0].map((value, index) => ({ start: index, end: index + 1, value })), query: '' };
    const habits = habitsOf(busy, days, days, { values: { opus: 30, haiku: 10 }, total: 40 }, 5);
    expect(habits).toMatchObject({ since: 5, peakHour: { hour: 14, share: 1 }, peakWeekday: 7, model: { name: 'opus', share: 0.75 } });
    expect([habits.dearest?.start, habits.busiest?.value, habits.streak.longest]).toEqual([1, 9, 2]);
  });

  test('of nothing there are none', () => {
    expect(habitsOf(hours, none, none, { values: {}, total: 0 }, null)).toEqual({
      since: null,
      peakHour: null,
      peakWeekday: null,
      dearest: null,
      busiest: null,
      streak: { now: 0, longest: 0 },
      model: null,
    });
  });
});
