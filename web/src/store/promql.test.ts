import { expect, test } from 'vitest';
import { hideName } from '../format/labels.ts';
import { setPreferences } from '../format/preferences.ts';
import { linesOfMatrix, readResult, remember, writeRaw } from './promql.ts';

test.each([
  [
    { resultType: 'scalar', result: [1, '42'] },
    { kind: 'scalar', value: 42 },
  ],
  [
    { resultType: 'string', result: [1, 'hi'] },
    { kind: 'string', text: 'hi' },
  ],
  [
    { resultType: 'vector', result: [{ metric: { __name__: 'up', job: 'a"b' }, value: [1, '1'] }] },
    { kind: 'vector', rows: [{ name: 'up{job="a\\"b"}', labels: { __name__: 'up', job: 'a"b' }, value: 1 }] },
  ],
  [
    {
      resultType: 'matrix',
      result: [
        {
          metric: {},
          values: [
            [60, '2'],
            [120, 'NaN'],
          ],
        },
      ],
    },
    {
      kind: 'matrix',
      series: [
        {
          name: '',
          labels: {},
          points: [
            [60, 2],
            [120, Number.NaN],
          ],
        },
      ],
    },
  ],
  [{ resultType: 'nonsense', result: [] }, null],
  ['text', null],
])('%j is read', (data, expected) => expect(readResult(data)).toEqual(expected));

test('a matrix becomes lines with gaps', () => {
  const stack = linesOfMatrix(
    [
      {
        name: 'a',
        labels: { __name__: 'a', project: 'shop' },
        points: [
          [0, 1],
          [120, 3],
        ],
      },
    ],
    { start: 0, end: 120 },
    60,
    { project: new Map([['shop', 7]]) },
  );
  expect(stack.layers[0]).toMatchObject({ values: [1, Number.NaN, 3], total: 3, slot: 7 });
});

test('a query is remembered once, the newest first', () => expect(remember(['a', 'b'], 'b')).toEqual(['b', 'a']));

test('hidden names are hidden in answers, too', () => {
  setPreferences({ privacy: true });
  const data = { resultType: 'vector', result: [{ metric: { project: 'secret', kind: 'input' }, value: [1, '1'] }] };
  const answer = readResult(data);
  expect(answer?.kind === 'vector' && answer.rows[0]?.name).toBe(`{project="${hideName('project', 'secret')}", kind="input"}`);
  expect(writeRaw(data)).not.toContain('secret');
  expect(writeRaw(data)).toContain('"kind": "input"');
  setPreferences({ privacy: false });
  expect(writeRaw(data)).toContain('secret');
});
