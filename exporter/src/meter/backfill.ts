import { createHash } from 'node:crypto';
import { existsSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { LoggedSample } from '../ledger/sample-log.ts';
import type { ChangeLog } from './change-log.ts';
import type { WriteOutcome } from './write-client.ts';

/** Somewhere that samples are written to. */
export interface BackfillSink {
  /** Names it, so that its place is found again. */
  name: string;
  /** As a person may see it. */
  shown: string;
  write(samples: readonly LoggedSample[]): Promise<WriteOutcome>;
}

export interface BackfillOptions {
  log: ChangeLog;
  sink: BackfillSink;
  /** Where the place is kept: beside the ledger, not in it, since an exporter may be writing there. */
  stateDir: string;
  /** From the beginning, wherever an earlier run ended. */
  again: boolean;
  /** Told after each batch. */
  onProgress(progress: BackfillProgress): void;
  sleep(ms: number): Promise<void>;
  batchSamples?: number;
  /** Ends it between two batches; called again it goes on there. */
  stopped: AbortSignal;
}

/** Samples by what became of them. `before` were written by an earlier run. */
export interface BackfillProgress {
  total: number;
  before: number;
  written: number;
  refused: number;
}

const BATCH_SAMPLES = 10_000;
const ATTEMPTS = 8;
const PAUSE_FIRST_MS = 500;
const PAUSE_LAST_MS = 30_000;

/** The sink did not take what it was sent, however often it was tried. */
export class BackfillError extends Error {}

/**
 * Writes the whole change log to a sink, oldest first, with the original times. A run that was broken off is taken up where it ended.
 * What is there already is written once more with the same value at the same time, which changes nothing.
 *
 * @throws BackfillError where the sink is away for long
 */
export async function backfill({
  log,
  sink,
  stateDir,
  again,
  onProgress,
  sleep,
  stopped,
  batchSamples = BATCH_SAMPLES,
}: BackfillOptions): Promise<BackfillProgress> {
  const place = join(stateDir, `backfill-${createHash('sha256').update(sink.name).digest('hex').slice(0, 16)}.json`);
  let seq = again ? 0 : readPlace(place, log);
  const before = log.count - countAfter(log, seq);
  const progress: BackfillProgress = { total: log.count, before, written: 0, refused: 0 };
  onProgress({ ...progress });
  for (;;) {
    const samples = log.after(seq, batchSamples);
    const last = samples.at(-1);
    if (last === undefined || stopped.aborted) break;
    const refused = await writeOrSplit(samples, sink, sleep, stopped);
    if (refused === 'stopped') break;
    seq = last.seq;
    progress.refused += refused;
    progress.written += samples.length - refused;
    writeFileSync(`${place}.new`, JSON.stringify({ instanceId: log.instanceId, seq }), { mode: 0o600 });
    renameSync(`${place}.new`, place);
    onProgress({ ...progress });
  }
  // Done: the next run begins anew.
  if (!stopped.aborted) rmSync(place, { force: true });
  return progress;
}

function countAfter(log: ChangeLog, seq: number): number {
  if (seq === 0) return log.count;
  let count = 0;
  for (let at = seq; ; ) {
    const samples = log.after(at, 100_000);
    const last = samples.at(-1);
    if (last === undefined) return count;
    count += samples.length;
    at = last.seq;
  }
}

/** Where an earlier run ended; 0 where there was none, or it was of another ledger. */
function readPlace(place: string, log: ChangeLog): number {
  if (!existsSync(place)) return 0;
  try {
    const { instanceId, seq }: { instanceId?: unknown; seq?: unknown } = JSON.parse(readFileSync(place, 'utf8'));
    return instanceId === log.instanceId && typeof seq === 'number' && seq <= log.lastSeq ? seq : 0;
  } catch {
    return 0;
  }
}

/** A batch that is refused is cut in halves until the samples are found that are not wanted. Gives back how many. */
async function writeOrSplit(
  samples: readonly LoggedSample[],
  sink: BackfillSink,
  sleep: BackfillOptions['sleep'],
  stopped: AbortSignal,
): Promise<number | 'stopped'> {
  const outcome = await writePatiently(samples, sink, sleep, stopped);
  if (outcome !== 'refused') return outcome === 'ok' ? 0 : outcome;
  if (samples.length === 1) return 1;
  const middle = Math.ceil(samples.length / 2);
  const first = await writeOrSplit(samples.slice(0, middle), sink, sleep, stopped);
  if (first === 'stopped') return first;
  const second = await writeOrSplit(samples.slice(middle), sink, sleep, stopped);
  return second === 'stopped' ? second : first + second;
}

async function writePatiently(
  samples: readonly LoggedSample[],
  sink: BackfillSink,
  sleep: BackfillOptions['sleep'],
  stopped: AbortSignal,
): Promise<'ok' | 'refused' | 'stopped'> {
  let pauseMs = PAUSE_FIRST_MS;
  for (let attempt = 1; ; attempt++) {
    const outcome = await sink.write(samples);
    if (outcome.kind !== 'retry') return outcome.kind;
    if (stopped.aborted) return 'stopped';
    if (attempt === ATTEMPTS)
      throw new BackfillError(`${sink.shown}: ${outcome.problem}; tried ${ATTEMPTS} times. The same command goes on from here`);
    await sleep(outcome.afterMs ?? pauseMs);
    pauseMs = Math.min(pauseMs * 2, PAUSE_LAST_MS);
  }
}
