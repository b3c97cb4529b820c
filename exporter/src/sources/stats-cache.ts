import { readTime } from '../parse/time.ts';
import type { ModelStats, Stats } from '../track/fact.ts';
import { isObject, type Json, readAmount, readObject, type Unusable } from './readable.ts';

/** So many models are kept; what is beyond them is added up as `other`. Files seen in the wild have up to a dozen. */
const MAX_MODELS = 100;

/**
 * Reads a stats-cache.json of any version from 1 to 5, and later ones as far as they look alike: a field that is missing or of another
 * shape counts as nothing. It is a stats cache when it has `modelUsage`, `hourCounts` or `dailyActivity`.
 *
 * The file adds up the usage of every line of a response, so its tokens are about twice what was used, and it ends with the day before
 * it was written: nothing here is counted by us, it is only shown.
 */
export function readStats(text: string): Stats | Unusable {
  const file = readObject(text);
  if ('unusable' in file) return file;
  const { object } = file;
  if (!MARKS.some((mark) => isObject(object[mark]) || Array.isArray(object[mark]))) return { unusable: 'wrong_shape' };
  return toStats(object);
}

const MARKS = ['modelUsage', 'hourCounts', 'dailyActivity'];

function toStats(file: Json): Stats {
  const days = readDays(file.dailyActivity);
  const longest = isObject(file.longestSession) ? file.longestSession : {};
  const computedMs = readTime(file.lastComputedDate);
  const firstSessionMs = readTime(file.firstSessionDate);
  const lastDay = days.at(-1);
  return {
    version: readAmount(file.version),
    ...(computedMs === undefined ? {} : { computedMs }),
    ...(firstSessionMs === undefined ? {} : { firstSessionMs }),
    sessions: readCount(file.totalSessions),
    messages: readCount(file.totalMessages),
    longestSessionMs: readAmount(longest.duration),
    longestSessionMessages: readCount(longest.messageCount),
    speculationSavedMs: readAmount(file.totalSpeculationTimeSavedMs),
    hours: readHours(file.hourCounts),
    models: readModels(file.modelUsage),
    days: days.length,
    toolCalls: days.reduce((sum, day) => sum + readCount(day.toolCallCount), 0),
    ...(lastDay === undefined ? {} : { lastDay: readDay(lastDay) }),
    lastDayTokens: readLastDayTokens(file.dailyModelTokens),
  };
}

function readCount(value: unknown): number {
  return Math.trunc(readAmount(value));
}

/** The days in the order of their dates. */
function readDays(value: unknown): Json[] {
  const days = Array.isArray(value) ? value.filter(isObject) : [];
  return days.filter(({ date }) => typeof date === 'string').sort((a, b) => (String(a.date) < String(b.date) ? -1 : 1));
}

function readDay(day: Json): { messages: number; sessions: number; toolCalls: number } {
  return { messages: readCount(day.messageCount), sessions: readCount(day.sessionCount), toolCalls: readCount(day.toolCallCount) };
}

function readHours(value: unknown): Record<string, number> {
  const given = isObject(value) ? value : {};
  const hours = Array.from({ length: 24 }, (_, hour) => [String(hour), readCount(given[hour])] as const);
  return Object.fromEntries(hours.filter(([, sessions]) => sessions > 0));
}

function readModels(value: unknown): Record<string, ModelStats> {
  const models = new Map<string, ModelStats>();
  for (const [model, usage] of Object.entries(isObject(value) ? value : {})) {
    if (!isObject(usage)) continue;
    const name = models.size < MAX_MODELS && isName(model) ? model : 'other';
    models.set(name, addModels(models.get(name), readModel(usage)));
  }
  return Object.fromEntries(models);
}

/** Names longer than this are not names of models; the longest seen has 40 characters. */
function isName(model: string): boolean {
  return model.length > 0 && model.length <= 100 && model !== '__proto__';
}

function readModel(usage: Json): ModelStats {
  return {
    inputTokens: readCount(usage.inputTokens),
    outputTokens: readCount(usage.outputTokens),
    cacheReadTokens: readCount(usage.cacheReadInputTokens),
    cacheCreationTokens: readCount(usage.cacheCreationInputTokens),
    webSearches: readCount(usage.webSearchRequests),
    costUsd: readAmount(usage.costUSD),
    contextWindowTokens: readCount(usage.contextWindow),
    maxOutputTokens: readCount(usage.maxOutputTokens),
  };
}

function addModels(a: ModelStats | undefined, b: ModelStats): ModelStats {
  if (a === undefined) return b;
  return {
    inputTokens: a.inputTokens + b.inputTokens,
    outputTokens: a.outputTokens + b.outputTokens,
    cacheReadTokens: a.cacheReadTokens + b.cacheReadTokens,
    cacheCreationTokens: a.cacheCreationTokens + b.cacheCreationTokens,
    webSearches: a.webSearches + b.webSearches,
    costUsd: a.costUsd + b.costUsd,
    contextWindowTokens: Math.max(a.contextWindowTokens, b.contextWindowTokens),
    maxOutputTokens: Math.max(a.maxOutputTokens, b.maxOutputTokens),
  };
}

function readLastDayTokens(value: unknown): Record<string, number> {
  const byModel = readDays(value).at(-1)?.tokensByModel;
  const tokens = new Map<string, number>();
  for (const [model, count] of Object.entries(isObject(byModel) ? byModel : {})) {
    const name = tokens.size < MAX_MODELS && isName(model) ? model : 'other';
    tokens.set(name, (tokens.get(name) ?? 0) + readCount(count));
  }
  return Object.fromEntries(tokens);
}

/** What several files say together: counts are added up, the longest session is the longest, the age is that of the oldest file. */
export function mergeStats(files: readonly Stats[]): Stats | undefined {
  return files.length === 0 ? undefined : files.reduce(mergeTwo);
}

function mergeTwo(a: Stats, b: Stats): Stats {
  const [longer] = [a, b].sort((x, y) => y.longestSessionMs - x.longestSessionMs);
  const computedMs = earliest(a.computedMs, b.computedMs);
  const firstSessionMs = earliest(a.firstSessionMs, b.firstSessionMs);
  return {
    version: Math.max(a.version, b.version),
    ...(computedMs === undefined ? {} : { computedMs }),
    ...(firstSessionMs === undefined ? {} : { firstSessionMs }),
    sessions: a.sessions + b.sessions,
    messages: a.messages + b.messages,
    longestSessionMs: longer?.longestSessionMs ?? 0,
    longestSessionMessages: longer?.longestSessionMessages ?? 0,
    speculationSavedMs: a.speculationSavedMs + b.speculationSavedMs,
    hours: addRecords(a.hours, b.hours),
    models: mergeRecords(a.models, b.models, addModels),
    days: Math.max(a.days, b.days),
    toolCalls: a.toolCalls + b.toolCalls,
    ...mergeLastDay(a, b),
    lastDayTokens: addRecords(a.lastDayTokens, b.lastDayTokens),
  };
}

function mergeLastDay(a: Stats, b: Stats): Pick<Stats, 'lastDay'> {
  const [x, y] = [a.lastDay, b.lastDay];
  if (x === undefined || y === undefined) return x === undefined ? (y === undefined ? {} : { lastDay: y }) : { lastDay: x };
  return { lastDay: { messages: x.messages + y.messages, sessions: x.sessions + y.sessions, toolCalls: x.toolCalls + y.toolCalls } };
}

function earliest(a: number | undefined, b: number | undefined): number | undefined {
  return a === undefined ? b : b === undefined ? a : Math.min(a, b);
}

function addRecords(a: Record<string, number>, b: Record<string, number>): Record<string, number> {
  return mergeRecords(a, b, (x, y) => (x ?? 0) + y);
}

function mergeRecords<Value>(
  a: Record<string, Value>,
  b: Record<string, Value>,
  add: (x: Value | undefined, y: Value) => Value,
): Record<string, Value> {
  const merged = new Map(Object.entries(a));
  for (const [name, value] of Object.entries(b)) merged.set(name, add(merged.get(name), value));
  return Object.fromEntries(merged);
}
