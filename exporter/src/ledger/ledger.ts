import { randomUUID } from 'node:crypto';
import type { DatabaseSync } from 'node:sqlite';
import type { Event } from '../contract/index.ts';
import { publish } from '../emit/publish.ts';
import { LabelBounds } from '../meter/cardinality.ts';
import type { LocalTime } from '../meter/local-time.ts';
import { type Names, type NamesWish, PLAIN_WISH } from '../meter/names.ts';
import { listPrices, type PriceBook } from '../price/cost.ts';
import type { Position } from '../read/reader.ts';
import type { Fact, Facts, SessionFact } from '../track/fact.ts';
import { openNames } from './kept-names.ts';
import { type KnownFile, KnownFiles } from './known-files.ts';
import { Outbox } from './outbox.ts';
import { type Place, placeOf } from './place.ts';
import { closeDatabase, openDatabase, type Repair, writeTotalsIfPossible } from './recovery.ts';
import { type Repricing, reprice } from './reprice.ts';
import { toOpenFact, toSeries } from './rows.ts';
import { type LoggedSample, SampleLog } from './sample-log.ts';
import { SeriesBook } from './series.ts';
import { type OpenFact, type SettledFact, type Settlement, settle } from './settle.ts';
import { prepareStatements, type Statements } from './statements.ts';
import { collectTotals } from './totals.ts';

/** So many facts are read at once when they are counted. */
const DUE_FACTS_AT_ONCE = 2000;

/** So many facts are kept in memory between batches; beyond that they are read from disk again when needed. */
const MAX_CACHED_FACTS = 50_000;

/** What counting has come to, before it is written. */
type Counted = { settlement: Settlement; events: Event[] };

/** The totals are written beside the ledger so often at the most: see totals.ts. */
const TOTALS_EVERY_MS = 5 * 60_000;

/**
 * The ledger: file positions, facts, totals, change log and outbox in one SQLite file, changed in one transaction per batch. Whatever
 * instant the process dies at, after the next start every line has been counted once.
 */
export class Ledger implements Facts {
  readonly instanceId: string;
  readonly host: string;
  readonly names: Names;
  book: SeriesBook;
  /** What became of counted costs where prices are others than when the ledger was last open. */
  repricing: Repricing | undefined;
  /** What was wrong with the ledger when it was opened, and is mended. */
  readonly repairs: readonly Repair[];
  /**
   * The ledger was not closed as it should be, and its files have not been looked through since: the world may have seen totals that are
   * larger, until the same is read again.
   */
  mayBeBehind: boolean;
  readonly #place: Place;
  readonly #localTime: LocalTime | undefined;
  readonly #prices: PriceBook;
  readonly #lock: DatabaseSync;
  readonly #database: DatabaseSync;
  readonly #run: Statements;
  readonly #cache = new Map<string, Fact>();
  readonly #dirty = new Map<string, Fact>();
  readonly #files: KnownFiles;
  readonly #outbox: Outbox;
  readonly #samples: SampleLog;
  #repeatedMs: number;
  /** How many folded values have been written down. */
  #folded = 0;
  /** When the totals were written beside the ledger. */
  #totalsMs = 0;

  /**
   * Opens the ledger in `directory`, which is made (0700) where it is missing.
   *
   * @param host name of this machine, for a ledger that is new; an old one keeps its own
   * @param localTime tells the hour of a message; UTC where it is not given
   * @param prices what is counted at; the table where it is not given
   * @param wish how what users name is shown; an old ledger keeps its own as to projects
   * @throws LedgerError when another exporter has it open, a later version made it, it shows projects otherwise, or its place does not serve
   */
  constructor(directory: string, host: string, localTime?: LocalTime, prices: PriceBook = listPrices, wish: NamesWish = PLAIN_WISH) {
    this.#localTime = localTime;
    this.#prices = prices;
    this.#place = placeOf(directory);
    const { lock, database, repairs, clean } = openDatabase(this.#place);
    this.#lock = lock;
    this.#database = database;
    this.repairs = repairs;
    this.mayBeBehind = !clean;
    try {
      this.#run = prepareStatements(database);
      this.instanceId = this.#meta('instance_id', randomUUID());
      this.host = this.#meta('host', host);
      this.names = openNames(wish, directory, (key, initial) => this.#meta(key, initial));
      this.book = this.#loadSeries();
      this.#repeatedMs = Number(this.#run.meta('repeated_ms') || 0);
      this.#files = new KnownFiles(this.#run);
      this.#outbox = new Outbox(this.#run);
      this.#samples = new SampleLog(this.#run);
      this.#reprice();
    } catch (error) {
      database.close();
      lock.close();
      throw error;
    }
    // From now on it is not closed as it should be, until it is.
    this.#saveTotals();
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
    return this.#files.at(dev, ino);
  }

  /** Gives a new file its number. Kept with the next batch. */
  addFile(path: string, position: Position): KnownFile {
    return this.#files.add(path, position);
  }

  /** A file has been renamed: it keeps its number and position. */
  renameFile(file: KnownFile, path: string): void {
    this.#files.rename(file, path);
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
    for (const file of files) this.#files.keep(file);
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
    this.#samples.load();
    this.#outbox.load();
    this.#files.load();
  }

  /**
   * Counts all open facts: totals, change log and outbox move together, in a transaction of its own.
   * Gives back how many samples and events were written.
   */
  settle(nowMs: number): { samples: number; events: number } {
    const reconcileUntil = this.#run.meta('reconcile_until');
    const isNothingDue = reconcileUntil === '' && this.#run.dueFacts(nowMs, '', 1).length === 0;
    const written = isNothingDue ? { samples: 0, events: 0 } : this.#settleDue(nowMs, reconcileUntil);
    this.mayBeBehind = false;
    return written;
  }

  #settleDue(nowMs: number, reconcileUntil: string): { samples: number; events: number } {
    const count = () => (reconcileUntil === '' ? [this.#countDue(nowMs)] : this.#reconcile(nowMs, Number(reconcileUntil)));
    this.#database.exec('BEGIN IMMEDIATE');
    let counted = count();
    if (this.book.decideBounds()) {
      // More new names than there is room for: it is decided who gets the places, and all is counted again from before.
      this.#database.exec('ROLLBACK');
      this.#cache.clear();
      this.book = this.#loadSeries(this.book.bounds);
      this.#database.exec('BEGIN IMMEDIATE');
      counted = count();
      this.book.decideBounds();
    }
    this.#keepFolded();
    const written = this.#writeCounted(counted);
    if (reconcileUntil !== '') this.#endReconciling();
    this.#database.exec('COMMIT');
    if (this.#cache.size > MAX_CACHED_FACTS) this.#cache.clear();
    if (written.samples > 0 && Math.abs(nowMs - this.#totalsMs) >= TOTALS_EVERY_MS) {
      this.#totalsMs = nowMs;
      this.#saveTotals();
    }
    return written;
  }

  /**
   * The first counting after a loss. What happened before had been counted by the ledger as it was, so it explains what is carried, and
   * only what that does not hold is added. The rest is counted as always.
   */
  #reconcile(nowMs: number, untilMs: number): Counted[] {
    return [this.#countDue(nowMs, ({ fact }) => fact.timeMs <= untilMs), this.#countDue(nowMs)];
  }

  #endReconciling(): void {
    if (this.#run.meta('forget_history') !== '') this.#samples.forgetPast();
    for (const key of ['reconcile_until', 'forget_history'] as const) this.#run.dropMeta(key);
  }

  #countDue(nowMs: number, explains?: (open: OpenFact) => boolean): Counted {
    const events: Event[] = [];
    const settlement = settle(this.#due(nowMs), {
      book: this.book,
      sessionOf: (id) => this.#session(id),
      nowMs,
      localTime: this.#localTime,
      repeatedMs: this.#repeatedMs,
      prices: this.#prices,
      names: this.names,
      explains,
      onSettled: (fact) => {
        this.#writeFact(fact);
        events.push(...publish(fact, { source: this.host, names: this.names }, nowMs, this.#prices));
      },
    });
    return { settlement, events };
  }

  #writeCounted(counted: readonly Counted[]): { samples: number; events: number } {
    for (const { settlement } of counted) {
      for (const series of settlement.series) this.#run.putSeries(series);
      for (const { series, timeMs, value } of settlement.samples) this.#samples.add(series.id, timeMs, value);
    }
    return {
      samples: counted.reduce((sum, { settlement }) => sum + settlement.samples.length, 0),
      events: this.#outbox.write(counted.flatMap(({ events }) => events)),
    };
  }

  /** Sessions with a line after `sinceMs`. */
  sessionsSince(sinceMs: number): SessionFact[] {
    return this.#run.sessionsSince(sinceMs).map((body): SessionFact => JSON.parse(body));
  }

  /**
   * The totals that may be shown. None while the ledger may be behind what the world has seen: a counter that is not there for a moment
   * does no harm, one that falls is taken for one that began anew.
   */
  get shownBook(): SeriesBook {
    return this.mayBeBehind ? new SeriesBook() : this.book;
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
    return this.#samples.first(sink, limit);
  }

  /** How many samples a sink does not have yet. */
  pendingSamples(sink: string): number {
    return this.#samples.pending(sink);
  }

  /** A sink has everything up to this sample. */
  acknowledge(sink: string, seq: number): void {
    this.#samples.acknowledge(sink, seq);
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
    return this.#outbox.first(limit);
  }

  /** Events dropped because the outbox was full, since this process began. */
  get droppedEvents(): number {
    return this.#outbox.dropped;
  }

  /** So many events wait at the most; beyond that the oldest are dropped and counted. */
  set maxOutboxEvents(limit: number) {
    this.#outbox.maxEvents = limit;
  }

  get outboxSize(): number {
    return this.#outbox.size;
  }

  /** Takes events up to this one out of the outbox. */
  removeEvents(upToSeq: number): void {
    this.#outbox.remove(upToSeq);
  }

  close(): void {
    closeDatabase(this.#place, { lock: this.#lock, database: this.#database }, this.mayBeBehind);
  }

  #saveTotals(): void {
    writeTotalsIfPossible(this.#place, () => collectTotals(this.#database));
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
}
