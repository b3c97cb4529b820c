import { times as texts } from '../texts/format.ts';
import { preferences } from './preferences.ts';

/** Times as people read them, in the zone of the preferences and the browser's locale; tests hand in both. */

export interface Place {
  locale?: string;
  timeZone?: string;
}

const cache = new Map<string, Intl.DateTimeFormat>();

function formatter(place: Place, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const timeZone = place.timeZone ?? preferences().timeZone;
  const key = JSON.stringify([place.locale, timeZone, options]);
  const known = cache.get(key);
  if (known) return known;
  const made = new Intl.DateTimeFormat(place.locale, { ...options, ...(timeZone ? { timeZone } : {}) });
  cache.set(key, made);
  return made;
}

const CLOCK = { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' } as const;

/** 14:05 */
export function formatClock(seconds: number, place: Place = {}): string {
  return formatter(place, CLOCK).format(seconds * 1000);
}

/** 14:05:09 */
export function formatClockSeconds(timeMs: number, place: Place = {}): string {
  return formatter(place, { ...CLOCK, second: '2-digit' }).format(timeMs);
}

/** Nov 20 */
export function formatDay(seconds: number, place: Place = {}): string {
  return formatter(place, { month: 'short', day: 'numeric' }).format(seconds * 1000);
}

/** Nov 20, 2026 */
export function formatDate(seconds: number, place: Place = {}): string {
  return formatter(place, { year: 'numeric', month: 'short', day: 'numeric' }).format(seconds * 1000);
}

/** Nov */
export function formatMonth(seconds: number, place: Place = {}): string {
  return formatter(place, { month: 'short' }).format(seconds * 1000);
}

/** The name of a weekday; 1 is Monday. */
export function formatWeekday(weekday: number, length: 'short' | 'long' = 'short', place: Place = {}): string {
  // 2026-11-16 was a Monday.
  return formatter({ ...place, timeZone: 'UTC' }, { weekday: length }).format(Date.UTC(2026, 10, 15 + weekday));
}

/** Thu, Nov 20, 14:05 */
export function formatMoment(seconds: number, place: Place = {}): string {
  return formatter(place, { weekday: 'short', month: 'short', day: 'numeric', ...CLOCK }).format(seconds * 1000);
}

/** From and to, with what they share said once: Nov 13, 14:05 – Nov 20, 14:05. */
export function formatSpan(start: number, end: number, place: Place = {}): string {
  const sameYear = new Date(start * 1000).getFullYear() === new Date(end * 1000).getFullYear();
  const year = sameYear ? {} : ({ year: 'numeric' } as const);
  return formatter(place, { ...year, month: 'short', day: 'numeric', ...CLOCK }).formatRange(start * 1000, end * 1000);
}

/** How long, in its two largest units: 3 d 4 h, 12 min, 5 s. */
export function formatDuration(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds));
  if (whole < 60) return `${whole} ${texts.seconds}`;
  if (whole < 3600) return `${Math.floor(whole / 60)} ${texts.minutes}`;
  if (whole < 86_400) return join(Math.floor(whole / 3600), texts.hours, Math.floor((whole % 3600) / 60), texts.minutes);
  return join(Math.floor(whole / 86_400), texts.days, Math.floor((whole % 86_400) / 3600), texts.hours);
}

/** A duration to the part of a second that matters: 240 ms, 3.2 s, 48 s, then as {@link formatDuration}. */
export function formatSeconds(seconds: number): string {
  if (seconds < 0.9995) return `${Math.round(seconds * 1000)} ${texts.milliseconds}`;
  if (seconds < 9.95) return `${Number(seconds.toFixed(1))} ${texts.seconds}`;
  if (seconds < 59.5) return `${Math.round(seconds)} ${texts.seconds}`;
  return seconds < 600
    ? join(Math.floor(Math.round(seconds) / 60), texts.minutes, Math.round(seconds) % 60, texts.seconds)
    : formatDuration(seconds);
}

/** A duration for an axis: 50 ms, 5 s, 10 min, 2 h. */
export function formatSecondsAxis(seconds: number): string {
  if (seconds === 0) return '0';
  if (seconds < 1) return `${Number((seconds * 1000).toFixed(0))} ${texts.milliseconds}`;
  if (seconds < 60) return `${Number(seconds.toFixed(1))} ${texts.seconds}`;
  return seconds < 3600 ? `${Number((seconds / 60).toFixed(1))} ${texts.minutes}` : `${Number((seconds / 3600).toFixed(1))} ${texts.hours}`;
}

function join(large: number, largeUnit: string, small: number, smallUnit: string): string {
  return small === 0 ? `${large} ${largeUnit}` : `${large} ${largeUnit} ${small} ${smallUnit}`;
}

/** now, 12 s ago, 5 min ago */
export function formatAgo(timeMs: number, nowMs: number): string {
  const seconds = (nowMs - timeMs) / 1000;
  return seconds < 2 ? texts.now : texts.ago(formatDuration(seconds));
}
