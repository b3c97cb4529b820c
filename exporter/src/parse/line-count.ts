import type { Lines } from '../track/fact.ts';

/** Lines of a text; a last line without newline is one as well. */
export function countLines(text: string): number {
  if (text === '') return 0;
  let lines = text.endsWith('\n') ? 0 : 1;
  for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', at + 1)) lines += 1;
  return lines;
}

/** Texts that differ in more lines than this are counted as replaced: the exact difference would take too long. */
const MAX_EDIT_LENGTH = 4000;

/** Lines added and removed between two texts, as a line diff has it. */
export function diffLines(before: string, after: string): Lines {
  const { from, to } = withoutCommonEnds(before.split('\n'), after.split('\n'));
  const edits = from.length === 0 || to.length === 0 ? undefined : editLength(from, to);
  if (edits === undefined) return { added: to.length, removed: from.length };
  return { added: (edits + to.length - from.length) / 2, removed: (edits + from.length - to.length) / 2 };
}

/**
 * Number of lines in the shortest edit from one text to the other, added and removed together; undefined where it is longer than
 * {@link MAX_EDIT_LENGTH}. How many of them are added follows from the lengths of the texts, so the edit itself need not be known.
 *
 * E. W. Myers, "An O(ND) difference algorithm and its variations", 1986: after d edits, `reached[k]` is the farthest line of `from` on the
 * diagonal k = line of `from` less line of `to`.
 */
function editLength(from: readonly string[], to: readonly string[]): number | undefined {
  const most = Math.min(from.length + to.length, MAX_EDIT_LENGTH);
  const reached = new Int32Array(2 * most + 3);
  const middle = most + 1;
  for (let edits = 0; edits <= most; edits++) {
    for (let diagonal = -edits; diagonal <= edits; diagonal += 2) {
      const below = reached[middle + diagonal - 1] ?? 0;
      const above = reached[middle + diagonal + 1] ?? 0;
      let x = diagonal === -edits || (diagonal !== edits && below < above) ? above : below + 1;
      while (x < from.length && x - diagonal < to.length && from[x] === to[x - diagonal]) x += 1;
      if (x >= from.length && x - diagonal >= to.length) return edits;
      reached[middle + diagonal] = x;
    }
  }
  return undefined;
}

/** An edit quotes the lines around it: equal lines at both ends are no change, and leaving them out is most of the work. */
function withoutCommonEnds(from: string[], to: string[]): { from: string[]; to: string[] } {
  const shorter = Math.min(from.length, to.length);
  let begin = 0;
  while (begin < shorter && from[begin] === to[begin]) begin += 1;
  let end = 0;
  while (end < shorter - begin && from.at(-1 - end) === to.at(-1 - end)) end += 1;
  return { from: from.slice(begin, from.length - end), to: to.slice(begin, to.length - end) };
}

/** `+` and `-` lines of a structured patch. */
export function countPatch(patch: readonly unknown[]): Lines {
  const lines = { added: 0, removed: 0 };
  for (const hunk of patch) {
    const hunkLines = typeof hunk === 'object' && hunk !== null && 'lines' in hunk && Array.isArray(hunk.lines) ? hunk.lines : [];
    for (const line of hunkLines) {
      if (typeof line !== 'string') continue;
      if (line.startsWith('+')) lines.added += 1;
      else if (line.startsWith('-')) lines.removed += 1;
    }
  }
  return lines;
}
