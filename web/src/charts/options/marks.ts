import type { Mark } from '../../store/marks.ts';
import type { Bucket } from './stack.ts';

/** Marks that share a place on the time axis: those of one bar, or of bars too narrow to tell apart. */
export interface MarkGroup {
  /** The first bar and the last. */
  from: number;
  to: number;
  marks: readonly Mark[];
}

/** The marks of each bar that has some. */
export function marksByBar(buckets: readonly Bucket[], marks: readonly Mark[]): ReadonlyMap<number, readonly Mark[]> {
  const bars = new Map<number, Mark[]>();
  let index = 0;
  for (const mark of [...marks].sort((one, other) => one.seconds - other.seconds)) {
    while (index < buckets.length && mark.seconds >= (buckets[index]?.end ?? 0)) index += 1;
    const bucket = buckets[index];
    if (!bucket || mark.seconds < bucket.start) continue;
    const known = bars.get(index) ?? [];
    known.push(mark);
    bars.set(index, known);
  }
  return bars;
}

/** Groups bars whose marks would stand closer together than `leastPixels`. */
export function groupMarks(bars: ReadonlyMap<number, readonly Mark[]>, bandPixels: number, leastPixels: number): MarkGroup[] {
  const groups: MarkGroup[] = [];
  for (const [index, marks] of [...bars].sort(([one], [other]) => one - other)) {
    const last = groups.at(-1);
    if (last && (index - last.from) * bandPixels < leastPixels)
      groups[groups.length - 1] = { from: last.from, to: index, marks: [...last.marks, ...marks] };
    else groups.push({ from: index, to: index, marks });
  }
  return groups;
}
