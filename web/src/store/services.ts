import { type Accessor, createContext, createSignal, onCleanup, useContext } from 'solid-js';
import type { Api, StoredEvent } from '../api/client.ts';
import type { Connection, OpenStream } from '../api/stream.ts';
import { EMPTY_LIVE, type LiveState, takeEvents } from './live.ts';

/** What the views are given: real in the product, of fixtures in the gallery. */
export interface Services {
  api: Api;
  live: Live;
  /** The time as views see it. */
  now(): number;
}

export interface Live {
  state: Accessor<LiveState>;
  connection: Accessor<Connection>;
  /** When the connection was lost; null while it is open. */
  lostAtMs: Accessor<number | null>;
  /** Calls back when numbers have changed. */
  onChange(listener: () => void): () => void;
  close(): void;
}

const ServicesContext = createContext<Services>();
export const ServicesProvider = ServicesContext.Provider;

export function useServices(): Services {
  const services = useContext(ServicesContext);
  if (!services) throw new Error('views live inside a ServicesProvider');
  return services;
}

/** In a hidden page no frame is drawn, and the queue is flushed by the clock. */
const HIDDEN_FLUSH_MS = 1000;

/** Keeps the live state: the stream fills a queue, one flush a frame applies it. */
export function createLive(openStream: OpenStream, now: () => number): Live {
  const [state, setState] = createSignal<LiveState>(EMPTY_LIVE);
  const [connection, setConnection] = createSignal<Connection>('connecting');
  const [lostAtMs, setLostAtMs] = createSignal<number | null>(null);
  const listeners = new Set<() => void>();
  let queue: StoredEvent[] = [];

  const tell = () => {
    for (const listener of listeners) listener();
  };
  function flush(): void {
    const batch = queue;
    queue = [];
    setState((before) => takeEvents(before, batch));
    tell();
  }
  function enqueue(event: StoredEvent): void {
    queue.push(event);
    if (queue.length > 1) return;
    if (document.hidden) setTimeout(flush, HIDDEN_FLUSH_MS);
    else requestAnimationFrame(flush);
  }
  const close = openStream({
    onEvent: enqueue,
    onHistory: tell,
    onReset() {
      queue = [];
      setState(EMPTY_LIVE);
      tell();
    },
    onConnection(next) {
      // Back again: something may have been missed. Just lost: the numbers may be out of reach too, and should say so.
      if (connection() !== next && connection() !== 'connecting') tell();
      setLostAtMs((before) => (next === 'lost' ? (before ?? now()) : null));
      setConnection(next);
    },
  });
  return {
    state,
    connection,
    lostAtMs,
    onChange(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    close,
  };
}

/** A clock that ticks, for ages and states that change with time alone. */
export function createClock(now: () => number, everyMs: number): Accessor<number> {
  const [time, setTime] = createSignal(now());
  const timer = setInterval(() => setTime(now()), everyMs);
  onCleanup(() => clearInterval(timer));
  return time;
}
