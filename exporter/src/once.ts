import { Health } from './health.ts';
import { SeriesBook } from './ledger/series.ts';
import { countAll } from './ledger/settle.ts';
import { countUnreadable } from './line-reader.ts';
import { createLocalTime } from './meter/local-time.ts';
import { Pipeline } from './pipeline.ts';
import { Reader } from './read/reader.ts';
import { createHistoryConsumer } from './sources/history-source.ts';
import { isRunning } from './sources/process.ts';
import { configDirs, historyFiles, Sources } from './sources/sources.ts';
import type { Fact, SessionFact } from './track/fact.ts';
import { codeOf, originOf, transcriptRoot, walkTranscripts } from './watch/transcripts.ts';

/** What a scan without a ledger gave. */
export interface Scan {
  book: SeriesBook;
  health: Health;
  /** Everything that was counted. */
  facts: Fact[];
  sessions: SessionFact[];
  /** Bytes read and how long it took, in milliseconds. */
  bytes: number;
  durationMs: number;
}

/**
 * Reads everything in these directories once, in memory: no state, no network. `onProgress` is told the bytes read so far; hours are
 * those of `timeZone`. A ledger that the facts are to be compared with knows the files by numbers: `fileIdOf` tells them.
 */
export function scanOnce(
  claudeDirs: readonly string[],
  nowMs: number,
  onProgress: (bytes: number, total: number) => void,
  timeZone = 'UTC',
  fileIdOf: (path: string) => number | undefined = () => undefined,
): Scan {
  const begun = performance.now();
  const health = new Health(nowMs);
  const facts = new Map<string, Fact>();
  const store = { get: (key: string) => facts.get(key), put: (fact: Fact) => void facts.set(fact.key, fact) };
  const reader = new Reader(() => countUnreadable(health, 'oversized'));
  const pipeline = new Pipeline(store, health);
  const onError = (code: string) => health.add('ccmeter_exporter_read_errors_total', { reason: code });

  const files = new Map(
    [...claudeDirs].flatMap((dir) => [...walkTranscripts(transcriptRoot(dir), onError)].map((file) => [file.path, file.stats])),
  );
  const total = [...files.values()].reduce((sum, stats) => sum + stats.size, 0);
  let bytes = 0;
  let fileId = 0;
  for (const [path, stats] of files) {
    fileId += 1;
    // Below 0, so that a file that the ledger does not know has the number of none that it does.
    const origin = { fileId: fileIdOf(path) ?? -fileId, ...originOf(path), offset: 0, fallbackMs: stats.mtimeMs, nowMs };
    try {
      bytes += reader.step(path, undefined, Number.POSITIVE_INFINITY, pipeline.transcript(origin)).position.offset;
    } catch (error) {
      onError(codeOf(error));
    }
    onProgress(bytes, total);
  }

  const transcripts = [...files].map(([path, { mtimeMs, size }]) => ({ path, modifiedMs: mtimeMs, bytes: size }));
  for (const { path } of historyFiles(configDirs(claudeDirs, transcripts), onError)) {
    try {
      bytes += reader.step(path, undefined, Number.POSITIVE_INFINITY, createHistoryConsumer(store, health)).position.offset;
    } catch (error) {
      onError(codeOf(error));
    }
  }
  const sources = new Sources({ facts: store, health, now: () => nowMs, isRunning, runningSessions: () => [] });
  sources.sweep(claudeDirs, transcripts);
  while (sources.step()) onProgress(bytes, total);
  sources.refresh();

  const book = new SeriesBook();
  const session = (id: string) => {
    const fact = facts.get(`session:${id}`);
    return fact?.type === 'session' ? fact : undefined;
  };
  countAll(facts.values(), book, session, nowMs, createLocalTime(timeZone));
  health.set('ccmeter_exporter_files', {}, files.size);
  const all = [...facts.values()];
  const sessions = all.filter((fact) => fact.type === 'session');
  return { book, health, facts: all, sessions, bytes, durationMs: performance.now() - begun };
}
