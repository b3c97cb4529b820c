import { type LedgerMetric, metrics } from '../contract/index.ts';
import { pairsOf } from './balance.ts';
import type { Series } from './series.ts';
import type { OpenFact } from './settle.ts';
import type { DueFact } from './statements.ts';

/** A fact as it was written down. */
export function toOpenFact(row: DueFact): OpenFact {
  return { fact: JSON.parse(row.body), counted: new Map(pairsOf(row.counted)), revision: row.revision };
}

/** A metric that is no longer in the catalogue is no longer shown; its rows stay. */
export function toSeries(row: Omit<Series, 'metric' | 'values'> & { metric: string; labels: string }): Series | undefined {
  if (!isLedgerMetric(row.metric)) return undefined;
  const values: string[] = JSON.parse(row.labels);
  return { ...row, metric: row.metric, values };
}

/** A metric whose totals and history are in the ledger. */
export function isLedgerMetric(name: string): name is LedgerMetric {
  return Object.hasOwn(metrics, name) && metrics[name as keyof typeof metrics].kept === 'ledger';
}
