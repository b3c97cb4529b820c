import type { Hub } from './hub.ts';
import { startsOf } from './starts.ts';
import type { Stats, StatsFilter, StatsQuestions } from './stats.ts';

/** Figures are worked out at most this often, and where nothing came in: states change as time goes by. */
const CHANGED_MS = 1000;
const UNCHANGED_MS = 15_000;
const DAY_MS = 86_400_000;

/** The figures of the last 24 hours, today and this month where the API runs. */
export function takeStats(questions: StatsQuestions, whose: StatsFilter, nowMs: number): Stats {
  return questions.stats(whose, { startMs: nowMs - DAY_MS, endMs: nowMs }, startsOf(nowMs, undefined), nowMs);
}

export interface SnapshotDeps {
  questions: StatsQuestions;
  hub: Hub;
  latestSeq(): number;
  now(): number;
  /** Shortened by tests. */
  changedMs?: number;
}

/** Tells figures to those who asked for them, when they are others than before. Gives back how to stop. */
export function startSnapshots({ questions, hub, latestSeq, now, changedMs = CHANGED_MS }: SnapshotDeps): () => void {
  let toldSeq = latestSeq();
  let toldMs = now();
  const timer = setInterval(() => {
    const due = latestSeq() !== toldSeq || now() - toldMs >= UNCHANGED_MS;
    const wanted = due ? hub.statsWanted() : [];
    if (wanted.length === 0) return;
    toldSeq = latestSeq();
    toldMs = now();
    for (const whose of wanted) hub.publishStats(whose, takeStats(questions, whose, toldMs));
  }, changedMs);
  timer.unref();
  return () => clearInterval(timer);
}
