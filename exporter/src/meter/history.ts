import type { Health } from '../health.ts';
import type { Ledger, LoggedSample } from '../ledger/ledger.ts';
import type { Log } from '../log.ts';
import { toWriteSeries } from './change-log.ts';
import type { Family, Point } from './points.ts';
import { STALE, type WriteSeries } from './remote-write.ts';
import { postSamples, shownUrl, type WriteOutcome } from './write-client.ts';

const BATCH_SAMPLES = 10_000;
const BACKOFF_FIRST_MS = 500;
const BACKOFF_LAST_MS = 30_000;

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
  const closing = new AbortController();
  let wake = () => {};
  let shown = new Map<string, WriteSeries>();
  let failing = false;
  const writing = writeForEver();

  async function writeForEver(): Promise<void> {
    let backoffMs = BACKOFF_FIRST_MS;
    while (!closing.signal.aborted) {
      const outcome = await writeNext();
      if (outcome === 'idle') await sleep(undefined);
      if (outcome === 'idle' || outcome.kind !== 'retry') {
        backoffMs = BACKOFF_FIRST_MS;
        continue;
      }
      await sleep(outcome.afterMs ?? backoffMs);
      backoffMs = Math.min(backoffMs * 2, BACKOFF_LAST_MS);
    }
  }

  /** Waits until there is something new, or for a time. */
  function sleep(ms: number | undefined): Promise<void> {
    return new Promise((resolve) => {
      const timer = ms === undefined ? undefined : setTimeout(resolve, ms);
      wake = () => {
        if (ms === undefined || closing.signal.aborted) {
          clearTimeout(timer);
          resolve();
        }
      };
    });
  }

  async function writeNext(): Promise<WriteOutcome | 'idle'> {
    const samples = ledger.samplesFor(sink, BATCH_SAMPLES);
    const last = samples.at(-1);
    showPending();
    if (last === undefined) return 'idle';
    const outcome = await writeOrSplit(samples);
    if (outcome.kind === 'retry') return outcome;
    ledger.acknowledge(sink, last.seq);
    showPending();
    return outcome;
  }

  /** A request that is refused is cut in halves until the sample is found that is not wanted; that one is counted and left out. */
  async function writeOrSplit(samples: readonly LoggedSample[]): Promise<WriteOutcome> {
    const outcome = await post(toWriteSeries(samples, ledger));
    if (outcome.kind !== 'refused') return outcome;
    if (samples.length === 1) {
      health.add('ccmeter_exporter_refused_samples_total', { sink: 'remote_write' });
      return { kind: 'ok' };
    }
    const middle = Math.ceil(samples.length / 2);
    const first = await writeOrSplit(samples.slice(0, middle));
    return first.kind === 'retry' ? first : writeOrSplit(samples.slice(middle));
  }

  async function post(series: readonly WriteSeries[]): Promise<WriteOutcome> {
    const outcome = await postSamples(target, series, closing.signal);
    const ok = outcome.kind === 'ok';
    health.add('ccmeter_exporter_exports_total', { sink: 'remote_write', result: ok ? 'ok' : 'failed' });
    if (ok) health.set('ccmeter_exporter_last_export_timestamp_seconds', { sink: 'remote_write' }, now() / 1000);
    if (outcome.kind === 'ok') failing = false;
    else if (!closing.signal.aborted) report(outcome.problem);
    return outcome;
  }

  /** One line when it begins to fail, not one per attempt. */
  function report(problem: string): void {
    if (!failing) log.warn({ url: shownUrl(url), problem }, 'remote write fails; it is tried again until it works');
    failing = true;
  }

  function showPending(): void {
    health.set('ccmeter_exporter_pending_samples', { sink: 'remote_write' }, ledger.pendingSamples(sink));
  }

  return {
    /** There are new samples in the change log. */
    notify(): void {
      wake();
    },

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
      if (current.size + ended.length > 0) await post([...current.values(), ...ended]);
    },

    /** Waits until everything is written, or writing fails, at the longest for so many milliseconds. */
    async flush(timeoutMs: number): Promise<void> {
      const deadline = performance.now() + timeoutMs;
      while (ledger.pendingSamples(sink) > 0 && !failing && performance.now() < deadline) {
        wake();
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
    },

    async close(): Promise<void> {
      closing.abort();
      wake();
      await writing;
    },
  };

  function toCurrent(metric: string, point: Point, timeMs: number): WriteSeries {
    return { name: metric, labels: { ...labels, ...point.labels }, samples: [{ timeMs, value: point.value }] };
  }
}

function seriesKey(metric: string, point: Point): string {
  return `${metric}\n${JSON.stringify(point.labels)}`;
}
