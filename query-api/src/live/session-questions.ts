import type { DatabaseSync, SQLInputValue } from 'node:sqlite';
import {
  ANY,
  ERRORS,
  listed,
  type Row,
  readError,
  readTool,
  type SessionState,
  STATE,
  TOOLS,
  type ToolSummary,
  usdOf,
  WHOSE,
} from './session-rows.ts';
import { FRESH_MS, type StoredEvent } from './store.ts';

/** What a list of sessions can be ordered by. */
export const SESSION_ORDERS = {
  last: 'last_ms',
  first: 'first_ms',
  cost: 'cost_nano',
  tokens: 'tokens',
  requests: 'requests',
  tools: 'max(calls, told_calls)',
  failures: 'failures',
  duration: 'last_ms - first_ms',
} as const;
export type SessionOrder = keyof typeof SESSION_ORDERS;

/** Which sessions. Lists mean any of their values; times are milliseconds since 1970. */
export interface SessionFilter {
  source?: readonly string[] | undefined;
  project?: readonly string[] | undefined;
  model?: readonly string[] | undefined;
  state?: readonly SessionState[] | undefined;
  /** Only those whose todos are known. */
  withTodos?: boolean | undefined;
  /** Something happened in it at this time or later, and before that one. */
  startMs?: number | undefined;
  endMs?: number | undefined;
}

/** Where a page ended: the value it was ordered by, and the session. */
export interface SessionCursor {
  value: number;
  session: string;
}

export interface SessionSummary {
  id: string;
  source: string;
  project: string | null;
  state: SessionState;
  /** RFC 3339. */
  firstAt: string;
  lastAt: string;
  models: string[];
  requests: number;
  tokens: number;
  /** The same by what they were. */
  kinds: { input: number; output: number; cacheRead: number; cacheWrite5m: number; cacheWrite1h: number };
  /** US dollars; what has no price is not in it, see `unpricedRequests`. */
  costUsd: number;
  unpricedRequests: number;
  toolCalls: number;
  failures: number;
  blocked: number;
  /** Lines of accepted edits. */
  lines: { added: number; removed: number };
  todos: { completed: number; inProgress: number; pending: number; abandoned: boolean } | null;
}

export interface UsageSummary {
  model: string;
  agent: 'main' | 'subagent';
  requests: number;
  inputTokens: number;
  outputTokens: number;
  cacheReadTokens: number;
  cacheWrite5mTokens: number;
  cacheWrite1hTokens: number;
  costUsd: number;
  unpricedRequests: number;
  unfinishedRequests: number;
}

interface Named {
  name: string;
  count: number;
}

/** Everything that is known of one session. */
export interface SessionDetail extends SessionSummary {
  usage: UsageSummary[];
  tools: ToolSummary[];
  errors: { category: string; count: number }[];
  subagents: Named[];
  skills: Named[];
  /** Files are named by a hash alone; lines are added up over the versions that were kept. */
  files: { hash: string; versions: number; linesAdded: number; linesRemoved: number; linesModified: number }[];
}

/** Questions about sessions; reads only. */
export interface SessionQuestions {
  list(
    filter: SessionFilter,
    order: SessionOrder,
    descending: boolean,
    limit: number,
    after: SessionCursor | undefined,
    nowMs: number,
  ): ListedSessions;
  one(id: string, nowMs: number): SessionDetail | undefined;
  /** Events of a session, newest first. */
  timeline(id: string, limit: number, before?: number): StoredEvent[];
}

export interface ListedSessions {
  sessions: SessionSummary[];
  next: SessionCursor | undefined;
}

const MOST_FILES = 1000;

const FILTER = [
  WHOSE,
  ANY(STATE, 'state'),
  '(:model IS NULL OR EXISTS (SELECT 1 FROM responses r WHERE r.session = s.session AND r.model IN (SELECT value FROM json_each(:model))))',
  '(:todos IS NULL OR todos IS NOT NULL)',
  '(:start IS NULL OR last_ms >= :start)',
  '(:end IS NULL OR first_ms < :end)',
].join(' AND ');

export function createSessionQuestions(database: DatabaseSync): SessionQuestions {
  const prepare = (sql: string) => database.prepare(sql);
  const summary = (column: string) =>
    `SELECT s.*, ${column} AS ordered_by, ${STATE} AS state, (SELECT json_group_array(DISTINCT model) FROM responses r WHERE r.session = s.session) AS models,
      (SELECT json_array(sum(input), sum(output), sum(cache_read), sum(cache_write_5m), sum(cache_write_1h)) FROM responses r WHERE r.session = s.session) AS kinds,
      (SELECT json_array(sum(lines_added), sum(lines_removed)) FROM tool_calls c WHERE c.session = s.session) AS lines FROM sessions s`;
  const lists = Object.fromEntries(
    Object.values(SESSION_ORDERS).flatMap((column) =>
      [
        ['DESC', '<'],
        ['ASC', '>'],
      ].map(([direction, beyond]) => [
        `${column} ${direction}`,
        prepare(`${summary(column)} WHERE ${FILTER} AND (:value IS NULL OR (${column}, s.session) ${beyond} (:value, :session))
          ORDER BY ${column} ${direction}, s.session ${direction} LIMIT :limit`),
      ]),
    ),
  );
  const one = prepare(`${summary('last_ms')} WHERE s.session = :session`);
  const usage =
    prepare(`SELECT model, agent, count(*) AS requests, sum(input) AS input, sum(output) AS output, sum(cache_read) AS cache_read,
    sum(cache_write_5m) AS cache_write_5m, sum(cache_write_1h) AS cache_write_1h, sum(cost_nano) AS cost_nano, sum(cost_nano IS NULL) AS unpriced,
    sum(finished = 0) AS unfinished FROM responses WHERE session = ? GROUP BY model, agent ORDER BY sum(output) DESC, model, agent`);
  const tools = prepare(TOOLS('session = ?1', 'session = ?1'));
  const errors = prepare(ERRORS('session = ?1', 'session = ?1'));
  const names = prepare('SELECT name, number FROM session_names WHERE session = ? AND kind = ? ORDER BY number DESC, name');
  const files =
    prepare(`SELECT file, count(*) AS versions, sum(added) AS added, sum(removed) AS removed, sum(modified) AS modified FROM session_files
    WHERE session = ? GROUP BY file ORDER BY max(at_ms) DESC, file LIMIT ${MOST_FILES}`);
  const timeline = prepare(
    'SELECT seq, received_ms, at_ms, body FROM events WHERE session = :session ORDER BY at_ms DESC, seq DESC LIMIT :limit',
  );
  const timelineBefore = prepare(`SELECT seq, received_ms, at_ms, body FROM events WHERE session = :session
    AND (at_ms, seq) < (SELECT at_ms, seq FROM events WHERE seq = :before) ORDER BY at_ms DESC, seq DESC LIMIT :limit`);
  return {
    list(filter, order, descending, limit, after, nowMs) {
      const column = SESSION_ORDERS[order];
      const bound = { ...bind(filter), now: nowMs, value: after?.value ?? null, session: after?.session ?? null, limit: limit + 1 };
      const rows = lists[`${column} ${descending ? 'DESC' : 'ASC'}`]?.all(bound) ?? [];
      const page = rows.slice(0, limit);
      const last = page.at(-1);
      const next =
        rows.length > limit && last !== undefined ? { value: Number(last.ordered_by), session: String(last.session) } : undefined;
      return { sessions: page.map(readSummary), next };
    },
    one(id, nowMs) {
      const row = one.get({ session: id, now: nowMs });
      if (row === undefined) return undefined;
      return {
        ...readSummary(row),
        usage: usage.all(id).map(readUsage),
        tools: tools.all(id).map(readTool),
        errors: errors.all(id).map(readError),
        subagents: names.all(id, 'subagent').map(readNamed),
        skills: names.all(id, 'skill').map(readNamed),
        files: files.all(id).map(readFile),
      };
    },
    timeline: (id, limit, before) =>
      (before === undefined ? timeline.all({ session: id, limit }) : timelineBefore.all({ session: id, limit, before })).map(readEvent),
  };
}

function bind({ source, project, model, state, withTodos, startMs, endMs }: SessionFilter): Record<string, SQLInputValue> {
  return {
    source: listed(source),
    project: listed(project),
    model: listed(model),
    state: listed(state),
    todos: withTodos ? 1 : null,
    start: startMs ?? null,
    end: endMs ?? null,
  };
}

function readSummary(row: Row): SessionSummary {
  const [input = 0, output = 0, cacheRead = 0, cacheWrite5m = 0, cacheWrite1h = 0] = readSums(row.kinds);
  const [added = 0, removed = 0] = readSums(row.lines);
  return {
    id: String(row.session),
    source: String(row.source),
    project: typeof row.project === 'string' ? row.project : null,
    // Made by the CASE above.
    state: String(row.state) as SessionState,
    firstAt: new Date(Number(row.first_ms)).toISOString(),
    lastAt: new Date(Number(row.last_ms)).toISOString(),
    models: JSON.parse(String(row.models)).sort(),
    requests: Number(row.requests),
    tokens: Number(row.tokens),
    kinds: { input, output, cacheRead, cacheWrite5m, cacheWrite1h },
    costUsd: usdOf(row.cost_nano),
    unpricedRequests: Number(row.unpriced),
    toolCalls: Math.max(Number(row.calls), Number(row.told_calls)),
    failures: Number(row.failures),
    blocked: Number(row.blocked),
    lines: { added, removed },
    todos: typeof row.todos === 'string' ? JSON.parse(row.todos) : null,
  };
}

/** Sums that SQLite gave as a JSON array; of nothing they are 0. */
function readSums(value: unknown): number[] {
  const sums: unknown = JSON.parse(String(value));
  return Array.isArray(sums) ? sums.map(Number) : [];
}

function readUsage(row: Row): UsageSummary {
  return {
    model: String(row.model),
    agent: row.agent === 'subagent' ? 'subagent' : 'main',
    requests: Number(row.requests),
    inputTokens: Number(row.input),
    outputTokens: Number(row.output),
    cacheReadTokens: Number(row.cache_read),
    cacheWrite5mTokens: Number(row.cache_write_5m),
    cacheWrite1hTokens: Number(row.cache_write_1h),
    costUsd: usdOf(row.cost_nano),
    unpricedRequests: Number(row.unpriced),
    unfinishedRequests: Number(row.unfinished),
  };
}

function readNamed(row: Row): Named {
  return { name: String(row.name), count: Number(row.number) };
}

function readFile(row: Row): SessionDetail['files'][number] {
  return {
    hash: String(row.file),
    versions: Number(row.versions),
    linesAdded: Number(row.added),
    linesRemoved: Number(row.removed),
    linesModified: Number(row.modified),
  };
}

function readEvent(row: Row): StoredEvent {
  // Only events that parseEvent() has let through are written.
  const event = JSON.parse(String(row.body)) as StoredEvent['event'];
  return { seq: Number(row.seq), fresh: Number(row.at_ms) > Number(row.received_ms) - FRESH_MS, event };
}
