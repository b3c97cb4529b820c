import { expect, test } from 'vitest';
import { describeDifference, generate, outputs } from './generate.ts';

test('what is in the repository is what the catalogue says', () => {
  const said: string[] = [];
  expect(
    generate(['--check'], (text) => said.push(text)),
    said.join('\n'),
  ).toBe(0);
});

test('names the first line that differs', () => {
  expect(describeDifference('x.md', 'a\nb\nc', 'a\nB\nc')).toBe('x.md is out of date, first at line 2:\n  is:     b\n  wanted: B');
  expect(describeDifference('x.md', 'a\nb', 'a')).toContain('line 2');
});

test('every output ends with a newline', () => {
  for (const output of outputs) expect(output.content().endsWith('\n'), output.path).toBe(true);
});
