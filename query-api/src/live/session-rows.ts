import { NANO_USD } from './sessions.ts';
import { IS_SYNTHETIC } from './synthetic.ts';

/** What questions about one session and about all of them have in common: pieces of SQL, and how rows are read. */
export type Row = Record<string, unknown>;

/** What a session is doing: the same borders as the exporter's (`track/sessions.ts`). `waiting` needs a hook to say so. */
export const SESSION_STATES = ['working', 'waiting', 'idle', 'over'] as const;
export type SessionState = (typeof SESSION_STATES)[number];

const IDLE_AFTER_MS = 5 * 60_000;
const OVER_AFTER_MS = 30 * 60_000;

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

const MOST_ERRORS = 20;

export const STATE = `CASE WHEN coalesce(ended_ms, 0) >= last_ms OR last_ms < :now - ${OVER_AFTER_MS} THEN 'over'
  WHEN last_ms < :now - ${IDLE_AFTER_MS} THEN 'idle' WHEN coalesce(waiting_ms, 0) >= last_ms THEN 'waiting' ELSE 'working' END`;

/** A filter: no value binds null, several are any of them. */
export const ANY = (column: string, name: string) => `(:${name} IS NULL OR ${column} IN (SELECT value FROM json_each(:${name})))`;

/** Any of the given sources and projects; where no source is named, all but the self-test. */
export const WHOSE = `(:source IS NOT NULL OR NOT ${IS_SYNTHETIC}) AND ${ANY('source', 'source')} AND ${ANY('project', 'project')}`;

/**
 * Tools of the calls in a range, or of a session. Calls whose end we know are kept one by one; who tells only that a call began or
 * ended is counted in hours. Both tell of the same calls, so the larger number is right.
 */
export const TOOLS = (ofCalls: string, ofHours: string) => `
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

/** Errors of the calls and the hours, the most frequent first. */
export const ERRORS = (ofCalls: string, ofHours: string) => `
  SELECT category, sum(number) AS number FROM (
    SELECT category, 1 AS number FROM tool_calls WHERE category IS NOT NULL AND ${ofCalls}
    UNION ALL SELECT category, number FROM error_hours WHERE ${ofHours}
  ) GROUP BY category ORDER BY sum(number) DESC, category LIMIT ${MOST_ERRORS}`;

/** Values as {@link ANY} reads them. */
export function listed(values: readonly string[] | undefined): string | null {
  return values === undefined ? null : JSON.stringify(values);
}

export function readTool(row: Row): ToolSummary {
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

export function readError(row: Row): { category: string; count: number } {
  return { category: String(row.category), count: Number(row.number) };
}

/** Dollars of billionths of them. */
export function usdOf(nano: unknown): number {
  return Number(nano ?? 0) / NANO_USD;
}
