import type { DatabaseSync } from 'node:sqlite';
import type { Event, EventType } from '@ccmeter/exporter/contract';
import { IS_SYNTHETIC } from './synthetic.ts';

/** Money is kept in billionths of a dollar, as the exporter's ledger keeps it, so that sums are exact. */
export const NANO_USD = 1e9;

const HOUR_MS = 3_600_000;

/** Adds events to what is known of their sessions. Called once per event, inside the transaction that stores it. */
export interface SessionBook {
  add(event: Event, atMs: number): void;
  /** Forgets sessions whose last event is older. Gives back how many. */
  forgetBefore(ms: number): number;
  /** Forgets so many sessions, those of longest ago first. */
  forgetOldest(number: number): number;
  /** Forgets the sessions of the self-test, of one source of it or of all. */
  forgetSynthetic(source: string | null): void;
}

type EventOf<Type extends EventType> = Extract<Event, { type: Type }>;

/** What handlers write to. */
type Tables = ReturnType<typeof prepareTables>;

/**
 * What each type of event tells of a session: one handler a type. Types that are not here say nothing of one session (what
 * stats-cache.json knows, hour counts), or nothing beyond that it was there, which every event with a session id says.
 */
const handlers: { [Type in EventType]?: (tables: Tables, event: EventOf<Type>, atMs: number) => void } = {
  session: (tables, { payload }, atMs) => tables.said[payload.action](payload.sessionId, atMs),
  agent: (tables, { payload }, atMs) => {
    if (payload.state === 'waiting') tables.said.waiting(payload.sessionId, atMs);
    else tables.said.busy(payload.sessionId, atMs);
  },
  tool: (tables, { payload }, atMs) => {
    tables.countTool(payload.sessionId, atMs, payload.tool, payload.status);
  },
  tool_call: (tables, event, atMs) => tables.setCall(event, atMs),
  error: (tables, { payload }, atMs) => tables.countError(payload.sessionId, atMs, payload.category),
  agent_spawn: (tables, { payload }) => tables.countName(payload.sessionId, 'subagent', payload.agentType),
  skill_invocation: (tables, { payload }) => tables.countName(payload.sessionId, 'skill', payload.skillName),
  todo_progress: (tables, { payload }, atMs) => tables.setTodos(payload, atMs),
  file_change: (tables, { payload }, atMs) => tables.setFile(payload, atMs),
  usage: (tables, event, atMs) => tables.setUsage(event, atMs),
};

/**
 * Types that tell of files beside the transcripts, at the time of the file. A copy or a checkout makes files new, so they neither begin a
 * session nor make it longer.
 */
const BESIDE: ReadonlySet<EventType> = new Set<EventType>(['todo_progress', 'file_change']);

/** The types that change a session. */
export const HANDLED_TYPES: readonly string[] = Object.keys(handlers);

/** The book of sessions, in tables beside the event log. */
export function createSessionBook(database: DatabaseSync): SessionBook {
  const tables = prepareTables(database);
  return {
    add(event, atMs) {
      const session = sessionOf(event);
      if (session === null || session === '') return;
      if (BESIDE.has(event.type)) {
        if (!tables.has(session)) return;
      } else tables.touch(session, event.source, projectOf(event), atMs);
      // Found by the event's own type, which the compiler cannot follow.
      const handle = handlers[event.type] as ((tables: Tables, event: Event, atMs: number) => void) | undefined;
      handle?.(tables, event, atMs);
    },
    forgetBefore: (ms) => tables.forget('SELECT session FROM sessions WHERE last_ms < ?', ms),
    forgetSynthetic: (source) =>
      void tables.forget(`SELECT session FROM sessions WHERE ${IS_SYNTHETIC} AND (?1 IS NULL OR source = ?1)`, source),
    forgetOldest: (number) => tables.forget('SELECT session FROM sessions ORDER BY last_ms, session LIMIT ?', number),
  };
}

/** The session of an event, where it is about one. */
export function sessionOf({ payload }: Event): string | null {
  return 'sessionId' in payload ? payload.sessionId : null;
}

/** The project of an event, where it says one. */
export function projectOf({ payload }: Event): string | null {
  if ('project' in payload) return payload.project ?? null;
  return 'projectPath' in payload ? payload.projectPath : null;
}

function prepareTables(database: DatabaseSync) {
  const run = (sql: string) => database.prepare(sql);
  const touch =
    run(`INSERT INTO sessions (session, source, project, first_ms, last_ms) VALUES (?, ?, ?, ?4, ?4) ON CONFLICT (session) DO UPDATE SET
    first_ms = min(first_ms, excluded.first_ms), last_ms = max(last_ms, excluded.last_ms),
    project = CASE WHEN excluded.project IS NULL OR excluded.project = 'unknown' THEN coalesce(project, excluded.project)
      WHEN excluded.source = source OR coalesce(project, 'unknown') = 'unknown' THEN excluded.project ELSE project END`);
  const found = run('SELECT 1 FROM sessions WHERE session = ?');
  const started = run('UPDATE sessions SET started_ms = min(coalesce(started_ms, ?2), ?2) WHERE session = ?1');
  const ended = run('UPDATE sessions SET ended_ms = max(coalesce(ended_ms, 0), ?2) WHERE session = ?1');
  const waiting = run('UPDATE sessions SET waiting_ms = max(coalesce(waiting_ms, 0), ?2) WHERE session = ?1');
  const busy = run('UPDATE sessions SET waiting_ms = NULL WHERE session = ?1 AND waiting_ms <= ?2');
  const known = run(
    'SELECT session, revision, input + output + cache_read + cache_write_5m + cache_write_1h AS tokens, cost_nano FROM responses WHERE response = ? AND source = ?',
  );
  const putResponse = run(`INSERT OR REPLACE INTO responses (response, source, session, at_ms, revision, project, model, agent,
    input, output, cache_read, cache_write_5m, cache_write_1h, cost_nano, finished) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`);
  const addUsage = run(
    `UPDATE sessions SET requests = requests + ?2, tokens = tokens + ?3, cost_nano = cost_nano + ?4, unpriced = unpriced + ?5 WHERE session = ?1`,
  );
  const addTool = run(`INSERT INTO tool_hours VALUES (?, ?, ?, ?, ?) ON CONFLICT (session, hour, tool) DO UPDATE SET
    started = started + excluded.started, finished = finished + excluded.finished`);
  const addTold = run('UPDATE sessions SET told_calls = told_calls + 1 WHERE session = ?1');
  const knownCall = run('SELECT session, result FROM tool_calls WHERE call = ? AND source = ?');
  const putCall = run('INSERT OR REPLACE INTO tool_calls VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)');
  const addCall = run('UPDATE sessions SET calls = calls + ?2, failures = failures + ?3, blocked = blocked + ?4 WHERE session = ?1');
  const addError = run(
    'INSERT INTO error_hours VALUES (?, ?, ?, 1) ON CONFLICT (session, hour, category) DO UPDATE SET number = number + 1',
  );
  const addName = run('INSERT INTO session_names VALUES (?, ?, ?, 1) ON CONFLICT (session, kind, name) DO UPDATE SET number = number + 1');
  const putFile = run('INSERT OR REPLACE INTO session_files VALUES (?, ?, ?, ?, ?, ?, ?)');
  const putTodos = run('UPDATE sessions SET todos = ?2, todos_ms = ?3 WHERE session = ?1 AND todos_ms <= ?3');

  const accountCall = (session: string, sign: 1 | -1, result: string) =>
    addCall.run(session, sign, result === 'error' ? sign : 0, result === 'blocked' || result === 'rejected' ? sign : 0);

  const account = (session: string, sign: 1 | -1, tokens: number, costNano: number | null) =>
    addUsage.run(session, sign, sign * tokens, sign * (costNano ?? 0), costNano === null ? sign : 0);

  return {
    has: (session: string): boolean => found.get(session) !== undefined,
    touch: (session: string, source: string, project: string | null, atMs: number) => void touch.run(session, source, project, atMs),
    said: {
      started: (session: string, atMs: number) => void started.run(session, atMs),
      ended: (session: string, atMs: number) => void ended.run(session, atMs),
      waiting: (session: string, atMs: number) => void waiting.run(session, atMs),
      busy: (session: string, atMs: number) => void busy.run(session, atMs),
    },
    /** The usage of a response as known now; what was known before goes away. */
    setUsage({ source, payload }: EventOf<'usage'>, atMs: number): void {
      const before = known.get(payload.responseId, source);
      if (before !== undefined && Number(before.revision) >= payload.revision) return;
      if (before !== undefined)
        account(String(before.session), -1, Number(before.tokens), before.cost_nano === null ? null : Number(before.cost_nano));
      const { inputTokens, outputTokens, cacheReadTokens, cacheWrite5mTokens, cacheWrite1hTokens } = payload;
      const costNano = payload.costUsd === undefined ? null : Math.round(payload.costUsd * NANO_USD);
      const { responseId, sessionId, revision, project, model, agent } = payload;
      const tokens = [inputTokens, outputTokens, cacheReadTokens, cacheWrite5mTokens, cacheWrite1hTokens] as const;
      putResponse.run(responseId, source, sessionId, atMs, revision, project, model, agent, ...tokens, costNano, Number(payload.finished));
      account(
        sessionId,
        1,
        tokens.reduce((sum, number) => sum + number, 0),
        costNano,
      );
    },
    /** A call that has ended, as known now: what came in before of the same call goes away. */
    setCall({ source, payload }: EventOf<'tool_call'>, atMs: number): void {
      const before = knownCall.get(payload.callId, source);
      if (before !== undefined) accountCall(String(before.session), -1, String(before.result));
      const { callId, sessionId, tool, result, category, durationSeconds, linesAdded, linesRemoved } = payload;
      const durationMs = durationSeconds === undefined ? null : Math.round(durationSeconds * 1000);
      putCall.run(callId, source, sessionId, atMs, tool, result, category ?? null, durationMs, linesAdded ?? 0, linesRemoved ?? 0);
      accountCall(sessionId, 1, result);
    },
    /** A sign of life of a call. Who sends these alone has no other count of calls; where both come they tell of the same calls. */
    countTool(session: string, atMs: number, tool: string, status: 'started' | 'completed'): void {
      const started = status === 'started';
      addTool.run(session, hourOf(atMs), tool, started ? 1 : 0, started ? 0 : 1);
      if (!started) addTold.run(session);
    },
    countError: (session: string, atMs: number, category: string) => void addError.run(session, hourOf(atMs), category),
    countName: (session: string, kind: 'subagent' | 'skill', name: string) => void addName.run(session, kind, name),
    setFile(
      { sessionId, fileHash, version, linesAdded, linesRemoved, linesModified }: EventOf<'file_change'>['payload'],
      atMs: number,
    ): void {
      putFile.run(sessionId, fileHash, version, atMs, linesAdded, linesRemoved, linesModified);
    },
    setTodos({ sessionId, completed, inProgress, pending, abandoned }: EventOf<'todo_progress'>['payload'], atMs: number): void {
      putTodos.run(sessionId, JSON.stringify({ completed, inProgress, pending, abandoned }), atMs);
    },
    forget(chosen: string, argument: number | string | null): number {
      for (const table of ['responses', 'tool_calls', 'tool_hours', 'error_hours', 'session_names', 'session_files']) {
        database.prepare(`DELETE FROM ${table} WHERE session IN (${chosen})`).run(argument);
      }
      return Number(database.prepare(`DELETE FROM sessions WHERE session IN (${chosen})`).run(argument).changes);
    },
  };
}

function hourOf(ms: number): number {
  return Math.floor(ms / HOUR_MS) * HOUR_MS;
}
