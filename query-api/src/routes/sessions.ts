import { Hono, type MiddlewareHandler } from 'hono';
import * as v from 'valibot';
import { type Narrowed, narrow } from '../access/narrow.ts';
import type { AppEnv, Deps } from '../environment.ts';
import { ApiError, badParameter } from '../errors.ts';
import type { Questions } from '../live/reader.ts';
import {
  SESSION_ORDERS,
  type SessionCursor,
  type SessionDetail,
  type SessionOrder,
  type SessionSummary,
} from '../live/session-questions.ts';
import { SESSION_STATES } from '../live/session-rows.ts';
import { projectOf } from '../live/sessions.ts';
import { startsOf } from '../live/starts.ts';
import type { Activity, Stats } from '../live/stats.ts';
import type { ListedEvent } from './events.ts';
import { filter, query, time, wholeNumber } from './params.ts';

const DEFAULT_LIMIT = 50;
const MAX_LIMIT = 500;
const TIMELINE_LIMIT = 200;
const DAY_SECONDS = 86_400;

const stateFilter = v.picklist(SESSION_STATES, `wants one of ${SESSION_STATES.join(', ')}`);
const orders = Object.keys(SESSION_ORDERS) as SessionOrder[];

/** The list of sessions. `cursor` is what the page before gave as `next`. */
const sessionsQuery = v.strictObject({
  source: filter,
  project: filter,
  model: filter,
  state: v.optional(v.union([stateFilter, v.array(stateFilter)], `wants one of ${SESSION_STATES.join(', ')}`)),
  todos: v.optional(v.literal('true', 'wants true')),
  start: v.optional(time),
  end: v.optional(time),
  sort: v.optional(v.picklist(orders, `wants one of ${orders.join(', ')}`)),
  order: v.optional(v.picklist(['asc', 'desc'], 'wants asc or desc')),
  limit: v.optional(wholeNumber(1, MAX_LIMIT)),
  cursor: v.optional(v.pipe(v.string(), v.maxLength(4096, 'is longer than 4096 characters'))),
});

const activityQuery = v.strictObject({ source: filter, project: filter, start: time, end: time });

const sessionQuery = v.strictObject({
  limit: v.optional(wholeNumber(1, 1000)),
  before: v.optional(wholeNumber(1, Number.MAX_SAFE_INTEGER)),
});

/** `timeZone` says when a day and a month begin; without it they do where the API runs. */
const statsQuery = v.strictObject({
  source: filter,
  project: filter,
  start: v.optional(time),
  end: v.optional(time),
  timeZone: v.optional(v.pipe(v.string(), v.maxLength(64), v.check(isTimeZone, 'wants the name of a time zone, such as Europe/Berlin'))),
});

export interface SessionsAnswer {
  sessions: SessionSummary[];
  /** Where the next page begins; null on the last one. */
  next: string | null;
}

export interface SessionAnswer {
  session: SessionDetail;
  /** Newest first; as long as the events themselves are kept. */
  timeline: ListedEvent[];
}

/** Sessions, one session, and what went on over all of them. */
export function sessionRoutes(deps: Deps, fair: MiddlewareHandler<AppEnv>) {
  const { reader } = deps;
  return new Hono<AppEnv>()
    .use('/api/sessions', fair)
    .use('/api/sessions/:id', fair)
    .use('/api/activity', fair)
    .use('/api/stats', fair)
    .get('/api/sessions', query(sessionsQuery), async (c) => {
      const given = c.req.valid('query');
      if (given.start !== undefined && given.end !== undefined && given.start >= given.end)
        throw badParameter('end', 'must be later than start');
      const order = given.sort ?? 'last';
      const cursor = given.cursor === undefined ? undefined : readCursor(given.cursor, order);
      const wanted = {
        source: listOf(given.source),
        project: listOf(given.project),
        model: listOf(given.model),
        state: given.state === undefined ? undefined : [given.state].flat(),
        withTodos: given.todos === 'true',
        startMs: given.start === undefined ? undefined : given.start * 1000,
        endMs: given.end === undefined ? undefined : given.end * 1000,
      };
      const page = [given.order !== 'asc', given.limit ?? DEFAULT_LIMIT, cursor, deps.now()] as const;
      const { sessions, next } = await reader.ask('list', [narrow(deps, c, wanted), order, ...page], c.req.raw.signal);
      return c.json<SessionsAnswer>({ sessions, next: next === undefined ? null : writeCursor(next, order) });
    })
    .get('/api/sessions/:id', query(sessionQuery), async (c) => {
      const id = c.req.param('id');
      const given = c.req.valid('query');
      const session = await reader.ask('one', [id, deps.now()], c.req.raw.signal);
      const seen = narrow<Narrowed>(deps, c, {});
      const hidden = session !== undefined && !(isIn(seen.project, session.project) && isIn(seen.source, session.source));
      if (session === undefined || hidden) throw new ApiError(404, 'unknown_session', 'There is no such session here.');
      // A session may have gone on in another project. What names none belongs to its session.
      const told = await reader.ask('timeline', [id, given.limit ?? TIMELINE_LIMIT, given.before], c.req.raw.signal);
      const timeline = told
        .filter(({ event }) => projectOf(event) === null || isIn(seen.project, projectOf(event)))
        .map(({ seq, event }) => ({ seq, event }));
      return c.json<SessionAnswer>({ session, timeline });
    })
    .get('/api/activity', query(activityQuery), async (c) => {
      const { source, project, start, end } = c.req.valid('query');
      if (start >= end) throw badParameter('end', 'must be later than start');
      const whose = narrow(deps, c, { source: listOf(source), project: listOf(project) });
      const range = { startMs: start * 1000, endMs: end * 1000 };
      return c.json<Activity>(await reader.ask('activity', [whose, range], c.req.raw.signal));
    })
    .get('/api/stats', query(statsQuery), async (c) => {
      const given = c.req.valid('query');
      const nowMs = deps.now();
      const end = given.end ?? nowMs / 1000;
      const start = given.start ?? end - DAY_SECONDS;
      if (start >= end) throw badParameter('end', 'must be later than start');
      const whose = narrow(deps, c, { source: listOf(given.source), project: listOf(given.project) });
      const range = { startMs: start * 1000, endMs: end * 1000 };
      const asked: Parameters<Questions['stats']> = [whose, range, startsOf(nowMs, given.timeZone), nowMs];
      return c.json<Stats>(await reader.ask('stats', asked, c.req.raw.signal));
    });
}

function listOf(value: string | string[] | undefined): string[] | undefined {
  return value === undefined ? undefined : [value].flat();
}

function isIn(allowed: readonly string[] | undefined, value: string | null): boolean {
  return allowed === undefined || (value !== null && allowed.includes(value));
}

function writeCursor({ value, session }: SessionCursor, order: SessionOrder): string {
  return Buffer.from(JSON.stringify([order, value, session])).toString('base64url');
}

function readCursor(text: string, order: SessionOrder): SessionCursor {
  const wrong = badParameter('cursor', 'wants what the page before gave as next, in the same order');
  try {
    const parts: unknown = JSON.parse(Buffer.from(text, 'base64url').toString());
    if (!Array.isArray(parts) || parts[0] !== order || typeof parts[1] !== 'number' || typeof parts[2] !== 'string') throw wrong;
    return { value: parts[1], session: parts[2] };
  } catch {
    throw wrong;
  }
}

function isTimeZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return true;
  } catch {
    return false;
  }
}
