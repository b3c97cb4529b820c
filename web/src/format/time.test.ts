import { expect, test } from 'vitest';
import {
  formatAgo,
  formatClock,
  formatClockSeconds,
  formatDate,
  formatDay,
  formatDuration,
  formatMoment,
  formatSeconds,
  formatSecondsAxis,
  formatSpan,
} from './time.ts';

const UTC = { locale: 'en-US', timeZone: 'UTC' };
const NOON = Date.UTC(2026, 10, 20, 12, 5, 9) / 1000;

test('times are told in the given zone', () => {
  expect(formatClock(NOON, UTC)).toBe('12:05');
  expect(formatClock(NOON, { locale: 'en-US', timeZone: 'Asia/Kolkata' })).toBe('17:35');
  expect(formatClockSeconds(NOON * 1000, UTC)).toBe('12:05:09');
  expect(formatDay(NOON, UTC)).toBe('Nov 20');
  expect(formatDate(NOON, UTC)).toBe('Nov 20, 2026');
  expect(formatMoment(NOON, UTC)).toBe('Fri, Nov 20, 12:05');
});

test('a span says once what both ends share', () => {
  expect(formatSpan(NOON - 3600, NOON, UTC).replaceAll(/\s/g, ' ')).toBe('Nov 20, 11:05 – 12:05');
  expect(formatSpan(NOON - 86_400, NOON, UTC).replaceAll(/\s/g, ' ')).toBe('Nov 19, 12:05 – Nov 20, 12:05');
});

test.each([
  [-1, '0 s'],
  [59, '59 s'],
  [60, '1 min'],
  [3599, '59 min'],
  [3600, '1 h'],
  [5400, '1 h 30 min'],
  [273_600, '3 d 4 h'],
])('%d seconds are %s', (seconds, text) => expect(formatDuration(seconds)).toBe(text));

test.each([
  [0.24, '240 ms'],
  [0.9999, '1 s'],
  [3.21, '3.2 s'],
  [9.97, '10 s'],
  [48.2, '48 s'],
  [61, '1 min 1 s'],
  [119.7, '2 min'],
  [4000, '1 h 6 min'],
])('%d seconds of work are %s', (seconds, text) => expect(formatSeconds(seconds)).toBe(text));

test.each([
  [0, '0'],
  [0.05, '50 ms'],
  [7.5, '7.5 s'],
  [600, '10 min'],
  [7200, '2 h'],
])('%d seconds on an axis are %s', (seconds, text) => expect(formatSecondsAxis(seconds)).toBe(text));

test('just now is now', () => {
  expect(formatAgo(1000, 1500)).toBe('now');
  expect(formatAgo(0, 12_000)).toBe('12 s ago');
});
