import { keepPreviousData, useQuery } from '@tanstack/solid-query';
import { type Accessor, createMemo } from 'solid-js';
import type { Api, SessionDetail, SessionSummary } from '../api/client.ts';
import { EMPTY_LIVE, type LiveSession, type LiveState, newSession, type SessionState, sessionsNow, takeEvents } from './live.ts';
import { createClock, useServices } from './services.ts';
import { useRefresh } from './use-refresh.ts';

/** A session that is not over, and what it is doing. */
export interface OpenSession {
  session: LiveSession;
  state: SessionState;
}

const OPEN = ['working', 'waiting', 'idle'] as const;
const MOST_OPEN = 100;
/** Events of an open session from which its card is made, where the stream does not reach back to them. */
const RECENT_EVENTS = 60;
/** States change with time alone, too. */
const EVERY_MS = 20_000;

/** The sessions that are open now: those that the API knows, with what the stream says of them since. */
export function useOpenSessions(): Accessor<readonly OpenSession[]> {
  const { api, live, now } = useServices();
  const time = createClock(now, 1000);
  const known = useQuery(() => ({
    queryKey: ['open-sessions'],
    queryFn: ({ signal }) => loadOpen(api, live.state(), signal),
    placeholderData: keepPreviousData,
    refetchInterval: EVERY_MS,
  }));
  useRefresh(() => known.refetch());
  return createMemo(() => mergeOpen(live.state(), known.isSuccess ? known.data : [], time()));
}

/** What the API knows of one open session; where the stream did not see its beginning, with what its newest events say and who did what. */
export interface KnownSession {
  summary: SessionSummary;
  seen?: LiveSession | undefined;
  agents?: Pick<SessionDetail, 'usage' | 'subagents'>;
}

async function loadOpen(api: Api, live: LiveState, signal: AbortSignal): Promise<KnownSession[]> {
  const { sessions } = await api.sessions({ state: [...OPEN], sort: 'last', limit: String(MOST_OPEN) }, signal);
  return Promise.all(
    sessions.map(async (summary) => {
      if (live.sessions.get(summary.id)?.whole) return { summary };
      const { session, timeline } = await api.session(summary.id, RECENT_EVENTS, null, signal);
      const events = [...timeline].sort((one, other) => one.seq - other.seq);
      return { summary, agents: session, seen: takeEvents(EMPTY_LIVE, events).sessions.get(summary.id) };
    }),
  );
}

/** Open sessions, those at work first. The sums are of whole sessions: of the stream where it saw the beginning, else of the API. */
export function mergeOpen(live: LiveState, known: readonly KnownSession[], nowMs: number): OpenSession[] {
  const sessions = new Map(live.sessions);
  for (const one of known) {
    const { id } = one.summary;
    const told = live.sessions.get(id);
    sessions.set(id, told?.whole ? told : withSums(told?.context ? told : newer(told, one.seen), one));
  }
  return sessionsNow({ ...live, sessions }, nowMs);
}

/** The stream's own knowledge goes before what was read of the past, but for what it does not have. */
function newer(told: LiveSession | undefined, seen: LiveSession | undefined): LiveSession | undefined {
  if (!told || !seen) return told ?? seen;
  return { ...told, model: told.model ?? seen.model, context: seen.context, cache: seen.cache, todos: told.todos ?? seen.todos };
}

function withSums(told: LiveSession | undefined, { summary, agents }: KnownSession): LiveSession {
  const firstMs = Date.parse(summary.firstAt);
  const base = told ?? newSession(summary.id, summary.source, firstMs);
  const { todos } = summary;
  const lastMs = Math.max(base.lastMs, Date.parse(summary.lastAt));
  return {
    ...base,
    project: base.project || (summary.project ?? ''),
    model: base.model ?? summary.models.at(-1) ?? null,
    sinceMs: firstMs,
    whole: true,
    lastMs,
    // What nobody said since is as the API has it.
    said: base.said ?? (summary.state === 'waiting' && Date.parse(summary.lastAt) === lastMs ? { state: 'waiting', atMs: lastMs } : null),
    requests: summary.requests,
    tokens: summary.tokens,
    outputTokens: summary.kinds.output,
    costUsd: summary.costUsd,
    unpriced: summary.unpricedRequests > 0,
    calls: summary.toolCalls,
    failures: summary.failures,
    todos: todos ? { done: todos.completed, all: todos.completed + todos.inProgress + todos.pending } : base.todos,
    ...(agents ? { spawned: spawnedOf(agents), subagents: subagentsOf(agents) } : {}),
  };
}

function spawnedOf({ subagents }: Pick<SessionDetail, 'subagents'>): LiveSession['spawned'] {
  return Object.fromEntries(subagents.map(({ name, count }) => [name, count]));
}

function subagentsOf({ usage }: Pick<SessionDetail, 'usage'>): LiveSession['subagents'] {
  const rows = usage.filter((row) => row.agent === 'subagent');
  const sum = (pick: (row: (typeof rows)[number]) => number) => rows.reduce((total, row) => total + pick(row), 0);
  return {
    requests: sum((row) => row.requests),
    tokens: sum((row) => row.inputTokens + row.outputTokens + row.cacheReadTokens + row.cacheWrite5mTokens + row.cacheWrite1hTokens),
    costUsd: sum((row) => row.costUsd),
    models: [...new Set(rows.map((row) => row.model))],
    // The API does not tell kinds apart.
    kinds: {},
  };
}
