import { expect, test } from 'vitest';
import { MAX_QUERY_CHARACTERS, objectionTo, readDuration } from './guard.ts';

test.each([
  'up',
  '1',
  'sum by (a) (rate(x{b="c"}[5m]))',
  'x offset 5m',
  'histogram_quantile(0.9, sum by (le) (rate(y_bucket[5m])))',
  '{__name__="x"}',
  'x @ end()',
  'max_over_time(x[30d:5m])',
  'max_over_time(x[1h:])',
  'x{a="\\"\\u00e9\\x7f\\101", b=\'"\', c=`\\`}',
])('lets %s through', (query) => {
  expect(objectionTo(query)).toBeUndefined();
});

test.each([
  ['', 'wants a PromQL expression'],
  ['  ', 'wants a PromQL expression'],
  ['sum(', '1:5: parse error: unexpected end of input'],
  ['up up', '1:4: parse error: unexpected "up"'],
  ['x +\n  x{a=b}', '2:7: parse error: unexpected "b"'],
  ['x{a="b', 'parse error'],
  ['x{a="b\\q"}', '1:5: parse error: not a string literal'],
  ['a{b="\n"}', 'parse error'],
  ['max_over_time(x[1y:1s])', 'its subqueries ask for 31536000 points, at most 100000 are given'],
  ['max_over_time(max_over_time(x[1d:1m])[1d:1m])', 'its subqueries ask for 2073600 points'],
  ['max_over_time(x[range():1s])', 'wants plain durations'],
  [`x{a=~""} ${'or x '.repeat(101)}`, 'has more than 100 selectors'],
  ['x'.repeat(MAX_QUERY_CHARACTERS + 1), 'is 10001 characters long, at most 10000 are taken'],
  [`${'('.repeat(2000)}1${')'.repeat(2000)}`, 'is nested deeper than 200 levels'],
  [`1${'+1'.repeat(300)}`, 'is nested deeper than 200 levels'],
  [`1${'+1'.repeat(4000)}`, 'parse error'],
])('objects to %.20j', (query, objection) => {
  expect(objectionTo(query)).toContain(objection);
});

test.each([
  ['60', 60],
  ['1.5', 1.5],
  ['1e3', 1000],
  ['1h30m', 5400],
  ['1w', 604_800],
  ['100ms', 0.1],
  ['', Number.NaN],
  ['m', Number.NaN],
  ['0x10', Number.NaN],
  ['Infinity', Number.NaN],
])('%j are %d seconds', (text, seconds) => {
  expect(readDuration(text)).toBe(seconds);
});

test.each(['{', '(', '#', '"\\"', 'a-', '-', 'x[', '1^', 'sum by (', 'x{a="b",'])(
  'ten thousand characters of %j are judged at once',
  (part) => {
    const query = part.repeat(10_000 / part.length);
    const times = [1, 2, 3].map(() => {
      const begun = performance.now();
      objectionTo(query);
      return performance.now() - begun;
    });
    // With an error-recovering parser some of these take half a second.
    expect(Math.min(...times)).toBeLessThan(150);
  },
);
