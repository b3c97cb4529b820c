import { hostname } from 'node:os';
import { type Context, Hono } from 'hono';
import * as v from 'valibot';
import { isFromHere } from '../access/guard.ts';
import type { AppEnv, Deps } from '../environment.ts';
import { ApiError } from '../errors.ts';
import { agentEvent, toEvent } from '../hooks/agents.ts';
import { readHook } from '../hooks/read.ts';
import { type Ingest, type Receipt, readBatch } from '../live/ingest.ts';
import { readBody } from './body.ts';

/** Hooks carry what tools were given and gave; all of that is thrown away, but it has to come in first. */
const MAX_HOOK_BYTES = 8 * 1024 * 1024;
const MAX_BATCH = 1000;

/** What Claude Code's hooks and other agents tell. */
export function hookRoutes(deps: Deps, intake: Ingest) {
  return new Hono<AppEnv>()
    .post('/hooks', async (c) => {
      refuseStrangers(deps, c);
      const [value] = readBatch(await readBody(c, MAX_HOOK_BYTES));
      const projects = c.req.query('projects') === 'none' ? 'none' : 'name';
      const events = readHook(value, { source: sourceOf(c), nowMs: deps.now(), projects });
      if (events === undefined) throw new ApiError(400, 'invalid_hook', 'This is not what Claude Code gives to a hook.');
      // Answered at once: Claude Code waits for its hooks.
      if (events.length > 0) intake.takeEvents(events).catch((error) => deps.log.error({ err: error }, 'a hook could not be stored'));
      return c.body(null, 204);
    })
    .post('/api/agent-events', async (c) => {
      refuseStrangers(deps, c);
      const values = readBatch(await readBody(c));
      if (values.length > MAX_BATCH) throw new ApiError(400, 'invalid_format', `At most ${MAX_BATCH} events are taken at a time.`);
      const heard = { source: sourceOf(c), nowMs: deps.now() };
      const rejected: Receipt['rejected'] = [];
      const events = values.flatMap((value, index) => {
        const read = v.safeParse(agentEvent, value);
        if (read.success) return [toEvent(read.output, heard)];
        rejected.push({ index, error: explain(read.issues[0]) });
        return [];
      });
      if (events.length === 0 && values.length > 0)
        throw new ApiError(400, 'invalid_format', `Nothing in the body is an event; the first: ${rejected[0]?.error}`);
      return c.json(await intake.takeEvents(events, rejected), 202);
    });
}

/** Where access is open it is open to this machine; the guard has looked at everybody else. */
function refuseStrangers({ access }: Deps, c: Context<AppEnv>): void {
  if (!access.open || c.env?.incoming === undefined || isFromHere(c)) return;
  throw new ApiError(403, 'forbidden', 'Only this machine may send these.');
}

function sourceOf(c: Context<AppEnv>): string {
  const given = c.req.query('source') ?? c.req.header('x-source-id') ?? '';
  return given !== '' && given.length <= 200 ? given : hostname();
}

function explain(issue: v.BaseIssue<unknown>): string {
  const name = v.getDotPath(issue) ?? 'event';
  return `${name}: ${issue.message}`;
}
