import { statSync } from 'node:fs';
import type { DatabaseSync } from 'node:sqlite';
import { balance, capNumbers, findImbalances } from './balance.ts';
import { isBusy, isDamage, isTrouble, LedgerError } from './error.ts';
import { readMeta } from './meta.ts';
import { inTransaction, migrate, versionOf } from './migrations.ts';
import { connect, holdLock, makeDirectory, makePrivate, type Place, wrongPlace } from './place.ts';
import { finishRebuild, noteLoss, putAside, raiseTo, rebuild } from './rebuild.ts';
import { rowsOf, TABLES } from './tables.ts';
import { closedLook, collectTotals, hasLog, readTotals, type Totals, writeTotals } from './totals.ts';

/** Why a ledger could not be used as it was. A closed list: it is the label of a counter. */
export type Damage =
  | 'missing'
  | 'empty'
  | 'not_a_file'
  | 'not_a_database'
  | 'damaged'
  | 'inconsistent'
  | 'rolled_back'
  | 'out_of_range'
  | 'totals';

/** One thing that was found wrong and mended. */
export interface Repair {
  damage: Damage;
  /** What was wrong, as SQLite or we say it. */
  found?: string;
  /** The broken file, under its new name. */
  aside?: string | undefined;
  /** The totals go on; false where the ledger begins anew. */
  goesOn?: boolean;
}

const FOUND: Record<Damage, string> = {
  missing: 'the ledger was gone',
  empty: 'the ledger was empty',
  not_a_file: 'the ledger was not a file',
  not_a_database: 'the ledger was not a database',
  damaged: 'the ledger was damaged',
  inconsistent: 'the ledger contradicted itself',
  rolled_back: 'the ledger was older than the totals that have been shown',
  out_of_range: 'the ledger had totals that are too large for a number',
  totals: 'the totals beside the ledger could not be read; they are written again',
};

/** What a repair means, for the log. */
export function describeRepair({ damage, goesOn }: Repair): string {
  if (damage === 'totals') return FOUND[damage];
  if (damage === 'out_of_range') return `${FOUND[damage]}: they stand still from now on; a new --state-dir counts what is on disk anew`;
  const effect = goesOn
    ? 'its totals go on, and what is on disk is read again without being counted twice'
    : 'what is on disk is counted anew, under a new instance id, and databases are not told the past again';
  return `${FOUND[damage]}: ${effect}`;
}

export interface Opened {
  /** Held for as long as it is open. */
  lock: DatabaseSync;
  database: DatabaseSync;
  repairs: Repair[];
  /** The ledger was closed as it should be, so nothing can be missing at its end. */
  clean: boolean;
}

/**
 * Opens the database of a ledger, whatever has become of it: one that is not there is made, one that is older is migrated, one that is
 * broken is mended or rebuilt. One that was closed as it should be, and not touched since, is not looked at more closely.
 *
 * @throws LedgerError where another exporter has it, a later version made it, or its place does not serve
 */
export function openDatabase(place: Place): Opened {
  makeDirectory(place.directory);
  const lock = holdLock(place);
  try {
    return { lock, ...open(place) };
  } catch (error) {
    lock.close();
    if (error instanceof LedgerError) throw error;
    throw isBusy(error)
      ? new LedgerError(`another program is using ${place.database}`, { cause: error })
      : wrongPlace(place.directory, error);
  }
}

function open(place: Place): Omit<Opened, 'lock'> {
  const repairs: Repair[] = [];
  finishRebuild(place);
  const totals = readTotals(place);
  if (totals === 'broken') repairs.push({ damage: 'totals', aside: putAside(place.totals) });
  const untouched = isUntouched(place, totals) ? openUnlessDamaged(place) : undefined;
  if (untouched !== undefined) return { database: untouched, repairs, clean: true };
  const trouble = examine(place, totals, repairs);
  if (trouble !== undefined) repairs.push({ ...trouble, ...rebuild(place, totals === 'broken' ? undefined : totals) });
  makePrivate(place.database);
  const database = connect(place.database);
  const before = migrate(database);
  return { database, repairs, clean: before === undefined && repairs.length === 0 };
}

/** What nobody has touched may have decayed all the same, where the disk has. */
function openUnlessDamaged({ database: path }: Place): DatabaseSync | undefined {
  let database: DatabaseSync | undefined;
  try {
    database = connect(path);
    migrate(database);
    return database;
  } catch (error) {
    database?.close();
    if (!isDamage(error)) throw error;
    return undefined;
  }
}

type FoundTotals = ReturnType<typeof readTotals>;

function isUntouched(place: Place, totals: FoundTotals): boolean {
  if (totals === undefined || totals === 'broken' || totals.closed === undefined) return false;
  const look = closedLook(place);
  return look !== undefined && look.size === totals.closed.size && look.modifiedMs === totals.closed.modifiedMs;
}

/** Says why a ledger has to be rebuilt, if it has to. What can be mended in place is. */
function examine(place: Place, totals: FoundTotals, repairs: Repair[]): Pick<Repair, 'damage' | 'found'> | undefined {
  const stats = statSync(place.database, { throwIfNoEntry: false });
  const isNew = totals === undefined && !hasLog(place);
  if (stats === undefined) return isNew ? undefined : { damage: 'missing' };
  if (!stats.isFile()) return { damage: 'not_a_file' };
  if (stats.size === 0) return isNew ? undefined : { damage: 'empty' };
  let database: DatabaseSync | undefined;
  try {
    database = connect(place.database);
    return lookInto(database, totals === 'broken' ? undefined : totals, repairs);
  } catch (error) {
    if (error instanceof LedgerError || isTrouble(error)) throw error;
    const found = error instanceof Error ? error.message : String(error);
    return { damage: found.includes('not a database') ? 'not_a_database' : 'damaged', found };
  } finally {
    database?.close();
  }
}

/** Looks at all of a database: its pages, its facts, and whether the totals are what the facts have counted. */
function lookInto(database: DatabaseSync, totals: Totals | undefined, repairs: Repair[]): Pick<Repair, 'damage' | 'found'> | undefined {
  if (versionOf(database) === undefined) return totals === undefined ? undefined : { damage: 'empty' };
  const verdict = String(Object.values(database.prepare('PRAGMA integrity_check(1)').get() ?? {})[0]);
  if (verdict !== 'ok') return { damage: 'damaged', found: verdict };
  const capped = capNumbers(database);
  if (capped > 0) repairs.push({ damage: 'out_of_range', found: `${capped} totals` });
  migrate(database);
  const unsound = countUnsound(database);
  if (unsound > 0) return { damage: 'inconsistent', found: `${unsound} rows make no sense` };
  const wrong = findImbalances(database).length;
  if (wrong > 0) return { damage: 'inconsistent', found: `${wrong} totals are not what was counted` };
  if (totals === undefined) return undefined;
  const standing = compare(database, totals);
  if (standing === 'behind') repairs.push(catchUp(database, totals));
  return standing === 'other' ? { damage: 'inconsistent', found: 'totals are not what they were' } : undefined;
}

/** Rows that make no sense, in the tables that totals come from. */
function countUnsound(database: DatabaseSync): number {
  let unsound = 0;
  for (const table of ['meta', 'series', 'files', 'facts'] as const) {
    for (const row of rowsOf(database, table)) if (!TABLES[table].isSound(row)) unsound += 1;
  }
  return unsound;
}

/** How a ledger stands to the totals that the world has seen. Those of another ledger say nothing of this one. */
function compare(database: DatabaseSync, { meta, series, closed }: Totals): 'fine' | 'behind' | 'other' {
  const [known, seen] = [readMeta(database, 'instance_id'), new Map(meta).get('instance_id')];
  if (known !== seen) return known === undefined ? 'other' : 'fine';
  const rows = new Map(
    database
      .prepare('SELECT id, metric, labels, value FROM series')
      .all()
      .map((row) => [row.id, row]),
  );
  let isBehind = false;
  for (const [id, metric, labels, , , total] of series) {
    const row = rows.get(id);
    const value = Number(row?.value ?? -1);
    if (row !== undefined && (row.metric !== metric || row.labels !== labels)) return 'other';
    if (closed !== undefined && value > total) return 'other';
    isBehind ||= value < total;
  }
  return isBehind ? 'behind' : 'fine';
}

/** The last changes of a ledger are lost, or it is an older copy. What was counted since is not known, and will be found again. */
function catchUp(database: DatabaseSync, totals: Totals): Repair {
  inTransaction(database, () => {
    raiseTo(database, totals);
    balance(database);
    noteLoss(database);
  });
  return { damage: 'rolled_back', goesOn: true };
}

/**
 * Closes a ledger as it should be: what has been written since it was opened is taken into its file, and the totals are written beside it.
 * One that may be behind is so still when its files have not been looked through.
 */
export function closeDatabase(place: Place, { lock, database }: Pick<Opened, 'lock' | 'database'>, mayBeBehind: boolean): void {
  writeTotalsIfPossible(place, () => {
    const totals = collectTotals(database);
    database.close();
    return { ...totals, closed: mayBeBehind ? undefined : closedLook(place) };
  });
  if (database.isOpen) database.close();
  lock.close();
}

/** What the world has seen, beside the ledger. Where it cannot be read or written, as on a full disk, the one before it still holds. */
export function writeTotalsIfPossible(place: Place, collect: () => Totals): void {
  try {
    writeTotals(place, collect());
  } catch {
    // Nothing hangs on it but how much is known after the next accident.
  }
}
