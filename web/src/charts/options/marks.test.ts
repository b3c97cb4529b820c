import { expect, test } from 'vitest';
import type { Mark } from '../../store/marks.ts';
import { groupMarks, marksByBar } from './marks.ts';

const mark = (seconds: number): Mark => ({ seconds, kind: 'commit', text: String(seconds) });
const buckets = [0, 60, 120, 180].map((start) => ({ start, end: start + 60 }));

test('a mark belongs to the bar that it falls into; what is outside belongs to none', () => {
  const bars = marksByBar(buckets, [mark(179), mark(-1), mark(0), mark(59), mark(240)]);
  expect([...bars].map(([index, marks]) => [index, marks.map((one) => one.seconds)])).toEqual([
    [0, [0, 59]],
    [2, [179]],
  ]);
});

test('marks that stand too close are one group', () => {
  const bars = marksByBar(buckets, [mark(0), mark(60), mark(180)]);
  expect(groupMarks(bars, 10, 16).map(({ from, to, marks }) => [from, to, marks.length])).toEqual([
    [0, 1, 2],
    [3, 3, 1],
  ]);
  expect(groupMarks(bars, 30, 16)).toHaveLength(3);
});
