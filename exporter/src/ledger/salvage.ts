import { DatabaseSync } from 'node:sqlite';
import { insertInto, type Row, rowsOf, TABLE_NAMES, TABLES, type TableName } from './tables.ts';

/** Copies what can be read of a broken ledger into a new one; nothing where it is not even a database. The broken file is not changed. */
export function salvage(path: string, into: DatabaseSync): void {
  let broken: DatabaseSync | undefined;
  try {
    broken = new DatabaseSync(path, { readOnly: true });
    for (const table of TABLE_NAMES) copyTable(broken, into, table);
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
  const insert = into.prepare(insertInto(table));
  const keep = (row: Row) => !TABLES[table].isSound(row) || insert.run(...row).changes > 0;
  for (const order of ['ASC', 'DESC'] as const) {
    const rows = rowsOf(from, table, order);
    for (let row = nextOf(rows); row !== 'broken'; row = nextOf(rows)) {
      // From the back, one that is there already is where the way from the front ended.
      const isNew = row !== 'end' && keep(row);
      if (row === 'end' || (order === 'DESC' && !isNew)) return;
    }
  }
}

function nextOf(rows: Generator<Row>): Row | 'end' | 'broken' {
  try {
    const { value, done } = rows.next();
    return done ? 'end' : value;
  } catch {
    return 'broken';
  }
}
