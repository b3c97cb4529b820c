import { DatabaseSync } from 'node:sqlite';
import type { Fact } from '../track/fact.ts';
import { pairsOf } from './balance.ts';

/** Values of a row, in the order of the columns of {@link TABLES}. */
type Row = (string | number | null)[];

/** The tables, the columns that every version of them has, and what a row must be like to be believed. */
const TABLES = {
  meta: { key: 'key', columns: ['key', 'value'], isSound: (row: Row) => row.every(isText) },
  series: { key: 'id', columns: ['id', 'metric', 'labels', 'start_ms', 'last_ms', 'value', 'debt'], isSound: isSeries },
  files: { key: 'id', columns: ['id', 'path', 'dev', 'ino', 'offset', 'tail', 'last_ms'], isSound: isFile },
  facts: { key: 'key', columns: ['key', 'body', 'counted', 'revision', 'due_ms'], isSound: isFact },
  samples: { key: 'seq', columns: ['seq', 'series', 'time_ms', 'value'], isSound: (row: Row) => row.every(isWhole) },
  sinks: { key: 'id', columns: ['id', 'seq'], isSound: ([id, seq]: Row) => isText(id) && isWhole(seq) },
  outbox: { key: 'seq', columns: ['seq', 'body'], isSound: ([seq, body]: Row) => isWhole(seq) && isObject(body) },
};

type TableName = keyof typeof TABLES;

/**
 * Copies what can be read of a broken ledger into a new one; nothing where it is not even a database. The broken file is not changed.
 * `carried` is left out: it follows from the rest.
 */
export function salvage(path: string, into: DatabaseSync): void {
  let broken: DatabaseSync | undefined;
  try {
    broken = new DatabaseSync(path, { readOnly: true });
    for (const table of Object.keys(TABLES) as TableName[]) copyTable(broken, into, table);
  } catch {
    // It cannot be opened: then there is nothing.
  } finally {
    broken?.close();
  }
}

/**
 * Copies the rows of a table up to the first broken page from the front, and down to the last one from the back. What lies between is
 * lost; a row that makes no sense is left out.
 */
function copyTable(from: DatabaseSync, into: DatabaseSync, table: TableName): void {
  const { key, columns, isSound } = TABLES[table];
  const insert = into.prepare(
    `INSERT INTO ${table} (${columns.join(', ')}) VALUES (${columns.map(() => '?').join(', ')}) ON CONFLICT DO NOTHING`,
  );
  for (const order of ['ASC', 'DESC']) {
    if (
      readRows(from, `SELECT ${columns.join(', ')} FROM ${table} ORDER BY ${key} ${order}`, (row) => {
        const isNew = !isSound(row) || insert.run(...row).changes > 0;
        return isNew || order === 'ASC';
      })
    )
      return;
  }
}

/** Hands over row by row for as long as they are wanted; false where a broken page came first. */
function readRows(database: DatabaseSync, sql: string, take: (row: Row) => boolean): boolean {
  let rows: Iterator<unknown>;
  try {
    const statement = database.prepare(sql);
    // Numbers beyond 2^53 would be thrown at us otherwise.
    statement.setReadBigInts(true);
    statement.setReturnArrays(true);
    rows = statement.iterate();
  } catch {
    return false;
  }
  for (;;) {
    let next: IteratorResult<unknown>;
    try {
      next = rows.next();
    } catch {
      return false;
    }
    if (next.done || !take((next.value as unknown[]).map(toValue))) return true;
  }
}

function toValue(value: unknown): string | number | null {
  if (typeof value === 'bigint') return Number(value);
  return typeof value === 'string' || typeof value === 'number' ? value : null;
}

function isText(value: unknown): value is string {
  return typeof value === 'string';
}

function isWhole(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}

function isFile([id, path, dev, ino, ...numbers]: Row): boolean {
  return isWhole(id) && isText(path) && typeof dev === 'number' && typeof ino === 'number' && numbers.every(isWhole);
}

function isSeries([id, metric, labels, ...numbers]: Row): boolean {
  return isWhole(id) && isText(metric) && isListOfTexts(labels) && numbers.every(isWhole);
}

/** A fact is believed where it is JSON with its own key and what every fact has. */
function isFact([key, body, counted, revision]: Row): boolean {
  const fact = parse(body);
  return isFactObject(fact) && fact.key === key && isCounted(counted) && isWhole(revision);
}

function isFactObject(value: unknown): value is Pick<Fact, 'key' | 'type' | 'timeMs'> {
  if (typeof value !== 'object' || value === null || !('key' in value) || !('type' in value) || !('timeMs' in value)) return false;
  return isText(value.type) && typeof value.timeMs === 'number';
}

function isCounted(counted: unknown): boolean {
  if (!isText(counted) || !Array.isArray(parse(counted))) return false;
  for (const pair of pairsOf(counted)) if (!pair.every((value) => Number.isSafeInteger(value))) return false;
  return true;
}

function isListOfTexts(text: unknown): boolean {
  const list = parse(text);
  return Array.isArray(list) && list.every(isText);
}

function isObject(text: unknown): boolean {
  const value = parse(text);
  return typeof value === 'object' && value !== null;
}

function parse(text: unknown): unknown {
  try {
    return isText(text) ? JSON.parse(text) : undefined;
  } catch {
    return undefined;
  }
}
