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
  hub: Hub;
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
  events: readonly Event[];
  rejected: Receipt['rejected'];
  resolve(receipt: Receipt): void;
  reject(error: unknown): void;
}

/**
 * Events of all requests that came in one turn of the event loop are stored in one transaction, and each request is answered when it
 * is done: a transaction costs as much as the storing of ten events.
 */
export function createIngest(deps: IngestDeps): Ingest {
  let waiting: Waiting[] = [];

  function commit(): void {
    const batch = waiting;
    waiting = [];
    const appended = tryAppend(batch);
    if (appended === undefined) return;
    deps.hub.publish(appended.flatMap(({ stored }) => stored));
    for (const [index, { rejected, resolve }] of batch.entries()) {
      const { stored, duplicates, pruned } = appended[index] ?? NOTHING;
      const receipt = { accepted: stored.length, duplicates, rejected };
      deps.observe({ ...receipt, pruned });
      resolve(receipt);
    }
  }

  function tryAppend(batch: readonly Waiting[]): Appended[] | undefined {
    try {
      return deps.store.appendBatches(
        batch.map(({ events }) => events),
        deps.now(),
      );
    } catch (cause) {
      // Disk full, or a file that went away: the sender keeps what it has and comes again.
      const error = new ApiError(503, 'store_unavailable', 'Events cannot be stored now; send them again later.', { cause });
      for (const { reject } of batch) reject(error);
      return undefined;
    }
  }

  function takeEvents(events: readonly Event[], rejected: Receipt['rejected'] = []): Promise<Receipt> {
    return new Promise((resolve, reject) => {
      if (waiting.length === 0) setImmediate(commit);
      waiting.push({ events, rejected, resolve, reject });
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

const NOTHING: Appended = { stored: [], duplicates: 0, pruned: 0 };

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
