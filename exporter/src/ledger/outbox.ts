import type { Event } from '../contract/index.ts';
import type { Statements } from './statements.ts';

/** So many events wait at the most where nobody takes them: about 35 MB, the events of 700 MB of transcripts. */
const MAX_EVENTS = 100_000;

/** Events that wait to be sent, in the order in which they are. */
export class Outbox {
  /** Events dropped because it was full, since this process began. */
  dropped = 0;
  /** So many wait at the most; beyond that the oldest are dropped and counted. */
  maxEvents = MAX_EVENTS;
  readonly #run: Statements;

  /** Kept, since counting them would mean to read them. */
  #size = 0;

  constructor(run: Statements) {
    this.#run = run;
    this.load();
  }

  /** Forgets what is only in memory. */
  load(): void {
    this.#size = this.#run.outboxSize();
  }

  get size(): number {
    return this.#size;
  }

  /** Up to `limit` events, oldest first, as JSON. */
  first(limit: number): { seq: number; body: string }[] {
    return this.#run.outbox(limit);
  }

  /** Takes events up to this one out. */
  remove(upToSeq: number): void {
    this.#size -= Number(this.#run.removeEvents(upToSeq));
  }

  /** Oldest first. Where a session tells something of itself, that it was active goes without saying. Gives back how many were told. */
  write(events: readonly Event[]): number {
    const telling = new Set(
      events.flatMap(({ type, payload }) => (type !== 'activity' && 'sessionId' in payload ? payload.sessionId : [])),
    );
    const told = events.filter(({ type, payload }) => type !== 'activity' || !('sessionId' in payload && telling.has(payload.sessionId)));
    told.sort((a, b) => (a.timestamp < b.timestamp ? -1 : a.timestamp > b.timestamp ? 1 : 0));
    for (const event of told) this.#run.addEvent(JSON.stringify(event));
    this.#size += told.length;
    const over = this.#size - this.maxEvents;
    if (over > 0) this.#drop(over);
    return told.length;
  }
  #drop(count: number): void {
    const dropped = Number(this.#run.dropOldestEvents(count));
    this.dropped += dropped;
    this.#size -= dropped;
  }
}
