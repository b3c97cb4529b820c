import { describe, expect, test } from 'vitest';
import { cutRange, nextMinute, previousRange, QUICK_RANGES, type Range, resolveRange, stepFor } from './range.ts';

const at = (text: string) => Date.parse(text) / 1000;
const NOW_MS = Date.parse('2026-11-20T12:05:09Z');
const END = at('2026-11-20T12:06:00Z');

describe('a range', () => {
  test('ends at the next full minute, also when the minute is full', () => {
    expect(nextMinute(NOW_MS)).toBe(END);
    expect(nextMinute(END * 1000)).toBe(END + 60);
  });

  test.each([
    ['1h', '2026-11-20T11:06:00Z'],
    ['24h', '2026-11-19T12:06:00Z'],
    ['7d', '2026-11-13T12:06:00Z'],
    ['30d', '2026-10-21T12:06:00Z'],
    ['90d', '2026-08-22T12:06:00Z'],
    ['all', '2026-02-01T08:30:00Z'],
  ] as const)('%s begins at %s', (name, start) => {
    const first = at('2026-02-01T08:30:20Z');
    expect(resolveRange({ kind: 'quick', name }, NOW_MS, first)).toEqual({ start: at(start), end: END });
  });

  test('all without history is a short empty range', () => {
    expect(resolveRange({ kind: 'quick', name: 'all' }, NOW_MS, null)).toEqual({ start: END - 3600, end: END });
  });

  test('all is at least a minute when history begins in the future of a slow clock', () => {
    expect(resolveRange({ kind: 'quick', name: 'all' }, NOW_MS, END + 600)).toEqual({ start: END - 60, end: END });
  });

  test('an absolute range is widened to whole minutes', () => {
    expect(resolveRange({ kind: 'absolute', start: 61, end: 121 }, NOW_MS, null)).toEqual({ start: 60, end: 180 });
  });
});

describe('the range before', () => {
  const range = { start: 1000, end: 1600 };
  test('has the same length', () => expect(previousRange(range, 0)).toEqual({ start: 400, end: 1000 }));
  test('is none where history begins later', () => {
    expect(previousRange(range, 1000)).toBeNull();
    expect(previousRange(range, null)).toBeNull();
  });
});

describe('bars', () => {
  test.each([
    ['1h', 60],
    ['24h', 1800],
    ['7d', 21_600],
    ['30d', 86_400],
    ['90d', 86_400],
  ] as const)('%s has steps of %d s', (name, step) => {
    expect(stepFor(resolveRange({ kind: 'quick', name }, NOW_MS, 0))).toBe(step);
  });

  test('are never too many, however long the range', () => {
    for (const days of [1, 100, 400, 1000, 5000]) {
      const range = { start: 0, end: days * 86_400 };
      expect(range.end / stepFor(range)).toBeLessThanOrEqual(92);
    }
  });

  const range: Range = { start: at('2026-11-13T12:06:00Z'), end: END };
  test.each([
    ['midnight in UTC', 86_400, 0, '2026-11-14T00:00:00Z'],
    ['midnight in India', 86_400, 19_800, '2026-11-13T18:30:00Z'],
    ['midnight in New York', 86_400, -18_000, '2026-11-14T05:00:00Z'],
    ['three hours', 10_800, 0, '2026-11-13T15:00:00Z'],
    ['a Monday', 604_800, 0, '2026-11-16T00:00:00Z'],
  ])('begin on %s', (_name, step, offset, cut) => {
    const { head, body } = cutRange(range, step, offset);
    expect(head).toEqual({ start: range.start, end: at(cut) });
    expect(body).toEqual({ start: at(cut), end: range.end });
  });

  test('need no head where the range begins on a cut', () => {
    expect(cutRange({ start: 0, end: 7200 }, 3600, 0)).toEqual({ head: null, body: { start: 0, end: 7200 } });
  });

  test('have no head where no cut falls inside', () => {
    expect(cutRange({ start: 60, end: 1200 }, 3600, 0)).toEqual({ head: null, body: { start: 60, end: 1200 } });
  });

  test('every quick range is cut on a minute', () => {
    for (const name of QUICK_RANGES) {
      const whole = resolveRange({ kind: 'quick', name }, NOW_MS, 0);
      expect(cutRange(whole, stepFor(whole), 20_700).body.start % 60).toBe(0);
    }
  });
});
