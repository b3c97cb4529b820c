import type { DatabaseSync } from 'node:sqlite';
import type { Fact } from '../track/fact.ts';
import { pairsOf } from './balance.ts';

/** Values of a row, in the order of the columns of {@link TABLES}. */
export type Row = (string | number | null)[];

/**
 * The tables, their key, the columns that every version of them has, and what a row must be like to be believed. `carried` is left out: it
 * follows from the rest.
 */
export const TABLES = {
  meta: { key: 'key', columns: ['key', 'value'], isSound: (row: Row) => row.every(isText) },
  series: { key: 'id', columns: ['id', 'metric', 'labels', 'start_ms', 'last_ms', 'value', 'debt'], isSound: isSeries },
  files: { key: 'id', columns: ['id', 'path', 'dev', 'ino', 'offset', 'tail', 'last_ms'], isSound: isFile },
  facts: { key: 'key', columns: ['key', 'body', 'counted', 'revision', 'due_ms'], isSound: isFact },
  samples: { key: 'seq', columns: ['seq', 'series', 'time_ms', 'value'], isSound: (row: Row) => row.every(isWhole) },
  sinks: { key: 'id', columns: ['id', 'seq'], isSound: ([id, seq]: Row) => isText(id) && isWhole(seq) },
  outbox: { key: 'seq', columns: ['seq', 'body'], isSound: ([seq, body]: Row) => isWhole(seq) && isObject(body) },
};

export type TableName = keyof typeof TABLES;

export const TABLE_NAMES = Object.keys(TABLES) as TableName[];

/** The statement that adds a row where its key is not there yet. */
export function insertInto(table: TableName): string {
  const { columns } = TABLES[table];
  return `INSERT INTO ${table} (${columns.join(', ')}) VALUES (${columns.map(() => '?').join(', ')}) ON CONFLICT DO NOTHING`;
}

/** A row from outside is of its table, and makes sense. */
export function isSoundRow(table: TableName, row: unknown[]): row is Row {
  const isValue = (value: unknown) => value === null || typeof value === 'string' || typeof value === 'number';
  return row.length === TABLES[table].columns.length && row.every(isValue) && TABLES[table].isSound(row);
}

/** All rows of a table in the order of their keys. */
export function* rowsOf(database: DatabaseSync, table: TableName, order: 'ASC' | 'DESC' = 'ASC'): Generator<Row> {
  const { key, columns } = TABLES[table];
  const statement = database.prepare(`SELECT ${columns.join(', ')} FROM ${table} ORDER BY ${key} ${order}`);
  // Numbers beyond 2^53 would be thrown at us otherwise.
  statement.setReadBigInts(true);
  statement.setReturnArrays(true);
  for (const row of statement.iterate()) yield (row as unknown as unknown[]).map(toValue);
}

/** A value as node:sqlite gives it when asked for large numbers; anything but text and numbers becomes null. */
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
  // Half a character, which JSON can say, is another one to SQLite.
  return isFactObject(fact) && fact.key.toWellFormed() === key && isCounted(counted) && isWhole(revision);
}

/** Every type of fact: the compiler sees to it that none is missing. */
const FACT_TYPES: Record<Fact['type'], true> = {
  response: true,
  prompt: true,
  session: true,
  continuation: true,
  activity: true,
  tool: true,
  api_error: true,
  compaction: true,
  todo: true,
  file_version: true,
  command: true,
  stats: true,
};

function isFactObject(value: unknown): value is Pick<Fact, 'key' | 'type' | 'timeMs'> {
  if (typeof value !== 'object' || value === null || !('key' in value) || !('type' in value) || !('timeMs' in value)) return false;
  return isText(value.key) && isText(value.type) && Object.hasOwn(FACT_TYPES, value.type) && Number.isFinite(value.timeMs);
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
