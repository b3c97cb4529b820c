import { diffArrays } from 'diff';
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
  if (from.length === 0 || to.length === 0) return { added: to.length, removed: from.length };
  const changes = diffArrays(from, to, { maxEditLength: MAX_EDIT_LENGTH });
  if (changes === undefined) return { added: to.length, removed: from.length };
  const count = (kind: 'added' | 'removed') => changes.reduce((sum, change) => sum + (change[kind] ? change.count : 0), 0);
  return { added: count('added'), removed: count('removed') };
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
