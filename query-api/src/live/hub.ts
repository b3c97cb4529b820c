import { createHash } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import type { Stats, StatsFilter } from './stats.ts';
import { type EventFilter, passes, type StoredEvent } from './store.ts';

/** What is told to clients, by the name of the message. `event` is the Event itself as JSON. */
export interface StreamMessages {
  /** Older events came in: views that show totals or lists should ask again. */
  history: { events: number };
  /** Sent every 15 s, and once when everything kept for a new client has been sent. */
  heartbeat: { now: number };
  /** Figures over everything, for those who asked for them; sent when they have changed. */
  stats: Stats;
  /** What was missed cannot be told: ask for everything again. */
  reset: { reason: string };
}

/** Figures that a client wants to hear of, as they are when it comes. */
export interface FirstStats {
  whose: StatsFilter;
  stats: Stats;
}

/** A client's end of the hub. */
interface Client {
  body: ReadableStream<Uint8Array>;
  leave(): void;
}

/** Tells events to everybody who listens. Each client has a bounded queue: who cannot keep up is cut off, and no one else notices. */
export interface Hub {
  /** Tells fresh events one by one and all older ones as one `history`. */
  publish(events: readonly StoredEvent[]): void;
  /** Tells figures to those who asked for these and have not heard the same last. */
  publishStats(whose: StatsFilter, stats: Stats): void;
  /** A new client; `first` is sent before anything else. Undefined when the house is full. */
  join(filter: EventFilter, first: string, cut: () => void, stats?: FirstStats): Client | undefined;
  /** The same for an answer of Node's, whose head has been written: it needs far less memory than a web stream. False when the house is full. */
  joinAnswer(filter: EventFilter, first: string, answer: ServerResponse, stats?: FirstStats): boolean;
  isFull(): boolean;
  /** Whose figures are wanted, each once. */
  statsWanted(): StatsFilter[];
  /** What stands before the numbers of events where several processes tell theirs: a number of another process is no number of ours. */
  idPrefix: string;
  clients(): number;
  /** Bytes that wait for their clients, of all of them. */
  waitingBytes(): number;
  /** Ends every stream; nobody can join afterwards. */
  close(): void;
}

export interface HubOptions {
  latestSeq(): number;
  now(): number;
  idPrefix?: string;
  maxClients: number;
  /** Bytes that may wait for one client, beside what it was given on joining. */
  maxQueueBytes?: number;
  heartbeatMs?: number;
  /** History is told at most once in this time, so that a long backfill does not make every view ask without pause. */
  historyMs?: number;
  onCut?(): void;
  onFrames?(frames: number): void;
}

/** About 2,000 events: what 100 events/s bring in 20 s. */
const MAX_QUEUE_BYTES = 1024 * 1024;
const HEARTBEAT_MS = 15_000;
const HISTORY_MS = 500;

const encoder = new TextEncoder();

export function createHub(options: HubOptions): Hub {
  const members = new Set<Member & { figures: Figures | undefined }>();
  const maxQueueBytes = options.maxQueueBytes ?? MAX_QUEUE_BYTES;
  const idPrefix = options.idPrefix ?? '';
  const latestId = () => `${idPrefix}${options.latestSeq()}`;
  let closed = false;
  let untoldHistory = 0;
  let historyTimer: NodeJS.Timeout | undefined;

  const heartbeat = setInterval(() => tellAll(heartbeatFrame(latestId(), options.now())), options.heartbeatMs ?? HEARTBEAT_MS);
  heartbeat.unref();

  const isFull = () => closed || members.size >= options.maxClients;

  function tellAll(text: string): void {
    const frame = encoder.encode(text);
    for (const member of members) member.push(frame);
  }

  function tellHistory(): void {
    historyTimer = undefined;
    tellAll(historyFrame(latestId(), untoldHistory));
    untoldHistory = 0;
  }

  /** One write per client for the whole batch; the bytes are made once and shared by all whose filter lets everything through. */
  function tellEvents(batch: readonly StoredEvent[]): void {
    if (members.size === 0 || batch.length === 0) return;
    const frames = batch.map((stored) => ({ event: stored.event, bytes: encoder.encode(eventFrame(stored, idPrefix)) }));
    const whole = Buffer.concat(frames.map(({ bytes }) => bytes));
    let told = 0;
    for (const member of members) {
      const wanted = frames.filter(({ event }) => passes(member.filter, event));
      told += wanted.length;
      if (wanted.length === frames.length) member.push(whole);
      else if (wanted.length > 0) member.push(Buffer.concat(wanted.map(({ bytes }) => bytes)));
    }
    options.onFrames?.(told);
  }

  return {
    publish(events) {
      tellEvents(events.filter(({ fresh }) => fresh));
      untoldHistory += events.filter(({ fresh }) => !fresh).length;
      if (untoldHistory > 0 && !closed) historyTimer ??= setTimeout(tellHistory, options.historyMs ?? HISTORY_MS).unref();
    },
    publishStats(whose, stats) {
      const frame = encoder.encode(statsFrame(latestId(), stats));
      const [key, digest] = [JSON.stringify(whose), digestOf(stats)];
      for (const { figures, push } of members) {
        if (figures === undefined || figures.key !== key || figures.told === digest) continue;
        figures.told = digest;
        push(frame);
      }
    },
    statsWanted() {
      const wanted = new Map<string, StatsFilter>();
      for (const { figures } of members) if (figures !== undefined) wanted.set(figures.key, figures.whose);
      return [...wanted.values()];
    },
    idPrefix,
    isFull,
    joinAnswer(filter, first, answer, stats) {
      if (isFull()) return false;
      const cut = () => {
        members.delete(member);
        options.onCut?.();
      };
      const member = { ...createAnswerMember(filter, first, answer, maxQueueBytes, cut), figures: figuresOf(stats) };
      members.add(member);
      answer.once('close', () => members.delete(member));
      return true;
    },
    join(filter, first, cut, stats) {
      if (isFull()) return undefined;
      const given = createMember(filter, encoder.encode(first), maxQueueBytes, {
        left: () => members.delete(member),
        cut: () => {
          options.onCut?.();
          cut();
        },
      });
      const member = { ...given, figures: figuresOf(stats) };
      members.add(member);
      return { body: member.body, leave: member.leave };
    },
    clients: () => members.size,
    waitingBytes: () => members.values().reduce((sum, member) => sum + member.waitingBytes(), 0),
    close() {
      closed = true;
      clearInterval(heartbeat);
      clearTimeout(historyTimer);
      for (const member of members) member.leave();
    },
  };
}

/** What a client hears of figures, and a digest of what it has heard last. */
interface Figures {
  key: string;
  whose: StatsFilter;
  told: string;
}

function figuresOf(first: FirstStats | undefined): Figures | undefined {
  return first && { key: JSON.stringify(first.whose), whose: first.whose, told: digestOf(first.stats) };
}

function digestOf(stats: Stats): string {
  return createHash('sha256').update(JSON.stringify(stats)).digest('base64');
}

/** One event as it goes over the wire. */
export function eventFrame({ seq, event }: StoredEvent, idPrefix: string): string {
  return `id: ${idPrefix}${seq}\nevent: event\ndata: ${JSON.stringify(event)}\n\n`;
}

/** A sign of life. Its id moves a client on whose filter lets nothing through, so that coming back does not look like a gap. */
export function heartbeatFrame(id: string, now: number): string {
  return messageFrame(id, 'heartbeat', { now });
}

export function historyFrame(id: string, events: number): string {
  return messageFrame(id, 'history', { events });
}

export function statsFrame(id: string, stats: Stats): string {
  return messageFrame(id, 'stats', stats);
}

export function resetFrame(id: string, reason: string): string {
  return messageFrame(id, 'reset', { reason });
}

function messageFrame<Name extends keyof StreamMessages>(id: string, name: Name, data: StreamMessages[Name]): string {
  return `id: ${id}\nevent: ${name}\ndata: ${JSON.stringify(data)}\n\n`;
}

interface Member {
  filter: EventFilter;
  push(frame: Uint8Array): void;
  leave(): void;
  /** What it has not taken yet. */
  waitingBytes(): number;
}

/** Node keeps what its socket does not take; that is the queue, and it says how long it is. */
function createAnswerMember(filter: EventFilter, first: string, answer: ServerResponse, maxQueueBytes: number, cut: () => void): Member {
  // What a client is given on joining may be more than what may wait later.
  const limit = maxQueueBytes + Buffer.byteLength(first);
  answer.write(first);
  return {
    filter,
    push(frame) {
      if (answer.destroyed || answer.writableEnded) return;
      answer.write(frame);
      if (answer.writableLength <= limit) return;
      cut();
      answer.destroy();
    },
    leave: () => void answer.end(),
    waitingBytes: () => answer.writableLength,
  };
}

/**
 * The stream of one client. It hands out bytes only when the socket asks for them (no high-water mark), so everything unsent is in
 * `queue` and can be measured; writing ahead without waiting cost 1.3 GB for one paused reader in a trial.
 */
function createMember(filter: EventFilter, first: Uint8Array, maxQueueBytes: number, on: { left(): void; cut(): void }): Member & Client {
  let queue: Uint8Array[] = [first];
  let waitingBytes = 0;
  let asked: ReadableStreamDefaultController<Uint8Array> | undefined;
  let controller: ReadableStreamDefaultController<Uint8Array> | undefined;

  const flush = (to: ReadableStreamDefaultController<Uint8Array>) => {
    asked = undefined;
    const [only] = queue;
    to.enqueue(queue.length === 1 && only !== undefined ? only : Buffer.concat(queue));
    queue = [];
    waitingBytes = 0;
  };
  const stop = () => {
    controller = undefined;
    queue = [];
    on.left();
  };
  const leave = () => {
    controller?.close();
    stop();
  };
  const body = new ReadableStream<Uint8Array>(
    {
      start: (given) => {
        controller = given;
      },
      pull: (given) => {
        if (queue.length > 0) flush(given);
        else asked = given;
      },
      cancel: stop,
    },
    { highWaterMark: 0 },
  );
  const push = (frame: Uint8Array) => {
    if (controller === undefined) return;
    queue.push(frame);
    waitingBytes += frame.length;
    if (asked !== undefined) flush(asked);
    else if (waitingBytes > maxQueueBytes) {
      leave();
      on.cut();
    }
  };
  return { filter, body, leave, push, waitingBytes: () => waitingBytes };
}
