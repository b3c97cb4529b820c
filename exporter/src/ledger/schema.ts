/** Raised with every change of the tables; `migrations.ts` brings older ledgers up to it, a ledger of a later version is refused. */
export const SCHEMA_VERSION = 2;

/**
 * meta     what the ledger is about: schema version, instance id, host; what has to be done still: see recovery.ts
 * files    transcripts and how far each has been read; inodes may be larger than a whole number can be
 * facts    things counted once (track/fact.ts), by key; `counted` says what has been counted of each, `due_ms` when to look again
 * series   totals: the value is what facts have counted, and `debt`, and `carried`: see series.ts
 * samples  the change log: every value of every series, in the order in which it is written to sinks
 * sinks    up to which sample each sink has everything
 * outbox   events that wait to be sent
 */
export const SCHEMA = `
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE files (
  id INTEGER PRIMARY KEY, path TEXT NOT NULL UNIQUE, dev REAL NOT NULL, ino REAL NOT NULL,
  offset INTEGER NOT NULL, tail INTEGER NOT NULL, last_ms INTEGER NOT NULL
);
CREATE TABLE facts (
  key TEXT PRIMARY KEY, body TEXT NOT NULL, counted TEXT NOT NULL DEFAULT '[]', revision INTEGER NOT NULL DEFAULT 0, due_ms INTEGER
) WITHOUT ROWID;
CREATE INDEX facts_open ON facts (key, due_ms) WHERE due_ms IS NOT NULL;
CREATE INDEX facts_sessions ON facts (json_extract(body, '$.lastMs')) WHERE key >= 'session:' AND key < 'session;';
CREATE TABLE series (
  id INTEGER PRIMARY KEY, metric TEXT NOT NULL, labels TEXT NOT NULL,
  start_ms INTEGER NOT NULL, last_ms INTEGER NOT NULL, value INTEGER NOT NULL, debt INTEGER NOT NULL, carried INTEGER NOT NULL DEFAULT 0
);
CREATE TABLE samples (seq INTEGER PRIMARY KEY, series INTEGER NOT NULL, time_ms INTEGER NOT NULL, value INTEGER NOT NULL);
CREATE TABLE sinks (id TEXT PRIMARY KEY, seq INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE outbox (seq INTEGER PRIMARY KEY AUTOINCREMENT, body TEXT NOT NULL);
`;
