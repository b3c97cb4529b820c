import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { LedgerError } from '../ledger/error.ts';
import { isLedgerMetric } from '../ledger/rows.ts';
import type { LoggedSample } from '../ledger/sample-log.ts';
import type { Series, SeriesBook } from '../ledger/series.ts';
import { sampleName, seriesLabels, shownValue } from './points.ts';
import type { WriteSeries } from './remote-write.ts';

/** What a sink wants to know of a ledger to name its samples. */
export interface LogSource {
  book: Pick<SeriesBook, 'get'>;
  host: string;
  instanceId: string;
}

/** Samples of the change log as series of remote write, under the names and labels that they have everywhere. */
export function toWriteSeries(samples: readonly LoggedSample[], { book, host, instanceId }: LogSource): WriteSeries[] {
  const byId = new Map<number, { series: Series; write: WriteSeries }>();
  for (const { seriesId, timeMs, value } of samples) {
    const series = book.get(seriesId);
    if (series === undefined) continue;
    let one = byId.get(seriesId);
    if (one === undefined) {
      const labels = { job: 'ccmeter', instance: instanceId, ...seriesLabels(series, host) };
      one = { series, write: { name: sampleName(series), labels, samples: [] } };
      byId.set(seriesId, one);
    }
    one.write.samples.push({ timeMs, value: shownValue(series, value) });
  }
  return [...byId.values()].map(({ write }) => write);
}

/** The change log of a ledger, read beside the exporter that writes it. */
export interface ChangeLog extends LogSource {
  /** Samples up to this one are there; later ones are not read. */
  lastSeq: number;
  count: number;
  /** Up to `limit` samples after one, oldest first. */
  after(seq: number, limit: number): LoggedSample[];
  close(): void;
}

/**
 * Opens the change log as it stands, without touching the ledger.
 *
 * @throws LedgerError where there is none
 */
export function openChangeLog(stateDir: string): ChangeLog {
  const path = join(stateDir, 'ledger.db');
  if (!existsSync(path))
    throw new LedgerError(`--state-dir is ${stateDir}, where there is no ledger; it wants the directory of an exporter that has run`);
  const database = new DatabaseSync(path, { readOnly: true });
  const metaOf = (key: string) => String(database.prepare('SELECT value FROM meta WHERE key = ?').get(key)?.value ?? '');
  const ends = database.prepare('SELECT max(seq) AS last, count(*) AS count FROM samples').get();
  const after = database.prepare(
    'SELECT seq, series AS seriesId, time_ms AS timeMs, value FROM samples WHERE seq > ? AND seq <= ? ORDER BY seq LIMIT ?',
  );
  const series = readSeries(database);
  const lastSeq = Number(ends?.last ?? 0);
  return {
    book: { get: (id) => series.get(id) },
    host: metaOf('host'),
    instanceId: metaOf('instance_id'),
    lastSeq,
    count: Number(ends?.count ?? 0),
    after: (seq, limit) =>
      after.all(seq, lastSeq, limit).map((row) => ({
        seq: Number(row.seq),
        seriesId: Number(row.seriesId),
        timeMs: Number(row.timeMs),
        value: Number(row.value),
      })),
    close: () => database.close(),
  };
}

function readSeries(database: DatabaseSync): Map<number, Series> {
  const rows = database.prepare('SELECT id, metric, labels, start_ms, last_ms, value, debt FROM series').all();
  return new Map(
    rows.flatMap((row) => {
      const metric = String(row.metric);
      // What is no longer in the catalogue is not sent.
      if (!isLedgerMetric(metric)) return [];
      const values: string[] = JSON.parse(String(row.labels));
      const [startMs, lastMs, value, debt] = [row.start_ms, row.last_ms, row.value, row.debt].map(Number);
      const one: Series = {
        id: Number(row.id),
        metric,
        values,
        startMs: startMs ?? 0,
        lastMs: lastMs ?? 0,
        value: value ?? 0,
        debt: debt ?? 0,
        carried: 0,
      };
      return [[one.id, one] as const];
    }),
  );
}
