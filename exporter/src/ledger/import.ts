import { createHash } from 'node:crypto';
import type { DatabaseSync } from 'node:sqlite';
import type { ActivityFact, Fact } from '../track/fact.ts';
import { mergeFacts } from '../track/merge.ts';
import { balance } from './balance.ts';
import { LedgerError } from './error.ts';
import { type End, EXPORT_VERSION, type Head } from './export.ts';
import { readMeta } from './meta.ts';
import { placeOf } from './place.ts';
import { noteLoss, raiseTo } from './rebuild.ts';
import { closeDatabase, openDatabase } from './recovery.ts';
import { insertInto, isSoundRow, type Row, TABLE_NAMES, type TableName } from './tables.ts';
import type { TotalOfSeries, Totals } from './totals.ts';

/** What an import has come to. */
export interface Imported {
  head: Head;
  /** Into a ledger that was empty, or into the same one at another time. */
  into: 'empty' | 'same';
  rows: number;
  /** Facts that the ledger did not have, or not so large. */
  facts: number;
}

/**
 * Takes in an export, all of it or nothing. An empty ledger becomes the one that was exported. The same ledger, at an earlier or later
 * time, gets what it lacks: what was counted of it already is not counted again, and no total falls.
 *
 * @param lines of the export, without their newlines
 * @throws LedgerError where it is not whole, or the ledger is another one
 */
export async function importLedger(directory: string, lines: AsyncIterable<string>): Promise<Imported> {
  const place = placeOf(directory);
  const opened = openDatabase(place);
  const { database } = opened;
  try {
    database.exec('BEGIN IMMEDIATE');
    const imported = await takeIn(database, directory, lines);
    database.exec('COMMIT');
    return imported;
  } catch (error) {
    if (database.isTransaction) database.exec('ROLLBACK');
    throw error;
  } finally {
    // What was read in is to be held against the files before it is shown.
    closeDatabase(place, opened, true);
  }
}

async function takeIn(database: DatabaseSync, directory: string, lines: AsyncIterable<string>): Promise<Imported> {
  const reader = new ExportReader();
  let taker: Taker | undefined;
  for await (const line of lines) {
    const row = reader.read(line);
    if (row === 'head') taker = chooseTaker(database, directory, reader.head);
    else if (row !== 'end') taker?.take(row.table, row.values);
  }
  if (!reader.isWhole || taker === undefined) throw new LedgerError('the export ends before its end; nothing was taken in');
  taker.finish();
  return { head: reader.head, into: taker.into, rows: reader.rows, facts: taker.facts };
}

/** Reads the lines of an export and sees to it that they are what was written. */
class ExportReader {
  isWhole = false;
  rows = 0;
  #head: Head | undefined;
  readonly #hash = createHash('sha256');

  get head(): Head {
    if (this.#head === undefined) throw new LedgerError('this is not an export of a ledger');
    return this.#head;
  }

  read(line: string): 'head' | 'end' | { table: TableName; values: Row } {
    const value = parse(line);
    if (this.#head === undefined) {
      this.#head = readHead(value);
      this.#hash.update(`${line}\n`);
      return 'head';
    }
    if (!Array.isArray(value)) {
      this.#end(value);
      return 'end';
    }
    this.#hash.update(`${line}\n`);
    this.rows += 1;
    const [table, ...values] = value;
    const name = TABLE_NAMES.find((known) => known === table);
    if (name === undefined || this.isWhole || !isSoundRow(name, values))
      throw new LedgerError(`line ${this.rows + 1} of the export makes no sense; nothing was taken in`);
    return { table: name, values };
  }

  #end(value: unknown): void {
    const end: Partial<End> = typeof value === 'object' && value !== null ? value : {};
    if (end.rows !== this.rows || end.sha256 !== this.#hash.digest('hex'))
      throw new LedgerError('the export was changed or cut after it was written; nothing was taken in');
    this.isWhole = true;
  }
}

function readHead(value: unknown): Head {
  const head: Partial<Head> = typeof value === 'object' && value !== null ? value : {};
  const { format, version, instanceId, host, exportedAt } = head;
  if (format !== 'ccmeter ledger' || typeof version !== 'number' || typeof instanceId !== 'string' || typeof host !== 'string')
    throw new LedgerError('this is not an export of a ledger');
  if (version > EXPORT_VERSION)
    throw new LedgerError(`the export was made by a later version of ccmeter (version ${version}, this one knows ${EXPORT_VERSION})`);
  return { format, version, instanceId, host, exportedAt: String(exportedAt) };
}

function parse(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}

/** What becomes of the rows. */
interface Taker {
  into: Imported['into'];
  facts: number;
  take(table: TableName, row: Row): void;
  finish(): void;
}

function chooseTaker(database: DatabaseSync, directory: string, { instanceId }: Head): Taker {
  const isEmpty = ['facts', 'series', 'files'].every((table) => database.prepare(`SELECT 1 FROM ${table} LIMIT 1`).get() === undefined);
  if (isEmpty) return fill(database);
  const own = readMeta(database, 'instance_id');
  if (own === instanceId) return merge(database);
  throw new LedgerError(
    `the export is of the ledger ${instanceId}, and --state-dir is ${directory} with the ledger ${own}; it wants an empty directory, or that of the same ledger`,
  );
}

/** The ledger becomes the one that was exported. */
function fill(database: DatabaseSync): Taker {
  database.exec("DELETE FROM meta WHERE key <> 'schema_version'; DELETE FROM samples; DELETE FROM sinks; DELETE FROM outbox");
  const inserts = Object.fromEntries(TABLE_NAMES.map((table) => [table, database.prepare(insertInto(table))]));
  return {
    into: 'empty',
    facts: 0,
    take(table, row) {
      inserts[table]?.run(...row);
      if (table === 'facts') this.facts += 1;
    },
    finish: () => balance(database),
  };
}

/**
 * The ledger gets the facts that it lacks, as ones that are still to be counted, and the totals that are larger than its own. Of the two
 * what belongs together is found when the exporter counts next: a fact that the other one had counted explains what its totals had more.
 */
function merge(database: DatabaseSync): Taker {
  const totals: Totals = { meta: [], lastSeq: 0, sinks: [], series: [] };
  const facts = openFacts(database);
  return {
    into: 'same',
    facts: 0,
    take(table, row) {
      if (table === 'meta') totals.meta.push(row as Totals['meta'][number]);
      if (table === 'series') totals.series.push(row.slice(0, 6) as TotalOfSeries);
      if (table === 'samples') totals.lastSeq = Math.max(totals.lastSeq, Number(row[0]));
      if (table === 'facts' && mergeFact(facts, JSON.parse(String(row[1])))) this.facts += 1;
    },
    finish() {
      raiseTo(database, totals);
      balance(database);
      noteLoss(database);
    },
  };
}

/** The facts of a ledger as trackers see them. What is put is to be counted. */
function openFacts(database: DatabaseSync) {
  const get = database.prepare('SELECT body FROM facts WHERE key = ?');
  const put = database.prepare(
    'INSERT INTO facts (key, body, due_ms) VALUES (?, ?, 0) ON CONFLICT (key) DO UPDATE SET body = excluded.body, due_ms = 0',
  );
  let puts = 0;
  return {
    get puts() {
      return puts;
    },
    get(key: string): Fact | undefined {
      const body = get.get(key)?.body;
      return body === undefined ? undefined : JSON.parse(String(body));
    },
    put(fact: Fact): void {
      puts += 1;
      put.run(fact.key, JSON.stringify(fact));
    },
  };
}

/** True where the ledger lacked the fact, or something of it. */
function mergeFact(facts: ReturnType<typeof openFacts>, seen: Fact): boolean {
  const before = facts.puts;
  const known = facts.get(seen.key);
  if (known === undefined) facts.put(seen);
  else if (seen.type === 'session' && known.type === 'session') {
    // Whoever was there longer has seen the last line: what is read again adds no time then.
    if (seen.lastMs > known.lastMs || seen.lastMainMs > known.lastMainMs)
      facts.put({ ...known, lastMs: Math.max(known.lastMs, seen.lastMs), lastMainMs: Math.max(known.lastMainMs, seen.lastMainMs) });
  } else if (seen.type === 'activity') {
    if (seen.activeMs > (known as ActivityFact).activeMs) facts.put({ ...known, activeMs: seen.activeMs } as ActivityFact);
  } else mergeFacts(facts, [seen]);
  return facts.puts > before;
}
