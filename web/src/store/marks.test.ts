import { describe, expect, test } from 'vitest';
import type { Stack } from '../charts/options/stack.ts';
import { countMarks, modelMarks, priceMarks, versionMarks } from './marks.ts';
import { prices } from './price-book.ts';

const stack = (layers: Record<string, number[]>): Stack => ({
  label: 'model',
  step: 60,
  buckets: (Object.values(layers)[0] ?? []).map((_, index) => ({ start: index * 60, end: index * 60 + 60 })),
  layers: Object.entries(layers).map(([key, values]) => ({ key, label: key, title: key, slot: 0, values, total: 1 })),
  total: 1,
  query: '',
});
const told = (marks: { seconds: number; text: string }[]) => marks.map(({ seconds, text }) => [seconds / 60, text]);

describe('models', () => {
  test('a model is marked where it is used for the first time', () => {
    const requests = stack({ 'claude-opus-5': [2, 2, 0, 1], 'claude-sonnet-5': [0, 0, 0, 1] });
    expect(told(modelMarks(requests, new Set(['claude-opus-5'])))).toEqual([[3, 'First use of Sonnet 5']]);
    expect(told(modelMarks(requests, new Set(['claude-opus-5', 'claude-sonnet-5'])))).toEqual([]);
  });

  test('without a history before the range the first bar is no news', () => {
    expect(told(modelMarks(stack({ a: [0, 1, 1], b: [0, 0, 1] }), null))).toEqual([[2, 'First use of b']]);
  });

  test('a switch is marked when it lasts', () => {
    const requests = stack({ a: [9, 9, 1, 9, 1, 0, 1, 1], b: [1, 1, 9, 1, 9, 0, 9, 9] });
    expect(told(modelMarks(requests, new Set(['a', 'b'])))).toEqual([[4, 'Mostly b from here, before a']]);
  });
});

test('a version is marked where it is seen for the first time', () => {
  expect(told(versionMarks(stack({ '2.0.1': [0, 1, 1] }), new Set()))).toEqual([]);
  expect(told(versionMarks(stack({ '2.0.1': [1, 1, 0], '2.0.2': [0, 1, 1] }), null))).toEqual([[1, 'Claude Code 2.0.2']]);
});

const [anyPrice] = prices;
if (!anyPrice) throw new Error('there are no prices');

test('a new price is marked for models that are used', () => {
  const row = (from: string) => ({ ...anyPrice, families: ['sonnet-5-5', 'sonnet-9'], from });
  const [start, end] = ['2026-10-01', '2026-11-01'].map((day) => Date.parse(day) / 1000) as [number, number];
  const marksOf = (from: string, model: string) => priceMarks([row(from)], [model], start, end).map((mark) => mark.text);
  expect(marksOf('2026-10-07', 'claude-sonnet-5-5-20261001')).toEqual(['New price: Sonnet 5.5']);
  expect(marksOf('2026-10-07', 'claude-opus-5')).toEqual([]);
  expect(marksOf('2026-12-07', 'claude-sonnet-5-5')).toEqual([]);
});

test('a bar tells how many commits it has and of which projects', () => {
  expect(told(countMarks(stack({ harbour: [0, 2, 1], docs: [0, 3, 0] }), 'commit'))).toEqual([
    [1, '5 commits: docs 3, harbour 2'],
    [2, '1 commit: harbour'],
  ]);
});
