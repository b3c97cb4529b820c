import type { Api, PanelAnswer, PanelQuery, QuestionId } from '../api/client.ts';
import { preferences } from '../format/preferences.ts';
import { midnight, weekHour, zoneOffset } from '../format/zone.ts';
import { hoursOfWeek } from './activity.ts';
import { type Asker, createAsker, type Frame, placeOf, ranked, type Scope, times, total } from './ask.ts';
import { askDays, type Day, type Days, streaks } from './days.ts';
import { nextMinute, type Range } from './range.ts';
import { lengthOf } from './sessions.ts';

/** What is compared. */
export const MEASURES = ['cost', 'tokens', 'messages', 'sessions', 'active_seconds', 'lines', 'commits'] as const;
export type Measure = (typeof MEASURES)[number];

export const PERIODS = ['week', 'days', 'month'] as const;
export type PeriodName = (typeof PERIODS)[number];

/** A time and the one it is compared with: as long, or where it is not over yet, until the same moment of it. */
export interface Period {
  name: PeriodName;
  now: Range;
  before: Range;
}

export interface Compared extends Period {
  rows: readonly { measure: Measure; now: number; before: number | null; query: string }[];
}

export interface Habits {
  since: number | null;
  /** The hour of the day with the most messages, and its share of all. */
  peakHour: { hour: number; share: number } | null;
  peakWeekday: number | null;
  dearest: Day | null;
  busiest: Day | null;
  streak: { now: number; longest: number };
  model: { name: string; share: number } | null;
}

/** One number as stats-cache.json has it, beside ours of the same time. */
export interface StatsRow {
  key: 'sessions' | 'messages' | 'tool_calls' | 'tokens' | 'days' | 'longest';
  theirs: number;
  ours: number | null;
}

export interface Stats {
  /** The last day that the file covers: its midnight. */
  day: number;
  rows: readonly StatsRow[];
}

export interface InsightsNumbers extends Frame {
  periods: readonly Compared[];
  habits: Habits;
  stats: Stats | null;
}

const DAY = 86_400;
const CALENDAR_DAYS = 371;
const HABIT_DAYS = 90;

/** Asks how this time is beside the time before, what is usual, and what Claude Code's own statistics say. */
export async function loadInsights(api: Api, question: Scope, nowMs: number, signal?: AbortSignal): Promise<InsightsNumbers> {
  const asker = await createAsker(api, { ...question, range: { kind: 'quick', name: '30d' } }, nowMs, signal);
  const end = nextMinute(nowMs);
  const [periods, habits, stats] = await Promise.all([
    Promise.all(periodsAt(end, preferences().weekStart).map((period) => compare(asker, period))),
    askHabits(asker, end),
    askStats(api, asker.frame.first, question, signal),
  ]);
  return { ...asker.frame, periods, habits, stats };
}

/** The periods that end at a moment, by the calendar of the viewer. */
export function periodsAt(end: number, weekStart: number, timeZone?: string): Period[] {
  const today = midnight(end - 1, 0, timeZone);
  const sinceWeekStart = (weekHour(today, timeZone).weekday - weekStart + 7) % 7;
  const week = midnight(today, -sinceWeekStart, timeZone);
  const date = new Date((today + zoneOffset(today, timeZone)) * 1000);
  const month = midnight(today, 1 - date.getUTCDate(), timeZone);
  const lastMonth = midnight(month, -new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth(), 0)).getUTCDate(), timeZone);
  const lastWeek = midnight(week, -7, timeZone);
  return [
    { name: 'week', now: { start: week, end }, before: { start: lastWeek, end: Math.min(lastWeek + end - week, week) } },
    { name: 'days', now: { start: end - 7 * DAY, end }, before: { start: end - 14 * DAY, end: end - 7 * DAY } },
    { name: 'month', now: { start: month, end }, before: { start: lastMonth, end: Math.min(lastMonth + end - month, month) } },
  ];
}

async function compare({ sums, frame }: Asker, period: Period): Promise<Compared> {
  // A time that history does not reach into is not nothing: it is not known.
  const known = frame.first !== null && frame.first < period.now.start;
  const rows = await Promise.all(
    MEASURES.map(async (measure) => {
      const [now, before] = await Promise.all([sums(measure, null, period.now), known ? sums(measure, null, period.before) : null]);
      return { measure, now: now.total, before: before?.total ?? null, query: now.query };
    }),
  );
  return { ...period, rows };
}

async function askHabits(asker: Asker, end: number): Promise<Habits> {
  const present = asker.until(end);
  const hours = { start: Math.ceil((end - HABIT_DAYS * DAY) / 3600) * 3600, end };
  const [hourly, costs, messages, models] = await Promise.all([
    asker.answer('messages', { ...times(hours), step: '3600' }),
    askDays(present, 'cost', CALENDAR_DAYS),
    askDays(present, 'messages', CALENDAR_DAYS),
    asker.sums('tokens', 'model'),
  ]);
  return habitsOf(hoursOfWeek(hourly.series[0]?.points ?? []), costs, messages, models, asker.frame.first);
}

/** What is usual, from weekdays by hours, days, and models. */
export function habitsOf(
  hours: readonly (readonly number[])[],
  costs: Days,
  messages: Days,
  models: { values: Readonly<Record<string, number>>; total: number },
  first: number | null,
): Habits {
  const all = sum(hours.flat());
  const byHour = Array.from({ length: 24 }, (_, hour) => sum(hours.map((row) => row[hour] ?? 0)));
  const byWeekday = hours.map(sum);
  const hour = byHour.indexOf(Math.max(...byHour));
  const [model] = ranked(models.values);
  const { now, longest } = streaks(messages.days);
  return {
    since: first,
    peakHour: all === 0 ? null : { hour, share: (byHour[hour] ?? 0) / all },
    peakWeekday: all === 0 ? null : byWeekday.indexOf(Math.max(...byWeekday)) + 1,
    dearest: largest(costs.days),
    busiest: largest(messages.days),
    streak: { now, longest },
    model: model && models.total > 0 ? { name: model[0], share: model[1] / models.total } : null,
  };
}

function largest(days: readonly Day[]): Day | null {
  const top = days.reduce<Day | null>((best, day) => (day.value > (best?.value ?? 0) ? day : best), null);
  return top;
}

async function askStats(api: Api, first: number | null, { filters }: Scope, signal?: AbortSignal): Promise<Stats | null> {
  // The file is of everything on a machine, so ours is, too, whatever else is filtered.
  const place = filters.host.length > 0 ? { host: [...filters.host] } : {};
  const answer = (id: QuestionId, query: PanelQuery) => api.panel(id, { ...place, ...query }, signal);
  const stand = async (id: QuestionId) => total(await answer(id, {}));
  const computed = await answer('stats_computed', { by: 'host' });
  const day = Math.max(...computed.series.map((series) => series.value), Number.NEGATIVE_INFINITY);
  if (!Number.isFinite(day) || first === null) return null;
  // The file counts days of UTC, to the end of the last one.
  const range = { start: first, end: Math.max(day + DAY, first + 60) };
  const ours = async (id: QuestionId) => total(await answer(id, times(range)));
  const [sessions, messages, calls, tokens, days, longest, ourSessions, ourMessages, ourCalls, ourTokens, ourDays, ourLongest] =
    await Promise.all([
      stand('stats_sessions'),
      stand('stats_messages'),
      stand('stats_tool_calls'),
      stand('stats_tokens'),
      stand('stats_days'),
      answer('stats_longest_session', { by: 'host' }),
      ours('sessions'),
      ours('messages'),
      ours('tool_calls'),
      ours('tokens'),
      answer('messages', { ...times(wholeDays(range)), step: String(DAY) }),
      api.sessions({ ...placeOf({ ...filters, project: [] }), sort: 'duration', order: 'desc', limit: '1', ...endOf(range) }, signal),
    ]);
  return {
    day,
    rows: [
      { key: 'sessions', theirs: sessions, ours: ourSessions },
      { key: 'messages', theirs: messages, ours: ourMessages },
      { key: 'tool_calls', theirs: calls, ours: ourCalls },
      { key: 'tokens', theirs: tokens, ours: ourTokens },
      { key: 'days', theirs: days, ours: activeDays(ourDays) },
      { key: 'longest', theirs: most(longest), ours: ourLongest.sessions[0] ? lengthOf(ourLongest.sessions[0]) : null },
    ],
  };
}

function wholeDays({ start, end }: Range): Range {
  return { start: Math.floor(start / DAY) * DAY, end };
}

function endOf({ end }: Range): { end: string } {
  return { end: String(end) };
}

function activeDays(answer: PanelAnswer): number {
  return (answer.series[0]?.points ?? []).filter(([, value]) => value > 0).length;
}

function most(answer: PanelAnswer): number {
  return Math.max(0, ...answer.series.map((series) => series.value));
}

function sum(values: readonly number[]): number {
  return values.reduce((all, value) => all + value, 0);
}
