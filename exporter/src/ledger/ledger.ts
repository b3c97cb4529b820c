import { randomUUID } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { Event } from '../contract/index.ts';
import { publish } from '../emit/publish.ts';
import { LabelBounds } from '../meter/cardinality.ts';
import type { LocalTime } from '../meter/local-time.ts';
import { type Names, type NamesWish, PLAIN_WISH } from '../meter/names.ts';
import { listPrices, type PriceBook } from '../price/cost.ts';
import type { Position } from '../read/reader.ts';
import type { Fact, Facts, SessionFact } from '../track/fact.ts';
import { LedgerError } from './error.ts';
import { openNames } from './kept-names.ts';
import { holdLock } from './lock.ts';
import { type Repricing, reprice } from './reprice.ts';
import { toOpenFact, toSeries } from './rows.ts';
import { SCHEMA, SCHEMA_VERSION } from './schema.ts';
import { SeriesBook } from './series.ts';
import { type OpenFact, type SettledFact, type Settlement, settle } from './settle.ts';
import { prepareStatements, type Statements } from './statements.ts';

/** A transcript as the ledger knows it. */
export interface KnownFile {
  id: number;
  path: string;
  position: Position;
  /** Time of its last line, for lines without one. */
  lastMs: number;
}

/** A sample as a sink takes it: whole numbers as in the ledger. */
export interface LoggedSample {
  seq: number;
  seriesId: number;
  timeMs: number;
  value: number;
}

/** So many events wait at the most where nobody takes them: about 35 MB, the events of 700 MB of transcripts. */
const MAX_OUTBOX_EVENTS = 100_000;

/** So many facts are read at once when they are counted. */
const DUE_FACTS_AT_ONCE = 2000;

/** So many facts are kept in memory between batches; beyond that they are read from disk again when needed. */
const MAX_CACHED_FACTS = 50_000;

/**
 * The ledger: file positions, facts, totals, change log and outbox in one SQLite file, changed in one transaction per batch. Whatever
 * instant the process dies at, after the next start every line has been counted once.
 */
export class Ledger implements Facts {
  readonly instanceId: string;
  readonly host: string;
  readonly names: Names;
  book: SeriesBook;
  /** Events dropped because the outbox was full, since this process began. */
  droppedEvents = 0;
  /** So many events wait at the most; beyond that the oldest are dropped and counted. */
  maxOutboxEvents = MAX_OUTBOX_EVENTS;
  /** What became of counted costs where prices are others than when the ledger was last open. */
  repricing: Repricing | undefined;
  readonly #localTime: LocalTime | undefined;
  readonly #prices: PriceBook;
  readonly #lock: DatabaseSync;
  readonly #database: DatabaseSync;
  readonly #run: Statements;
  readonly #cache = new Map<string, Fact>();
  readonly #dirty = new Map<string, Fact>();
  readonly #files = new Map<string, KnownFile>();
  /** The same files by where they are on disk, so that a renamed one is found without looking at all of them. */
  readonly #byInode = new Map<string, KnownFile>();
  #lastSeq: number;
  #repeatedMs: number;
  /** How many folded values have been written down. */
  #folded = 0;

  /**
   * Opens the ledger in `directory`, which is made (0700) where it is missing.
   *
   * @param host name of this machine, for a ledger that is new; an old one keeps its own
   * @param localTime tells the hour of a message; UTC where it is not given
   * @param prices what is counted at; the table where it is not given
   * @param wish how what users name is shown; an old ledger keeps its own as to projects
   * @throws LedgerError when another exporter has it open, a later version made it, or it shows projects otherwise
   */
  constructor(directory: string, host: string, localTime?: LocalTime, prices: PriceBook = listPrices, wish: NamesWish = PLAIN_WISH) {
    this.#localTime = localTime;
    this.#prices = prices;
    mkdirSync(directory, { recursive: true, mode: 0o700 });
    this.#lock = holdLock(directory);
    this.#database = new DatabaseSync(join(directory, 'ledger.db'));
    this.#database.exec(
      'PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA cache_size = -16000; PRAGMA journal_size_limit = 8388608',
    );
    this.#checkVersion();
    this.#database.exec(SCHEMA);
    this.#run = prepareStatements(this.#database);
    this.#meta('schema_version', String(SCHEMA_VERSION));
    this.instanceId = this.#meta('instance_id', randomUUID());
    this.host = this.#meta('host', host);
    this.names = this.#openNames(wish, directory);
    this.book = this.#loadSeries();
    this.#lastSeq = this.#run.lastSeq();
    this.#repeatedMs = Number(this.#run.meta('repeated_ms') || 0);
    this.#loadFiles();
    this.#reprice();
  }

  get(key: string): Fact | undefined {
    const cached = this.#dirty.get(key) ?? this.#cache.get(key);
    if (cached !== undefined) return cached;
    const body = this.#run.factBody(key);
    if (body === undefined) return undefined;
    const fact: Fact = JSON.parse(body);
    this.#cache.set(key, fact);
    return fact;
  }

  put(fact: Fact): void {
    this.#dirty.set(fact.key, fact);
  }

  /** What a file is known as, by its path. */
  file(path: string): KnownFile | undefined {
    return this.#files.get(path);
  }

  /** The file that was last seen at this place on disk, whatever its name. */
  fileAt(dev: number, ino: number): KnownFile | undefined {
    return this.#byInode.get(`${dev}:${ino}`);
  }

  #know(file: KnownFile): void {
    this.#files.set(file.path, file);
    this.#byInode.set(`${file.position.dev}:${file.position.ino}`, file);
  }

  /** Gives a new file its number. Kept with the next batch. */
  addFile(path: string, position: Position): KnownFile {
    const id = Number(this.#run.addFile(path, position));
    const file = { id, path, position, lastMs: 0 };
    this.#know(file);
    return file;
  }

  /** A file has been renamed: it keeps its number and position. */
  renameFile(file: KnownFile, path: string): void {
    this.#run.renameFile(file.id, path);
    this.#files.delete(file.path);
    file.path = path;
    this.#files.set(path, file);
  }

  begin(): void {
    this.#database.exec('BEGIN IMMEDIATE');
  }

  /** Writes what has changed since `begin`: facts and the positions of `files`. */
  commit(files: Iterable<KnownFile>): void {
    for (const fact of this.#dirty.values()) {
      this.#run.putFact(fact.key, JSON.stringify(fact));
      this.#cache.set(fact.key, fact);
    }
    for (const file of files) {
      this.#run.moveFile(file);
      this.#know(file);
    }
    this.#database.exec('COMMIT');
    this.#dirty.clear();
    if (this.#cache.size > MAX_CACHED_FACTS) this.#cache.clear();
  }

  /** Forgets a transaction that failed, and everything that was only in memory. */
  rollback(): void {
    if (this.#database.isTransaction) this.#database.exec('ROLLBACK');
    this.#dirty.clear();
    this.#cache.clear();
    this.book = this.#loadSeries();
    this.#lastSeq = this.#run.lastSeq();
    this.#loadFiles();
  }

  /**
   * Counts all open facts: totals, change log and outbox move together, in a transaction of its own.
   * Gives back how many samples and events were written.
   */
  settle(nowMs: number): { samples: number; events: number } {
    if (this.#run.dueFacts(nowMs, '', 1).length === 0) return { samples: 0, events: 0 };
    this.#database.exec('BEGIN IMMEDIATE');
    let { settlement, events } = this.#countDue(nowMs);
    if (this.book.decideBounds()) {
      // More new names than there is room for: it is decided who gets the places, and all is counted again from before.
      this.#database.exec('ROLLBACK');
      this.#cache.clear();
      this.book = this.#loadSeries(this.book.bounds);
      this.#database.exec('BEGIN IMMEDIATE');
      ({ settlement, events } = this.#countDue(nowMs));
      this.book.decideBounds();
    }
    this.#keepFolded();
    this.#writeSettlement(settlement);
    const told = this.#writeEvents(events);
    this.#database.exec('COMMIT');
    if (this.#cache.size > MAX_CACHED_FACTS) this.#cache.clear();
    return { samples: settlement.samples.length, events: told };
  }

  #countDue(nowMs: number): { settlement: Settlement; events: Event[] } {
    const events: Event[] = [];
    const settlement = settle(this.#due(nowMs), {
      book: this.book,
      sessionOf: (id) => this.#session(id),
      nowMs,
      localTime: this.#localTime,
      repeatedMs: this.#repeatedMs,
      prices: this.#prices,
      names: this.names,
      onSettled: (fact) => {
        this.#writeFact(fact);
        events.push(...publish(fact, { source: this.host, names: this.names }, nowMs, this.#prices));
      },
    });
    return { settlement, events };
  }

  /** Sessions with a line after `sinceMs`. */
  sessionsSince(sinceMs: number): SessionFact[] {
    return this.#run.sessionsSince(sinceMs).map((body): SessionFact => JSON.parse(body));
  }

  /** Time of the earliest sample, or undefined while nothing has been counted. */
  get historyStartMs(): number | undefined {
    let earliest: number | undefined;
    for (const { startMs } of this.book.all()) {
      if (startMs > 0 && (earliest === undefined || startMs < earliest)) earliest = startMs;
    }
    return earliest;
  }

  /** Up to `limit` samples of the change log that a sink does not have yet, oldest first. */
  samplesFor(sink: string, limit: number): LoggedSample[] {
    return this.#run.samplesAfter(this.#run.sinkSeq(sink), limit);
  }

  /** How many samples a sink does not have yet. */
  pendingSamples(sink: string): number {
    return this.#lastSeq - this.#run.sinkSeq(sink);
  }

  /** A sink has everything up to this sample. */
  acknowledge(sink: string, seq: number): void {
    this.#run.setSinkSeq(sink, seq);
  }

  /**
   * A sink that has everything is shown all totals once more, as they stand at `nowMs`. From then on nothing is counted before that time:
   * else a total would rise, be seen lower, and rise again, and a range with both would count it twice.
   */
  repeat(nowMs: number): void {
    this.#run.setMeta('repeated_ms', String(nowMs));
    this.#repeatedMs = nowMs;
  }

  /** Up to `limit` waiting events, oldest first, as JSON. */
  outbox(limit: number): { seq: number; body: string }[] {
    return this.#run.outbox(limit);
  }

  get outboxSize(): number {
    return this.#run.outboxSize();
  }

  /** Takes events up to this one out of the outbox. */
  removeEvents(upToSeq: number): void {
    this.#run.removeEvents(upToSeq);
  }

  close(): void {
    this.#database.close();
    this.#lock.close();
  }

  #session(id: string): SessionFact | undefined {
    const fact = this.get(`session:${id}`);
    return fact?.type === 'session' ? fact : undefined;
  }

  /** Facts that are due, a few at a time: SQLite does not want its rows changed while it reads them. */
  *#due(nowMs: number): Generator<OpenFact> {
    let after = '';
    for (;;) {
      const rows = this.#run.dueFacts(nowMs, after, DUE_FACTS_AT_ONCE);
      yield* rows.map(toOpenFact);
      const last = rows.at(-1);
      if (last === undefined) return;
      after = last.key;
    }
  }

  #writeFact({ fact, counted, revision, dueMs }: SettledFact): void {
    this.#run.settleFact(fact.key, JSON.stringify(fact), JSON.stringify([...counted].flat()), revision, dueMs);
    if (this.#cache.size < MAX_CACHED_FACTS) this.#cache.set(fact.key, fact);
    else this.#cache.delete(fact.key);
  }

  #writeSettlement(settlement: Settlement): void {
    for (const series of settlement.series) this.#run.putSeries(series);
    for (const { series, timeMs, value } of settlement.samples) {
      this.#lastSeq += 1;
      this.#run.addSample(this.#lastSeq, series.id, timeMs, value);
    }
  }

  /** Oldest first. Where a session tells something of itself, that it was active goes without saying. */
  #writeEvents(events: readonly Event[]): number {
    const telling = new Set(
      events.flatMap(({ type, payload }) => (type !== 'activity' && 'sessionId' in payload ? payload.sessionId : [])),
    );
    const told = events.filter(({ type, payload }) => type !== 'activity' || !('sessionId' in payload && telling.has(payload.sessionId)));
    told.sort((a, b) => (a.timestamp < b.timestamp ? -1 : a.timestamp > b.timestamp ? 1 : 0));
    for (const event of told) this.#run.addEvent(JSON.stringify(event));
    const over = this.outboxSize - this.maxOutboxEvents;
    if (over > 0) this.droppedEvents += Number(this.#run.dropOldestEvents(over));
    return told.length;
  }

  /** What is counted too much since prices were lowered, in billionths of a dollar by model. */
  get costExcess(): Record<string, number> {
    return JSON.parse(this.#run.meta('cost_excess') || '{}');
  }

  #reprice(): void {
    const { fingerprint } = this.#prices;
    if (this.#run.meta('prices') === fingerprint) return;
    this.#database.exec('BEGIN IMMEDIATE');
    const repricing = reprice(this.#run, this.book, this.#prices);
    this.#run.setMeta('prices', fingerprint);
    this.#run.setMeta('cost_excess', JSON.stringify(repricing.excess));
    this.#database.exec('COMMIT');
    if (repricing.raised > 0 || Object.keys(repricing.excess).length > 0) this.repricing = repricing;
  }

  #checkVersion(): void {
    const table = this.#database.prepare("SELECT 1 FROM sqlite_master WHERE name = 'meta'").get();
    if (table === undefined) return;
    const row = this.#database.prepare("SELECT value FROM meta WHERE key = 'schema_version'").get();
    const version = Number(row?.value ?? SCHEMA_VERSION);
    if (version > SCHEMA_VERSION)
      throw new LedgerError(`the ledger was made by a later version of ccmeter (schema ${version}, this one knows ${SCHEMA_VERSION})`);
  }

  #openNames(wish: NamesWish, directory: string): Names {
    try {
      return openNames(wish, directory, (key, initial) => this.#meta(key, initial));
    } catch (error) {
      this.close();
      throw error;
    }
  }

  #meta(key: string, initial: string): string {
    this.#run.addMeta(key, initial);
    return this.#run.meta(key);
  }

  #loadSeries(bounds?: LabelBounds): SeriesBook {
    const folded: Record<string, string[]> = JSON.parse(this.#meta('folded', '{}'));
    const series = this.#run
      .allSeries()
      .map(toSeries)
      .filter((one) => one !== undefined);
    this.#folded = Object.values(folded).reduce((sum, values) => sum + values.length, 0);
    return new SeriesBook(series, bounds ?? new LabelBounds(folded));
  }

  /** Values of labels that are counted as `other` stay so, whatever becomes of the limits. */
  #keepFolded(): void {
    const { bounds } = this.book;
    if (bounds.foldedCount === this.#folded) return;
    this.#run.setMeta('folded', JSON.stringify(bounds.folded()));
    this.#folded = bounds.foldedCount;
  }

  #loadFiles(): void {
    this.#files.clear();
    this.#byInode.clear();
    for (const file of this.#run.allFiles()) this.#know(file);
  }
}
