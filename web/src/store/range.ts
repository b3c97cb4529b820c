/** Which time is looked at. A quick range moves with the clock; an absolute one stays. All times are unix seconds on whole minutes. */

export const QUICK_RANGES = ['1h', '24h', '7d', '30d', '90d', 'all'] as const;
export type QuickRange = (typeof QUICK_RANGES)[number];
export type RangeChoice = { kind: 'quick'; name: QuickRange } | { kind: 'absolute'; start: number; end: number };

export interface Range {
  start: number;
  end: number;
}

const MINUTE = 60;
const HOUR = 3600;
const DAY = 86_400;
const WEEK = 7 * DAY;

const lengths: Record<Exclude<QuickRange, 'all'>, number> = { '1h': HOUR, '24h': DAY, '7d': 7 * DAY, '30d': 30 * DAY, '90d': 90 * DAY };

/** The next full minute: a range that ends there holds the minute that is under way. */
export function nextMinute(nowMs: number): number {
  return Math.floor(nowMs / 60_000) * MINUTE + MINUTE;
}

/** The choice as times. `first` is where history begins; without any, "all" is the last hour, which is as empty. */
export function resolveRange(choice: RangeChoice, nowMs: number, first: number | null): Range {
  if (choice.kind === 'absolute') return { start: floorMinute(choice.start), end: ceilMinute(choice.end) };
  const end = nextMinute(nowMs);
  if (choice.name === 'all') return { start: Math.min(floorMinute(first ?? end - HOUR), end - MINUTE), end };
  return { start: end - lengths[choice.name], end };
}

/** The range of the same length that ends where this one begins; none where history does not reach into it. */
export function previousRange(range: Range, first: number | null): Range | null {
  const previous = { start: range.start - (range.end - range.start), end: range.start };
  return first === null || first >= range.start ? null : previous;
}

/** Bars are as wide as these, up to these lengths of a range: 28 to 92 of them for the quick ranges, on round times. */
const steps: [upTo: number, step: number][] = [
  [90 * MINUTE, MINUTE],
  [6 * HOUR, 5 * MINUTE],
  [18 * HOUR, 15 * MINUTE],
  [36 * HOUR, 30 * MINUTE],
  [72 * HOUR, HOUR],
  [14 * DAY, 6 * HOUR],
  [92 * DAY, DAY],
  [92 * WEEK, WEEK],
  [7 * 52 * WEEK, 4 * WEEK],
];

/** The width of a bar. */
export function stepFor(range: Range): number {
  const length = range.end - range.start;
  return steps.find(([upTo]) => length <= upTo)?.[1] ?? 52 * WEEK;
}

/**
 * Cuts a range where the clock on the wall says so (full hours, midnights, Mondays): `head` is what lies before the first cut and
 * `body` begins on it. A range's bars are then one for the head and one per step of the body, and add up to the range exactly.
 */
export function cutRange(range: Range, step: number, offsetSeconds: number): { head: Range | null; body: Range } {
  // 1970-01-01 was a Thursday; weeks begin on the Monday before.
  const phase = step % WEEK === 0 ? 3 * DAY : 0;
  const local = range.start + offsetSeconds + phase;
  const first = Math.ceil(local / step) * step - offsetSeconds - phase;
  if (first <= range.start) return { head: null, body: range };
  if (first >= range.end) return { head: null, body: range };
  return { head: { start: range.start, end: first }, body: { start: first, end: range.end } };
}

/** The range before or after, of the same length; never past the next full minute. */
export function shiftRange(range: Range, direction: -1 | 1, nowMs: number): Range {
  const length = range.end - range.start;
  const end = Math.min(range.end + direction * length, nextMinute(nowMs));
  return { start: end - length, end };
}

/** Twice as much, around the same middle; never past the next full minute. */
export function widenRange(range: Range, nowMs: number): Range {
  const length = range.end - range.start;
  const end = Math.min(ceilMinute(range.end + length / 2), nextMinute(nowMs));
  return { start: Math.max(0, floorMinute(end - 2 * length)), end };
}

function floorMinute(seconds: number): number {
  return Math.floor(seconds / MINUTE) * MINUTE;
}

function ceilMinute(seconds: number): number {
  return Math.ceil(seconds / MINUTE) * MINUTE;
}
