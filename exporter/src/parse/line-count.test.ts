import { diffArrays } from 'diff';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { countLines, diffLines } from './line-count.ts';

test.each([
  ['', 0],
  ['one', 1],
  ['one\n', 1],
  ['one\ntwo', 2],
  ['\n\n', 2],
])('%j has %i lines', (text, lines) => {
  expect(countLines(text)).toBe(lines);
});

test('counts as many lines as the shortest edit has', () => {
  const lines = fc.array(fc.constantFrom('a', 'b', 'c', 'd'), { minLength: 1, maxLength: 16 });
  fc.assert(
    fc.property(lines, lines, (from, to) => {
      const changes = diffArrays(from, to);
      const count = (kind: 'added' | 'removed') => changes.reduce((sum, change) => sum + (change[kind] ? change.count : 0), 0);
      expect(diffLines(from.join('\n'), to.join('\n'))).toEqual({ added: count('added'), removed: count('removed') });
    }),
    { numRuns: 2000 },
  );
});

test('texts that differ in very many lines count as replaced', () => {
  const text = (word: string) => Array.from({ length: 3000 }, (_, at) => `${word} ${at}`).join('\n');
  expect(diffLines(`same\n${text('before')}`, `same\n${text('after')}`)).toEqual({ added: 3000, removed: 3000 });
});
