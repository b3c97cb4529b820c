import type { UnitName } from '@ccmeter/exporter/contract';
import type { Moments, Sample, Series } from '../upstream/prometheus.ts';

/** A range in whole minutes, seconds since 1970; `end` is not in it. */
export interface Range {
  start: number;
  end: number;
}

/** A range cut into buckets of `step` seconds, counted from its start; the last one may be shorter. */
export interface Buckets {
  count: number;
  /** Moments at which the whole buckets end, or null where the only bucket is cut short. */
  whole: Moments | null;
  /** Length of the bucket that the end of the range cuts short, or 0. */
  cutSeconds: number;
}

/** Buckets of a range. A bucket is asked for at its end: that is when what was added in it is known. */
export function bucketsOf({ start, end }: Range, step: number): Buckets {
  const whole = Math.floor((end - start) / step);
  const cutSeconds = end - start - whole * step;
  return {
    count: whole + (cutSeconds > 0 ? 1 : 0),
    whole: whole === 0 ? null : { start: start + step, end: start + whole * step, step },
    cutSeconds,
  };
}

/** One line of an answer. */
export interface PanelSeries {
  /** The labels that were asked for by `by`; empty where a series has none. */
  labels: Record<string, string>;
  /** Over the whole range. */
  value: number;
  /** One point per bucket, also where nothing happened: start of the bucket in seconds since 1970, what was added in it. */
  points: [bucketStartSeconds: number, value: number][] | null;
}

/** Totals as an answer: largest first, without the groups in which nothing happened. Without labels there is always exactly one series. */
export function totalsOf(samples: readonly Sample[], by: readonly string[], unit: UnitName): PanelSeries[] {
  return ordered(
    samples.map((sample) => ({ labels: pick(sample.labels, by), value: tidy(sample.value, unit), points: null })),
    by,
    () => ({ labels: {}, value: 0, points: null }),
  );
}

/** What was added bucket by bucket, from the answer for the whole buckets and the one for the bucket cut short. */
export function seriesOf(
  range: Range,
  step: number,
  whole: readonly Series[],
  cut: readonly Sample[],
  by: readonly string[],
  unit: UnitName,
): PanelSeries[] {
  const { count } = bucketsOf(range, step);
  const empty = (): number[] => new Array<number>(count).fill(0);
  const groups = new Map<string, { labels: Record<string, string>; values: number[] }>();
  const valuesOf = (from: Record<string, string>): number[] => {
    const labels = pick(from, by);
    const key = JSON.stringify(Object.values(labels));
    const group = groups.get(key) ?? { labels, values: empty() };
    groups.set(key, group);
    return group.values;
  };
  for (const series of whole) {
    const values = valuesOf(series.labels);
    // The point of a bucket stands at its end, so the first one is at start + step.
    for (const [seconds, value] of series.points) values[Math.round((seconds - range.start) / step) - 1] = tidy(value, unit);
  }
  for (const sample of cut) valuesOf(sample.labels)[count - 1] = tidy(sample.value, unit);
  const lines = [...groups.values()].map(({ labels, values }) => line(labels, values, range.start, step, unit));
  return ordered(lines, by, () => line({}, empty(), range.start, step, unit));
}

/**
 * Quantiles as an answer: of the whole range, and of each bucket from the whole ones and the one cut short. Quantiles do not add up, so each is
 * asked for by itself; groups and buckets in which nothing happened have none and are left out.
 */
export function quantilesOf(
  range: Range,
  step: number | null,
  totals: readonly Sample[],
  whole: readonly Series[],
  cut: readonly Sample[],
  by: readonly string[],
  unit: UnitName,
): PanelSeries[] {
  const keyOf = (labels: Record<string, string>) => JSON.stringify(Object.values(pick(labels, by)));
  const points = new Map<string, [number, number][]>();
  const add = (labels: Record<string, string>, seconds: number, value: number) => {
    if (Number.isNaN(value)) return;
    const key = keyOf(labels);
    points.set(key, [...(points.get(key) ?? []), [seconds, tidy(value, unit)]]);
  };
  for (const series of whole) for (const [seconds, value] of series.points) add(series.labels, seconds - (step ?? 0), value);
  const cutStart = range.end - bucketsOf(range, step ?? 1).cutSeconds;
  for (const sample of cut) add(sample.labels, cutStart, sample.value);
  const lines = totals
    .filter((sample) => !Number.isNaN(sample.value))
    .map((sample) => ({
      labels: pick(sample.labels, by),
      value: tidy(sample.value, unit),
      points: step === null ? null : (points.get(keyOf(sample.labels)) ?? []),
    }));
  return lines.sort((a, b) => b.value - a.value || compare(a.labels, b.labels));
}

function line(labels: Record<string, string>, values: readonly number[], start: number, step: number, unit: UnitName): PanelSeries {
  const value = values.reduce((sum, one) => sum + one, 0);
  return { labels, value: tidy(value, unit), points: values.map((one, index) => [start + index * step, one]) };
}

function ordered(lines: PanelSeries[], by: readonly string[], nothing: () => PanelSeries): PanelSeries[] {
  if (by.length === 0) return [lines[0] ?? nothing()];
  return lines.filter((one) => one.value !== 0).sort((a, b) => b.value - a.value || compare(a.labels, b.labels));
}

function compare(a: Record<string, string>, b: Record<string, string>): number {
  const [left, right] = [JSON.stringify(a), JSON.stringify(b)];
  return left < right ? -1 : Number(left > right);
}

function pick(labels: Record<string, string>, by: readonly string[]): Record<string, string> {
  return Object.fromEntries(by.map((name) => [name, labels[name] ?? '']));
}

/** Units in which parts exist; everything else is counted in whole numbers. */
const FRACTIONAL: ReadonlySet<UnitName> = new Set(['usd', 'second', 'ratio']);

/** Above this a difference from a whole number is no noise of floating point and is shown as it is. */
const NOISE = 1e-6;

/** The least part of a fractional unit that is shown: a thousandth of the cheapest cached token in dollars. */
const FRACTIONS = 1e9;

/** Takes the noise of floating point away: counts become whole numbers, others keep nine places. */
function tidy(value: number, unit: UnitName): number {
  if (FRACTIONAL.has(unit)) return Math.round(value * FRACTIONS) / FRACTIONS;
  const whole = Math.round(value);
  return Math.abs(value - whole) <= NOISE ? whole : value;
}
