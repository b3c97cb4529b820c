import type { DatabaseSync } from 'node:sqlite';
import { metrics } from '../contract/index.ts';

/** Beyond this a number is no longer exact, and node:sqlite refuses to read it. Totals stand still here. */
export const MOST = Number.MAX_SAFE_INTEGER;

/** A series whose value is not what its facts have counted. */
export interface Imbalance {
  id: number;
  carried: number;
  /** `value` less `debt` and `carried`, and what the facts add up to. They should be the same. */
  booked: number;
  counted: number;
}

/**
 * Holds every total against the facts it came from: a value is what facts have counted of the series, what was counted too much (`debt`)
 * and what facts counted that are no longer known (`carried`). Left out are series that stand still at {@link MOST}, and those of metrics that are no longer counted.
 */
export function findImbalances(database: DatabaseSync): Imbalance[] {
  const counted = sumCounted(database);
  return database
    .prepare('SELECT id, metric, value, debt, carried FROM series')
    .all()
    .map(({ id, metric, value, debt, carried }) => ({
      id: Number(id),
      carried: Number(carried),
      isHeld: Number(value) < MOST && Number(debt) < MOST && Object.hasOwn(metrics, String(metric)),
      booked: Number(value) - Number(debt) - Number(carried),
      counted: counted.get(Number(id)) ?? 0,
    }))
    .filter(({ isHeld, booked, counted }) => isHeld && booked !== counted);
}

/** Makes the books balance: what no fact explains is carried. Where facts have counted more than there is, nothing is changed. */
export function balance(database: DatabaseSync): void {
  const carry = database.prepare('UPDATE series SET carried = ? WHERE id = ?');
  for (const { id, booked, carried, counted } of findImbalances(database)) {
    if (booked + carried >= counted) carry.run(booked + carried - counted, id);
  }
}

/** What all facts together have counted of each series. */
function sumCounted(database: DatabaseSync): Map<number, number> {
  const sums = new Map<number, number>();
  for (const { counted } of database.prepare('SELECT counted FROM facts').iterate()) {
    for (const [series, value] of pairsOf(String(counted))) sums.set(series, (sums.get(series) ?? 0) + value);
  }
  return sums;
}

/** What a fact has counted, as it is kept: series and value by turns. */
export function* pairsOf(counted: string): Generator<[series: number, value: number]> {
  const flat: number[] = JSON.parse(counted);
  for (let at = 0; at + 1 < flat.length; at += 2) yield [flat[at] ?? 0, flat[at + 1] ?? 0];
}

/** Columns that hold whole numbers from 0 to {@link MOST}, as every schema has them. */
const WHOLE = { series: ['start_ms', 'last_ms', 'value', 'debt'], files: ['offset', 'tail', 'last_ms'] };

/**
 * Brings numbers back into the range that can be read: earlier versions let nonsense totals grow beyond it, and node:sqlite then refused
 * the whole ledger. Gives back how many series were changed; they stand still from then on.
 */
export function capNumbers(database: DatabaseSync): number {
  cap(database, 'files', WHOLE.files);
  const changed = cap(database, 'series', WHOLE.series);
  // A sample is never larger than its series.
  if (changed > 0) cap(database, 'samples', ['time_ms', 'value']);
  return changed;
}

function cap(database: DatabaseSync, table: string, columns: readonly string[]): number {
  const wrong = columns.map((name) => `typeof(${name}) <> 'integer' OR ${name} > ${MOST} OR ${name} < 0`).join(' OR ');
  const capped = columns.map((name) => `${name} = max(0, min(CAST(${name} AS INTEGER), ${MOST}))`).join(', ');
  return Number(database.prepare(`UPDATE ${table} SET ${capped} WHERE ${wrong}`).run().changes);
}
