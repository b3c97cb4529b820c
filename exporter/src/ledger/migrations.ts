import type { DatabaseSync } from 'node:sqlite';
import { balance } from './balance.ts';
import { LedgerError } from './error.ts';
import { SCHEMA, SCHEMA_VERSION } from './schema.ts';

/** One step from a schema to the next. It runs inside a transaction. */
export interface Migration {
  to: number;
  run(database: DatabaseSync): void;
}

/** Every step there ever was, in order. A step that has been released is never changed. */
const MIGRATIONS: readonly Migration[] = [{ to: 2, run: toVersion2 }];

/**
 * Makes the tables of a new ledger, or brings those of an older one up to date: in one transaction, so that a ledger is of one version or
 * of another, never between them. Gives back the version it had, undefined where it was new.
 *
 * @throws LedgerError where a later version made it
 */
export function migrate(database: DatabaseSync, steps: readonly Migration[] = MIGRATIONS): number | undefined {
  const before = versionOf(database);
  if (before === SCHEMA_VERSION && steps === MIGRATIONS) return before;
  inTransaction(database, () => {
    if (before === undefined) database.exec(SCHEMA);
    else for (const step of steps) if (step.to > before) step.run(database);
    const to = before === undefined ? SCHEMA_VERSION : Math.max(before, ...steps.map((step) => step.to));
    const setVersion = "INSERT INTO meta (key, value) VALUES ('schema_version', ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value";
    database.prepare(setVersion).run(String(to));
  });
  return before;
}

/**
 * The version of a ledger; undefined where there is nothing in the file yet.
 *
 * @throws LedgerError where a later version made it
 * @throws Error where it is the file of another program, or its version cannot be read
 */
export function versionOf(database: DatabaseSync): number | undefined {
  const tables = database
    .prepare("SELECT name FROM sqlite_master WHERE type = 'table'")
    .all()
    .map(({ name }) => String(name));
  if (tables.length === 0) return undefined;
  if (!tables.includes('meta') || !tables.includes('facts')) throw new Error('it has the tables of another program');
  const text = database.prepare("SELECT value FROM meta WHERE key = 'schema_version'").get()?.value;
  const version = Number(text);
  if (!Number.isInteger(version) || version < 1) throw new Error('it does not say of which version it is');
  if (version > SCHEMA_VERSION)
    throw new LedgerError(`the ledger was made by a later version of ccmeter (schema ${version}, this one knows ${SCHEMA_VERSION})`);
  return version;
}

/** Runs in a transaction that is undone where something goes wrong. */
export function inTransaction(database: DatabaseSync, work: () => void): void {
  database.exec('BEGIN IMMEDIATE');
  try {
    work();
    database.exec('COMMIT');
  } catch (error) {
    if (database.isTransaction) database.exec('ROLLBACK');
    throw error;
  }
}

/**
 * Inodes may be larger than 2^53, and were kept in a way in which they could be written and never be read again. Sessions are found by the
 * time of their last line. `carried` makes the books balance, so that damage can be told from what is right.
 */
function toVersion2(database: DatabaseSync): void {
  database.exec(`
    CREATE TABLE files_2 (
      id INTEGER PRIMARY KEY, path TEXT NOT NULL UNIQUE, dev REAL NOT NULL, ino REAL NOT NULL,
      offset INTEGER NOT NULL, tail INTEGER NOT NULL, last_ms INTEGER NOT NULL
    );
    INSERT INTO files_2 SELECT id, path, dev, ino, offset, tail, last_ms FROM files;
    DROP TABLE files;
    ALTER TABLE files_2 RENAME TO files;
    CREATE INDEX facts_sessions ON facts (json_extract(body, '$.lastMs')) WHERE key >= 'session:' AND key < 'session;';
    ALTER TABLE series ADD COLUMN carried INTEGER NOT NULL DEFAULT 0;
  `);
  balance(database);
}
