import { chmodSync, mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { Event } from '@ccmeter/exporter/contract';
import {
  bindFilter,
  createEventQuestions,
  type EventFilter,
  type EventQuestions,
  MATCHES,
  readRow,
  type StoredEvent,
} from './event-questions.ts';
import { migrate } from './schema.ts';
import { createSessionBook, projectOf, type SessionBook, sessionOf } from './sessions.ts';
import { IS_SYNTHETIC, isSynthetic } from './synthetic.ts';

export type { EventFilter, StoredEvent } from './event-questions.ts';

/** Whether an event came in here, or was told by another process over the bus. */
export type Origin = 'here' | 'bus';

/** What became of a batch. */
export interface Appended {
  stored: StoredEvent[];
  duplicates: number;
  /** Events that had to leave to make room. */
  pruned: number;
}

/** What a client that comes back has missed. */
export type Missed = { kind: 'events'; events: StoredEvent[]; history: boolean } | { kind: 'gone' };

/** The events, each once per id. */
export interface EventStore {
  append(events: readonly Event[], nowMs: number): Appended;
  /** Several batches in one transaction, all of them or none; with `position` what has been read of the bus, in the same transaction. */
  appendBatches(
    batches: readonly (readonly Event[])[],
    nowMs: number,
    origin?: Origin,
    position?: { name: string; value: string },
  ): Appended[];
  /** Events after `seq` that came in here, oldest first: what the bus has to be told. */
  ownAfter(seq: number, limit: number): StoredEvent[];
  /** How many those are. */
  countOwnAfter(seq: number): number;
  /** A note that outlives the process, by its name. */
  position(name: string): string | undefined;
  setPosition(name: string, value: string): void;
  newest: EventQuestions['newest'];
  replay: EventQuestions['replay'];
  /** Fresh events after `seq`, oldest first; `gone` where some of them are no longer here or there are more than `limit`. */
  missedSince(seq: number, limit: number, filter: EventFilter): Missed;
  /** The number of the event stored last, 0 before the first. */
  latestSeq(): number;
  count(): number;
  /** When the last new event came in, in milliseconds since 1970. */
  lastReceivedMs(): number | null;
  /** Takes out what the self-test has left, of one source of it or of all. */
  forgetSynthetic(source?: string): void;
  /** The file itself, for questions about sessions; nothing is written through it. */
  questions(): DatabaseSync;
  close(): void;
}

/** Events younger than this on arrival are told live; older ones are history. */
export const FRESH_MS = 15 * 60_000;

/** How much is kept. Events leave by their own time, the oldest first; sessions by the time of their last event. */
export interface Retention {
  /** Events that are kept at most. */
  events: number;
  /** Age at which events and sessions leave. */
  days?: number;
  /** Bytes that the file may use; beyond them the oldest events leave, and once there are hardly any, the oldest sessions. */
  bytes?: number;
}

const DAY_MS = 86_400_000;

/** Age and size are looked at this often, on the way of an append. */
const RETENTION_CHECK_MS = 60_000;
/** So many leave at a time when the file is too large. */
const LEAVE_AT_ONCE = 10_000;
/** Ids that are remembered of events that left, so that one sent again is not counted again. */
const PRUNED_IDS = 200_000;

/** Opens the store in a file of its own, readable by its owner alone, or in memory (`:memory:`). */
export function createEventStore(path: string, keep: number | Retention): EventStore {
  const retention = typeof keep === 'number' ? { events: keep } : keep;
  const database = open(path);
  const before = migrate(database, path);
  const book = createSessionBook(database);
  const insert = database.prepare(
    `INSERT INTO events (id, at_ms, received_ms, fresh, source, type, project, session, body, origin) SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10
     WHERE NOT EXISTS (SELECT 1 FROM pruned_ids WHERE id = ?1) ON CONFLICT (id) DO NOTHING`,
  );
  const prune = database.prepare(
    'DELETE FROM events WHERE seq IN (SELECT seq FROM events ORDER BY at_ms, seq LIMIT ?) RETURNING seq, fresh, id',
  );
  const pruneOld = database.prepare('DELETE FROM events WHERE at_ms < ? RETURNING seq, fresh, id');
  const rememberPruned = database.prepare('UPDATE pruned SET fresh_seq = max(fresh_seq, ?)');
  const rememberId = database.prepare('INSERT OR IGNORE INTO pruned_ids (id) VALUES (?)');
  const forgetIds = database.prepare('DELETE FROM pruned_ids WHERE number <= (SELECT max(number) FROM pruned_ids) - ?');
  const prunedFresh = database.prepare('SELECT fresh_seq FROM pruned');
  const lastNumber = database.prepare("SELECT seq FROM sqlite_sequence WHERE name = 'events'");
  const events = createEventQuestions(database);
  const freshAfter = database.prepare(
    `SELECT seq, fresh, body FROM events WHERE fresh = 1 AND seq > :seq AND ${MATCHES} ORDER BY seq LIMIT :limit`,
  );
  const historyAfter = database.prepare('SELECT 1 FROM events WHERE seq > ? AND fresh = 0 LIMIT 1');
  const ownAfter = database.prepare(
    `SELECT seq, fresh, body FROM events WHERE seq > ? AND origin = 0 AND NOT ${IS_SYNTHETIC} ORDER BY seq LIMIT ?`,
  );
  const countOwn = database.prepare(`SELECT count(*) AS number FROM events WHERE seq > ? AND origin = 0 AND NOT ${IS_SYNTHETIC}`);
  const readPosition = database.prepare('SELECT value FROM positions WHERE name = ?');
  const writePosition = database.prepare('INSERT OR REPLACE INTO positions VALUES (?, ?)');
  const usedBytes = database.prepare(
    'SELECT (page_count - freelist_count) * page_size AS bytes FROM pragma_page_count, pragma_freelist_count, pragma_page_size',
  );
  if (before === 1) countAgain(database, book);
  let stored = numberIn(database.prepare('SELECT count(*) AS number FROM events').get()?.number);
  const lastReceived = database.prepare('SELECT received_ms FROM events ORDER BY seq DESC LIMIT 1');
  const forget = database.prepare(`DELETE FROM events WHERE ${IS_SYNTHETIC} AND (?1 IS NULL OR source = ?1)`);
  let receivedMs = readReceived();
  let latest = numberIn(lastNumber.get()?.seq);
  let checkedMs = Number.NEGATIVE_INFINITY;

  function readReceived(): number | null {
    const ms = lastReceived.get()?.received_ms;
    return typeof ms === 'number' ? ms : null;
  }

  function forgetSynthetic(source: string | null): void {
    inTransaction(() => {
      // They were told to nobody else, so nobody has a gap.
      stored -= Number(forget.run(source).changes);
      book.forgetSynthetic(source);
    });
    receivedMs = readReceived();
  }

  /** Notes that these events left: who has not seen them has a gap, and they are not counted again when they are sent again. */
  function remember(left: readonly Record<string, unknown>[]): number {
    if (left.length === 0) return 0;
    rememberPruned.run(left.reduce((most, row) => (row.fresh === 1 ? Math.max(most, numberIn(row.seq)) : most), 0));
    for (const row of left) rememberId.run(String(row.id));
    forgetIds.run(PRUNED_IDS);
    stored -= left.length;
    return left.length;
  }

  function makeRoom(nowMs: number): number {
    const left = stored > retention.events ? remember(prune.all(stored - retention.events)) : 0;
    if (nowMs - checkedMs < RETENTION_CHECK_MS) return left;
    checkedMs = nowMs;
    return left + forgetOld(nowMs) + shrink();
  }

  function forgetOld(nowMs: number): number {
    if (retention.days === undefined) return 0;
    const border = nowMs - retention.days * DAY_MS;
    book.forgetBefore(border);
    return remember(pruneOld.all(border));
  }

  function shrink(): number {
    if (retention.bytes === undefined || numberIn(usedBytes.get()?.bytes) <= retention.bytes) return 0;
    if (stored > 0) return remember(prune.all(LEAVE_AT_ONCE));
    book.forgetOldest(LEAVE_AT_ONCE);
    return 0;
  }

  function appendAll(events: readonly Event[], nowMs: number, origin: Origin): Appended {
    const added: StoredEvent[] = [];
    for (const event of events) {
      const atMs = Math.min(Date.parse(event.timestamp), nowMs);
      const fresh = atMs > nowMs - FRESH_MS;
      const row = [event.source, event.type, projectOf(event), sessionOf(event), JSON.stringify(event), origin === 'bus' ? 1 : 0] as const;
      const { changes, lastInsertRowid } = insert.run(event.id, atMs, nowMs, fresh ? 1 : 0, ...row);
      if (changes === 0) continue;
      book.add(event, atMs);
      added.push({ seq: Number(lastInsertRowid), fresh, event });
    }
    stored += added.length;
    return { stored: added, duplicates: events.length - added.length, pruned: 0 };
  }

  function inTransaction<Result>(work: () => Result): Result {
    const before = stored;
    database.exec('BEGIN IMMEDIATE');
    try {
      const result = work();
      database.exec('COMMIT');
      return result;
    } catch (error) {
      stored = before;
      if (database.isTransaction) database.exec('ROLLBACK');
      throw error;
    }
  }

  const appendBatches: EventStore['appendBatches'] = (batches, nowMs, origin = 'here', position) => {
    const appended = inTransaction(() => {
      const results = batches.map((events) => appendAll(events, nowMs, origin));
      const pruned = makeRoom(nowMs);
      if (position !== undefined) writePosition.run(position.name, position.value);
      return results.map((result, index) => (index === 0 ? { ...result, pruned } : result));
    });
    const last = appended.findLast((one) => one.stored.length > 0);
    latest = last?.stored.at(-1)?.seq ?? latest;
    if (last !== undefined) receivedMs = nowMs;
    return appended;
  };

  // One that was cut off has left them.
  forgetSynthetic(null);

  return {
    appendBatches,
    forgetSynthetic: (source) => forgetSynthetic(source ?? null),
    append: (events, nowMs) => appendBatches([events], nowMs)[0] ?? { stored: [], duplicates: 0, pruned: 0 },
    newest: events.newest,
    replay: events.replay,
    missedSince(seq, limit, filter) {
      if (seq > latest || seq < numberIn(prunedFresh.get()?.fresh_seq)) return { kind: 'gone' };
      const rows = freshAfter.all({ ...bindFilter(filter), seq, limit: limit + 1 });
      if (rows.length > limit) return { kind: 'gone' };
      return { kind: 'events', events: rows.map(readRow), history: historyAfter.get(seq) !== undefined };
    },
    ownAfter: (seq, limit) => ownAfter.all(seq, limit).map(readRow),
    countOwnAfter: (seq) => numberIn(countOwn.get(seq)?.number),
    position(name) {
      const value = readPosition.get(name)?.value;
      return typeof value === 'string' ? value : undefined;
    },
    setPosition: (name, value) => void writePosition.run(name, value),
    latestSeq: () => latest,
    count: () => stored,
    lastReceivedMs: () => receivedMs,
    questions: () => database,
    close: () => database.close(),
  };
}

/** Events that were stored before there were sessions. */
function countAgain(database: DatabaseSync, book: SessionBook): void {
  database.exec('BEGIN IMMEDIATE');
  for (const row of database.prepare('SELECT at_ms, body FROM events ORDER BY seq').iterate()) {
    // Only events that parseEvent() has let through are written.
    book.add(JSON.parse(String(row.body)) as Event, numberIn(row.at_ms));
  }
  database.exec('COMMIT');
}

/** True for what the filter lets through. */
export function passes(filter: EventFilter, event: Event): boolean {
  const project = projectOf(event);
  const session = sessionOf(event);
  return (
    (filter.source === undefined ? !isSynthetic(event.source) : filter.source.includes(event.source)) &&
    has(filter.type, event.type) &&
    (filter.project === undefined || (project !== null && has(filter.project, project))) &&
    (filter.session === undefined || (session !== null && has(filter.session, session)))
  );
}

function has(wanted: readonly string[] | undefined, value: string): boolean {
  return wanted === undefined || wanted.includes(value);
}

function open(path: string): DatabaseSync {
  if (path !== ':memory:') mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  const database = new DatabaseSync(path, { timeout: 5000 });
  if (path !== ':memory:') chmodSync(path, 0o600);
  // A lost last transaction after a power cut is sent again by the exporter, which keeps events until they are taken.
  database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;');
  return database;
}

function numberIn(value: unknown): number {
  return typeof value === 'number' ? value : 0;
}
