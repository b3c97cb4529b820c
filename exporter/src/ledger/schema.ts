/** Raised with every change of the tables; a ledger of a later version is refused. */
export const SCHEMA_VERSION = 1;

/**
 * meta     what the ledger is about: schema version, instance id, host
 * files    transcripts and how far each has been read
 * facts    things counted once (track/fact.ts), by key; `counted` says what has been counted of each, `due_ms` when to look again
 * series   totals
 * samples  the change log: every value of every series, in the order in which it is written to sinks
 * sinks    up to which sample each sink has everything
 * outbox   events that wait to be sent
 */
export const SCHEMA = `
CREATE TABLE IF NOT EXISTS meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS files (
  id INTEGER PRIMARY KEY, path TEXT NOT NULL UNIQUE, dev INTEGER NOT NULL, ino INTEGER NOT NULL,
  offset INTEGER NOT NULL, tail INTEGER NOT NULL, last_ms INTEGER NOT NULL
);
CREATE TABLE IF NOT EXISTS facts (
  key TEXT PRIMARY KEY, body TEXT NOT NULL, counted TEXT NOT NULL DEFAULT '[]', revision INTEGER NOT NULL DEFAULT 0, due_ms INTEGER
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS facts_open ON facts (key, due_ms) WHERE due_ms IS NOT NULL;
CREATE TABLE IF NOT EXISTS series (
  id INTEGER PRIMARY KEY, metric TEXT NOT NULL, labels TEXT NOT NULL,
  start_ms INTEGER NOT NULL, last_ms INTEGER NOT NULL, value INTEGER NOT NULL, debt INTEGER NOT NULL
);
CREATE TABLE IF NOT EXISTS samples (seq INTEGER PRIMARY KEY, series INTEGER NOT NULL, time_ms INTEGER NOT NULL, value INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS sinks (id TEXT PRIMARY KEY, seq INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS outbox (seq INTEGER PRIMARY KEY AUTOINCREMENT, body TEXT NOT NULL);
`;
