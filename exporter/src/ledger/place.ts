import { chmodSync, closeSync, existsSync, openSync, renameSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { makeStateDir } from '../state-dir.ts';
import { isBusy, isDamage, LedgerError } from './error.ts';

/** The files of a ledger in its directory. */
export interface Place {
  directory: string;
  /** The ledger itself. SQLite keeps `-wal` and `-shm` beside it while it is open. */
  database: string;
  /** Held by the exporter that uses the ledger. */
  lock: string;
  /** What the totals were last: see totals.ts. */
  totals: string;
  /** A ledger that is being rebuilt. */
  fresh: string;
}

export function placeOf(directory: string): Place {
  return {
    directory,
    database: join(directory, 'ledger.db'),
    lock: join(directory, 'ledger.lock'),
    totals: join(directory, 'ledger.totals'),
    fresh: join(directory, 'ledger.fresh.db'),
  };
}

/** Says what is wrong with the state directory, by the name of its option. */
export function wrongPlace(directory: string, error: unknown): LedgerError {
  const why = error instanceof Error ? error.message : String(error);
  return new LedgerError(`--state-dir is ${directory}, where a ledger cannot be kept: ${why}; it wants a directory that can be written`, {
    cause: error,
  });
}

/**
 * Makes the state directory, for its owner alone, where it is missing.
 *
 * @throws LedgerError
 */
export function makeDirectory(directory: string): void {
  try {
    makeStateDir(directory);
  } catch (error) {
    throw wrongPlace(directory, error);
  }
}

/**
 * For commands that make no ledger where there is none.
 *
 * @throws LedgerError
 */
export function requireLedger({ directory, database }: Place): void {
  if (existsSync(database)) return;
  throw new LedgerError(`--state-dir is ${directory}, where there is no ledger; it wants the directory of an exporter that has run`);
}

/** Sees to it that a file is there and readable by its owner only. SQLite gives the files beside it the same mode. */
export function makePrivate(path: string): void {
  closeSync(openSync(path, 'a', 0o600));
  const { mode, uid } = statSync(path);
  if ((mode & 0o077) !== 0 && uid === process.getuid?.()) chmodSync(path, 0o600);
}

/** Opens a database as ledgers are opened. */
export function connect(path: string): DatabaseSync {
  const database = new DatabaseSync(path);
  try {
    database.exec(
      'PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA cache_size = -16000; PRAGMA journal_size_limit = 8388608',
    );
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
}

/**
 * Holds an exclusive transaction on a file of its own for as long as the process lives. The kernel lets go of it however the process
 * ends, so there is no stale lock to clean up. There is nothing in the file; one with something in it is put aside.
 *
 * @throws LedgerError where another exporter holds it
 */
export function holdLock(place: Place): DatabaseSync {
  try {
    return tryLock(place);
  } catch (error) {
    if (!isDamage(error)) throw error;
    renameSync(place.lock, `${place.lock}.broken`);
    return tryLock(place);
  }
}

function tryLock({ directory, lock: path }: Place): DatabaseSync {
  let lock: DatabaseSync | undefined;
  try {
    makePrivate(path);
    lock = new DatabaseSync(path);
    lock.exec('BEGIN EXCLUSIVE');
    return lock;
  } catch (error) {
    lock?.close();
    if (isDamage(error)) throw error;
    throw isBusy(error) ? new LedgerError(`another exporter is using ${directory}`, { cause: error }) : wrongPlace(directory, error);
  }
}
