import type { Activity, Api, SessionSummary } from '../api/client.ts';
import type { Stack } from '../charts/options/stack.ts';
import { weekHour } from '../format/zone.ts';
import { activity as texts } from '../texts/activity.ts';
import { createAsker, type Frame, placeOf, type Scope, times } from './ask.ts';
import { askDays, type Days } from './days.ts';
import { nextMinute, type Range } from './range.ts';

export interface ActivityTotals {
  activeSeconds: number;
  messages: number;
  prompts: number;
  sessions: number;
  queries: { active: string; messages: string };
}

/** Days whose hours are looked at, up to now. */
export const HOUR_DAYS = [7, 30, 90] as const;
export type HourDays = (typeof HOUR_DAYS)[number];

export interface ActivityQuestion extends Scope {
  hourDays: HourDays;
}

export interface ActivityNumbers extends Frame {
  totals: ActivityTotals;
  before: ActivityTotals | null;
  /** Messages by weekday (Monday first) and hour, in the zone of the viewer. */
  hours: readonly (readonly number[])[];
  hoursQuery: string;
  days: Days;
  active: Stack;
  sessions: Stack;
  durations: Stack;
  messages: Stack;
  /** The longest session with an event in the range. */
  longest: SessionSummary | null;
  peak: Activity['peak'];
}

const HOUR = 3600;
const DAY = 86_400;
const CALENDAR_DAYS = 371;

export function hourDaysOf(by: string): HourDays {
  return HOUR_DAYS.find((days) => String(days) === by) ?? 30;
}

/** Asks everything about when one worked. */
export async function loadActivity(api: Api, question: ActivityQuestion, nowMs: number, signal?: AbortSignal): Promise<ActivityNumbers> {
  const asker = await createAsker(api, question, nowMs, signal);
  const { frame } = asker;
  const present = asker.until(nextMinute(nowMs));
  const within = { ...times(frame.range), ...placeOf(question.filters) };
  const ask = async (range: Range): Promise<ActivityTotals> => {
    const [active, messages, sessions] = await Promise.all([
      asker.sums('active_seconds', null, range),
      asker.sums('messages', 'role', range),
      asker.sums('sessions', null, range),
    ]);
    return {
      activeSeconds: active.total,
      messages: messages.total,
      prompts: messages.values.user ?? 0,
      sessions: sessions.total,
      queries: { active: active.query, messages: messages.query },
    };
  };
  const hoursRange = { start: Math.ceil((present.frame.range.end - question.hourDays * DAY) / HOUR) * HOUR, end: present.frame.range.end };
  const [totals, before, hourly, days, active, sessions, durations, messages, longest, activity] = await Promise.all([
    ask(frame.range),
    frame.beforeRange && ask(frame.beforeRange),
    asker.answer('messages', { ...times(hoursRange), step: String(HOUR) }),
    askDays(present, 'messages', CALENDAR_DAYS),
    asker.stack('active_seconds', 'project'),
    asker.stack('sessions', 'project'),
    asker.quantiles('session_seconds', [
      [texts.half, '0.5'],
      [texts.most95, '0.95'],
    ]),
    asker.stack('messages', 'role'),
    api.sessions({ ...within, sort: 'duration', order: 'desc', limit: '1' }, signal),
    api.activity(within, signal),
  ]);
  return {
    ...frame,
    totals,
    before,
    hours: hoursOfWeek(hourly.series[0]?.points ?? []),
    hoursQuery: hourly.query,
    days,
    active,
    sessions,
    durations,
    messages,
    longest: longest.sessions[0] ?? null,
    peak: activity.peak,
  };
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
