import { type MetricName, metrics } from '../contract/index.ts';
import type { Health } from '../health.ts';
import { labelNames, PART, type Series, type SeriesBook } from '../ledger/series.ts';
import type { SessionFact } from '../track/fact.ts';
import { stateOf } from '../track/sessions.ts';
import type { LabelBounds } from './cardinality.ts';
import { type Names, PLAIN_NAMES } from './names.ts';
import { scaleOf } from './record.ts';

/** One value as the world sees it: in the unit of its metric, with all labels. */
export interface Point {
  /** Names the series of a counter for as long as the ledger lives; undefined for what has no history. */
  seriesId?: number;
  /** Name of the sample, where it is not that of the metric: `…_bucket`, `…_sum` and `…_count` of a histogram. */
  name?: string;
  labels: Record<string, string>;
  value: number;
  /** Since when a counter counts, milliseconds since 1970. */
  startMs: number;
  /** Of a series of the ledger. */
  identity?: Identity;
}

/** All points of one metric. */
export interface Family {
  metric: MetricName;
  points: Point[];
}

/** Everything there is to show: totals of the ledger, sessions of the last day, and the exporter's own health. In the order of the catalogue. */
export function collectFamilies(
  host: string,
  book: SeriesBook,
  sessions: readonly SessionFact[],
  health: Health,
  nowMs: number,
  names = PLAIN_NAMES,
): Family[] {
  const points = new Map<MetricName, Point[]>();
  const add = (metric: MetricName, point: Point) => {
    const list = points.get(metric);
    if (list === undefined) points.set(metric, [point]);
    else list.push(point);
  };
  const known = identitiesOf(book, host);
  for (const series of book.all()) {
    const identity = known[series.id] ?? identify(series, host);
    known[series.id] = identity;
    add(series.metric, toPoint(series, identity));
  }
  addHealth(add, host, { names, bounds: book.bounds }, health);
  addSessions(add, host, { names, bounds: book.bounds }, sessions, nowMs);
  return (Object.keys(metrics) as MetricName[]).map((metric) => ({ metric, points: points.get(metric) ?? [] }));
}

/** What is the same of a series at every look. */
export interface Identity {
  labels: Record<string, string>;
  /** As {@link Point.name}. */
  name?: string;
  /** The labels as they stand on the page. */
  text: string | undefined;
}

/**
 * Identities by the numbers of the series, made once: a page of 50,000 series would spend its time with them. Numbers are given without
 * gaps. One entry for each book, since a weak table with one for each series costs the collector more than it saves.
 */
const identities = new WeakMap<SeriesBook, { host: string; bySeries: (Identity | undefined)[] }>();

function identitiesOf(book: SeriesBook, host: string): (Identity | undefined)[] {
  const known = identities.get(book);
  if (known?.host === host) return known.bySeries;
  const bySeries: (Identity | undefined)[] = [];
  identities.set(book, { host, bySeries });
  return bySeries;
}

function identify(series: Series, host: string): Identity {
  const name = sampleName(series);
  return { labels: seriesLabels(series, host), text: undefined, ...(name === series.metric ? {} : { name }) };
}

function toPoint(series: Series, identity: Identity): Point {
  const { labels, name } = identity;
  const point = { seriesId: series.id, labels, value: shownValue(series, series.value), startMs: series.startMs, identity };
  return name === undefined ? point : { ...point, name };
}

/** The part of a histogram that a series is: `sum`, `count` or the bound of a bucket. */
function partOf(series: Series): string | undefined {
  return metrics[series.metric].kind === 'histogram' ? series.values.at(-1) : undefined;
}

/** The name of the samples of a series. */
export function sampleName(series: Series): string {
  const part = partOf(series);
  if (part === undefined) return series.metric;
  return `${series.metric}_${part === 'sum' || part === 'count' ? part : 'bucket'}`;
}

/** All labels of a series of the ledger. */
export function seriesLabels(series: Series, host: string): Record<string, string> {
  const labels: Record<string, string> = { host };
  labelNames(series.metric).forEach((name, at) => {
    labels[name] = series.values[at] ?? '';
  });
  const part = partOf(series);
  if (part === 'sum' || part === 'count') delete labels[PART];
  return labels;
}

/** A whole number of the ledger in the unit of its metric. */
export function shownValue(series: Series, value: number): number {
  const part = partOf(series);
  return part === undefined || part === 'sum' ? value / scaleOf(series.metric) : value;
}

type Add = (metric: MetricName, point: Point) => void;

/** What stands between what is known and what is shown. */
interface Shown {
  names: Names;
  bounds: LabelBounds;
}

/** What has no history. Values of labels that have no place among the names are put together. */
function addHealth(add: Add, host: string, { names, bounds }: Shown, health: Health): void {
  const folded = new Map<string, Point>();
  for (const { metric, labels, value } of health.points()) {
    const shown = showLabels(labels.project === undefined ? labels : { ...labels, project: names.project(labels.project) }, bounds);
    if (shown === labels) {
      add(metric, { labels: { host, ...labels }, value, startMs: health.startedMs });
      continue;
    }
    const key = `${metric}\n${JSON.stringify(shown)}`;
    const known = folded.get(key);
    if (known !== undefined) {
      known.value += value;
      continue;
    }
    const point = { labels: { host, ...shown }, value, startMs: health.startedMs };
    folded.set(key, point);
    add(metric, point);
  }
}

/** The same object where every value is shown as it is. */
function showLabels(labels: Record<string, string>, bounds: LabelBounds): Record<string, string> {
  let shown = labels;
  for (const name in labels) {
    const given = labels[name] ?? '';
    const value = bounds.show(name, given);
    if (value !== given) shown = { ...shown, [name]: value };
  }
  return shown;
}

/** `ccmeter_session_info` shows sessions seen in the last day, the newest of them. */
export const SESSION_INFO_MS = 24 * 3600_000;
const MAX_SESSIONS_SHOWN = 1000;

function addSessions(add: Add, host: string, { names, bounds }: Shown, sessions: readonly SessionFact[], nowMs: number): void {
  const seen = sessions.filter(({ begun, lastMs }) => begun && nowMs - lastMs <= SESSION_INFO_MS);
  const shown = seen.length > MAX_SESSIONS_SHOWN ? seen.toSorted((a, b) => b.lastMs - a.lastMs).slice(0, MAX_SESSIONS_SHOWN) : seen;
  for (const { project, sessionId, branch, model, version, timeMs } of shown) {
    const named = { project: names.project(project), session_id: sessionId, branch: names.branch(branch) };
    const labels = showLabels({ host, ...named, model, version }, bounds);
    add('ccmeter_session_info', { labels, value: 1, startMs: timeMs });
  }
  const active = new Map<string, Point>();
  for (const session of seen) {
    const project = bounds.show('project', names.project(session.project));
    for (const state of ['working', 'waiting', 'idle']) {
      const key = `${project}\n${state}`;
      const point = active.get(key) ?? { labels: { host, project, state }, value: 0, startMs: nowMs };
      if (stateOf(session, nowMs) === state) point.value += 1;
      active.set(key, point);
    }
  }
  for (const point of active.values()) add('ccmeter_sessions_active', point);
}
