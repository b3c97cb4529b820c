import { expect, test } from 'vitest';
import { bucketsOf, seriesOf, totalsOf } from './buckets.ts';

test.each([
  [{ start: 0, end: 3600 }, 600, { count: 6, whole: { start: 600, end: 3600, step: 600 }, cutSeconds: 0 }],
  [{ start: 60, end: 3600 }, 600, { count: 6, whole: { start: 660, end: 3060, step: 600 }, cutSeconds: 540 }],
  [{ start: 0, end: 600 }, 600, { count: 1, whole: { start: 600, end: 600, step: 600 }, cutSeconds: 0 }],
  [{ start: 0, end: 60 }, 600, { count: 1, whole: null, cutSeconds: 60 }],
])('cuts %j by %i s at the ends of its buckets', (range, step, buckets) => {
  expect(bucketsOf(range, step)).toEqual(buckets);
});

test('a point stands at the start of its bucket, with 0 where nothing happened', () => {
  const whole = [{ labels: { model: 'a', other: 'x' }, points: [[120, 5] as [number, number]] }];
  const cut = [{ labels: { model: 'b' }, value: 7 }];
  expect(seriesOf({ start: 0, end: 180 }, 60, whole, [], ['model'], 'token')).toEqual([
    {
      labels: { model: 'a' },
      value: 5,
      points: [
        [0, 0],
        [60, 5],
        [120, 0],
      ],
    },
  ]);
  expect(seriesOf({ start: 0, end: 150 }, 60, whole, cut, ['model'], 'token')).toEqual([
    {
      labels: { model: 'b' },
      value: 7,
      points: [
        [0, 0],
        [60, 0],
        [120, 7],
      ],
    },
    {
      labels: { model: 'a' },
      value: 5,
      points: [
        [0, 0],
        [60, 5],
        [120, 0],
      ],
    },
  ]);
});

test('without labels there is one series, also when nothing happened', () => {
  expect(totalsOf([], [], 'token')).toEqual([{ labels: {}, value: 0, points: null }]);
  expect(seriesOf({ start: 0, end: 120 }, 60, [], [], [], 'usd')).toEqual([
    {
      labels: {},
      value: 0,
      points: [
        [0, 0],
        [60, 0],
      ],
    },
  ]);
});

test('groups are ordered by value, then by label, and those with nothing are left out', () => {
  const samples = [
    { labels: { model: 'z' }, value: 1 },
    { labels: { model: 'a' }, value: 1 },
    { labels: { model: 'b' }, value: 2 },
    { labels: { model: 'n' }, value: 0 },
    { labels: {}, value: 3 },
  ];
  expect(totalsOf(samples, ['model'], 'token').map(({ labels }) => labels.model)).toEqual(['', 'b', 'a', 'z']);
});

test.each([
  [2.9999999999, 'token', 3],
  [7_000_000.0001, 'token', 7_000_000.0001],
  [2.5, 'token', 2.5],
  [0.1 + 0.2, 'usd', 0.3],
  [0.000000005, 'usd', 0.000000005],
] as const)('%d %s is shown as %d', (value, unit, shown) => {
  expect(totalsOf([{ labels: {}, value }], [], unit)[0]?.value).toBe(shown);
});

test('a total is the sum of its buckets without the noise of adding them', () => {
  const points = Array.from({ length: 10 }, (_, index): [number, number] => [60 * (index + 1), 0.1]);
  expect(seriesOf({ start: 0, end: 600 }, 60, [{ labels: {}, points }], [], [], 'usd')[0]?.value).toBe(1);
});
