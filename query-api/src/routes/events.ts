import type { Event } from '@ccmeter/exporter/contract';
import { type Context, Hono, type MiddlewareHandler } from 'hono';
import { isFromHere } from '../access/guard.ts';
import { narrow } from '../access/narrow.ts';
import { createBuckets } from '../access/rate.ts';
import { senderOf } from '../access/signature.ts';
import { allows } from '../access/users.ts';
import type { AppEnv, Deps } from '../environment.ts';
import { ApiError, toApiError } from '../errors.ts';
import type { Ingest, Receipt } from '../live/ingest.ts';
import { readBody } from './body.ts';
import { eventsQuery, query, readEventFilter } from './params.ts';

const DEFAULT_LIMIT = 100;

/** Events in and out. `POST /events` speaks to VibeTea's monitor as its own server does: same headers, codes, order of checks and shape of errors. */
export function eventRoutes(deps: Deps, intake: Ingest) {
  const buckets = createBuckets({ perSecond: deps.sendRate, burst: deps.sendRate, clock: () => performance.now() });
  return new Hono<AppEnv>()
    .onError((error, c) => answerAsVibeTea(deps, error, c))
    .post('/events', async (c) => {
      const body = await readBody(c);
      const claim = { source: c.req.header('x-source-id'), signature: c.req.header('x-signature'), trusted: mayIngest(deps, c) };
      const source = senderOf(deps.sourceKeys, claim, body);
      const taken = buckets.take(source ?? '');
      if (!taken.ok) {
        c.header('retry-after', String(taken.retryAfterSeconds));
        throw new ApiError(429, 'rate_limited', `More than ${deps.sendRate} requests a second come from this source.`);
      }
      return c.json(await intake.takeBody(body, source), 202);
    });
}

/** The list of events, newest first. */
export function eventListRoutes(deps: Deps, fair: MiddlewareHandler<AppEnv>) {
  return new Hono<AppEnv>().get('/api/events', fair, query(eventsQuery), async (c) => {
    const given = c.req.valid('query');
    const wanted = [given.limit ?? DEFAULT_LIMIT, narrow(deps, c, readEventFilter(given)), given.before] as const;
    const stored = await deps.reader.ask('newest', [...wanted], c.req.raw.signal);
    return c.json({ events: stored.map(({ seq, event }) => ({ seq, event })) });
  });
}

/** An event with the number by which lists go on (`before`) and streams come back (`Last-Event-ID`). */
export type ListedEvent = { seq: number; event: Event };

/** Counts what became of events. */
export function countReceipt({ metrics, store }: Pick<Deps, 'metrics' | 'store'>, receipt: Receipt & { pruned: number }): void {
  metrics.events.inc({ result: 'stored' }, receipt.accepted);
  metrics.events.inc({ result: 'duplicate' }, receipt.duplicates);
  metrics.events.inc({ result: 'rejected' }, receipt.rejected.length);
  metrics.prunedEvents.inc(receipt.pruned);
  metrics.storedEvents.set(store.count());
}

/** Without keys: whoever is on this machine where access is open, else users that may send. */
function mayIngest({ access }: Deps, c: Context<AppEnv>): boolean {
  const role = c.get('user')?.role;
  return access.open ? isFromHere(c) : role !== undefined && allows(role, 'ingest');
}

function answerAsVibeTea(deps: Deps, error: Error, c: Context<AppEnv>): Response {
  const { status, code, message } = toApiError(error);
  deps.metrics.refusedRequests.inc({ code });
  if (status >= 500) deps.log.error({ err: error }, 'events could not be taken');
  return c.json({ error: message, code }, status);
}
