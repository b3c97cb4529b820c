import { expect, test } from 'vitest';
import type { PanelAnswer } from '../api/client.ts';
import { linesOf, type Sums } from './ask.ts';
import { changeRows } from './code.ts';
import { projectRows } from './projects.ts';
import { requestSize, tokenRows } from './tokens.ts';

type Points = [number, number][];
const answer = (series: [labels: Record<string, string>, value: number, points?: Points][]): PanelAnswer => ({
  id: 'tokens',
  unit: 'token',
  start: 0,
  end: 60,
  step: null,
  query: 'q',
  series: series.map(([labels, value, points]) => ({ labels, value, points: points ?? null })),
});

test('a model has its tokens by kind and its requests', () => {
  const tokens = answer([
    [{ model: 'opus', kind: 'input' }, 1],
    [{ model: 'opus', kind: 'cache_read' }, 3],
    [{ model: 'sonnet', kind: 'output' }, 9],
  ]);
  expect(tokenRows('model', tokens, answer([[{ model: 'opus' }, 2]]))).toEqual([
    { name: 'sonnet', tokens: 9, requests: 0, kinds: { output: 9 }, cacheShare: null },
    { name: 'opus', tokens: 4, requests: 2, kinds: { input: 1, cache_read: 3 }, cacheShare: 0.75 },
  ]);
});

test('languages come with the most changed first, and projects with commits alone are there', () => {
  expect(changeRows({ css: { added: 1 }, ts: { added: 5, removed: 2 } }, ['docs'])).toEqual([
    { name: 'ts', added: 5, removed: 2 },
    { name: 'css', added: 1, removed: 0 },
    { name: 'docs', added: 0, removed: 0 },
  ]);
});

test('a project is there when anything is known of it', () => {
  const sums = (values: Record<string, number>): Sums => ({ values, total: 0, query: '', unnarrowed: [] });
  const none = sums({});
  const rows = projectRows([sums({ shop: 2 }), none, none, none, none, none, sums({ blog: 7 }), none]);
  expect(rows.map((row) => [row.name, row.costUsd, row.lines])).toEqual([
    ['shop', 2, 0],
    ['blog', 0, 7],
  ]);
});

test('quantiles become lines with gaps where nothing happened; one of which nothing is known is left out', () => {
  const whole = answer([[{}, 4]]);
  const rest = answer([[{}, 4, [[120, 7]]]]);
  const lines = [
    { name: 'half', whole, start: { ...answer([[{}, 2]]), start: 30 }, rest },
    { name: 'most', whole: answer([]), start: null, rest: answer([]) },
  ];
  const stack = linesOf(lines, { start: 30, end: 60 }, { start: 60, end: 180 }, 60);
  expect(stack.layers).toMatchObject([{ key: 'half', values: [2, Number.NaN, 7], total: 4 }]);
});

test('a request has tokens on average where there was one', () => {
  const stack = (values: number[]) => ({
    label: 'all',
    step: 60,
    buckets: values.map((_, index) => ({ start: index * 60, end: index * 60 + 60 })),
    layers: [{ key: 'a', label: 'a', title: 'a', slot: 0, values, total: 0 }],
    total: 0,
    query: 'q',
  });
  expect(requestSize(stack([30, 0, 50]), stack([3, 0, 1])).layers[0]).toMatchObject({ values: [10, Number.NaN, 50], total: 20 });
  expect(requestSize(stack([0]), stack([0])).layers).toEqual([]);
});
