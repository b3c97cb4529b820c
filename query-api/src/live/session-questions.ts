import type { DatabaseSync, SQLInputValue } from 'node:sqlite';
import { NANO_USD } from './sessions.ts';
import { FRESH_MS, type StoredEvent } from './store.ts';

/** What a session is doing: the same borders as the exporter's (`track/sessions.ts`). `waiting` needs a hook to say so. */
export const SESSION_STATES = ['working', 'waiting', 'idle', 'over'] as const;
export type SessionState = (typeof SESSION_STATES)[number];

const IDLE_AFTER_MS = 5 * 60_000;
const OVER_AFTER_MS = 30 * 60_000;

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

export interface ToolSummary {
  tool: string;
  started: number;
  finished: number;
  failed: number;
  rejected: number;
  blocked: number;
  /** Average over the calls whose duration is known, and how many those are. */
  averageSeconds: number | null;
  timed: number;
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

/** How much went on at once, and in how many files. */
export interface Activity {
  /** The five minutes in which the most sessions had a response: when they begin, and how many sessions. */
  peak: { at: string; sessions: number } | null;
  /** Files of which a version was kept, and how many versions. */
  files: { changed: number; versions: number };
}

/** What went on, over all sessions. */
export interface Stats {
  tools: ToolSummary[];
  errors: { category: string; count: number }[];
  calls: { finished: number; failed: number; rejected: number; blocked: number };
  sessions: Record<SessionState, number>;
  costUsd: { last24Hours: number; today: number; month: number };
  tokens: { last24Hours: number; today: number; month: number };
}

/** Whose figures: any of the values; a name that is absent means all. */
export type StatsFilter = Pick<SessionFilter, 'source' | 'project'>;

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
  activity(filter: Pick<SessionFilter, 'source' | 'project' | 'startMs' | 'endMs'>): Activity;
  /** Tools and errors of the whole hours that the range touches; money and tokens since the given times. Calls are of the project of their session. */
  stats(of: StatsFilter, range: { startMs: number; endMs: number }, since: { todayMs: number; monthMs: number }, nowMs: number): Stats;
}

export interface ListedSessions {
  sessions: SessionSummary[];
  next: SessionCursor | undefined;
}

const HOUR_MS = 3_600_000;
const DAY_MS = 86_400_000;
const MOST_ERRORS = 20;
const MOST_FILES = 1000;

const STATE = `CASE WHEN coalesce(ended_ms, 0) >= last_ms OR last_ms < :now - ${OVER_AFTER_MS} THEN 'over'
  WHEN last_ms < :now - ${IDLE_AFTER_MS} THEN 'idle' WHEN coalesce(waiting_ms, 0) >= last_ms THEN 'waiting' ELSE 'working' END`;

const ANY = (column: string, name: string) => `(:${name} IS NULL OR ${column} IN (SELECT value FROM json_each(:${name})))`;

const FILTER = [
  ANY('source', 'source'),
  ANY('project', 'project'),
  ANY(STATE, 'state'),
  '(:model IS NULL OR EXISTS (SELECT 1 FROM responses r WHERE r.session = s.session AND r.model IN (SELECT value FROM json_each(:model))))',
  '(:todos IS NULL OR todos IS NOT NULL)',
  '(:start IS NULL OR last_ms >= :start)',
  '(:end IS NULL OR first_ms < :end)',
].join(' AND ');

/**
 * Tools of the calls in a range, or of a session. Calls whose end we know are kept one by one; who tells only that a call began or
 * ended is counted in hours. Both tell of the same calls, so the larger number is right.
 */
const TOOLS = (ofCalls: string, ofHours: string) => `
  SELECT tool, sum(started) AS started, sum(finished) AS finished, sum(failed) AS failed, sum(rejected) AS rejected, sum(blocked) AS blocked,
    sum(timed) AS timed, sum(duration_ms) AS duration_ms
  FROM (
    SELECT session, tool, sum(started) AS started, max(sum(calls), sum(told)) AS finished, sum(failed) AS failed, sum(rejected) AS rejected,
      sum(blocked) AS blocked, sum(timed) AS timed, sum(duration_ms) AS duration_ms
    FROM (
      SELECT session, tool, 0 AS started, 0 AS told, 1 AS calls, result = 'error' AS failed, result = 'rejected' AS rejected,
        result = 'blocked' AS blocked, duration_ms IS NOT NULL AS timed, coalesce(duration_ms, 0) AS duration_ms FROM tool_calls WHERE ${ofCalls}
      UNION ALL SELECT session, tool, started, finished, 0, 0, 0, 0, 0, 0 FROM tool_hours WHERE ${ofHours}
    ) GROUP BY session, tool
  ) GROUP BY tool ORDER BY max(sum(finished), sum(started)) DESC, tool`;

const ERRORS = (ofCalls: string, ofHours: string) => `
  SELECT category, sum(number) AS number FROM (
    SELECT category, 1 AS number FROM tool_calls WHERE category IS NOT NULL AND ${ofCalls}
    UNION ALL SELECT category, number FROM error_hours WHERE ${ofHours}
  ) GROUP BY category ORDER BY sum(number) DESC, category LIMIT ${MOST_ERRORS}`;

/** Sessions with a response in the same so many milliseconds are at work at once. */
const PEAK_MS = 5 * 60_000;
const WHOSE = `${ANY('source', 'source')} AND ${ANY('project', 'project')}`;
const RESPONSES = `at_ms >= :start AND at_ms < :end AND ${WHOSE}`;
const OF_SESSIONS = `(:source IS NULL AND :project IS NULL OR session IN (SELECT session FROM sessions WHERE ${WHOSE}))`;
const CALLS_WITHIN = `at_ms >= :start AND at_ms < :end AND ${OF_SESSIONS}`;
const HOURS_WITHIN = `hour >= :start AND hour < :end AND ${OF_SESSIONS}`;

type Row = Record<string, unknown>;

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
  const allTools = prepare(TOOLS(CALLS_WITHIN, HOURS_WITHIN));
  const allErrors = prepare(ERRORS(CALLS_WITHIN, HOURS_WITHIN));
  const states = prepare(`SELECT ${STATE} AS state, count(*) AS number FROM sessions s WHERE ${WHOSE} GROUP BY 1`);
  const since =
    prepare(`SELECT coalesce(sum(cost_nano), 0) AS cost, coalesce(sum(input + output + cache_read + cache_write_5m + cache_write_1h), 0) AS tokens
    FROM responses WHERE at_ms >= :since AND ${WHOSE}`);

  const peak = prepare(`SELECT at_ms / ${PEAK_MS} * ${PEAK_MS} AS at_ms, count(DISTINCT session) AS number FROM responses
    WHERE ${RESPONSES} GROUP BY 1 ORDER BY number DESC, 1 LIMIT 1`);
  const changed =
    prepare(`SELECT count(DISTINCT file) AS files, count(*) AS versions FROM session_files f WHERE at_ms >= :start AND at_ms < :end
    AND EXISTS (SELECT 1 FROM sessions s WHERE s.session = f.session AND ${ANY('source', 'source')} AND ${ANY('project', 'project')})`);

  const spent = (whose: { source: string | null; project: string | null }, ms: number) => {
    const row = since.get({ ...whose, since: ms });
    return { costUsd: usdOf(row?.cost), tokens: Number(row?.tokens ?? 0) };
  };

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
    activity({ source, project, startMs = 0, endMs = Number.MAX_SAFE_INTEGER }) {
      const bound = { source: listed(source), project: listed(project), start: startMs, end: endMs };
      const most = peak.get(bound);
      const files = changed.get(bound);
      return {
        peak: most === undefined ? null : { at: new Date(Number(most.at_ms)).toISOString(), sessions: Number(most.number) },
        files: { changed: Number(files?.files ?? 0), versions: Number(files?.versions ?? 0) },
      };
    },
    stats({ source, project }, { startMs, endMs }, { todayMs, monthMs }, nowMs) {
      const whose = { source: listed(source), project: listed(project) };
      const hours = { ...whose, start: Math.floor(startMs / HOUR_MS) * HOUR_MS, end: endMs };
      const [day, today, month] = [spent(whose, nowMs - DAY_MS), spent(whose, todayMs), spent(whose, monthMs)];
      const byTool = allTools.all(hours).map(readTool);
      const sum = (name: 'finished' | 'failed' | 'rejected' | 'blocked') => byTool.reduce((total, tool) => total + tool[name], 0);
      const counted = new Map(states.all({ ...whose, now: nowMs }).map((row) => [String(row.state), Number(row.number)]));
      return {
        tools: byTool,
        errors: allErrors.all(hours).map(readError),
        calls: { finished: sum('finished'), failed: sum('failed'), rejected: sum('rejected'), blocked: sum('blocked') },
        sessions: {
          working: counted.get('working') ?? 0,
          waiting: counted.get('waiting') ?? 0,
          idle: counted.get('idle') ?? 0,
          over: counted.get('over') ?? 0,
        },
        costUsd: { last24Hours: day.costUsd, today: today.costUsd, month: month.costUsd },
        tokens: { last24Hours: day.tokens, today: today.tokens, month: month.tokens },
      };
    },
  };
}

function listed(values: readonly string[] | undefined): string | null {
  return values === undefined ? null : JSON.stringify(values);
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

function readTool(row: Row): ToolSummary {
  const timed = Number(row.timed);
  return {
    tool: String(row.tool),
    started: Number(row.started),
    finished: Number(row.finished),
    failed: Number(row.failed),
    rejected: Number(row.rejected),
    blocked: Number(row.blocked),
    averageSeconds: timed === 0 ? null : Number(row.duration_ms) / timed / 1000,
    timed,
  };
}

function readError(row: Row): { category: string; count: number } {
  return { category: String(row.category), count: Number(row.number) };
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

function usdOf(nano: unknown): number {
  return Number(nano ?? 0) / NANO_USD;
}
