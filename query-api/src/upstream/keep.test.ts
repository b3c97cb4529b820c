import { expect, test } from 'vitest';
import { createKeep, isKeepable } from './keep.ts';

test('keeps for a moment', () => {
  let ms = 0;
  const keep = createKeep<string>(() => ms, 100);
  keep.put('a', 'x', 1);
  ms = 99;
  expect(keep.get('a')).toBe('x');
  ms = 100;
  expect(keep.get('a')).toBeUndefined();
});

test('keeps so many bytes, the newest', () => {
  const keep = createKeep<string>(() => 0, 100, 10);
  for (const key of ['a', 'b', 'c']) keep.put(key, key, 4);
  keep.put('large', 'x', 11);
  expect(['a', 'b', 'c', 'large'].map((key) => keep.get(key))).toEqual([undefined, 'b', 'c', undefined]);
});

const NOW_MS = Date.parse('2026-11-21T12:00:00Z');
const hoursAgo = (hours: number) => String(NOW_MS / 1000 - hours * 3600);

test.each([
  ['query', { query: 'x', time: hoursAgo(1) }, true],
  ['query', { query: 'x', time: '2026-11-21T11:00:00Z' }, true],
  ['query', { query: 'x', time: hoursAgo(0.9) }, false],
  ['query', { query: 'x' }, false],
  ['query', { query: 'x', time: 'yesterday' }, false],
  ['query', { query: 'x @ end()', time: hoursAgo(2) }, false],
  ['query', { query: 'x offset -1d', time: hoursAgo(2) }, false],
  ['query', { query: 'x offset (-1d)', time: hoursAgo(2) }, false],
  ['query', { query: 'x OFFSET # 1d\n -1d', time: hoursAgo(2) }, false],
  ['query', { query: 'x offset 1d', time: hoursAgo(2) }, true],
  ['query_range', { query: 'x', start: hoursAgo(9), end: hoursAgo(2) }, true],
  ['query_range', { query: 'x', start: hoursAgo(9), end: hoursAgo(0) }, false],
  ['label/model/values', { end: hoursAgo(2) }, true],
  ['label/model/values', {}, false],
  ['series', { end: hoursAgo(0) }, false],
  ['query_exemplars', { query: 'x', end: hoursAgo(2) }, false],
  ['rules', {}, false],
  ['alerts', {}, false],
  ['metadata', {}, true],
  ['status/buildinfo', {}, true],
] as [string, Record<string, string>, boolean][])('%s %j may be kept: %j', (path, parameters, keepable) => {
  expect(isKeepable(path, new URLSearchParams(parameters), NOW_MS)).toBe(keepable);
});
