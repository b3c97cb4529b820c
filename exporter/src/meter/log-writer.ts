import type { Health } from '../health.ts';
import type { Ledger } from '../ledger/ledger.ts';
import type { LoggedSample } from '../ledger/sample-log.ts';
import type { Log } from '../log.ts';
import type { WriteOutcome } from './write-client.ts';

const BATCH_SAMPLES = 10_000;
const BACKOFF_FIRST_MS = 500;
const BACKOFF_LAST_MS = 30_000;

export interface LogWriterOptions {
  /** The way they go, as the exporter's own metrics call it. */
  way: 'remote_write' | 'otlp';
  /** Where they go, as logs may show it. */
  shown: string;
  /** Names the time series database at the end of the way. A new one gets everything from the beginning. */
  sink: string;
  ledger: Pick<Ledger, 'samplesFor' | 'acknowledge' | 'pendingSamples'>;
  health: Health;
  log: Log;
  now: () => number;
  write(samples: readonly LoggedSample[], signal: AbortSignal): Promise<WriteOutcome>;
}

/**
 * Writes the change log to a database, oldest first, batch after batch, for as long as it lives. How far it got is kept in the ledger, so a
 * restart goes on where this one ended.
 */
export function createLogWriter({ way, shown, sink, ledger, health, log, now, write }: LogWriterOptions) {
  const closing = new AbortController();
  let wake = () => {};
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
    const outcome = await attempt((signal) => write(samples, signal));
    if (outcome.kind !== 'refused') return outcome;
    if (samples.length === 1) {
      health.add('ccmeter_exporter_refused_samples_total', { sink: way });
      return { kind: 'ok' };
    }
    const middle = Math.ceil(samples.length / 2);
    const first = await writeOrSplit(samples.slice(0, middle));
    return first.kind === 'retry' ? first : writeOrSplit(samples.slice(middle));
  }

  /** Sends something and counts what became of it. */
  async function attempt(send: (signal: AbortSignal) => Promise<WriteOutcome>): Promise<WriteOutcome> {
    const outcome = await send(closing.signal);
    const ok = outcome.kind === 'ok';
    health.add('ccmeter_exporter_exports_total', { sink: way, result: ok ? 'ok' : 'failed' });
    if (ok) health.set('ccmeter_exporter_last_export_timestamp_seconds', { sink: way }, now() / 1000);
    if (outcome.kind === 'ok') failing = false;
    else if (!closing.signal.aborted) report(outcome.problem);
    return outcome;
  }

  /** One line when it begins to fail, not one per attempt. */
  function report(problem: string): void {
    if (!failing) log.warn({ to: shown, problem }, `writing by ${way} fails; it is tried again until it works`);
    failing = true;
  }

  function showPending(): void {
    health.set('ccmeter_exporter_pending_samples', { sink: way }, ledger.pendingSamples(sink));
  }

  return {
    attempt,

    /** There are new samples in the change log. */
    notify(): void {
      wake();
    },

    /** Waits until everything is written, or writing fails, at the longest for so many milliseconds. */
    async flush(timeoutMs: number): Promise<void> {
      const deadline = performance.now() + timeoutMs;
      // Once this is closed the ledger may be, too.
      while (!closing.signal.aborted && ledger.pendingSamples(sink) > 0 && !failing && performance.now() < deadline) {
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
}
