import type { DatabaseSync } from 'node:sqlite';

/** What the file looks like; a file with a higher number was written by a newer version and is refused. */
const SCHEMA_VERSION = 3;

/** The event log: each event once per id. `origin` is 0 for what came in here and 1 for what another process told us over the bus. */
const EVENTS = `
  CREATE TABLE events (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    at_ms INTEGER NOT NULL,
    received_ms INTEGER NOT NULL,
    fresh INTEGER NOT NULL,
    source TEXT NOT NULL,
    type TEXT NOT NULL,
    project TEXT,
    session TEXT,
    body TEXT NOT NULL
  ) STRICT;
  CREATE INDEX events_by_time ON events (at_ms, seq);
  CREATE INDEX events_fresh ON events (seq) WHERE fresh = 1;
  -- The highest number of a fresh event that had to leave: who has seen less than that has a gap.
  CREATE TABLE pruned (only INTEGER PRIMARY KEY CHECK (only = 1), fresh_seq INTEGER NOT NULL) STRICT;
  INSERT INTO pruned VALUES (1, 0);
`;

/**
 * What events add up to. Sessions outlive their events. What may be corrected later (usage, tool calls) is kept one by one; all else
 * is counted in hours, and counts an event once because the log does, and because the ids of events that left are remembered.
 */
const SESSIONS = `
  ALTER TABLE events ADD COLUMN origin INTEGER NOT NULL DEFAULT 0;
  CREATE INDEX events_by_session ON events (session, at_ms, seq) WHERE session IS NOT NULL;
  CREATE TABLE pruned_ids (number INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE) STRICT;
  CREATE TABLE positions (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;
  CREATE TABLE sessions (
    session TEXT PRIMARY KEY,
    source TEXT NOT NULL,
    project TEXT,
    first_ms INTEGER NOT NULL,
    last_ms INTEGER NOT NULL,
    started_ms INTEGER,
    ended_ms INTEGER,
    waiting_ms INTEGER,
    requests INTEGER NOT NULL DEFAULT 0,
    tokens INTEGER NOT NULL DEFAULT 0,
    cost_nano INTEGER NOT NULL DEFAULT 0,
    unpriced INTEGER NOT NULL DEFAULT 0,
    calls INTEGER NOT NULL DEFAULT 0,
    told_calls INTEGER NOT NULL DEFAULT 0,
    failures INTEGER NOT NULL DEFAULT 0,
    blocked INTEGER NOT NULL DEFAULT 0,
    todos_ms INTEGER NOT NULL DEFAULT 0,
    todos TEXT
  ) STRICT;
  CREATE INDEX sessions_by_last ON sessions (last_ms, session);
  CREATE TABLE responses (
    response TEXT NOT NULL,
    source TEXT NOT NULL,
    session TEXT NOT NULL,
    at_ms INTEGER NOT NULL,
    revision INTEGER NOT NULL,
    project TEXT NOT NULL,
    model TEXT NOT NULL,
    agent TEXT NOT NULL,
    input INTEGER NOT NULL,
    output INTEGER NOT NULL,
    cache_read INTEGER NOT NULL,
    cache_write_5m INTEGER NOT NULL,
    cache_write_1h INTEGER NOT NULL,
    cost_nano INTEGER,
    finished INTEGER NOT NULL,
    PRIMARY KEY (response, source)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX responses_by_session ON responses (session, model);
  CREATE INDEX responses_cost ON responses (at_ms, cost_nano);
  CREATE TABLE tool_calls (
    call TEXT NOT NULL,
    source TEXT NOT NULL,
    session TEXT NOT NULL,
    at_ms INTEGER NOT NULL,
    tool TEXT NOT NULL,
    result TEXT NOT NULL,
    category TEXT,
    duration_ms INTEGER,
    lines_added INTEGER NOT NULL,
    lines_removed INTEGER NOT NULL,
    PRIMARY KEY (call, source)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX tool_calls_by_session ON tool_calls (session, tool);
  CREATE INDEX tool_calls_by_time ON tool_calls (at_ms);
  CREATE TABLE tool_hours (
    session TEXT NOT NULL, hour INTEGER NOT NULL, tool TEXT NOT NULL, started INTEGER NOT NULL, finished INTEGER NOT NULL,
    PRIMARY KEY (session, hour, tool)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX tool_hours_by_hour ON tool_hours (hour);
  CREATE TABLE error_hours (
    session TEXT NOT NULL, hour INTEGER NOT NULL, category TEXT NOT NULL, number INTEGER NOT NULL,
    PRIMARY KEY (session, hour, category)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX error_hours_by_hour ON error_hours (hour);
  CREATE TABLE session_names (
    session TEXT NOT NULL, kind TEXT NOT NULL, name TEXT NOT NULL, number INTEGER NOT NULL,
    PRIMARY KEY (session, kind, name)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE session_files (
    session TEXT NOT NULL, file TEXT NOT NULL, version INTEGER NOT NULL, at_ms INTEGER NOT NULL,
    added INTEGER NOT NULL, removed INTEGER NOT NULL, modified INTEGER NOT NULL,
    PRIMARY KEY (session, file, version)
  ) STRICT, WITHOUT ROWID;
`;

/** Figures over a month add up every response and call in it: from an index alone that takes a tenth of the time. */
const FIGURES = `
  DROP INDEX responses_cost;
  CREATE INDEX responses_by_time ON responses (
    at_ms, project, session, cost_nano, input, output, cache_read, cache_write_5m, cache_write_1h
  );
  DROP INDEX tool_calls_by_time;
  CREATE INDEX tool_calls_by_time ON tool_calls (at_ms, session, tool, result, duration_ms, category);
`;

/** One step for each version: from an empty file to 1, from 1 to 2 … */
const STEPS = [EVENTS, SESSIONS, FIGURES];

/** Brings a file to what this version writes. Says which version it had; 0 is a file that was empty. */
export function migrate(database: DatabaseSync, path: string): number {
  const version = Number(database.prepare('PRAGMA user_version').get()?.user_version ?? 0);
  if (version > SCHEMA_VERSION)
    throw new Error(`${path} was written by a newer version (schema ${version}, this one knows ${SCHEMA_VERSION})`);
  if (version < SCHEMA_VERSION)
    database.exec(`BEGIN IMMEDIATE; ${STEPS.slice(version).join('\n')} PRAGMA user_version = ${SCHEMA_VERSION}; COMMIT;`);
  return version;
}
