import fc from 'fast-check';
import { expect, test } from 'vitest';
import { countLineChanges, readVersionName } from './file-history.ts';

test.each([
  ['0123456789abcdef@v1', { fileHash: '0123456789abcdef', version: 1 }],
  ['0123456789abcdef@v78', { fileHash: '0123456789abcdef', version: 78 }],
  ['0123456789abcdef@v0', undefined],
  ['0123456789abcde@v1', undefined],
  ['notes.md', undefined],
  ['../0123456789abcdef@v1', undefined],
])('%s', (name, wanted) => {
  expect(readVersionName(name)).toEqual(wanted);
});

test.each([
  ['nothing', 'a\nb\n', 'a\nb\n', [0, 0, 0]],
  ['a file that was empty', '', 'a\nb\n', [2, 0, 0]],
  ['a file that was emptied', 'a\nb\n', '', [0, 2, 0]],
  ['a line at the end', 'a\nb\n', 'a\nb\nc\n', [1, 0, 0]],
  ['a line in the middle', 'a\nb\n', 'a\nx\nb\n', [1, 0, 0]],
  ['a line less', 'a\nb\nc\n', 'a\nc\n', [0, 1, 0]],
  ['a line that is another', 'a\nb\nc\n', 'a\nx\nc\n', [0, 0, 1]],
  ['two lines for one', 'a\nb\nc\n', 'a\nx\ny\nc\n', [1, 0, 1]],
  ['one line for two', 'a\nb\nc\nd\n', 'a\nx\nd\n', [0, 1, 1]],
  ['two places', 'a\nb\nc\nd\n', 'x\nb\nc\nd\ne\n', [1, 0, 1]],
  ['a line that moved', 'a\nb\nc\n', 'b\nc\na\n', [1, 1, 0]],
  ['a newline at the end alone', 'a\nb', 'a\nb\n', [0, 0, 0]],
  ['other line endings', 'a\nb\n', 'a\r\nb\r\n', [0, 0, 2]],
  ['a blank line', 'a\nb\n', 'a\n\nb\n', [1, 0, 0]],
])('counts %s', (_, before, after, [added, removed, modified]) => {
  expect(countLineChanges(before, after)).toEqual({ added, removed, modified });
});

test('does not compare what is not text', () => {
  expect(countLineChanges('a\0', 'b')).toEqual({ unusable: 'binary' });
});

test('compares a file that was written anew from end to end', () => {
  const lines = (word: string) => Array.from({ length: 20_000 }, (_, line) => `${word} ${line}`).join('\n');
  expect(countLineChanges(lines('old'), lines('new'))).toEqual({ added: 0, removed: 0, modified: 20_000 });
});

test('gives up where thousands of lines have moved', () => {
  const lines = Array.from({ length: 10_000 }, (_, line) => `line ${line}`);
  expect(countLineChanges(lines.join('\n'), lines.toReversed().join('\n'))).toEqual({ unusable: 'too_different' });
});

const text = fc.array(fc.constantFrom('a', 'b', 'c', 'd', ''), { maxLength: 12 }).map((lines) => lines.map((line) => `${line}\n`).join(''));

test('keeps as many lines as two texts can share', () => {
  fc.assert(
    fc.property(text, text, (before, after) => {
      const [old, fresh] = [before.split('\n').slice(0, -1), after.split('\n').slice(0, -1)];
      const { added, removed, modified } = counted(before, after);
      const kept = longestCommon(old, fresh);
      expect(added + modified).toBe(fresh.length - kept);
      expect(removed + modified).toBe(old.length - kept);
    }),
  );
});

test('the way back takes away what the way there brought', () => {
  fc.assert(
    fc.property(text, text, (before, after) => {
      const [there, back] = [counted(before, after), counted(after, before)];
      expect(there.added - there.removed).toBe(back.removed - back.added);
    }),
  );
});

function counted(before: string, after: string): { added: number; removed: number; modified: number } {
  const changes = countLineChanges(before, after);
  if ('unusable' in changes) throw new Error(changes.unusable);
  return changes;
}

/** Length of the longest list of lines that both have in the same order, by the textbook. */
function longestCommon(a: readonly string[], b: readonly string[]): number {
  let row = new Array<number>(b.length + 1).fill(0);
  for (const line of a) {
    const next = [0];
    for (const [at, other] of b.entries()) next.push(line === other ? (row[at] ?? 0) + 1 : Math.max(row[at + 1] ?? 0, next[at] ?? 0));
    row = next;
  }
  return row.at(-1) ?? 0;
}
