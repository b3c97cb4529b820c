import { readdirSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import { inTransaction } from './migrations.ts';
import { type Place, placeOf } from './place.ts';
import { closeDatabase, openDatabase, type Repair } from './recovery.ts';

/** What may be thrown away beyond what nobody misses. */
export interface VacuumWish {
  /** Samples older than so many days that every database has. */
  historyDays?: number;
  /** Events that wait to be sent. */
  events?: boolean;
}

/** What became of a ledger. */
export interface Vacuumed {
  bytesBefore: number;
  bytesAfter: number;
  /** Samples between the first and the last of their minute. */
  thinned: number;
  /** Samples that every database has. */
  dropped: number;
  events: number;
  /** Broken ledgers that were put aside, and their size. */
  aside: { files: number; bytes: number };
  repairs: readonly Repair[];
}

/** Younger samples are left alone: somebody may be writing them. */
const THIN_AFTER_MS = 24 * 3600_000;

const DAY_MS = 24 * 3600_000;

/**
 * Makes the file of a ledger as small as it can be. Of each series and minute older than a day the first and the last sample are kept: a
 * range of whole minutes says the same without those between. Facts, totals and positions are kept, however old: without them a
 * transcript that comes back would be counted twice.
 *
 * @throws LedgerError while an exporter uses it
 */
export function vacuum(directory: string, nowMs: number, wish: VacuumWish = {}): Vacuumed {
  const place = placeOf(directory);
  const bytesBefore = bytesOf(place);
  const opened = openDatabase(place);
  const { database, repairs, clean } = opened;
  let done = { thinned: 0, dropped: 0, events: 0 };
  try {
    inTransaction(database, () => {
      done = {
        dropped: wish.historyDays === undefined ? 0 : dropHistory(database, nowMs - wish.historyDays * DAY_MS),
        thinned: thin(database, nowMs - THIN_AFTER_MS),
        events: wish.events ? changesOf(database, 'DELETE FROM outbox') : 0,
      };
    });
    database.exec('VACUUM');
  } finally {
    closeDatabase(place, opened, !clean);
  }
  return { bytesBefore, bytesAfter: bytesOf(place), ...done, aside: findAside(place), repairs };
}

function thin(database: DatabaseSync, beforeMs: number): number {
  return changesOf(
    database,
    `DELETE FROM samples WHERE seq IN (
       SELECT seq FROM (
         SELECT seq, time_ms / 60000 AS minute, lag(time_ms / 60000) OVER one AS before, lead(time_ms / 60000) OVER one AS after
         FROM samples WHERE time_ms < ? WINDOW one AS (PARTITION BY series ORDER BY seq)
       ) WHERE before = minute AND after = minute
     )`,
    beforeMs,
  );
}

/** Where no database is known there is none that has them. */
function dropHistory(database: DatabaseSync, beforeMs: number): number {
  return changesOf(database, 'DELETE FROM samples WHERE time_ms < ? AND seq <= (SELECT min(seq) FROM sinks)', beforeMs);
}

function changesOf(database: DatabaseSync, sql: string, ...values: number[]): number {
  return Number(database.prepare(sql).run(...values).changes);
}

function bytesOf({ database }: Place): number {
  return [database, `${database}-wal`].reduce((sum, path) => sum + (statSync(path, { throwIfNoEntry: false })?.size ?? 0), 0);
}

function findAside({ directory, database }: Place): Vacuumed['aside'] {
  const names = readdirSync(directory).filter((name) => name.startsWith(`${basename(database)}.broken-`));
  return { files: names.length, bytes: names.reduce((sum, name) => sum + statSync(join(directory, name)).size, 0) };
}
