import type { Api, SessionQuery, SessionSummary } from '../api/client.ts';
import { type Slots, slotOf } from '../charts/colours.ts';
import type { Layer, Stack } from '../charts/options/stack.ts';
import { labelText } from '../format/labels.ts';
import type { ViewState } from './location.ts';
import { type Range, resolveRange } from './range.ts';
import type { Answered } from './timeline.ts';

/** What the list can be ordered by, and the column of each. */
export const SESSION_ORDERS = ['last', 'first', 'cost', 'tokens', 'requests', 'tools', 'failures', 'duration'] as const;
export type SessionOrder = (typeof SESSION_ORDERS)[number];

export const SESSION_STATES = ['working', 'waiting', 'idle', 'over'] as const;

/** How the list is ordered: `-cost` is the dearest first. Without a choice the latest come first. */
export function readSort(sort: string): { by: SessionOrder; down: boolean } {
  const name = sort.replace(/^-/, '');
  const by = SESSION_ORDERS.find((order) => order === name);
  return by ? { by, down: sort.startsWith('-') } : { by: 'last', down: true };
}

export function writeSort({ by, down }: { by: SessionOrder; down: boolean }): string {
  return by === 'last' && down ? '' : `${down ? '-' : ''}${by}`;
}

const PAGE = 200;

/** The question of one page of the list. */
export function sessionQuery(
  state: Pick<ViewState, 'filters' | 'states' | 'sort'>,
  range: Range | null,
  cursor: string | null,
): SessionQuery {
  const { by, down } = readSort(state.sort);
  const { filters } = state;
  const states = SESSION_STATES.filter((name) => state.states.includes(name));
  return {
    sort: by,
    order: down ? 'desc' : 'asc',
    limit: String(PAGE),
    ...(range ? { start: String(range.start), end: String(range.end) } : {}),
    ...(filters.host.length > 0 ? { source: [...filters.host] } : {}),
    ...(filters.project.length > 0 ? { project: [...filters.project] } : {}),
    ...(filters.model.length > 0 ? { model: [...filters.model] } : {}),
    ...(states.length > 0 ? { state: states } : {}),
    ...(cursor === null ? {} : { cursor }),
  };
}

/** The range of a list: none for all time, so that sessions whose events came late are there, too. */
function sessionRange(state: Pick<ViewState, 'range'>, nowMs: number): Range | null {
  return state.range.kind === 'quick' && state.range.name === 'all' ? null : resolveRange(state.range, nowMs, null);
}

export async function loadSessions(
  api: Api,
  state: Pick<ViewState, 'filters' | 'states' | 'sort' | 'range'>,
  cursor: string | null,
  nowMs: number,
  signal?: AbortSignal,
) {
  return api.sessions(sessionQuery(state, sessionRange(state, nowMs), cursor), signal);
}

/** Seconds from the first to the last event. */
export function lengthOf(session: Pick<SessionSummary, 'firstAt' | 'lastAt'>): number {
  return (Date.parse(session.lastAt) - Date.parse(session.firstAt)) / 1000;
}

/** Dollars a minute; none for sessions shorter than one. */
export function costPerMinute(session: SessionSummary): number | null {
  const seconds = lengthOf(session);
  return seconds < 60 ? null : (session.costUsd / seconds) * 60;
}

/** Sessions whose project, machine, model or id contains the text. */
export function searchSessions(sessions: readonly SessionSummary[], text: string): readonly SessionSummary[] {
  const wanted = text.trim().toLowerCase();
  if (wanted === '') return sessions;
  const textOf = (one: SessionSummary) =>
    [
      one.id,
      labelText('project', one.project ?? ''),
      labelText('host', one.source),
      ...one.models.map((model) => `${model} ${labelText('model', model)}`),
    ].join(' ');
  return sessions.filter((one) => textOf(one).toLowerCase().includes(wanted));
}

const BARS = 48;
const STEPS = [60, 120, 300, 600, 900, 1800, 3600, 7200, 21_600, 86_400, 7 * 86_400];

/** What a session cost over its time, by model: each response once, as it was last told. */
export function sessionCost(answers: readonly Answered[], slots: Slots): Stack {
  return stackOver(answers, 'model', slots, ({ usage }) => [[usage.model, usage.costUsd ?? 0]]);
}

/** What tokens a session used over its time, by kind. */
export function sessionTokens(answers: readonly Answered[]): Stack {
  return stackOver(answers, 'kind', {}, ({ usage }) => [
    ['input', usage.inputTokens],
    ['output', usage.outputTokens],
    ['cache_read', usage.cacheReadTokens],
    ['cache_write_5m', usage.cacheWrite5mTokens],
    ['cache_write_1h', usage.cacheWrite1hTokens],
  ]);
}

/** Bars over the time of a session, of what each response adds to each value of a label. */
function stackOver(answers: readonly Answered[], label: string, slots: Slots, partsOf: (answer: Answered) => [string, number][]): Stack {
  if (answers.length === 0) return { label, step: 60, buckets: [], layers: [], total: 0, query: '' };
  const first = Math.floor(Math.min(...answers.map((one) => one.atMs)) / 60_000) * 60;
  const last = Math.max(...answers.map((one) => one.atMs)) / 1000;
  const step = STEPS.find((seconds) => (last - first) / seconds < BARS) ?? 30 * 86_400;
  const count = Math.floor((last - first) / step) + 1;
  const buckets = Array.from({ length: count }, (_, index) => ({ start: first + index * step, end: first + (index + 1) * step }));
  const rows = new Map<string, number[]>();
  for (const answer of answers) {
    const index = Math.floor((answer.atMs / 1000 - first) / step);
    for (const [key, value] of partsOf(answer)) {
      const values = rows.get(key) ?? new Array<number>(count).fill(0);
      values[index] = (values[index] ?? 0) + value;
      rows.set(key, values);
    }
  }
  const layers = [...rows]
    .map(([key, values]) => ({ key, values, total: values.reduce((sum, value) => sum + value, 0) }))
    .filter((row) => row.total > 0)
    .sort((one, other) => other.total - one.total)
    .map((row, rank): Layer => ({ ...row, label: labelText(label, row.key), title: row.key, slot: slotOf(label, row.key, rank, slots) }));
  return { label, step, buckets, layers, total: layers.reduce((sum, layer) => sum + layer.total, 0), query: '' };
}
