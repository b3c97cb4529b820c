import type { Hub } from './hub.ts';
import type { Reader } from './reader.ts';
import { startsOf } from './starts.ts';
import type { Stats, StatsFilter } from './stats.ts';

/** Figures are worked out at most this often, and where nothing came in: states change as time goes by. */
const CHANGED_MS = 1000;
const UNCHANGED_MS = 15_000;
const DAY_MS = 86_400_000;

/** The figures of the last 24 hours, today and this month where the API runs. */
export function takeStats(reader: Reader, whose: StatsFilter, nowMs: number, signal: AbortSignal): Promise<Stats> {
  return reader.ask('stats', [whose, { startMs: nowMs - DAY_MS, endMs: nowMs }, startsOf(nowMs, undefined), nowMs], signal);
}

export interface SnapshotDeps {
  reader: Reader;
  hub: Hub;
  latestSeq(): number;
  now(): number;
  /** Shortened by tests. */
  changedMs?: number;
}

/** Figures are worked out for this part of the time at most: those over a year of a team take a while. */
const MOST_OF_THE_TIME = 0.1;

/** Tells figures to those who asked for them, when they are others than before. Gives back how to stop. */
export function startSnapshots({ reader, hub, latestSeq, now, changedMs = CHANGED_MS }: SnapshotDeps): () => void {
  const closing = new AbortController();
  let toldSeq = latestSeq();
  let toldMs = now();
  let restUntilMs = 0;
  const tell = async () => {
    const due = latestSeq() !== toldSeq || now() - toldMs >= UNCHANGED_MS;
    const wanted = due && performance.now() >= restUntilMs ? hub.statsWanted() : [];
    if (wanted.length === 0) return;
    const begunMs = performance.now();
    restUntilMs = Number.POSITIVE_INFINITY;
    toldSeq = latestSeq();
    toldMs = now();
    for (const whose of wanted) hub.publishStats(whose, await takeStats(reader, whose, toldMs, closing.signal));
    restUntilMs = performance.now() + (performance.now() - begunMs) / MOST_OF_THE_TIME;
  };
  // Where they cannot be worked out now they are in a moment; who asks for them by hand is told why not.
  const timer = setInterval(
    () =>
      void tell().catch(() => {
        restUntilMs = 0;
      }),
    changedMs,
  );
  timer.unref();
  return () => {
    clearInterval(timer);
    closing.abort();
  };
}
