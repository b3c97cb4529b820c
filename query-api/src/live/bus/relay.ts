import { type Event, parseEvent } from '@ccmeter/exporter/contract';
import type { Logger } from '../../log.ts';
import type { Hub } from '../hub.ts';
import type { EventStore, StoredEvent } from '../store.ts';
import type { Bus } from './bus.ts';

/** Between our store and the bus. */
export interface Relay {
  /** Events came in here. */
  notify(): void;
  /** Events that the others have not been told of yet. */
  waitingEvents(): number;
  close(): Promise<void>;
}

export interface RelayDeps {
  bus: Bus;
  store: EventStore;
  hub: Hub;
  log: Logger;
  now(): number;
  random(): number;
  /** Waits before another try; shortened by tests. */
  firstRetryMs?: number;
}

/** How far we are, kept in the store: told to the bus, by our numbers; read of the bus, by its own. */
const SENT = 'bus:sent';
const READ = 'bus:read';

const EVENTS_AT_ONCE = 500;
/** NATS takes a megabyte unless it is told otherwise. */
const MAX_MESSAGE_CHARACTERS = 500_000;
const FIRST_RETRY_MS = 500;
const LAST_RETRY_MS = 15_000;

/**
 * Every process stores what comes in at once and answers; telling the others follows. So nothing waits for the broker and nothing is
 * lost while it is away: the event log itself is the queue, and a position in it says how far the others know. What comes back of our
 * own is known by its ids.
 */
export function createRelay(deps: RelayDeps): Relay {
  const closing = new AbortController();
  const { signal } = closing;
  let wake = () => {};
  const sending = forEver(deps, signal, 'telling the bus', send);
  const reading = forEver(deps, signal, 'reading the bus', read);

  async function send(worked: () => void): Promise<void> {
    for (;;) {
      const batch = nextBatch();
      const last = batch.at(-1);
      if (last === undefined) {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
        if (signal.aborted) return;
        continue;
      }
      await deps.bus.publish(batch.map(({ event }) => event));
      deps.store.setPosition(SENT, String(last.seq));
      worked();
    }
  }

  function nextBatch(): StoredEvent[] {
    let characters = 0;
    const found = deps.store.ownAfter(Number(deps.store.position(SENT) ?? 0), EVENTS_AT_ONCE);
    return found.filter(({ event }, index) => {
      characters += JSON.stringify(event).length;
      return index === 0 || characters <= MAX_MESSAGE_CHARACTERS;
    });
  }

  function read(worked: () => void): Promise<void> {
    return deps.bus.read(
      deps.store.position(READ),
      ({ events, position }) => {
        take(events.map(parseEvent).filter(isEvent), position);
        worked();
      },
      signal,
    );
  }

  function take(events: readonly Event[], position: string): void {
    const [appended] = deps.store.appendBatches([events], deps.now(), 'bus', { name: READ, value: position });
    deps.hub.publish(appended?.stored ?? []);
  }

  return {
    notify: () => wake(),
    waitingEvents: () => deps.store.countOwnAfter(Number(deps.store.position(SENT) ?? 0)),
    async close() {
      closing.abort();
      wake();
      await deps.bus.close();
      await Promise.all([sending, reading]);
    },
  };
}

function isEvent(value: ReturnType<typeof parseEvent>): value is Event {
  return !('error' in value);
}

/** Does something until it is closed, and tries again, later and later, when it fails. Says once that it fails and once that it works. */
async function forEver(
  { log, random, firstRetryMs = FIRST_RETRY_MS }: RelayDeps,
  signal: AbortSignal,
  what: string,
  work: (worked: () => void) => Promise<void>,
): Promise<void> {
  let retryMs = firstRetryMs;
  let failing = false;
  const worked = () => {
    if (failing) log.info(`${what} works again`);
    failing = false;
    retryMs = firstRetryMs;
  };
  while (!signal.aborted) {
    try {
      await work(worked);
    } catch (error) {
      if (signal.aborted) return;
      if (!failing) log.warn({ err: error }, `${what} fails; it is tried again`);
      failing = true;
      await wait(retryMs * (0.75 + random() / 2), signal);
      retryMs = Math.min(retryMs * 2, LAST_RETRY_MS);
    }
  }
}

function wait(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const end = () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', end);
      resolve();
    };
    const timer = setTimeout(end, ms);
    signal.addEventListener('abort', end);
  });
}
