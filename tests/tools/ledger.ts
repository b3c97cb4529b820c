import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { type MetricName, metrics } from '../../exporter/src/contract/index.ts';

/** The change log of a ledger, as it stands now, read beside the running exporter. */
export function readLedger(stateDir: string) {
  const database = new DatabaseSync(join(stateDir, 'ledger.db'), { readOnly: true });
  const series = database.prepare('SELECT id, metric, labels, value FROM series').all();
  const log = new Map<number, { timeMs: number; value: number }[]>(series.map(({ id }) => [Number(id), []]));
  for (const row of database.prepare('SELECT series, time_ms, value FROM samples ORDER BY time_ms').all()) {
    log.get(Number(row.series))?.push({ timeMs: Number(row.time_ms), value: Number(row.value) });
  }
  database.close();
  const valueAt = (id: number, timeMs: number) => log.get(id)?.findLast((sample) => sample.timeMs <= timeMs)?.value ?? 0;
  const idsOf = (metric: string) => series.filter((one) => one.metric === metric).map(({ id }) => Number(id));
  return {
    /** What was added to a metric after `begin` up to `end`, milliseconds since 1970, in the ledger's whole numbers. */
    added(metric: string, begin: number, end: number): number {
      return idsOf(metric).reduce((sum, id) => sum + valueAt(id, end) - valueAt(id, begin), 0);
    },
    /** The same by the values of a label; of histograms also by `le`, the part that a series keeps. What nothing was added to is left out. */
    addedBy(metric: MetricName, label: string, begin: number, end: number): Map<string, number> {
      const names: readonly string[] = [...metrics[metric].labels.filter((name) => name !== 'host'), 'le'];
      const sums = new Map<string, number>();
      for (const one of series.filter((row) => row.metric === metric)) {
        const values: unknown = JSON.parse(String(one.labels));
        const value = Array.isArray(values) ? String(values[names.indexOf(label)]) : '';
        const more = valueAt(Number(one.id), end) - valueAt(Number(one.id), begin);
        if (more !== 0) sums.set(value, (sums.get(value) ?? 0) + more);
      }
      return sums;
    },
    total(metric: string): number {
      return series.filter((one) => one.metric === metric).reduce((sum, { value }) => sum + Number(value), 0);
    },
  };
}
