import { expect, test } from 'vitest';
import { linesOfMatrix, readResult, remember } from './promql.ts';

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
        points: [
          [0, 1],
          [120, 3],
        ],
      },
    ],
    { start: 0, end: 120 },
    60,
  );
  expect(stack.layers[0]).toMatchObject({ values: [1, Number.NaN, 3], total: 3 });
});

test('a query is remembered once, the newest first', () => expect(remember(['a', 'b'], 'b')).toEqual(['b', 'a']));
