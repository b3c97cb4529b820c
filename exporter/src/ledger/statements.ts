import type { DatabaseSync } from 'node:sqlite';
import type { Position } from '../read/reader.ts';
import type { KnownFile } from './known-files.ts';
import type { LoggedSample } from './sample-log.ts';
import type { Series } from './series.ts';

/** Every statement that the ledger runs, prepared once, with the types that SQLite cannot tell. */
export type Statements = ReturnType<typeof prepareStatements>;

/** A row as SQLite gives it. What comes from our own file has the types of our own schema. */
type Row = Record<string, never>;

export interface DueFact {
  key: string;
  body: string;
  counted: string;
  revision: number;
}

interface WaitingEvent {
  seq: number;
  body: string;
}

type SeriesRow = Omit<Series, 'metric' | 'values'> & { metric: string; labels: string };

export function prepareStatements(database: DatabaseSync) {
  const prepare = (sql: string) => database.prepare(sql);
  const one = (sql: string) => {
    const statement = prepare(sql);
    return (...values: (string | number)[]) => statement.get(...values) as Row | undefined;
  };
  const all = (sql: string) => {
    const statement = prepare(sql);
    return (...values: (string | number)[]) => statement.all(...values) as Row[];
  };
  const run = (sql: string) => {
    const statement = prepare(sql);
    return (...values: (string | number | null)[]) => statement.run(...values);
  };

  const addMeta = run('INSERT INTO meta (key, value) VALUES (?, ?) ON CONFLICT DO NOTHING');
  const meta = one('SELECT value FROM meta WHERE key = ?');
  const setMeta = run('INSERT INTO meta (key, value) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value');
  const dropMeta = run('DELETE FROM meta WHERE key = ?');
  const allFiles = all('SELECT id, path, dev, ino, offset, tail, last_ms FROM files');
  const addFile = run('INSERT INTO files (path, dev, ino, offset, tail, last_ms) VALUES (?, ?, ?, ?, ?, 0)');
  const renameFile = run('UPDATE files SET path = ? WHERE id = ?');
  const moveFile = run('UPDATE files SET dev = ?, ino = ?, offset = ?, tail = ?, last_ms = ? WHERE id = ?');
  const factBody = one('SELECT body FROM facts WHERE key = ?');
  const putFact = run(
    'INSERT INTO facts (key, body, due_ms) VALUES (?, ?, 0) ON CONFLICT (key) DO UPDATE SET body = excluded.body, due_ms = 0',
  );
  const dueFacts = all(
    'SELECT key, body, counted, revision FROM facts WHERE due_ms IS NOT NULL AND due_ms <= ? AND key > ? ORDER BY key LIMIT ?',
  );
  const countedResponses = all(
    "SELECT key, body, counted, revision FROM facts WHERE key > ? AND key < 'response;' AND revision > 0 ORDER BY key LIMIT ?",
  );
  const openFact = run('UPDATE facts SET due_ms = 0 WHERE key = ?');
  const settleFact = run('UPDATE facts SET body = ?, counted = ?, revision = ?, due_ms = ? WHERE key = ?');
  const sessionsSince = all(
    `SELECT body FROM facts INDEXED BY facts_sessions
     WHERE key >= 'session:' AND key < 'session;' AND json_extract(body, '$.lastMs') > ?`,
  );
  const allSeries = all('SELECT id, metric, labels, start_ms AS startMs, last_ms AS lastMs, value, debt, carried FROM series');
  const putSeries = run(
    `INSERT INTO series (id, metric, labels, start_ms, last_ms, value, debt, carried) VALUES (?, ?, ?, ?, ?, ?, ?, ?)
     ON CONFLICT (id) DO UPDATE SET start_ms = excluded.start_ms, last_ms = excluded.last_ms, value = excluded.value, debt = excluded.debt,
       carried = excluded.carried`,
  );
  const lastSeq = one('SELECT max(seq) AS seq FROM samples');
  const addSample = run('INSERT INTO samples (seq, series, time_ms, value) VALUES (?, ?, ?, ?)');
  const samplesAfter = all('SELECT seq, series AS seriesId, time_ms AS timeMs, value FROM samples WHERE seq > ? ORDER BY seq LIMIT ?');
  const sinkSeq = one('SELECT seq FROM sinks WHERE id = ?');
  const largestSinkSeq = one('SELECT max(seq) AS seq FROM sinks');
  const setSinkSeq = run('INSERT INTO sinks (id, seq) VALUES (?, ?) ON CONFLICT (id) DO UPDATE SET seq = excluded.seq');
  const outbox = all('SELECT seq, body FROM outbox ORDER BY seq LIMIT ?');
  // Events come at the end and leave at the beginning, so there are no gaps; counting a million of them takes longer than sending some.
  const outboxSize = one('SELECT coalesce((SELECT max(seq) FROM outbox) - (SELECT min(seq) FROM outbox) + 1, 0) AS size');
  const addEvent = run('INSERT INTO outbox (body) VALUES (?)');
  const removeEvents = run('DELETE FROM outbox WHERE seq <= ?');
  const dropOldestEvents = run('DELETE FROM outbox WHERE seq IN (SELECT seq FROM outbox ORDER BY seq LIMIT ?)');

  return {
    addMeta: (key: string, value: string) => addMeta(key, value),
    meta: (key: string): string => meta(key)?.value ?? '',
    setMeta: (key: string, value: string) => setMeta(key, value),
    dropMeta: (key: string) => dropMeta(key),
    allFiles: (): KnownFile[] => allFiles().map(toKnownFile),
    addFile: (path: string, { dev, ino, offset, tail }: Position) => addFile(path, dev, ino, offset, tail).lastInsertRowid,
    renameFile: (id: number, path: string) => renameFile(path, id),
    moveFile: ({ id, position, lastMs }: KnownFile) => moveFile(position.dev, position.ino, position.offset, position.tail, lastMs, id),
    factBody: (key: string): string | undefined => factBody(key)?.body,
    putFact: (key: string, body: string) => putFact(key, body),
    dueFacts: (nowMs: number, afterKey: string, limit: number): DueFact[] => dueFacts(nowMs, afterKey, limit) as unknown as DueFact[],
    countedResponses: (afterKey: string, limit: number): DueFact[] =>
      countedResponses(afterKey === '' ? 'response:' : afterKey, limit) as unknown as DueFact[],
    openFact: (key: string) => openFact(key),
    settleFact: (key: string, body: string, counted: string, revision: number, dueMs: number | undefined) =>
      settleFact(body, counted, revision, dueMs ?? null, key),
    sessionsSince: (sinceMs: number): string[] => sessionsSince(sinceMs).map((row) => row.body ?? ''),
    allSeries: (): SeriesRow[] => allSeries() as unknown as SeriesRow[],
    putSeries: ({ id, metric, values, startMs, lastMs, value, debt, carried }: Series) =>
      putSeries(id, metric, JSON.stringify(values), startMs, lastMs, value, debt, carried),
    lastSeq: (): number => lastSeq()?.seq ?? 0,
    addSample: (seq: number, series: number, timeMs: number, value: number) => addSample(seq, series, timeMs, value),
    samplesAfter: (seq: number, limit: number): LoggedSample[] => samplesAfter(seq, limit) as unknown as LoggedSample[],
    sinkSeq: (sink: string): number | undefined => sinkSeq(sink)?.seq,
    largestSinkSeq: (): number => largestSinkSeq()?.seq ?? 0,
    setSinkSeq: (sink: string, seq: number) => setSinkSeq(sink, seq),
    outbox: (limit: number): WaitingEvent[] => outbox(limit) as unknown as WaitingEvent[],
    outboxSize: (): number => outboxSize()?.size ?? 0,
    addEvent: (body: string) => addEvent(body),
    removeEvents: (upToSeq: number) => removeEvents(upToSeq).changes,
    dropOldestEvents: (count: number) => dropOldestEvents(count).changes,
  };
}

function toKnownFile(row: Row): KnownFile {
  const { id, path, dev, ino, offset, tail, last_ms: lastMs } = row as unknown as Record<string, number> & { path: string };
  return { id: id ?? 0, path, position: { dev: dev ?? 0, ino: ino ?? 0, offset: offset ?? 0, tail: tail ?? 0 }, lastMs: lastMs ?? 0 };
}
