import { diffArrays } from 'diff';
import type { Unusable } from './readable.ts';

/** A kept version of a file: `file-history/<session>/<16 hex digits of its path>@v<N>`, the text before the N-th edit. */
export function readVersionName(name: string): { fileHash: string; version: number } | undefined {
  const match = VERSION.exec(name);
  return match?.[1] === undefined ? undefined : { fileHash: match[1], version: Number(match[2]) };
}

const VERSION = /^([0-9a-f]{16})@v([1-9]\d{0,5})$/;

/** A version larger than this is not compared. Of 16,229 in the wild the largest has 140 kB. */
export const MAX_VERSION_BYTES = 2 * 1024 * 1024;

/** Two texts of which more than this many lines have moved are not compared: the effort grows with its square. */
const MAX_MOVED_LINES = 2000;

/** And never longer than this, in milliseconds. */
const MAX_DIFF_MS = 1000;

export interface LineChanges {
  added: number;
  removed: number;
  modified: number;
}

/**
 * Compares two texts line by line. Where lines were removed and others put in their place, as many as there are on both sides are
 * modified and the rest is added or removed; so added + modified are the lines that only the new text has, removed + modified those that
 * only the old one had. A line that differs in its line ending differs; whether the last line has one does not matter.
 */
export function countLineChanges(before: string, after: string): LineChanges | Unusable {
  if (before === after) return { added: 0, removed: 0, modified: 0 };
  if (before.includes('\0') || after.includes('\0')) return { unusable: 'binary' };
  const [old, fresh] = withoutCommonEnds(toLines(before), toLines(after));
  const kept = keptLines(old, fresh);
  return kept === undefined ? { unusable: 'too_different' } : countGaps(kept, old.length, fresh.length);
}

/** A line that both texts have: where it stands in either. */
type Kept = readonly [old: number, fresh: number];

/**
 * The longest list of lines that both texts have in the same order. Lines that only one of them has cannot be in it, so they are left out
 * before the comparison: most edits bring new lines, and the effort is that of the lines that moved.
 */
function keptLines(old: readonly string[], fresh: readonly string[]): Kept[] | undefined {
  const [oldPlaces, freshPlaces] = [placesOfShared(old, fresh), placesOfShared(fresh, old)];
  const [oldLines, freshLines] = [oldPlaces.map((at) => old[at]), freshPlaces.map((at) => fresh[at])];
  const runs = diffArrays(oldLines, freshLines, { maxEditLength: MAX_MOVED_LINES, timeout: MAX_DIFF_MS });
  if (runs === undefined) return undefined;
  const kept: Kept[] = [];
  let [oldAt, freshAt] = [0, 0];
  for (const { added, removed, count } of runs) {
    for (let line = 0; line < count && !added && !removed; line++)
      kept.push([oldPlaces[oldAt + line] ?? 0, freshPlaces[freshAt + line] ?? 0]);
    if (!added) oldAt += count;
    if (!removed) freshAt += count;
  }
  return kept;
}

/** Where in `lines` the lines stand that `others` has, too. */
function placesOfShared(lines: readonly string[], others: readonly string[]): number[] {
  const known = new Set(others);
  return [...lines.keys()].filter((at) => known.has(lines[at] ?? ''));
}

/** What stands between two kept lines was changed. */
function countGaps(kept: readonly Kept[], oldLength: number, freshLength: number): LineChanges {
  const changes = { added: 0, removed: 0, modified: 0 };
  let [oldAt, freshAt] = [0, 0];
  for (const [old, fresh] of [...kept, [oldLength, freshLength] as const]) {
    const [removed, added] = [old - oldAt, fresh - freshAt];
    const modified = Math.min(added, removed);
    changes.modified += modified;
    changes.added += added - modified;
    changes.removed += removed - modified;
    [oldAt, freshAt] = [old + 1, fresh + 1];
  }
  return changes;
}

function toLines(text: string): string[] {
  const lines = text.split('\n');
  if (lines.at(-1) === '') lines.pop();
  return lines;
}

/** Most edits touch one place: what is the same at both ends need not be compared. */
function withoutCommonEnds(old: string[], fresh: string[]): [string[], string[]] {
  const shorter = Math.min(old.length, fresh.length);
  let start = 0;
  while (start < shorter && old[start] === fresh[start]) start += 1;
  let end = 0;
  while (end < shorter - start && old[old.length - 1 - end] === fresh[fresh.length - 1 - end]) end += 1;
  return [old.slice(start, old.length - end), fresh.slice(start, fresh.length - end)];
}
