import type { Api } from '../api/client.ts';
import type { Stack } from '../charts/options/stack.ts';
import { weekHour } from '../format/zone.ts';
import { createAsker, type Frame, type Scope } from './ask.ts';
import { askDays, type Day } from './days.ts';
import type { Range } from './range.ts';

export interface ActivityTotals {
  activeSeconds: number;
  messages: number;
  prompts: number;
  sessions: number;
}

export interface ActivityNumbers extends Frame {
  totals: ActivityTotals;
  before: ActivityTotals | null;
  /** Messages by weekday (Monday first) and hour, in the zone of the viewer. */
  hours: readonly (readonly number[])[];
  hoursQuery: string;
  /** The part of the range that the hours are of: Prometheus gives so many points and no more. */
  hoursRange: Range;
  days: readonly Day[];
  active: Stack;
  sessions: Stack;
  durations: Stack;
}

const HOUR = 3600;
/** 11,000 points are what Prometheus gives for a query. */
const MOST_HOURS = 10_000;
const CALENDAR_DAYS = 371;

/** Asks everything about when one worked. */
export async function loadActivity(api: Api, question: Scope, nowMs: number, signal?: AbortSignal): Promise<ActivityNumbers> {
  const asker = await createAsker(api, question, nowMs, signal);
  const { frame } = asker;
  const hoursRange = hourRange(frame.range);
  const present = await createAsker(api, { ...question, range: { kind: 'quick', name: '1h' } }, nowMs, signal);
  const ask = async (range: Range): Promise<ActivityTotals> => {
    const [active, messages, sessions] = await Promise.all([
      asker.sums('active_seconds', null, range),
      asker.sums('messages', 'role', range),
      asker.sums('sessions', null, range),
    ]);
    return { activeSeconds: active.total, messages: messages.total, prompts: messages.values.user ?? 0, sessions: sessions.total };
  };
  const [totals, before, hourly, days, active, sessions, durations] = await Promise.all([
    ask(frame.range),
    frame.beforeRange && ask(frame.beforeRange),
    asker.answer('messages', { start: String(hoursRange.start), end: String(hoursRange.end), step: String(HOUR) }),
    askDays(present, 'messages', CALENDAR_DAYS),
    asker.stack('active_seconds', 'project'),
    asker.stack('sessions', 'project'),
    asker.quantiles('session_seconds', [
      ['Half within', '0.5'],
      ['95 of 100 within', '0.95'],
    ]),
  ]);
  return {
    ...frame,
    totals,
    before,
    hours: hoursOfWeek(hourly.series[0]?.points ?? []),
    hoursQuery: hourly.query,
    hoursRange,
    days,
    active,
    sessions,
    durations,
  };
}

/** Whole hours: from the full hour in which the range begins. */
function hourRange(range: Range): Range {
  const start = Math.max(Math.floor(range.start / HOUR) * HOUR, Math.ceil(range.end / HOUR) * HOUR - MOST_HOURS * HOUR);
  return { start, end: range.end };
}

/** Sums up hours by weekday (Monday first) and hour of the day. An hour that two hours of the viewer share counts in the earlier. */
export function hoursOfWeek(points: readonly (readonly [number, number])[], timeZone?: string): number[][] {
  const table = Array.from({ length: 7 }, () => new Array<number>(24).fill(0));
  for (const [start, value] of points) {
    const { weekday, hour } = weekHour(start, timeZone);
    const row = table[weekday - 1];
    if (row) row[hour] = (row[hour] ?? 0) + value;
  }
  return table;
}

/** How strong a value is among others, from 0 (nothing) to 5: by its root, as a few hours hold most. */
export function levelOf(value: number, most: number): number {
  return value <= 0 || most <= 0 ? 0 : Math.max(1, Math.ceil(5 * Math.sqrt(value / most)));
}
