import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { LedgerError } from './error.ts';

/**
 * Holds an exclusive transaction on a file of its own for as long as the process lives. The kernel lets go of it however the process
 * ends, so there is no stale lock to clean up.
 */
export function holdLock(directory: string): DatabaseSync {
  const lock = new DatabaseSync(join(directory, 'ledger.lock'));
  try {
    lock.exec('BEGIN EXCLUSIVE');
  } catch (cause) {
    lock.close();
    throw new LedgerError(`another exporter is using ${directory}`, { cause });
  }
  return lock;
}
