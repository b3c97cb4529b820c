import type { ServerResponse } from 'node:http';
import { type Context, Hono } from 'hono';
import { type Narrowed, narrow } from '../access/narrow.ts';
import type { AppEnv, Deps } from '../environment.ts';
import { ApiError, badParameter } from '../errors.ts';
import type { FirstStats } from '../live/hub.ts';
import { takeStats } from '../live/snapshots.ts';
import { type Arrival, openAnswer, openStream } from '../live/stream.ts';
import { query, readEventFilter, streamQuery } from './params.ts';

/** Who finds the house full comes back after so long; browsers take it as the end of the stream, and the page tries again. */
const RETRY_SECONDS = 30;

/** Says to @hono/node-server that we write the answer ourselves (its `RESPONSE_ALREADY_SENT`, which is one object for all and cannot have headers of ours). */
const ALREADY_SENT = 'x-hono-already-sent';

const HEADERS = { 'content-type': 'text/event-stream', 'x-accel-buffering': 'no' };

/** Events as they come (server-sent events). */
export function streamRoutes(deps: Deps) {
  const figures = async (c: Context<AppEnv>): Promise<FirstStats> => {
    // Of everything that the one who asks may see, whatever the filter of events is.
    const whose = narrow<Narrowed>(deps, c, {});
    return { whose, stats: await takeStats(deps.reader, whose, deps.now(), c.req.raw.signal) };
  };
  return new Hono<AppEnv>().get('/api/stream', query(streamQuery), async (c) => {
    const given = c.req.valid('query');
    const arrival = readArrival(c.req.header('last-event-id') ?? given.lastEventId, given.replay ?? 0);
    if (c.req.method === 'HEAD') return c.body(null, 200, HEADERS);
    const filter = narrow(deps, c, readEventFilter(given));
    if (deps.hub.isFull())
      throw new ApiError(503, 'too_many_clients', 'There are too many open streams; try again later.', {
        retryAfterSeconds: RETRY_SECONDS,
      });
    const stats = given.stats === 'true' ? await figures(c) : undefined;
    const answer = c.env?.outgoing;
    if (answer !== undefined && 'writeHead' in answer) {
      // Not before every middleware has set its headers; then nothing is left of the request but the answer.
      setImmediate(() => begin(deps, c, answer, (open) => openAnswer(deps, filter, arrival, open, stats)));
      const sent = c.body(null, 200, { ...HEADERS, [ALREADY_SENT]: 'true' });
      // Only looked for in answers that are no longer the library's own short form of one, which reading the body ends (2.1.8, responseViaCache).
      void sent.body;
      return sent;
    }
    const body = openStream(deps, filter, arrival, () => {}, stats);
    return body === undefined ? c.body(null, 503) : c.body(body, 200, HEADERS);
  });
}

function begin({ log }: Deps, c: Context<AppEnv>, answer: ServerResponse, open: (answer: ServerResponse) => boolean): void {
  try {
    const headers = new Headers(c.res.headers);
    headers.delete(ALREADY_SENT);
    answer.writeHead(200, Object.fromEntries(headers));
    if (!open(answer)) answer.destroy();
  } catch (error) {
    // The asker may be gone already; the store may be.
    log.warn({ err: error }, 'a stream could not be opened');
    answer.destroy();
  }
}

function readArrival(lastEventId: string | undefined, replay: number): Arrival {
  if (lastEventId === undefined || lastEventId === '') return { kind: 'new', replay };
  if (!/^([a-z0-9]{1,16}-)?\d{1,15}$/.test(lastEventId)) throw badParameter('lastEventId', 'wants the id of an event of this stream');
  return { kind: 'back', id: lastEventId };
}
