import { formatClock, formatDate, formatDay, formatMoment, type Place } from '../../format/time.ts';
import { chart } from '../../texts/common.ts';
import type { Bucket } from './stack.ts';

const DAY = 86_400;

/**
 * The text below a bar: the time for short steps (the day at its first bar), the day for long ones. Where the bars are of more than a
 * year (`withYear`), a day alone would be two.
 */
export function axisLabel(bucket: Bucket, step: number, place: Place = {}, withYear = false): string {
  const middle = middleOf(bucket, step);
  if (step >= DAY) return withYear ? formatDate(middle, place) : formatDay(middle, place);
  const clock = formatClock(bucket.start, place);
  return clock === '00:00' ? formatDay(bucket.start, place) : clock;
}

const YEAR = 364 * DAY;

/** The bars cover so much time that a day needs its year. */
export function needsYear(buckets: readonly Bucket[]): boolean {
  const first = buckets[0];
  const last = buckets.at(-1);
  return first !== undefined && last !== undefined && last.end - first.start > YEAR;
}

/** What the hover says of a bar's time. A cut-off bar and one that is still growing say so. */
export function bucketTitle(bucket: Bucket, step: number, nowSeconds: number, place: Place = {}): string {
  const soFar = bucket.end > nowSeconds ? `, ${chart.soFar}` : '';
  const whole = bucket.end - bucket.start === step || soFar !== '';
  if (step === DAY) return `${formatDate(middleOf(bucket, step), place)}${whole ? '' : `, ${clocks(bucket, place)}`}${soFar}`;
  if (step > DAY) return `${formatDay(bucket.start, place)} – ${formatDate(bucket.end - 1, place)}${soFar}`;
  return `${formatMoment(bucket.start, place)} – ${formatClock(bucket.end, place)}${soFar}`;
}

/**
 * The bars that get a label: those on a round time, thinned out to at most `room`. Days that begin an hour off (summer time) still
 * count as round.
 */
export function labelledBars(buckets: readonly Bucket[], step: number, room: number, offsetOf: (seconds: number) => number): Set<number> {
  const rounds = [step, 2, 5, 10, 15, 30, 60, 120, 180, 360, 720, 1440].map((each, index) => (index === 0 ? each : each * 60));
  const longer = [2, 7, 14, 28, 56, 112, 364].map((days) => days * DAY);
  for (const round of [...rounds, ...longer].filter((each) => each >= step && each % step === 0)) {
    const hits = buckets.flatMap((bucket, index) => (isRound(bucket, step, round, offsetOf) ? [index] : []));
    if (hits.length <= room) return new Set(hits);
  }
  return new Set([buckets.length - 1]);
}

function isRound(bucket: Bucket, step: number, round: number, offsetOf: (seconds: number) => number): boolean {
  const time = middleOf(bucket, step);
  const local = time + offsetOf(time);
  return step < DAY ? local % round === 0 : Math.floor(local / step) % (round / step) === 0;
}

/** The middle of the first day of a bar: the right day whatever summer time did to midnight. A cut-off bar ends on the cut. */
function middleOf(bucket: Bucket, step: number): number {
  if (step < DAY) return bucket.start;
  return bucket.end - bucket.start < DAY ? (bucket.start + bucket.end) / 2 : bucket.start + DAY / 2;
}

function clocks(bucket: Bucket, place: Place): string {
  return `${formatClock(bucket.start, place)} – ${formatClock(bucket.end, place)}`;
}
