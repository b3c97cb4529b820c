import { createHash } from 'node:crypto';
import { DatabaseSync } from 'node:sqlite';
import { LedgerError } from './error.ts';
import { readMeta } from './meta.ts';
import { versionOf } from './migrations.ts';
import { placeOf, requireLedger } from './place.ts';
import { SCHEMA_VERSION } from './schema.ts';
import { rowsOf, TABLE_NAMES, type TableName } from './tables.ts';

/**
 * A ledger as lines of JSON: a head, a line for each row as `[table, …values]`, and an end by which one that was cut or changed is
 * noticed. The columns are those of `TABLES`; whoever changes them raises the version.
 */
export const EXPORT_VERSION = 1;

/** The first line. */
export interface Head {
  format: 'ccmeter ledger';
  version: number;
  instanceId: string;
  host: string;
  exportedAt: string;
}

/** The last line. */
export interface End {
  rows: number;
  /** Of all bytes before this line, newlines included. */
  sha256: string;
}

/**
 * Opens a ledger to read from it, beside the exporter that uses it.
 *
 * @throws LedgerError
 */
export function openToRead(directory: string): DatabaseSync {
  const place = placeOf(directory);
  requireLedger(place);
  try {
    const database = new DatabaseSync(place.database, { readOnly: true });
    const version = versionOf(database);
    if (version !== SCHEMA_VERSION)
      throw new LedgerError(
        `the ledger in ${directory} is of schema ${version}; the exporter makes it one of ${SCHEMA_VERSION} when it starts`,
      );
    return database;
  } catch (error) {
    if (error instanceof LedgerError) throw error;
    const why = error instanceof Error ? error.message : String(error);
    throw new LedgerError(`the ledger in ${directory} cannot be read: ${why}; the exporter mends it when it starts`, { cause: error });
  }
}

/** Lines are handed over so many characters at a time. */
const BATCH_CHARACTERS = 256 * 1024;

/** Gives a ledger as it stands, without touching it: the text of its export, piece by piece. */
export function* exportLedger(database: DatabaseSync, exportedAt: string): Generator<string> {
  const hash = createHash('sha256');
  // What is written meanwhile is not seen.
  database.exec('BEGIN');
  let batch = '';
  for (const line of linesOf(database, exportedAt, () => hash.digest('hex'))) {
    const text = `${JSON.stringify(line)}\n`;
    if (!('sha256' in line)) hash.update(text);
    batch += text;
    if (batch.length < BATCH_CHARACTERS) continue;
    yield batch;
    batch = '';
  }
  yield batch;
  database.exec('COMMIT');
}

function* linesOf(database: DatabaseSync, exportedAt: string, digest: () => string): Generator<Head | unknown[] | End> {
  const instanceId = readMeta(database, 'instance_id') ?? '';
  yield { format: 'ccmeter ledger', version: EXPORT_VERSION, instanceId, host: readMeta(database, 'host') ?? '', exportedAt };
  let rows = 0;
  for (const table of TABLE_NAMES) {
    for (const row of rowsOf(database, table)) {
      if (isOfTheFile(table, row[0])) continue;
      rows += 1;
      yield [table, ...row];
    }
  }
  yield { rows, sha256: digest() };
}

/** Of which schema a ledger is, and that it was rebuilt, is said of the file and not of what is in it. */
function isOfTheFile(table: TableName, key: unknown): boolean {
  return table === 'meta' && (key === 'schema_version' || key === 'rebuilt');
}
