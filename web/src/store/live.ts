import type { Event, EventType, PayloadOf } from '@ccmeter/exporter/contract';
import type { StoredEvent } from '../api/client.ts';
import { Rows } from './rows.ts';

/** Events kept for the stream's list, sessions and responses kept for the cards. */
export const MAX_ROWS = 100_000;
export const MAX_SESSIONS = 200;
const MAX_RESPONSES = 5_000;

/** A session with nothing new for this long is no longer shown. */
export const GONE_AFTER_MS = 30 * 60_000;
const IDLE_AFTER_MS = 5 * 60_000;
/** Between two lines of a turn lies a model's answer, which rarely takes longer. */
const WAITING_AFTER_MS = 90_000;

export const SESSION_STATES = ['working', 'waiting', 'idle', 'ended'] as const;
export type SessionState = (typeof SESSION_STATES)[number];

export interface LiveSession {
  id: string;
  source: string;
  project: string;
  /** Of the newest response of the main conversation. */
  model: string | null;
  /** When the first event that we know of came. */
  sinceMs: number;
  /** Its beginning was seen, so that the sums below are the whole session. */
  whole: boolean;
  lastMs: number;
  /** What an event said of the state, and when. */
  said: { state: SessionState; atMs: number } | null;
  /** The tool calls that are under way, the latest last. */
  tools: readonly string[];
  requests: number;
  tokens: number;
  outputTokens: number;
  costUsd: number;
  /** Some tokens have no known price. */
  unpriced: boolean;
  /** Responses whose final count is not known (yet). */
  unfinished: number;
  /** Tool calls that ended, and those of them that failed; the last one that did. */
  calls: number;
  failures: number;
  lastFailure: { tool: string; category: string | null; atMs: number } | null;
  todos: { done: number; all: number } | null;
  /** What the newest response of the main conversation had before it and added, and the most of all that are known. */
  context: { tokens: number; most: number; atMs: number } | null;
  /** How long the cache of the main conversation is kept after its last use; none where nothing was cached. */
  cache: { ttlMs: number; atMs: number } | null;
  /** Subagents started, by kind. */
  spawned: Readonly<Record<string, number>>;
  /** What all subagents used, and on which models. */
  subagents: { requests: number; tokens: number; costUsd: number; models: readonly string[]; kinds: Kinds };
}

/** What each kind of subagent used, where the transcript tells the kind. */
type Kinds = Readonly<Record<string, { tokens: number; costUsd: number }>>;

/** What one response counts for now; a later revision replaces it. */
interface Counted {
  sessionId: string;
  revision: number;
  tokens: number;
  outputTokens: number;
  costUsd: number;
  finished: boolean;
  atMs: number;
}

type CallResult = PayloadOf<'tool_call'>['result'];

export interface LiveState {
  /** Oldest first. */
  rows: Rows<StoredEvent>;
  sessions: ReadonlyMap<string, LiveSession>;
  responses: ReadonlyMap<string, Counted>;
  /** What came of tool calls, by the id of the call: later knowledge replaces earlier. */
  calls: ReadonlyMap<string, CallResult>;
  lastSeq: number;
}

export const EMPTY_LIVE: LiveState = { rows: Rows.of(), sessions: new Map(), responses: new Map(), calls: new Map(), lastSeq: 0 };

/** Takes in events in the order of their sequence numbers; what is already known changes nothing. */
export function takeEvents(state: LiveState, incoming: readonly StoredEvent[]): LiveState {
  const fresh = incoming.filter(({ seq }, index) => seq > state.lastSeq && seq > (incoming[index - 1]?.seq ?? 0));
  if (fresh.length === 0) return state;
  const sessions = new Map(state.sessions);
  const responses = new Map(state.responses);
  const calls = new Map(state.calls);
  for (const { event } of fresh) takeEvent(sessions, { responses, calls }, event);
  forgetOldest(responses, MAX_RESPONSES);
  forgetOldest(calls, MAX_RESPONSES);
  forgetQuietest(sessions);
  return { rows: state.rows.add(fresh, MAX_ROWS), sessions, responses, calls, lastSeq: fresh.at(-1)?.seq ?? state.lastSeq };
}

/** What a session is doing, as `ccmeter_sessions_active` has it: idle after five silent minutes, before that what was said of it last. */
export function stateOf(session: LiveSession, nowMs: number): SessionState {
  const said = session.said && session.said.atMs >= session.lastMs ? session.said.state : null;
  if (said === 'ended') return 'ended';
  const quietMs = nowMs - session.lastMs;
  if (quietMs > IDLE_AFTER_MS) return 'idle';
  if (said) return said;
  // Nothing was said: a tool may run without a word, and otherwise a longer silence is a turn's end.
  return session.tools.length === 0 && quietMs > WAITING_AFTER_MS ? 'waiting' : 'working';
}

/** The sessions to show: at work first, then the newest; who ended or fell silent has left. */
export function sessionsNow(state: LiveState, nowMs: number): { session: LiveSession; state: SessionState }[] {
  const rows = [...state.sessions.values()].map((session) => ({ session, state: stateOf(session, nowMs) }));
  const present = rows.filter((row) => row.state !== 'ended' && nowMs - row.session.lastMs < GONE_AFTER_MS && row.session.project !== '');
  const rank = (row: { state: SessionState }) => SESSION_STATES.indexOf(row.state);
  return present.sort((one, other) => rank(one) - rank(other) || other.session.sinceMs - one.session.sinceMs);
}

/**
 * Since when everything is known that happened after `sinceMs`: that time, or later where the oldest event kept is younger, because a
 * new page gets only the newest events. Where hardly any events are kept there were no more.
 */
export function knownSince(state: LiveState, sinceMs: number, fewest: number): number {
  const oldest = state.rows.at(0);
  if (oldest === undefined || state.rows.length < fewest) return sinceMs;
  return Math.max(sinceMs, Date.parse(oldest.event.timestamp));
}

/** What was used since then, over all sessions: the burn rate of now. */
export function usedSince(state: LiveState, sinceMs: number): { tokens: number; costUsd: number; requests: number } {
  const used = { tokens: 0, costUsd: 0, requests: 0 };
  for (const counted of state.responses.values()) {
    if (counted.atMs < sinceMs) continue;
    used.tokens += counted.tokens;
    used.costUsd += counted.costUsd;
    used.requests += 1;
  }
  return used;
}

export function tokensOf(usage: PayloadOf<'usage'>): number {
  return usage.inputTokens + usage.outputTokens + usage.cacheReadTokens + usage.cacheWrite5mTokens + usage.cacheWrite1hTokens;
}

/** The session of an event, where it has one. */
export function sessionIdOf(event: Event): string | null {
  return 'sessionId' in event.payload ? event.payload.sessionId : null;
}

/** The project of an event, where it says one. */
export function projectOf(event: Event): string | null {
  if (event.type === 'project_activity') return event.payload.projectPath;
  return 'project' in event.payload ? (event.payload.project ?? null) : null;
}

/** What is kept one by one, so that later knowledge can replace it. */
interface Known {
  responses: Map<string, Counted>;
  calls: Map<string, CallResult>;
}

function takeEvent(sessions: Map<string, LiveSession>, known: Known, event: Event): void {
  const id = sessionIdOf(event);
  if (id === null) return;
  const atMs = Date.parse(event.timestamp);
  const before = sessions.get(id) ?? newSession(id, event.source, atMs);
  const session: LiveSession = { ...before, project: projectOf(event) ?? before.project };
  // Late knowledge of an old response is no sign of life.
  if (atMs > session.lastMs) session.lastMs = atMs;
  if (atMs < session.sinceMs) session.sinceMs = atMs;
  applyToSession(session, known, event, atMs);
  sessions.set(id, session);
}

/** Handlers of the event types that tell something of a session; the others only show that it lives. */
type Handlers = { [Type in EventType]?: (session: LiveSession, payload: PayloadOf<Type>, atMs: number) => void };

const handlers: Handlers = {
  session: (session, payload, atMs) => {
    if (payload.action === 'ended') session.said = { state: 'ended', atMs };
    else session.whole = true;
  },
  agent: (session, payload, atMs) => {
    const state = SESSION_STATES.find((known) => known === payload.state);
    if (state) session.said = { state, atMs };
    if (state === 'waiting') session.tools = [];
  },
  tool: (session, payload) => {
    session.tools =
      payload.status === 'started' ? [...session.tools, payload.tool].slice(-MAX_RUNNING) : without(session.tools, payload.tool);
  },
  agent_spawn: (session, payload) => {
    const { agentType } = payload;
    if (!Object.hasOwn(session.spawned, agentType) && Object.keys(session.spawned).length >= MAX_KINDS) return;
    session.spawned = { ...session.spawned, [agentType]: (session.spawned[agentType] ?? 0) + 1 };
  },
  todo_progress: (session, payload) => {
    session.todos = { done: payload.completed, all: payload.completed + payload.inProgress + payload.pending };
  },
};

/** Calls that run at once in one session, and kinds of subagents: a handful. The bounds are for what is made up. */
const MAX_RUNNING = 16;
const MAX_KINDS = 32;

/** Without the first of that name: calls are not told apart further. */
function without(tools: readonly string[], tool: string): readonly string[] {
  const index = tools.indexOf(tool);
  return index === -1 ? tools : tools.toSpliced(index, 1);
}

function applyToSession(session: LiveSession, known: Known, event: Event, atMs: number): void {
  if (event.type === 'usage') {
    takeUsage(session, known.responses, event.payload, atMs);
    return;
  }
  if (event.type === 'tool_call') {
    takeCall(session, known.calls, event.payload, atMs);
    return;
  }
  // The table pairs each type with its own payload; the compiler cannot follow a lookup by type.
  const handle = handlers[event.type] as ((session: LiveSession, payload: Event['payload'], atMs: number) => void) | undefined;
  handle?.(session, event.payload, atMs);
}

function takeUsage(session: LiveSession, responses: Map<string, Counted>, usage: PayloadOf<'usage'>, atMs: number): void {
  const before = responses.get(usage.responseId);
  if (before && before.revision >= usage.revision) return;
  const now: Counted = {
    sessionId: session.id,
    revision: usage.revision,
    tokens: tokensOf(usage),
    outputTokens: usage.outputTokens,
    costUsd: usage.costUsd ?? 0,
    finished: usage.finished,
    atMs: before?.atMs ?? atMs,
  };
  responses.set(usage.responseId, now);
  session.requests += before ? 0 : 1;
  session.tokens += now.tokens - (before?.tokens ?? 0);
  session.outputTokens += now.outputTokens - (before?.outputTokens ?? 0);
  session.costUsd += now.costUsd - (before?.costUsd ?? 0);
  session.unfinished += (now.finished ? 0 : 1) - (before && !before.finished ? 1 : 0);
  session.unpriced ||= usage.costUsd === undefined && now.tokens > 0;
  if (usage.agent === 'main' || session.model === null) session.model = usage.model;
  if (usage.agent === 'main') takeContext(session, usage, now.atMs);
  else {
    const { requests, tokens, costUsd, models, kinds } = session.subagents;
    const added = { tokens: now.tokens - (before?.tokens ?? 0), costUsd: now.costUsd - (before?.costUsd ?? 0) };
    session.subagents = {
      requests: requests + (before ? 0 : 1),
      tokens: tokens + added.tokens,
      costUsd: costUsd + added.costUsd,
      kinds: addToKind(kinds, usage.agentType, added),
      models: models.includes(usage.model) ? models : [...models, usage.model].slice(-MAX_KINDS),
    };
  }
}

function addToKind(kinds: Kinds, kind: string | undefined, added: Kinds[string]): Kinds {
  if (kind === undefined || (!Object.hasOwn(kinds, kind) && Object.keys(kinds).length >= MAX_KINDS)) return kinds;
  const { tokens = 0, costUsd = 0 } = kinds[kind] ?? {};
  return { ...kinds, [kind]: { tokens: tokens + added.tokens, costUsd: costUsd + added.costUsd } };
}

const CACHE_5M_MS = 5 * 60_000;
const CACHE_1H_MS = 60 * 60_000;

/** What a response of the main conversation says of its context: the newest counts. */
function takeContext(session: LiveSession, usage: PayloadOf<'usage'>, atMs: number): void {
  if (atMs < (session.context?.atMs ?? 0)) return;
  const tokens = tokensOf(usage);
  session.context = { tokens, most: Math.max(tokens, session.context?.most ?? 0), atMs };
  const written = usage.cacheWrite1hTokens > 0 ? CACHE_1H_MS : usage.cacheWrite5mTokens > 0 ? CACHE_5M_MS : null;
  const ttlMs = written ?? (usage.cacheReadTokens > 0 ? (session.cache?.ttlMs ?? CACHE_5M_MS) : null);
  session.cache = ttlMs === null ? null : { ttlMs, atMs };
}

function takeCall(session: LiveSession, calls: Map<string, CallResult>, call: PayloadOf<'tool_call'>, atMs: number): void {
  const before = calls.get(call.callId);
  calls.set(call.callId, call.result);
  session.calls += before ? 0 : 1;
  session.failures += (call.result === 'error' ? 1 : 0) - (before === 'error' ? 1 : 0);
  if (call.result === 'error' && atMs >= (session.lastFailure?.atMs ?? 0))
    session.lastFailure = { tool: call.tool, category: call.category ?? null, atMs };
}

export function newSession(id: string, source: string, atMs: number): LiveSession {
  return {
    id,
    source,
    project: '',
    model: null,
    sinceMs: atMs,
    whole: false,
    lastMs: atMs,
    said: null,
    tools: [],
    requests: 0,
    tokens: 0,
    outputTokens: 0,
    costUsd: 0,
    unpriced: false,
    unfinished: 0,
    calls: 0,
    failures: 0,
    lastFailure: null,
    todos: null,
    context: null,
    cache: null,
    spawned: {},
    subagents: { requests: 0, tokens: 0, costUsd: 0, models: [], kinds: {} },
  };
}

function forgetOldest(responses: Map<string, unknown>, most: number): void {
  for (const key of responses.keys()) {
    if (responses.size <= most) return;
    responses.delete(key);
  }
}

function forgetQuietest(sessions: Map<string, LiveSession>): void {
  if (sessions.size <= MAX_SESSIONS) return;
  const quietest = [...sessions.values()].sort((one, other) => one.lastMs - other.lastMs);
  for (const session of quietest.slice(0, sessions.size - MAX_SESSIONS)) sessions.delete(session.id);
}
