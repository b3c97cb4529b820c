import type { DatabaseSync } from 'node:sqlite';
import { ERRORS, listed, readError, readTool, type SessionState, STATE, TOOLS, type ToolSummary, usdOf, WHOSE } from './session-rows.ts';

/** What went on, over all sessions. */
export interface Stats {
  tools: ToolSummary[];
  errors: { category: string; count: number }[];
  calls: { finished: number; failed: number; rejected: number; blocked: number };
  sessions: Record<SessionState, number>;
  costUsd: { last24Hours: number; today: number; month: number };
  tokens: { last24Hours: number; today: number; month: number };
}

/** How much went on at once, and in how many files. */
export interface Activity {
  /** The five minutes in which the most sessions had a response: when they begin, and how many sessions. */
  peak: { at: string; sessions: number } | null;
  /** Files of which a version was kept, and how many versions. */
  files: { changed: number; versions: number };
}

/** Whose figures: any of the values; a name that is absent means all. */
export interface StatsFilter {
  source?: readonly string[] | undefined;
  project?: readonly string[] | undefined;
}

/** Questions about all sessions at once; reads only. */
export interface StatsQuestions {
  activity(of: StatsFilter, range: { startMs: number; endMs: number }): Activity;
  /** Tools and errors of the whole hours that the range touches; money and tokens since the given times. Calls are of the project of their session. */
  stats(of: StatsFilter, range: { startMs: number; endMs: number }, since: { todayMs: number; monthMs: number }, nowMs: number): Stats;
}

const HOUR_MS = 3_600_000;
const DAY_MS = 86_400_000;

/** Sessions with a response in the same so many milliseconds are at work at once. */
const PEAK_MS = 5 * 60_000;
const RESPONSES = `at_ms >= :start AND at_ms < :end AND ${WHOSE}`;
const OF_SESSIONS = `(:source IS NULL AND :project IS NULL OR session IN (SELECT session FROM sessions WHERE ${WHOSE}))`;
const CALLS_WITHIN = `at_ms >= :start AND at_ms < :end AND ${OF_SESSIONS}`;
const HOURS_WITHIN = `hour >= :start AND hour < :end AND ${OF_SESSIONS}`;

export function createStatsQuestions(database: DatabaseSync): StatsQuestions {
  const prepare = (sql: string) => database.prepare(sql);
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
    AND EXISTS (SELECT 1 FROM sessions s WHERE s.session = f.session AND ${WHOSE})`);

  const spent = (whose: { source: string | null; project: string | null }, ms: number) => {
    const row = since.get({ ...whose, since: ms });
    return { costUsd: usdOf(row?.cost), tokens: Number(row?.tokens ?? 0) };
  };

  return {
    activity({ source, project }, { startMs, endMs }) {
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
