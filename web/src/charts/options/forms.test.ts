import { expect, test } from 'vitest';
import { TOKENS } from '../../format/units.ts';
import { accumulate, courseOf, inForm, shares } from './forms.ts';
import type { Stack } from './stack.ts';

const layer = (key: string, values: number[]) => ({
  key,
  label: key,
  title: key,
  slot: 0,
  values,
  total: values.reduce((sum, value) => sum + value, 0),
});
const stack: Stack = {
  label: 'model',
  step: 60,
  buckets: [0, 60, 120].map((start) => ({ start, end: start + 60 })),
  layers: [layer('a', [3, 0, 1]), layer('b', [1, 0, 1])],
  total: 6,
  query: '',
};

test('added up, each bar has all before it', () =>
  expect(accumulate(stack).layers.map((one) => one.values)).toEqual([
    [3, 3, 4],
    [1, 1, 2],
  ]));

test('as shares, the parts of a bar make one, and a bar of nothing has none', () => {
  expect(shares(stack).layers.map((one) => one.values)).toEqual([
    [0.75, 0, 0.5],
    [0.25, 0, 0.5],
  ]);
  expect(shares(stack).layers.map((one) => one.total)).toEqual([4 / 6, 2 / 6]);
});

test('bar by bar it is what it is', () => expect(inForm(stack, TOKENS, 'each')).toEqual({ stack, format: TOKENS }));

test('the course is the sum of all layers', () => expect(courseOf(stack)).toEqual([4, 0, 2]));
