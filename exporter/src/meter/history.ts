import type { Health } from '../health.ts';
import type { Ledger } from '../ledger/ledger.ts';
import type { Log } from '../log.ts';
import { toWriteSeries } from './change-log.ts';
import { createLogWriter } from './log-writer.ts';
import type { Family, Point } from './points.ts';
import { STALE, type WriteSeries } from './remote-write.ts';
import { postSamples, shownUrl } from './write-client.ts';

export interface HistoryOptions {
  url: string;
  /** Sent along with every request. Secrets. */
  headers: Readonly<Record<string, string>>;
  /** Names the time series database behind the URL. A new one gets everything from the beginning. */
  sink: string;
  ledger: Ledger;
  health: Health;
  log: Log;
  fetch: typeof fetch;
  now: () => number;
}

/**
 * Writes the change log to Prometheus by remote write: past and present go the same way, oldest first, with their original times.
 * How far it got is kept in the ledger, so a restart goes on where this one ended, and a database that is new gets all of it.
 */
export function createHistory({ url, headers, sink, ledger, health, log, fetch, now }: HistoryOptions) {
  const target = { url, headers, fetch };
  const labels = { job: 'ccmeter', instance: ledger.instanceId };
  let shown = new Map<string, WriteSeries>();
  const { attempt, notify, flush, close } = createLogWriter({
    way: 'remote_write',
    shown: shownUrl(url),
    sink,
    ledger,
    health,
    log,
    now,
    write: (samples, signal) => postSamples(target, toWriteSeries(samples, ledger), signal),
  });

  return {
    notify,
    flush,
    close,

    /**
     * Writes what has no history: gauges and the exporter's health, as they are now. A label set that is gone is marked as ended.
     * What cannot be written is not tried again: the next call carries newer values.
     */
    async writeNow(families: readonly Family[]): Promise<void> {
      const timeMs = now();
      const current = new Map<string, WriteSeries>();
      for (const { metric, points } of families) {
        for (const point of points) {
          if (point.seriesId === undefined) current.set(seriesKey(metric, point), toCurrent(metric, point, timeMs));
        }
      }
      const ended = [...shown]
        .filter(([key]) => !current.has(key))
        .map(([, one]) => ({ ...one, samples: [{ timeMs, value: STALE }] satisfies WriteSeries['samples'] }));
      shown = current;
      if (current.size + ended.length > 0) await attempt((signal) => postSamples(target, [...current.values(), ...ended], signal));
    },
  };

  function toCurrent(metric: string, point: Point, timeMs: number): WriteSeries {
    return { name: metric, labels: { ...labels, ...point.labels }, samples: [{ timeMs, value: point.value }] };
  }
}

function seriesKey(metric: string, point: Point): string {
  return `${metric}\n${JSON.stringify(point.labels)}`;
}
