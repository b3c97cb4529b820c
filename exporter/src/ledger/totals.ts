import { closeSync, fsyncSync, openSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import type { DatabaseSync } from 'node:sqlite';
import { crc32 } from 'node:zlib';
import type { Place } from './place.ts';

/**
 * What the totals of a ledger were a short while ago, in a small file beside it. Should the ledger be lost or go back in time, the world
 * has seen these totals already: a counter that fell below them would be taken for one that began anew, and counted twice.
 */
export interface Totals {
  /** What the table `meta` says, but for what is about this very file. */
  meta: [key: string, value: string][];
  /** The last sample of the change log, and how far each sink had it. */
  lastSeq: number;
  sinks: [id: string, seq: number][];
  series: TotalOfSeries[];
  /** The ledger's file as it was when an exporter closed it as it should. */
  closed?: { size: number; modifiedMs: number } | undefined;
}

/** A row of the table `series`, but for what is owed and carried. */
export type TotalOfSeries = [id: number, metric: string, labels: string, startMs: number, lastMs: number, value: number];

const FORMAT = 'ccmeter totals ';
const VERSION = '1';

const OF_THE_FILE = "'schema_version', 'rebuilt', 'reconcile_until', 'forget_history', 'last_seq'";

/** Reads what a ledger has at the moment. */
export function collectTotals(database: DatabaseSync): Totals {
  const meta = database.prepare(`SELECT key, value FROM meta WHERE key NOT IN (${OF_THE_FILE}) ORDER BY key`);
  const series = database.prepare('SELECT id, metric, labels, start_ms, last_ms, value FROM series ORDER BY id');
  const sinks = database.prepare('SELECT id, seq FROM sinks ORDER BY id');
  for (const statement of [meta, series, sinks]) statement.setReturnArrays(true);
  return {
    meta: meta.all() as unknown as Totals['meta'],
    lastSeq: Number(database.prepare('SELECT max(seq) AS seq FROM samples').get()?.seq ?? 0),
    sinks: sinks.all() as unknown as Totals['sinks'],
    series: series.all() as unknown as TotalOfSeries[],
  };
}

/** Writes them beside the old ones and then in their place: there is never half a file. */
export function writeTotals(place: Place, totals: Totals): void {
  const body = JSON.stringify(totals);
  const fresh = `${place.totals}.new`;
  rmSync(fresh, { force: true });
  const fd = openSync(fresh, 'wx', 0o600);
  try {
    writeFileSync(fd, `${headOf(body)}\n${body}\n`);
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
  renameSync(fresh, place.totals);
}

/** The last totals; undefined where there are none, or none of this version; `broken` where they cannot be read. */
export function readTotals(place: Place): Totals | 'broken' | undefined {
  let text: string;
  try {
    text = readFileSync(place.totals, 'utf8');
  } catch {
    return statSync(place.totals, { throwIfNoEntry: false }) === undefined ? undefined : 'broken';
  }
  const [head = '', body = ''] = text.split('\n');
  // The checksum speaks for the shape: nobody but writeTotals has made it.
  if (head === headOf(body)) return JSON.parse(body) as Totals;
  return /^ccmeter totals \d+ /.test(head) && !head.startsWith(`${FORMAT}${VERSION} `) ? undefined : 'broken';
}

function headOf(body: string): string {
  return `${FORMAT}${VERSION} ${crc32(body).toString(16).padStart(8, '0')}`;
}

/** Something is beside a ledger that belongs into it. Who only reads may leave a file with nothing in it. */
export function hasLog({ database }: Place): boolean {
  return (statSync(`${database}-wal`, { throwIfNoEntry: false })?.size ?? 0) > 0;
}

/** What the file of a ledger looks like while nobody has it open; undefined while something is left beside it. */
export function closedLook(place: Place): Totals['closed'] {
  if (hasLog(place)) return undefined;
  const stats = statSync(place.database, { throwIfNoEntry: false });
  return stats === undefined ? undefined : { size: stats.size, modifiedMs: stats.mtimeMs };
}
