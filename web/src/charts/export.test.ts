import { expect, test } from 'vitest';
import { csvOf, fileName, stackRows } from './export.ts';

test.each([
  [[['a', 1]], 'a,1\r\n'],
  [[['a,b', 'say "x"', 'two\nlines']], '"a,b","say ""x""","two\nlines"\r\n'],
  [[['=1+1', '@x', '-2']], "'=1+1,'@x,'-2\r\n"],
  [[[-2, Number.NaN, 0.5]], '-2,,0.5\r\n'],
])('%j is written as %j', (rows, text) => expect(csvOf(rows)).toBe(text));

test('a chart becomes rows with its times in UTC', () => {
  const layer = { key: 'a', label: 'A', title: 'a', slot: 0, values: [1, Number.NaN], total: 1 };
  const buckets = [
    { start: 0, end: 60 },
    { start: 60, end: 120 },
  ];
  expect(stackRows({ label: 'model', step: 60, buckets, layers: [layer], total: 1, query: '' })).toEqual([
    ['start', 'end', 'a'],
    ['1970-01-01T00:00:00Z', '1970-01-01T00:01:00Z', 1],
    ['1970-01-01T00:01:00Z', '1970-01-01T00:02:00Z', Number.NaN],
  ]);
});

test('files are named after what they show', () =>
  expect(fileName('Tools', 'Calls, by tool', 'csv')).toBe('ccmeter-tools-calls-by-tool.csv'));
