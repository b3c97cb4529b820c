import type { Api, FilterOptions, PanelAnswer, PanelQuery, QuestionId } from '../api/client.ts';
import { modelSlots, nameSlots, type Slots } from '../charts/colours.ts';
import { type Stack, stackOf } from '../charts/options/stack.ts';
import { zoneOffset } from '../format/zone.ts';
import type { FilterName, Filters } from './location.ts';
import { cutRange, nextMinute, previousRange, type Range, type RangeChoice, resolveRange, stepFor } from './range.ts';

const ALL = ['host', 'project', 'model', 'agent'] as const;
const PLACE = ['host', 'project'] as const;
const HOST = ['host'] as const;

/** The questions asked here, and the filters each can be narrowed by. */
const questions = {
  tokens: ALL,
  cost: ALL,
  requests: ALL,
  sessions: PLACE,
  messages: PLACE,
  unpriced_tokens: ['host', 'model'],
  unfinished_requests: ['host', 'model'],
  sessions_active: PLACE,
  tool_calls: PLACE,
  tool_errors: HOST,
  tool_seconds: HOST,
  agent_spawns: PLACE,
  agent_tokens: PLACE,
  agent_cost: PLACE,
  skill_uses: PLACE,
  session_seconds: PLACE,
  active_seconds: PLACE,
  hour_messages: HOST,
  lines: PLACE,
  commits: PLACE,
  pull_requests: PLACE,
  api_errors: HOST,
  compactions: PLACE,
  todos_abandoned: PLACE,
  todos: PLACE,
  file_lines: PLACE,
  versions: ['host', 'project', 'model'],
  stats_tokens: ['host', 'model'],
  stats_sessions: HOST,
  stats_messages: HOST,
  stats_tool_calls: HOST,
  stats_days: HOST,
  stats_first_session: HOST,
  stats_longest_session: HOST,
  stats_computed: HOST,
  history_deletion: HOST,
  history_at_risk: HOST,
  sessions_resumed: PLACE,
  sessions_forked: PLACE,
  quota_used: HOST,
  quota_reset: HOST,
  exporter_unknown: HOST,
  exporter_label_values: HOST,
  exporter_label_limits: HOST,
  exporter_build: HOST,
  exporter_unusable: HOST,
  exporter_files: HOST,
  exporter_lines: HOST,
  exporter_backlog: HOST,
  exporter_ready: HOST,
  exporter_series: HOST,
  exporter_unreadable: HOST,
  exporter_read_errors: HOST,
  exporter_outbox: HOST,
  exporter_events: HOST,
  exporter_exports: HOST,
  exporter_last_export: HOST,
  exporter_pending: HOST,
  exporter_refused: HOST,
} as const satisfies { [Id in QuestionId]: readonly FilterName[] };

/** What every view asks about. */
export interface Scope {
  range: RangeChoice;
  filters: Filters;
}

/** What the numbers of a view have in common: asked for at one moment, over one range. */
export interface Frame {
  range: Range;
  /** Where history begins; none before the first count. */
  first: number | null;
  askedAtMs: number;
  /** The range of the same length before; none where history does not reach. */
  beforeRange: Range | null;
  /** The colours of models and projects, over all history. */
  slots: Required<Slots>;
  /** What filters can be set to, over all history. */
  options: FilterOptions;
}

/** One number per value of a label. */
export interface Sums {
  values: Readonly<Record<string, number>>;
  total: number;
  query: string;
  /** Filters in force that cannot narrow this question. */
  unnarrowed: readonly FilterName[];
}

type Ask = (question: QuestionId, query: PanelQuery) => Promise<PanelAnswer>;

export interface Asker {
  frame: Frame;
  answer: Ask;
  /** The same for a range that ends at another time: what is of now, whatever range is looked at. */
  until(end: number): { frame: { range: Range }; answer: Ask };
  /** What was added in the range (or another one), by one label or in all. */
  sums(question: QuestionId, by?: string | null, range?: Range, more?: PanelQuery): Promise<Sums>;
  /** How things stand, by one label or in all. */
  now(question: QuestionId, by?: string | null): Promise<Sums>;
  /** What was added over time, by one label or in all. */
  stack(question: QuestionId, by?: string | null, more?: PanelQuery, most?: number): Promise<Stack>;
  /** Which values of a label were there over time: 1 where they were. */
  seen(question: QuestionId, by: string): Promise<Stack>;
  /** Quantiles over time, one line each. */
  quantiles(question: QuestionId, parts: readonly (readonly [name: string, part: string])[], more?: PanelQuery): Promise<Stack>;
}

/** Settles the range and the colours; all that is asked through what it gives back agrees with each other. */
export async function createAsker(api: Api, scope: Scope, nowMs: number, signal?: AbortSignal): Promise<Asker> {
  const { first } = await api.range(signal);
  const range = resolveRange(scope.range, nowMs, first);
  const ask: Ask = (question, query) => api.panel(question, { ...narrowing(question, scope.filters), ...query }, signal);
  const options = await askOptions(api, first, nowMs, signal);
  const frame: Frame = {
    range,
    first,
    askedAtMs: nowMs,
    beforeRange: previousRange(range, first),
    slots: { model: modelSlots(options.model), project: nameSlots(options.project) },
    options,
  };
  const group = (by: string | null) => (by ? { by } : {});
  const sumsOf = (question: QuestionId, answer: PanelAnswer, by: string | null): Sums => ({
    values: by ? byLabel(answer, by) : {},
    total: total(answer),
    query: answer.query,
    unnarrowed: unnarrowed(question, scope.filters),
  });
  return {
    frame,
    answer: ask,
    until: (end) => ({ frame: { range: { start: end - 3600, end } }, answer: ask }),
    sums: async (question, by = null, within = range, more = {}) =>
      sumsOf(question, await ask(question, { ...times(within), ...group(by), ...more }), by),
    now: async (question, by = null) => sumsOf(question, await ask(question, group(by)), by),
    stack: async (question, by = null, more = {}, most) => {
      const { head, body, step } = cut(range);
      const [start, rest] = await Promise.all([
        head && ask(question, { ...times(head), ...group(by), ...more }),
        ask(question, { ...times(body), ...group(by), ...more, step }),
      ]);
      const stack = stackOf(by ?? 'all', start, rest, frame.slots, most);
      return { ...stack, unnarrowed: unnarrowed(question, scope.filters) };
    },
    seen: async (question, by) => {
      const { head, body, step } = cut(range);
      const [start, rest] = await Promise.all([head && ask(question, { ...times(head), by }), ask(question, { ...times(body), by, step })]);
      return stackOf(by, start, rest, frame.slots, Number.POSITIVE_INFINITY);
    },
    quantiles: async (question, parts, more = {}) => {
      const { head, body, step } = cut(range);
      const lines = await Promise.all(
        parts.map(async ([name, quantile]) => {
          const [whole, start, rest] = await Promise.all([
            ask(question, { ...times(range), ...more, quantile }),
            head && ask(question, { ...times(head), ...more, quantile }),
            ask(question, { ...times(body), ...more, quantile, step }),
          ]);
          return { name, whole, start, rest };
        }),
      );
      return { ...linesOf(lines, head, body, Number(step)), unnarrowed: unnarrowed(question, scope.filters) };
    },
  };
}

interface Line {
  name: string;
  whole: PanelAnswer;
  start: PanelAnswer | null;
  rest: PanelAnswer;
}

/** Quantiles as layers: a line has no value where nothing happened. */
export function linesOf(lines: readonly Line[], head: Range | null, body: Range, step: number): Stack {
  const frame = stackOf('quantile', head && emptyAnswer(head, null), emptyAnswer(body, step), {});
  const layers = lines.map(({ name, whole, start, rest }, index) => {
    const values = new Map((rest.series[0]?.points ?? []).map(([at, value]) => [at, value]));
    if (start?.series[0]) values.set(start.start, start.series[0].value);
    return {
      key: name,
      label: name,
      title: name,
      slot: index,
      values: frame.buckets.map((bucket) => values.get(bucket.start) ?? Number.NaN),
      total: whole.series[0]?.value ?? Number.NaN,
    };
  });
  const known = layers.filter((layer) => !Number.isNaN(layer.total));
  return { ...frame, layers: known, query: lines[0]?.rest.query ?? '' };
}

function emptyAnswer(range: Range, step: number | null): PanelAnswer {
  return { id: 'tokens', unit: 'token', ...range, step, series: [], query: '' };
}

function cut(range: Range): { head: Range | null; body: Range; step: string } {
  const step = stepFor(range);
  return { ...cutRange(range, step, zoneOffset(range.start)), step: String(step) };
}

/** The filters that sessions and events have, as they call them. */
export function placeOf({ host, project }: Filters): { source?: string[]; project?: string[] } {
  return { ...(host.length > 0 ? { source: [...host] } : {}), ...(project.length > 0 ? { project: [...project] } : {}) };
}

function narrowing(question: QuestionId, filters: Filters): PanelQuery {
  const usable: readonly FilterName[] = questions[question];
  return Object.fromEntries(usable.filter((name) => filters[name].length > 0).map((name) => [name, [...filters[name]]]));
}

/** Filters in force that cannot narrow a question. */
export function unnarrowed(question: QuestionId, filters: Filters): FilterName[] {
  const usable: readonly FilterName[] = questions[question];
  return (Object.keys(filters) as FilterName[]).filter((name) => filters[name].length > 0 && !usable.includes(name));
}

/** What there is in all of history, whatever range is looked at: a model's colour depends on it. */
export function askOptions(api: Api, first: number | null, nowMs: number, signal?: AbortSignal): Promise<FilterOptions> {
  const end = nextMinute(nowMs);
  return api.filterOptions(Math.min(first ?? end - 60, end - 60), end, signal);
}

export function times(range: Range): { start: string; end: string } {
  return { start: String(range.start), end: String(range.end) };
}

export function total(answer: PanelAnswer): number {
  return answer.series.reduce((sum, series) => sum + series.value, 0);
}

export function byLabel(answer: PanelAnswer, label: string): Record<string, number> {
  // Without a prototype, so that a project may be called __proto__.
  const sums: Record<string, number> = Object.create(null);
  for (const series of answer.series) {
    const key = series.labels[label] ?? '';
    sums[key] = (sums[key] ?? 0) + series.value;
  }
  return sums;
}

/** One object per value of the first label, with the values of the second: `pivot(calls, 'tool', 'result').Bash.error`. */
export function pivot(answer: PanelAnswer, row: string, column: string): Record<string, Record<string, number>> {
  const table: Record<string, Record<string, number>> = Object.create(null);
  for (const series of answer.series) {
    const key = series.labels[row] ?? '';
    table[key] ??= Object.create(null) as Record<string, number>;
    const cells = table[key];
    const name = series.labels[column] ?? '';
    cells[name] = (cells[name] ?? 0) + series.value;
  }
  return table;
}

/** Values above nothing, the largest first. */
export function ranked(values: Readonly<Record<string, number>>): [string, number][] {
  return Object.entries(values)
    .filter(([, value]) => value > 0)
    .sort(([nameOne, one], [nameOther, other]) => other - one || (nameOne < nameOther ? -1 : 1));
}
