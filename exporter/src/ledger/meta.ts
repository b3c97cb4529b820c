import type { DatabaseSync } from 'node:sqlite';

/**
 * What the table `meta` holds. `reconcile_until` and `forget_history` are what is left to do after a loss: what happened until then,
 * milliseconds since 1970, had been counted, so what is found again of it explains what is carried before it adds to a total; and sinks
 * that are not known have the past already. `last_seq` is the largest number that a sample ever had, `first_seq` the one after which
 * sinks that are not known begin.
 */
export type MetaKey =
  | 'schema_version'
  | 'instance_id'
  | 'host'
  | 'last_seq'
  | 'first_seq'
  | 'reconcile_until'
  | 'forget_history'
  | 'rebuilt';

export function readMeta(database: DatabaseSync, key: MetaKey): string | undefined {
  const row = database.prepare('SELECT value FROM meta WHERE key = ?').get(key);
  return row === undefined ? undefined : String(row.value);
}

export function writeMeta(database: DatabaseSync, key: MetaKey, value: string): void {
  database.prepare('INSERT INTO meta (key, value) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value').run(key, value);
}

export function dropMeta(database: DatabaseSync, key: MetaKey): void {
  database.prepare('DELETE FROM meta WHERE key = ?').run(key);
}
