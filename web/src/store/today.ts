import type { Stack } from '../charts/options/stack.ts';
import { fromWall, zoneOffset } from '../format/zone.ts';
import { overview as texts } from '../texts/overview.ts';
import { type Asker, times } from './ask.ts';
import { nextMinute } from './range.ts';

/** What today has come to, beside a day like those of the last four weeks on which something was used. */
export interface Today {
  soFar: number;
  /** The mean of the days until this time of the day, and of whole days; none where there were none. */
  usualByNow: number | null;
  usualDay: number | null;
  /** The days that make the usual one. */
  days: number;
  /** Both, hour by hour, added up since midnight. */
  course: Stack;
}

const HOUR = 3600;
const DAY = 86_400;
const SAMPLE_DAYS = 28;
/** Colours of today and of the usual day. */
const TODAY_SLOT = 0;
const USUAL_SLOT = 16;

/** Asks for what today cost and what is usual. */
export async function askToday({ answer }: Pick<Asker, 'answer'>, nowMs: number): Promise<Today> {
  const end = nextMinute(nowMs);
  const wall = end + zoneOffset(end);
  const start = fromWall((Math.floor(wall / DAY) - SAMPLE_DAYS) * DAY);
  const { series, query } = await answer('cost', { ...times({ start, end }), step: String(HOUR) });
  return todayOf(series[0]?.points ?? [], nowMs / 1000, query);
}

/** Hours of days, as the clocks of the viewer have them. An hour that two hours of the viewer share counts in the earlier. */
export function todayOf(points: readonly (readonly [number, number])[], nowSeconds: number, query: string, timeZone?: string): Today {
  const place = (seconds: number) => {
    const wall = seconds + zoneOffset(seconds, timeZone);
    return { day: Math.floor(wall / DAY), hour: Math.floor((wall % DAY) / HOUR), part: (wall % HOUR) / HOUR };
  };
  const days = new Map<number, number[]>();
  for (const [start, value] of points) {
    const { day, hour } = place(start);
    const hours = days.get(day) ?? new Array<number>(24).fill(0);
    hours[hour] = (hours[hour] ?? 0) + value;
    days.set(day, hours);
  }
  const now = place(nowSeconds);
  const today = days.get(now.day) ?? [];
  const past = [...days].filter(([day, hours]) => day < now.day && sum(hours) > 0).map(([, hours]) => hours);
  const usual = Array.from({ length: 24 }, (_, hour) => mean(past.map((hours) => hours[hour] ?? 0)));
  const byNow = sum(usual.slice(0, now.hour)) + (usual[now.hour] ?? 0) * now.part;
  const midnight = fromWall(now.day * DAY, timeZone);
  return {
    soFar: sum(today),
    usualByNow: past.length === 0 ? null : byNow,
    usualDay: past.length === 0 ? null : sum(usual),
    days: past.length,
    course: courseOf(midnight, today.slice(0, now.hour + 1), past.length === 0 ? null : usual, query),
  };
}

function courseOf(midnight: number, today: readonly number[], usual: readonly number[] | null, query: string): Stack {
  const buckets = Array.from({ length: 24 }, (_, hour) => ({ start: midnight + hour * HOUR, end: midnight + (hour + 1) * HOUR }));
  const layer = (key: string, slot: number, hours: readonly number[]) => {
    const added = hours.map((_, index) => sum(hours.slice(0, index + 1)));
    const values = buckets.map((_, hour) => added[hour] ?? Number.NaN);
    return { key, label: texts.todayLayers[key === 'today' ? 'today' : 'usual'], title: '', slot, values, total: added.at(-1) ?? 0 };
  };
  const layers = [layer('today', TODAY_SLOT, today), ...(usual ? [layer('usual', USUAL_SLOT, usual)] : [])];
  return { label: 'day', step: HOUR, buckets, layers, total: sum(today), query };
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

function mean(values: readonly number[]): number {
  return values.length === 0 ? 0 : sum(values) / values.length;
}
