import { parseEvent } from '@ccmeter/exporter/contract';
import type { StoredEvent } from './client.ts';

/** `connecting`: never was open; `open`: events come; `lost`: it was open or refused, and is tried again. */
export type Connection = 'connecting' | 'open' | 'lost';

export interface StreamHandlers {
  onEvent(event: StoredEvent): void;
  /** Events of the past were stored: the numbers have changed, the stream has not. */
  onHistory(): void;
  /** The gap since the last event is too old to be filled. */
  onReset(): void;
  onConnection(connection: Connection): void;
}

/** Opens the stream; gives back what closes it. */
export type OpenStream = (handlers: StreamHandlers) => () => void;

/** Newest stored events that a fresh page begins with. */
export const REPLAY_EVENTS = 1000;
/** The server's heartbeat comes every 15 s; after three missed ones the connection is dead, whatever the browser thinks. */
const SILENCE_MS = 45_000;
/** A page that nobody has looked at for so long lets go of its stream: browsers have six connections to a server over HTTP/1.1, for all their tabs. */
const UNSEEN_MS = 60_000;
const FIRST_RETRY_MS = 1000;
const LAST_RETRY_MS = 15_000;

/**
 * Server-sent events of the query API. The browser reconnects by itself; where it gives up or hears nothing, we do. A page that is not seen
 * lets go of the stream, unless `listensUnseen`, and has what it missed when it is seen again.
 */
export function eventStream(url: string, listensUnseen: () => boolean): OpenStream {
  return (handlers) => {
    let source: EventSource | null = null;
    let timer: ReturnType<typeof setTimeout> | undefined;
    let unseenTimer: ReturnType<typeof setTimeout> | undefined;
    let retryMs = FIRST_RETRY_MS;
    let lastSeq = '';

    const wait = (ms: number) => {
      clearTimeout(timer);
      timer = setTimeout(open, ms);
    };
    const alive = () => wait(SILENCE_MS);
    function open(): void {
      source?.close();
      source = new EventSource(`${url}?${lastSeq ? `lastEventId=${lastSeq}` : `replay=${REPLAY_EVENTS}`}`);
      source.addEventListener('open', () => {
        retryMs = FIRST_RETRY_MS;
        handlers.onConnection('open');
        alive();
      });
      source.addEventListener('error', () => {
        handlers.onConnection('lost');
        // Otherwise the browser is already trying again, with the id of the last event.
        if (source?.readyState !== EventSource.CLOSED) return alive();
        wait(retryMs);
        retryMs = Math.min(2 * retryMs, LAST_RETRY_MS);
      });
      source.addEventListener('event', (message) => {
        lastSeq = message.lastEventId;
        alive();
        const stored = readMessage(message.lastEventId, message.data);
        if (stored) handlers.onEvent(stored);
      });
      source.addEventListener('history', () => handlers.onHistory());
      source.addEventListener('reset', () => {
        handlers.onReset();
        lastSeq = '';
        open();
      });
      source.addEventListener('heartbeat', (message) => {
        lastSeq = message.lastEventId || lastSeq;
        alive();
      });
      alive();
    }
    function letGo(): void {
      if (listensUnseen()) return;
      clearTimeout(timer);
      source?.close();
      source = null;
    }
    function watchSight(): void {
      clearTimeout(unseenTimer);
      if (document.hidden) {
        unseenTimer = setTimeout(letGo, UNSEEN_MS);
        return;
      }
      // Numbers are not asked for while nobody looks.
      handlers.onHistory();
      if (source === null) open();
    }
    open();
    document.addEventListener('visibilitychange', watchSight);
    return () => {
      document.removeEventListener('visibilitychange', watchSight);
      clearTimeout(unseenTimer);
      clearTimeout(timer);
      source?.close();
    };
  };
}

/** Reads one message; undefined where it is no event that we know. */
export function readMessage(id: string, data: string): StoredEvent | undefined {
  const seq = Number(id);
  if (!Number.isSafeInteger(seq) || seq < 1) return undefined;
  const event = parseEvent(parseJson(data));
  return 'error' in event ? undefined : { seq, event };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
