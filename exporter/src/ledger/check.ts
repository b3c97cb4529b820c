import type { DatabaseSync } from 'node:sqlite';
import type { LedgerMetric } from '../contract/index.ts';
import { measure } from '../meter/record.ts';
import type { Fact } from '../track/fact.ts';
import { pairsOf } from './balance.ts';
import { isLedgerMetric } from './rows.ts';
import { labelNames, PART } from './series.ts';

/** What a recount of the transcripts that still exist says beside the ledger. */
export interface Check {
  /** Things that both have, with the same count. */
  same: number;
  /** Things that only the ledger has: their transcripts were deleted. They stay counted. */
  gone: number;
  /** Things that only the transcripts have: not read yet, or lost. */
  missing: Fact[];
  /** Things of which the transcripts say more than was counted. */
  grown: Fact[];
  totals: TotalExplained[];
}

/** Where a total comes from. The total is the sum of the others, or something is wrong. In the ledger's whole numbers. */
export interface TotalExplained {
  metric: LedgerMetric;
  total: number;
  /** Counted of what is on disk, and of what is gone from it. */
  onDisk: number;
  gone: number;
  /** Counted before an earlier ledger was lost, of what has not been found again. */
  carried: number;
  /** Counted too much when later knowledge lowered a figure. What is counted next pays it back. */
  owed: number;
}

/** Types of facts that transcripts alone tell of. */
const COMPARED: ReadonlySet<Fact['type']> = new Set(['response', 'prompt', 'tool', 'api_error', 'compaction', 'continuation']);

/** Compares a ledger with a recount: thing by thing, and total by total. */
export function check(database: DatabaseSync, recounted: readonly Fact[], nowMs: number): Check {
  const facts = database.prepare('SELECT body FROM facts').all();
  return {
    ...compareFacts(
      facts.map(({ body }): Fact => JSON.parse(String(body))),
      recounted,
      nowMs,
    ),
    totals: explainTotals(database, new Set(recounted.map(({ key }) => key))),
  };
}

/**
 * Thing by thing. A thing of which the ledger counted more than the transcripts now say is the same: they were cut, and a counter does not
 * go down.
 */
function compareFacts(counted: readonly Fact[], recounted: readonly Fact[], nowMs: number): Omit<Check, 'totals'> {
  const known = new Map(counted.filter(({ type }) => COMPARED.has(type)).map((fact) => [fact.key, fact]));
  const found: Omit<Check, 'totals'> = { same: 0, gone: known.size, missing: [], grown: [] };
  for (const fact of recounted) {
    if (!COMPARED.has(fact.type)) continue;
    const before = known.get(fact.key);
    if (before === undefined) {
      found.missing.push(fact);
      continue;
    }
    found.gone -= 1;
    if (size(fact, nowMs) > size(before, nowMs)) found.grown.push(fact);
    else found.same += 1;
  }
  return found;
}

/** Everything that a fact adds up to, as one number to compare: what it is called and where it belongs do not matter. */
function size(fact: Fact, nowMs: number): number {
  return measure(fact, { project: '', nowMs })
    .filter(({ observed, metric }) => !observed && metric !== 'ccmeter_unfinished_requests_total')
    .reduce((sum, { value }) => sum + value, 0);
}

function explainTotals(database: DatabaseSync, onDisk: ReadonlySet<string>): TotalExplained[] {
  const bySeries = new Map<number, TotalExplained>();
  const byMetric = new Map<LedgerMetric, TotalExplained>();
  for (const { id, metric, value, debt, carried } of database.prepare('SELECT id, metric, value, debt, carried FROM series').all()) {
    const name = String(metric);
    if (!isLedgerMetric(name) || labelNames(name).includes(PART)) continue;
    const sums = byMetric.get(name) ?? { metric: name, total: 0, onDisk: 0, gone: 0, carried: 0, owed: 0 };
    byMetric.set(name, sums);
    bySeries.set(Number(id), sums);
    sums.total += Number(value);
    sums.owed += Number(debt);
    sums.carried += Number(carried);
  }
  for (const { key, counted } of database.prepare('SELECT key, counted FROM facts').iterate()) {
    for (const [id, value] of pairsOf(String(counted))) {
      const sums = bySeries.get(id);
      if (sums !== undefined) sums[onDisk.has(String(key)) ? 'onDisk' : 'gone'] += value;
    }
  }
  return [...byMetric.values()].filter(({ total }) => total > 0);
}

/** A total that is not the sum of what it comes from. */
export function isUnexplained({ total, onDisk, gone, carried, owed }: TotalExplained): boolean {
  return total !== onDisk + gone + carried + owed;
}
