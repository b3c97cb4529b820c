import { UNKNOWN } from '../contract/index.ts';
import { createLocalTime, type LocalTime } from '../meter/local-time.ts';
import { type Names, PLAIN_NAMES } from '../meter/names.ts';
import { isOfMcp, type Measurement, measure, UNFINISHED_AFTER_MS } from '../meter/record.ts';
import { EARLIEST_MS } from '../parse/time.ts';
import type { PriceBook } from '../price/cost.ts';
import type { Fact, ResponseFact, SessionFact } from '../track/fact.ts';
import { OVER_AFTER_MS, stateOf } from '../track/sessions.ts';
import { dueOfTodos, settleTodos } from '../track/todos.ts';
import { MOST } from './balance.ts';
import type { Series, SeriesBook } from './series.ts';

/** A fact that knows more than has been counted of it. */
export interface OpenFact {
  fact: Fact;
  /** What has been counted so far, by series. */
  counted: Map<number, number>;
  /** How many times it has been settled. */
  revision: number;
}

/** A fact after settling. `before` is what it was; `dueMs` is when it must be looked at again although no new line has come. */
export interface SettledFact extends OpenFact {
  before: Fact;
  dueMs: number | undefined;
  project: string;
  /** Something about it is new to the world. */
  changed: boolean;
}

/** One sample of the change log. */
export interface Sample {
  series: Series;
  timeMs: number;
  value: number;
}

/** What settling needs to know beside the facts, and whom it tells. */
export interface SettleOptions {
  book: SeriesBook;
  sessionOf: (id: string) => SessionFact | undefined;
  nowMs: number;
  localTime?: LocalTime | undefined;
  /** When a sink was last shown the totals as they stood, milliseconds since 1970: see {@link Ledger.repeat}. */
  repeatedMs?: number;
  prices?: PriceBook | undefined;
  /** How what users name is shown; by its name where that is not given. */
  names?: Names | undefined;
  /** Counts only facts that had been counted before the ledger lost them: they explain what is carried before they add to a total. */
  explains?: ((open: OpenFact) => boolean) | undefined;
  /** Takes each fact as soon as it is settled, so that a first scan does not hold all of them twice. */
  onSettled?: (fact: SettledFact) => void;
}

export interface Settlement {
  /** Oldest first. */
  samples: Sample[];
  /** Series whose value, debt or times have changed. */
  series: Set<Series>;
  /** Those that were not there before. */
  born: Set<Series>;
}

const MINUTE_MS = 60_000;

/**
 * Counts what open facts know and has not been counted yet, and says at which times. Changes the series of `book`.
 *
 * The law that range totals rest on: in every minute in which a series changes its first sample is the old value, 1 ms after the minute's
 * start (or a sample written earlier in that minute), and the new values follow. So for a range that begins and ends on a minute the
 * largest value less the smallest is what happened in the range, whether the range includes its borders or not: no sample is on a minute.
 * A counter never goes down and its samples never go back in time: what is learned late is counted after the last sample, and after the
 * last time that the totals were repeated.
 */
export function settle(open: Iterable<OpenFact>, options: SettleOptions): Settlement {
  const settlement: Settlement = { samples: [], series: new Set(), born: new Set() };
  const increments = new Increments();
  for (const one of open) {
    if (options.explains?.(one) === false) continue;
    const fact = settleFact(one, options, settlement, increments);
    options.onSettled?.(fact);
  }
  const { book, repeatedMs = 0, explains } = options;
  for (const [seriesId, timeMs, delta] of increments.inOrder()) {
    const series = book.get(seriesId);
    if (series === undefined) continue;
    // One that nobody has been shown is free to begin earlier.
    const shownMs = settlement.born.has(series) ? 0 : repeatedMs;
    const unexplained = explains === undefined ? delta : explain(series, delta, settlement);
    advance(series, Math.max(timeMs, shownMs + 1), unexplained, settlement);
  }
  settlement.samples.sort((a, b) => a.timeMs - b.timeMs);
  return settlement;
}

function settleFact(
  { fact, counted, revision }: OpenFact,
  { book, sessionOf, nowMs, localTime = UTC, prices, names = PLAIN_NAMES }: SettleOptions,
  settlement: Settlement,
  increments: Increments,
): SettledFact {
  const project = projectOf(fact, sessionOf, names);
  const after = settled(fact, { session: sessionOf(fact.sessionId), project, nowMs, localTime, names });
  const now = new Map<number, { value: number; timeMs: number }>();
  for (const measurement of measure(after, { project, nowMs, prices })) {
    const timeMs = possibleTime(measurement.timeMs ?? fact.timeMs, nowMs);
    for (const [series, value] of seriesOf(measurement, book)) {
      beBorn(series, timeMs, settlement);
      if (value !== 0 && Number.isFinite(value)) now.set(series.id, { value: value + (now.get(series.id)?.value ?? 0), timeMs });
    }
  }
  const changed = addDifferences(now, counted, possibleTime(fact.timeMs, nowMs), increments);
  const countedNow = new Map([...now].map(([seriesId, { value }]) => [seriesId, value]));
  return {
    fact: after,
    before: fact,
    counted: countedNow,
    revision: revision + 1,
    project,
    changed: changed || revision === 0,
    dueMs: dueOf(fact, sessionOf(fact.sessionId), nowMs),
  };
}

/** What a fact counts now, less what was counted of it before. Says whether there is a difference. */
function addDifferences(
  now: ReadonlyMap<number, { value: number; timeMs: number }>,
  counted: ReadonlyMap<number, number>,
  factMs: number,
  increments: Increments,
): boolean {
  let changed = false;
  for (const [seriesId, { value, timeMs }] of now) {
    const delta = value - (counted.get(seriesId) ?? 0);
    if (delta === 0) continue;
    changed = true;
    increments.add(seriesId, timeMs, delta);
  }
  for (const [seriesId, value] of counted) {
    if (now.has(seriesId)) continue;
    changed = true;
    increments.add(seriesId, factMs, -value);
  }
  return changed;
}

function seriesOf(measurement: Measurement, book: SeriesBook): Iterable<[series: Series, value: number]> {
  return measurement.observed ? book.observe(measurement) : [[book.of(measurement), measurement.value]];
}

/** From its first measurement on, perhaps of 0, a series is kept. */
function beBorn(series: Series, timeMs: number, settlement: Settlement): void {
  if (series.startMs !== 0) return;
  series.startMs = minuteOf(timeMs) + 1;
  settlement.series.add(series);
  settlement.born.add(series);
}

function possibleTime(timeMs: number, nowMs: number): number {
  return Math.min(Math.max(timeMs, EARLIEST_MS), nowMs);
}

/** What settling needs to know around a fact. */
interface Around {
  session: SessionFact | undefined;
  project: string;
  nowMs: number;
  localTime: LocalTime;
  names: Names;
}

/** For tests and scans that do not say where they are. */
const UTC = createLocalTime('UTC');

function settled(fact: Fact, { session, project, nowMs, localTime, names }: Around): Fact {
  switch (fact.type) {
    case 'session':
      return settledSession(fact, nowMs);
    case 'prompt':
      return { ...fact, settled: true, localHour: fact.localHour ?? localTime(fact.timeMs) };
    case 'response':
      return settledResponse(fact, localTime);
    case 'todo':
      return settleTodos(fact, session && { ...session, project }, nowMs);
    case 'tool':
      return fact.use !== undefined && isOfMcp(fact.use.tool)
        ? { ...fact, settled: true, shownTool: fact.shownTool ?? names.tool(fact.use.tool) }
        : { ...fact, settled: true };
    case 'file_version':
    case 'command':
      return { ...fact, settled: true, countedFor: project };
    default:
      return { ...fact, settled: true };
  }
}

function settledResponse({ toldOpen: _, ...fact }: ResponseFact, localTime: LocalTime): ResponseFact {
  const open = fact.finished ? {} : { toldOpen: true as const };
  return { ...fact, ...open, settled: true, localHour: fact.localHour ?? localTime(fact.timeMs) };
}

function settledSession(fact: SessionFact, nowMs: number): SessionFact {
  const ended = stateOf(fact, nowMs) === 'over';
  const told = fact.begun ? { told: true as const } : {};
  const after = { ...fact, ...told, settled: true, ended, toldOpen: fact.turnOpen };
  if (!ended || !fact.begun || fact.endedMs !== undefined) return after;
  return { ...after, endedMs: endOf(fact), durationMs: Math.max(0, (fact.lastMainMs || fact.lastMs) - fact.timeMs) };
}

/** When a session was over: when its process went, else when nothing had been written for long enough. */
function endOf({ process, lastMs }: SessionFact): number {
  const silentMs = lastMs + OVER_AFTER_MS;
  return process?.status === 'gone' && process.atMs >= lastMs ? Math.min(process.atMs, silentMs) : silentMs;
}

/**
 * A fact counts for the project of its session, as that is shown. Where no session is known, some facts know better than nothing.
 */
function projectOf(fact: Fact, sessionOf: (id: string) => SessionFact | undefined, names: Names): string {
  if ('countedFor' in fact && fact.countedFor !== undefined) return fact.countedFor;
  const project = (fact.type === 'session' ? fact : sessionOf(fact.sessionId))?.project ?? UNKNOWN;
  return names.project(project === UNKNOWN && fact.type === 'command' ? fact.project : project);
}

function dueOf(fact: Fact, session: SessionFact | undefined, nowMs: number): number | undefined {
  switch (fact.type) {
    case 'todo':
      return dueOfTodos(fact, session, nowMs);
    case 'response':
      return dueOfResponse(fact, nowMs);
    case 'session':
      return nowMs - fact.lastMs > OVER_AFTER_MS ? undefined : fact.lastMs + OVER_AFTER_MS + 1;
    default:
      return undefined;
  }
}

function dueOfResponse(fact: ResponseFact, nowMs: number): number | undefined {
  if (fact.finished || nowMs - fact.timeMs > UNFINISHED_AFTER_MS) return undefined;
  return fact.timeMs + UNFINISHED_AFTER_MS + 1;
}

/** Totals without a change log, for a scan that keeps no state: what each fact counts is added to its series. */
export function countAll(
  facts: Iterable<Fact>,
  book: SeriesBook,
  sessionOf: (id: string) => SessionFact | undefined,
  nowMs: number,
  localTime: LocalTime = UTC,
  prices?: PriceBook,
  names: Names = PLAIN_NAMES,
): void {
  const nearby = rememberLast(sessionOf);
  for (const fact of facts) {
    const project = projectOf(fact, nearby, names);
    const after = settled(fact, { session: nearby(fact.sessionId), project, nowMs, localTime, names });
    for (const measurement of measure(after, { project, nowMs, prices })) {
      const startMs = minuteOf(possibleTime(measurement.timeMs ?? fact.timeMs, nowMs)) + 1;
      for (const [series, value] of seriesOf(measurement, book)) {
        series.value = Math.min(series.value + value, MOST);
        if (series.startMs === 0 || startMs < series.startMs) series.startMs = startMs;
      }
    }
  }
  if (book.decideBounds()) book.fold();
}

/** Facts of one session come one after another. */
function rememberLast(sessionOf: (id: string) => SessionFact | undefined): (id: string) => SessionFact | undefined {
  let lastId: string | undefined;
  let last: SessionFact | undefined;
  return (id) => {
    if (id !== lastId) {
      lastId = id;
      last = sessionOf(id);
    }
    return last;
  };
}

/** Takes from what is carried what is known again; gives back what is left to be counted. */
function explain(series: Series, delta: number, settlement: Settlement): number {
  const explained = Math.min(series.carried, Math.max(delta, 0));
  series.carried -= explained;
  if (explained > 0) settlement.series.add(series);
  return delta - explained;
}

/** Adds to a series and writes down how: the old value at the beginning of the minute, then the new one at its time. */
function advance(series: Series, wantedMs: number, delta: number, settlement: Settlement): void {
  settlement.series.add(series);
  const paid = Math.min(series.debt, Math.max(delta, 0));
  series.debt = Math.min(series.debt + (delta < 0 ? -delta : -paid), MOST);
  const growth = Math.min(Math.max(delta, 0) - paid, MOST - series.value);
  if (growth === 0) return;
  const notBefore = Math.max(wantedMs, series.lastMs + 1);
  const minuteMs = minuteOf(notBefore);
  const timeMs = Math.max(notBefore, minuteMs + 2);
  if (series.lastMs < minuteMs + 1) settlement.samples.push({ series, timeMs: minuteMs + 1, value: series.value });
  if (series.lastMs === 0) series.startMs = Math.min(series.startMs, minuteMs + 1);
  series.value += growth;
  series.lastMs = timeMs;
  settlement.samples.push({ series, timeMs, value: series.value });
}

function minuteOf(timeMs: number): number {
  return Math.floor(timeMs / MINUTE_MS) * MINUTE_MS;
}

/** Increments, added up by series and minute: within a minute only the last value matters. */
class Increments {
  readonly #cells = new Map<number, { timeMs: number; delta: number }>();

  add(seriesId: number, timeMs: number, delta: number): void {
    // One number for both: minutes since 1970 stay below 2^26 until the year 2097.
    const cell = seriesId * 2 ** 26 + Math.floor(timeMs / MINUTE_MS);
    const known = this.#cells.get(cell);
    if (known === undefined) {
      this.#cells.set(cell, { timeMs, delta });
      return;
    }
    known.timeMs = Math.max(known.timeMs, timeMs);
    known.delta += delta;
  }

  /** By series, and within a series by time. */
  *inOrder(): Generator<[seriesId: number, timeMs: number, delta: number]> {
    for (const cell of Float64Array.from(this.#cells.keys()).sort()) {
      const one = this.#cells.get(cell);
      if (one !== undefined) yield [Math.floor(cell / 2 ** 26), one.timeMs, one.delta];
    }
  }
}
