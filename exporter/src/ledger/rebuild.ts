import { lstatSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { basename, join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { balance, findImbalances, pairsOf } from './balance.ts';
import { dropMeta, type MetaKey, readMeta, writeMeta } from './meta.ts';
import { inTransaction, migrate } from './migrations.ts';
import { makePrivate, type Place } from './place.ts';
import { salvage } from './salvage.ts';
import type { Totals } from './totals.ts';

/**
 * Makes a new ledger of what can be read of the broken one and of the totals it had a short while ago, and puts the broken one aside.
 * All transcripts are read again afterwards. Gives back the name of what was put aside, and whether the new one goes on where the old
 * one ended.
 *
 * No total is lower than it was: what no fact explains any more is carried. Where neither totals nor whose they were can be known, the
 * new ledger gets an instance id of its own, so that to the world it is another exporter, whose counters begin.
 */
export function rebuild(place: Place, totals: Totals | undefined): { aside: string | undefined; goesOn: boolean } {
  removeDatabase(place.fresh);
  makePrivate(place.fresh);
  const fresh = new DatabaseSync(place.fresh);
  let goesOn = false;
  try {
    migrate(fresh);
    inTransaction(fresh, () => {
      if (look(place.database)?.isFile()) salvage(place.database, fresh);
      goesOn = restore(fresh, totals);
      writeMeta(fresh, 'rebuilt', new Date().toISOString());
    });
  } finally {
    fresh.close();
  }
  return { aside: swap(place), goesOn };
}

/** A rebuild that was cut short between putting the old ledger aside and putting the new one in its place is brought to its end. */
export function finishRebuild(place: Place): void {
  if (look(place.fresh) === undefined) return;
  if (look(place.database) === undefined && isComplete(place.fresh)) renameSync(place.fresh, place.database);
  else removeDatabase(place.fresh);
}

function isComplete(path: string): boolean {
  const database = new DatabaseSync(path);
  try {
    return readMeta(database, 'rebuilt') !== undefined;
  } catch {
    return false;
  } finally {
    // Takes what is beside the file into it.
    database.close();
  }
}

/** Makes what was salvaged whole. True where its totals go on. */
function restore(database: DatabaseSync, totals: Totals | undefined): boolean {
  const raised = totals !== undefined && raiseTo(database, totals);
  const strangers = findStrangers(database);
  const goesOn = raised || (readMeta(database, 'instance_id') !== undefined && !strangers.seriesAreLost);
  const open = database.prepare("UPDATE facts SET counted = '[]', revision = 0, due_ms = 0 WHERE key = ?");
  const drop = database.prepare('DELETE FROM facts WHERE key = ?');
  for (const key of strangers.toCount) open.run(key);
  for (const key of strangers.toDrop) drop.run(key);
  if (!goesOn) beginAnew(database);
  database.exec('DELETE FROM samples WHERE series NOT IN (SELECT id FROM series); UPDATE files SET offset = 0, tail = 0');
  balance(database);
  noteLoss(database);
  return goesOn;
}

/**
 * Raises every total to what the world has seen of it; what was counted of it by whom is not known. False for the totals of another
 * ledger, which are no business of this one.
 */
export function raiseTo(database: DatabaseSync, { meta, series, sinks, lastSeq, closed }: Totals): boolean {
  const { instance_id: instanceId } = Object.fromEntries(meta);
  if (instanceId === undefined || (readMeta(database, 'instance_id') ?? instanceId) !== instanceId) return false;
  const lastHere = Number(database.prepare('SELECT max(seq) AS seq FROM samples').get()?.seq ?? 0);
  for (const [key, text] of meta as [MetaKey, string][]) {
    if (lastSeq >= lastHere || readMeta(database, key) === undefined) writeMeta(database, key, text);
  }
  // What was written when the ledger was closed as it should be is exact; what was written on the way may be behind.
  const value = closed === undefined ? 'max(value, excluded.value)' : 'excluded.value';
  const putSeries = database.prepare(
    `INSERT INTO series (id, metric, labels, start_ms, last_ms, value, debt) VALUES (?, ?, ?, ?, ?, ?, 0)
     ON CONFLICT (id) DO UPDATE SET metric = excluded.metric, labels = excluded.labels,
       start_ms = excluded.start_ms, last_ms = max(last_ms, excluded.last_ms), value = ${value}`,
  );
  for (const row of series) putSeries.run(...row);
  const putSink = database.prepare('INSERT INTO sinks (id, seq) VALUES (?, ?) ON CONFLICT DO NOTHING');
  for (const row of sinks) putSink.run(...row);
  // A number that a sink may have seen is not given to another sample.
  writeMeta(database, 'last_seq', String(Math.max(lastSeq, Number(readMeta(database, 'last_seq') ?? 0))));
  return true;
}

/** After totals were raised, or facts were lost: what is read again was counted before, up to the time of the last sample. */
export function noteLoss(database: DatabaseSync): void {
  writeMeta(database, 'reconcile_until', String(database.prepare('SELECT max(last_ms) AS ms FROM series').get()?.ms ?? 0));
}

/** Names of facts that were made after the number of a file, as they once were: read again they have another name. */
const OLD_NAME = /^\w+:\d+[:@]/;

/** Active time is added to what is known of its session; without the session all of it would be added again. */
const OF_SESSION = /^active:([^:]+):/;

/** Facts that cannot be understood as they are, because something is lost or broken that they hang on. */
interface Strangers {
  /** They say that they were counted in series that are lost, or that have less than they say: they are counted again. */
  toCount: string[];
  /** They would be made a second time when the transcripts are read again. */
  toDrop: string[];
  seriesAreLost: boolean;
}

function findStrangers(database: DatabaseSync): Strangers {
  const series = new Set(
    database
      .prepare('SELECT id FROM series')
      .all()
      .map(({ id }) => Number(id)),
  );
  const overcounted = new Set(findImbalances(database).flatMap(({ id, booked, counted }) => (counted > booked ? id : [])));
  const hasSession = database.prepare('SELECT 1 FROM facts WHERE key = ?');
  const found: Strangers = { toCount: [], toDrop: [], seriesAreLost: false };
  for (const { key, counted } of database.prepare('SELECT key, counted FROM facts').iterate()) {
    const name = String(key);
    const sessionId = OF_SESSION.exec(name)?.[1];
    const ids = [...pairsOf(String(counted))].map(([id]) => id);
    const isLost = ids.some((id) => !series.has(id));
    found.seriesAreLost ||= isLost;
    if (OLD_NAME.test(name) || (sessionId !== undefined && hasSession.get(`session:${sessionId}`) === undefined)) found.toDrop.push(name);
    else if (isLost || ids.some((id) => overcounted.has(id))) found.toCount.push(name);
  }
  return found;
}

/** To the world another exporter: everything that is known is counted again, and nobody is told the past a second time. */
function beginAnew(database: DatabaseSync): void {
  database.exec("DELETE FROM series; DELETE FROM samples; DELETE FROM sinks; UPDATE facts SET counted = '[]', revision = 0, due_ms = 0");
  dropMeta(database, 'instance_id');
  writeMeta(database, 'forget_history', 'yes');
}

/** Puts the new ledger where the old one was; gives back the name of the old one. What SQLite kept beside it goes along, and goes first: beside the new one it would be taken for a part of that. */
function swap(place: Place): string | undefined {
  const there = look(place.database) !== undefined;
  const aside = there ? asideName(place.database) : undefined;
  for (const suffix of ['-wal', '-shm']) {
    if (look(place.database + suffix) === undefined) continue;
    if (aside === undefined) rmSync(place.database + suffix, { recursive: true });
    else renameSync(place.database + suffix, aside + suffix);
  }
  if (aside !== undefined) renameSync(place.database, aside);
  renameSync(place.fresh, place.database);
  keepFew(place);
  return aside;
}

/** Puts a file aside under a name that says when. */
export function putAside(path: string): string {
  const aside = asideName(path);
  renameSync(path, aside);
  return aside;
}

function asideName(path: string): string {
  return `${path}.broken-${new Date().toISOString().replaceAll(/[:.]/g, '-')}`;
}

/** So many broken ledgers are kept; of more the oldest are removed, so that a disk that breaks them does not fill up with them. */
const MAX_ASIDE = 5;

function keepFew({ directory, database }: Place): void {
  const names = readdirSync(directory).filter((name) => name.startsWith(`${basename(database)}.broken-`) && !/-(?:wal|shm)$/.test(name));
  for (const name of names.sort().slice(0, -MAX_ASIDE)) removeDatabase(join(directory, name));
}

function removeDatabase(path: string): void {
  for (const suffix of ['', '-wal', '-shm', '-journal']) rmSync(path + suffix, { recursive: true, force: true });
}

function look(path: string) {
  return lstatSync(path, { throwIfNoEntry: false });
}
