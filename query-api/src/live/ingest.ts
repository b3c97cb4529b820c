import { type Event, parseEvent } from '@ccmeter/exporter/contract';
import { ApiError } from '../errors.ts';
import type { Hub } from './hub.ts';
import type { Appended, EventStore } from './store.ts';

/** What became of a batch, member by member. */
export interface Receipt {
  accepted: number;
  duplicates: number;
  rejected: { index: number; error: string }[];
}

export interface IngestDeps {
  store: EventStore;
  hub: Pick<Hub, 'publish'>;
  now(): number;
  observe(receipt: Receipt & { pruned: number }): void;
}

/** Where events come in. */
export interface Ingest {
  /** Reads a body, keeps what is an event and tells it to those who listen. `source` is who sends, if that is known. */
  takeBody(body: Uint8Array, source: string | undefined): Promise<Receipt>;
  /** Keeps events that were made here. */
  takeEvents(events: readonly Event[], rejected?: Receipt['rejected']): Promise<Receipt>;
}

interface Waiting {
  /** What is left to be stored of a request, and what became of the rest. */
  events: readonly Event[];
  accepted: number;
  duplicates: number;
  rejected: Receipt['rejected'];
  resolve(receipt: Receipt): void;
  reject(error: unknown): void;
}

/** Events of one transaction: storing takes so long that streams would notice if a first history came in two thousand at a time. */
const EVENTS_AT_ONCE = 250;

/**
 * Events of all requests that came in one turn of the event loop are stored in one transaction, and each request is answered when it
 * is done: a transaction costs as much as the storing of ten events. A request with many is stored in several, with room for others between.
 */
export function createIngest(deps: IngestDeps): Ingest {
  const waiting: Waiting[] = [];

  function commit(): void {
    const slice = nextSlice();
    const appended = tryAppend(slice);
    for (const [index, { request, events }] of slice.entries()) note(request, events.length, appended?.[index]);
    // All but perhaps the last are done; where nothing could be stored, that one as well.
    const left = appended !== undefined && (slice.at(-1)?.request.events.length ?? 0) > 0 ? 1 : 0;
    waiting.splice(0, slice.length - left);
    if (waiting.length > 0) setImmediate(commit);
    if (appended === undefined) return;
    deps.hub.publish(appended.flatMap(({ stored }) => stored));
    for (const { request } of slice) if (request.events.length === 0) request.resolve(receiptOf(request));
  }

  function note(request: Waiting, count: number, appended: Appended | undefined): void {
    request.events = request.events.slice(count);
    if (appended === undefined) return;
    const { stored, duplicates, pruned } = appended;
    request.accepted += stored.length;
    request.duplicates += duplicates;
    const rejected = request.events.length === 0 ? request.rejected : [];
    deps.observe({ accepted: stored.length, duplicates, rejected, pruned });
  }

  /** The first so many events that wait, by request. */
  function nextSlice(): { request: Waiting; events: readonly Event[] }[] {
    let room = EVENTS_AT_ONCE;
    const slice: { request: Waiting; events: readonly Event[] }[] = [];
    for (const request of waiting) {
      if (room === 0) break;
      const events = request.events.slice(0, room);
      room -= events.length;
      slice.push({ request, events });
    }
    return slice;
  }

  function tryAppend(slice: ReturnType<typeof nextSlice>): Appended[] | undefined {
    try {
      return deps.store.appendBatches(
        slice.map(({ events }) => events),
        deps.now(),
      );
    } catch (cause) {
      // Disk full, or a file that went away: the sender keeps what it has and comes again.
      const error = new ApiError(503, 'store_unavailable', 'Events cannot be stored now; send them again later.', { cause });
      for (const { request } of slice) request.reject(error);
      return undefined;
    }
  }

  function takeEvents(events: readonly Event[], rejected: Receipt['rejected'] = []): Promise<Receipt> {
    return new Promise((resolve, reject) => {
      if (waiting.length === 0) setImmediate(commit);
      waiting.push({ events, accepted: 0, duplicates: 0, rejected, resolve, reject });
    });
  }

  return {
    takeEvents,
    async takeBody(body, source) {
      const values = readBatch(body);
      const { events, rejected } = sort(values, source);
      if (values.length > 0 && events.length === 0) throw nothingUsable(rejected);
      return takeEvents(events, rejected);
    },
  };
}

function receiptOf({ accepted, duplicates, rejected }: Waiting): Receipt {
  return { accepted, duplicates, rejected };
}

const decoder = new TextDecoder('utf-8', { fatal: true });

/** A JSON value, or several in an array. */
export function readBatch(body: Uint8Array): unknown[] {
  try {
    const value: unknown = JSON.parse(decoder.decode(body));
    return Array.isArray(value) ? value : [value];
  } catch (cause) {
    throw new ApiError(400, 'invalid_format', 'The body is not JSON in UTF-8.', { cause });
  }
}

function sort(values: readonly unknown[], source: string | undefined): { events: Event[]; rejected: Receipt['rejected'] } {
  const events: Event[] = [];
  const rejected: Receipt['rejected'] = [];
  for (const [index, value] of values.entries()) {
    const event = parseEvent(value);
    if ('error' in event) rejected.push({ index, error: event.error });
    else if (source !== undefined && event.source !== source) rejected.push({ index, error: SOURCE_MISMATCH });
    else events.push(event);
  }
  return { events, rejected };
}

const SOURCE_MISMATCH = 'source: is not the sender named in X-Source-ID';

function nothingUsable(rejected: Receipt['rejected']): ApiError {
  const [first] = rejected;
  const code = rejected.every(({ error }) => error === SOURCE_MISMATCH) ? 'source_mismatch' : 'invalid_format';
  return new ApiError(400, code, `Nothing in the body is an event that can be taken; the first: ${first?.error}`);
}
