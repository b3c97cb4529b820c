import { linkText, nameBehind } from '../format/labels.ts';
import { MARK_KINDS, type MarkKind } from './mark-kinds.ts';
import { QUICK_RANGES, type RangeChoice } from './range.ts';

/** Labels that a view can be narrowed by. */
export const FILTERS = ['project', 'model', 'host', 'agent'] as const;
export type FilterName = (typeof FILTERS)[number];
export type Filters = Record<FilterName, readonly string[]>;

export const COST_GROUPS = ['model', 'project', 'agent'] as const;
export const TOKEN_GROUPS = ['model', 'project', 'agent', 'kind'] as const;
export type CostGroup = (typeof COST_GROUPS)[number];
export type TokenGroup = (typeof TOKEN_GROUPS)[number];

/** Everything that a link carries: the URL is the state, so what is not here is not kept. */
export interface ViewState {
  range: RangeChoice;
  filters: Filters;
  costBy: CostGroup;
  tokensBy: TokenGroup;
  /** Event types shown in the stream; none chosen means all. */
  types: readonly string[];
  /** Sessions whose events are shown in the stream; none chosen means all. */
  sessions: readonly string[];
  /** Text that an event of the stream, or a row of a list, must contain. */
  text: string;
  /** What the main chart of a view is broken down by, where it can be chosen; '' is as usual. */
  by: string;
  /** What a list is ordered by: the name of a column, with a minus for the largest first; '' is as usual. */
  sort: string;
  /** States of sessions that are listed; none chosen means all. */
  states: readonly string[];
  /** What is asked in the PromQL view. */
  expr: string;
  /** What stands on the time axis of charts. */
  marks: readonly MarkKind[];
  /** Without anything but the numbers, for a screen on the wall. */
  kiosk: boolean;
}

export const NO_FILTERS: Filters = { project: [], model: [], host: [], agent: [] };

export const DEFAULT_STATE: ViewState = {
  range: { kind: 'quick', name: '7d' },
  filters: NO_FILTERS,
  costBy: 'model',
  tokensBy: 'model',
  types: [],
  sessions: [],
  text: '',
  by: '',
  sort: '',
  states: [],
  expr: '',
  marks: ['model', 'price', 'version'],
  kiosk: false,
};

/** What stays when one goes from view to view. */
export function keptState(state: ViewState): ViewState {
  return { ...DEFAULT_STATE, range: state.range, filters: state.filters, marks: state.marks, kiosk: state.kiosk };
}

/** Reads the query string of a link. What does not fit is left out, so that no link can break a view. */
export function readState(search: string): ViewState {
  const parameters = new URLSearchParams(search);
  const filters = Object.fromEntries(FILTERS.map((name) => [name, distinct(parameters.getAll(name))]));
  return {
    range: readRange(parameters),
    filters: { ...DEFAULT_STATE.filters, ...filters },
    costBy: oneOf(COST_GROUPS, parameters.get('cost')) ?? DEFAULT_STATE.costBy,
    tokensBy: oneOf(TOKEN_GROUPS, parameters.get('tokens')) ?? DEFAULT_STATE.tokensBy,
    types: distinct(parameters.getAll('type')),
    sessions: distinct(parameters.getAll('session')),
    text: parameters.get('text') ?? '',
    by: parameters.get('by') ?? '',
    sort: parameters.get('sort') ?? '',
    states: distinct(parameters.getAll('state')),
    expr: parameters.get('expr') ?? '',
    marks: readMarks(parameters.getAll('marks')),
    kiosk: parameters.has('kiosk'),
  };
}

/** The state with the values that stand-ins of a link stand for. */
export function unhide(state: ViewState, known: Pick<Filters, 'project' | 'host'>): ViewState {
  const of = (name: 'project' | 'host') => state.filters[name].map((text) => nameBehind(name, text, known[name]));
  return { ...state, filters: { ...state.filters, project: of('project'), host: of('host') } };
}

/** The query string of a state, without what is as usual: `?range=30d&project=api`. */
export function writeState(state: ViewState): string {
  const parameters = new URLSearchParams();
  const { range } = state;
  if (range.kind === 'absolute') {
    parameters.set('from', writeMinute(range.start));
    parameters.set('to', writeMinute(range.end));
  } else if (range.name !== '7d') parameters.set('range', range.name);
  for (const name of FILTERS) for (const value of state.filters[name]) parameters.append(name, linkText(name, value));
  if (state.costBy !== DEFAULT_STATE.costBy) parameters.set('cost', state.costBy);
  if (state.tokensBy !== DEFAULT_STATE.tokensBy) parameters.set('tokens', state.tokensBy);
  for (const type of state.types) parameters.append('type', type);
  for (const session of state.sessions) parameters.append('session', session);
  if (state.text) parameters.set('text', state.text);
  if (state.by) parameters.set('by', state.by);
  if (state.sort) parameters.set('sort', state.sort);
  for (const name of state.states) parameters.append('state', name);
  if (state.expr) parameters.set('expr', state.expr);
  if (String(state.marks) !== String(DEFAULT_STATE.marks))
    for (const kind of state.marks.length > 0 ? state.marks : [NO_MARKS]) parameters.append('marks', kind);
  if (state.kiosk) parameters.set('kiosk', '1');
  // Colons are allowed in a query and easier to read.
  const text = parameters.toString().replaceAll('%3A', ':');
  return text ? `?${text}` : '';
}

/** What a link says of marks where there are none. */
const NO_MARKS = 'none';

/** In the order of the list, so that one choice is one link. */
function readMarks(values: readonly string[]): readonly MarkKind[] {
  return values.length === 0 ? DEFAULT_STATE.marks : MARK_KINDS.filter((kind) => values.includes(kind));
}

function readRange(parameters: URLSearchParams): RangeChoice {
  const start = readMinute(parameters.get('from'));
  const end = readMinute(parameters.get('to'));
  if (start !== null && end !== null && start < end) return { kind: 'absolute', start, end };
  const name = oneOf(QUICK_RANGES, parameters.get('range'));
  return name ? { kind: 'quick', name } : DEFAULT_STATE.range;
}

/** `2026-11-20T12:05Z` */
function writeMinute(seconds: number): string {
  return `${new Date(seconds * 1000).toISOString().slice(0, 16)}Z`;
}

function readMinute(text: string | null): number | null {
  const time = text === null ? Number.NaN : Date.parse(text);
  return Number.isNaN(time) || time < 0 ? null : Math.floor(time / 60_000) * 60;
}

function oneOf<const Value extends string>(values: readonly Value[], text: string | null): Value | undefined {
  return values.find((value) => value === text);
}

function distinct(values: readonly string[]): string[] {
  return [...new Set(values.filter((value) => value !== ''))];
}
