import { describe, expect, test } from 'vitest';
import {
  formatAxis,
  formatBytes,
  formatChange,
  formatCompact,
  formatCount,
  formatPoints,
  formatShare,
  formatUsd,
  formatUsdCompact,
  formatUsdExact,
  formatWords,
} from './number.ts';

const EN = 'en-US';

describe('numbers', () => {
  test.each([
    [0, '0'],
    [999, '999'],
    [1000, '1.00K'],
    [1234, '1.23K'],
    [999_999, '1.00M'],
    [45_678_901, '45.7M'],
    [1_234_567_890, '1.23B'],
  ])('compact: %d is %s', (value, text) => expect(formatCompact(value, EN)).toBe(text));

  test.each([
    [0, '0'],
    [3_000_000, '3M'],
    [1500, '1.5K'],
  ])('axis: %d is %s', (value, text) => expect(formatAxis(value, EN)).toBe(text));

  test('counts are shown to the last digit', () => expect(formatCount(1_234_567_890, EN)).toBe('1,234,567,890'));

  test.each([
    [0, '$0.00'],
    [0.00042, '$0.00042'],
    [0.00124, '$0.0012'],
    [0.0423, '$0.042'],
    [0.5, '$0.500'],
    [1.005, '$1.01'],
    [1234.5, '$1,234.50'],
  ])('dollars: %d is %s', (value, text) => expect(formatUsd(value, EN)).toBe(text));

  test.each([
    [0, '$0'],
    [0.05, '$0.05'],
    [0.2, '$0.20'],
    [2.5, '$2.50'],
    [0.0025, '$0.0025'],
    [40, '$40'],
    [1200, '$1.2K'],
  ])('dollars on an axis: %d is %s', (value, text) => expect(formatUsdCompact(value, EN)).toBe(text));

  test('dollars on hover keep six digits', () => expect(formatUsdExact(12.3456789, EN)).toBe('$12.345679'));

  test.each([
    [0, '0.0%'],
    [0.9421, '94.2%'],
    [0.99999, '99.9%'],
    [1, '100.0%'],
  ])('share: %d is %s', (value, text) => expect(formatShare(value, EN)).toBe(text));

  test.each([
    [0, 0, 'no change'],
    [5, 0, 'none before'],
    [112, 100, '+12%'],
    [101.5, 100, '+1.5%'],
    [50, 100, '-50%'],
    [100, 100, '0%'],
    [4000, 100, '40 times'],
  ])('change to %d from %d is %s', (now, before, text) => expect(formatChange(now, before, EN)).toBe(text));

  test('a share changes in points', () => expect(formatPoints(0.942, 0.921, EN)).toBe('+2.1 pts'));

  test('one is singular', () => {
    expect(formatWords(1, ['session', 'sessions'], EN)).toBe('1 session');
    expect(formatWords(1200, ['session', 'sessions'], EN)).toBe('1,200 sessions');
  });
});

test.each([
  [0, '0 bytes'],
  [1, '1 byte'],
  [48_213, '48.2 kB'],
  [1_570_000_000, '1.6 GB'],
])('%d bytes are %s', (value, text) => expect(formatBytes(value, 'en-US')).toBe(text));
