import type { Stats } from 'node:fs';
import { Crew, crewSize, type FileRead, WORTH_THREADS_BYTES } from './crew.ts';
import type { Task } from './crew-worker.ts';
import { Health } from './health.ts';
import { SeriesBook } from './ledger/series.ts';
import { countAll } from './ledger/settle.ts';
import { createLocalTime } from './meter/local-time.ts';
import type { Names } from './meter/names.ts';
import { createTally, Pipeline } from './pipeline.ts';
import type { PriceBook } from './price/cost.ts';
import { type Consume, Reader } from './read/reader.ts';
import { createHistoryConsumer } from './sources/history-source.ts';
import { isRunning } from './sources/process.ts';
import { configDirs, historyFiles, type PresentTranscript, Sources } from './sources/sources.ts';
import type { Fact, Facts, SessionFact } from './track/fact.ts';
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

/** Told the bytes read so far and those there are. */
type OnProgress = (bytes: number, total: number) => void;

/**
 * Reads everything in these directories once, in memory: no state, no network. `onProgress` is told the bytes read so far; hours are
 * those of `timeZone`, money that of `prices`, names as `names` has them shown.
 */
export function scanOnce(
  claudeDirs: readonly string[],
  nowMs: number,
  onProgress: OnProgress,
  timeZone = 'UTC',
  prices?: PriceBook,
  names?: Names,
): Scan {
  const scan = new OneScan(claudeDirs, nowMs, onProgress);
  scan.findTranscripts();
  scan.readHere();
  return scan.finish(timeZone, prices, names);
}

/** As {@link scanOnce}, with threads that read while this one counts. For less than `worthBytes` they would not be worth their start. */
export async function scanInParallel(
  claudeDirs: readonly string[],
  nowMs: number,
  onProgress: OnProgress,
  timeZone = 'UTC',
  prices?: PriceBook,
  names?: Names,
  worthBytes = WORTH_THREADS_BYTES,
): Promise<Scan> {
  const scan = new OneScan(claudeDirs, nowMs, onProgress);
  let crew: Crew | undefined;
  // The threads start while the other files are still looked for.
  scan.findTranscripts((bytes) => {
    if (bytes >= worthBytes) crew ??= new Crew(crewSize());
  });
  if (crew === undefined) scan.readHere();
  else await scan.readWith(crew);
  return scan.finish(timeZone, prices, names);
}

/** A transcript as it was found. */
interface TranscriptFile extends Task {
  stats: Stats;
  bytes: number;
}

class OneScan {
  readonly #claudeDirs: readonly string[];
  readonly #nowMs: number;
  readonly #onProgress: OnProgress;
  readonly #begun = performance.now();
  readonly #facts = new Map<string, Fact>();
  readonly #store: Facts = { get: (key) => this.#facts.get(key), put: (fact) => void this.#facts.set(fact.key, fact) };
  readonly #health: Health;
  readonly #pipeline: Pipeline;
  readonly #reader: Reader;
  readonly #sources: Sources;
  readonly #files: TranscriptFile[] = [];
  #besideRead = false;
  #totalBytes = 0;
  #bytes = 0;

  constructor(claudeDirs: readonly string[], nowMs: number, onProgress: OnProgress) {
    this.#claudeDirs = claudeDirs;
    this.#nowMs = nowMs;
    this.#onProgress = onProgress;
    this.#health = new Health(nowMs);
    this.#pipeline = new Pipeline(this.#store, this.#health);
    this.#sources = new Sources({ facts: this.#store, health: this.#health, now: () => nowMs, isRunning, runningSessions: () => [] });
    const tally = createTally(this.#health);
    this.#reader = new Reader(() => tally.unreadable('oversized'));
  }

  /** Finds the transcripts; `onFound` is told how large those found so far are. */
  findTranscripts(onFound: (bytes: number) => void = () => {}): void {
    const known = new Set<string>();
    for (const dir of this.#claudeDirs) {
      for (const { path, stats } of walkTranscripts(transcriptRoot(dir), (code) => this.#countError(code))) {
        if (known.has(path)) continue;
        known.add(path);
        const origin = { ...originOf(path), offset: 0, fallbackMs: Math.round(stats.mtimeMs), nowMs: this.#nowMs };
        this.#files.push({ path, stats, bytes: stats.size, origin });
        this.#totalBytes += stats.size;
        onFound(this.#totalBytes);
      }
    }
  }

  readHere(): void {
    for (const { path, origin } of this.#files) this.#advance(this.#read(path, this.#pipeline.transcript(origin)));
  }

  async readWith(crew: Crew): Promise<void> {
    const groups = crew.read(this.#files);
    // From now on the threads have something to do, and so has this one.
    const first = groups.next();
    this.#readBeside();
    for (let next = await first; !next.done; next = await groups.next()) this.#takeGroup(next.value);
    await crew.close();
  }

  #takeGroup(group: readonly FileRead<TranscriptFile>[]): void {
    for (const { file, part, facts } of group) {
      if (typeof part.step === 'string') this.#countError(part.step);
      if (this.#pipeline.take(file.origin, part, facts)) this.#advance(part.read.bytes);
      else this.#advance(this.#read(file.path, this.#pipeline.transcript(file.origin)));
    }
  }

  finish(timeZone: string, prices?: PriceBook, names?: Names): Scan {
    this.#readBeside();
    const { dirs } = this.#beside();
    for (const { path } of historyFiles(dirs, (code) => this.#countError(code))) {
      this.#advance(this.#read(path, createHistoryConsumer(this.#store, this.#health)));
    }
    this.#sources.sweepSessions(dirs);
    this.#sources.refresh();
    return { ...this.#count(timeZone, prices, names), bytes: this.#bytes, durationMs: performance.now() - this.#begun };
  }

  #beside(): { dirs: Set<string>; transcripts: PresentTranscript[] } {
    const transcripts = this.#files.map(({ path, stats, bytes }) => ({ path, modifiedMs: stats.mtimeMs, bytes }));
    return { dirs: configDirs(this.#claudeDirs, transcripts), transcripts };
  }

  /** Reads what lies beside the transcripts, once. */
  #readBeside(): void {
    if (this.#besideRead) return;
    this.#besideRead = true;
    const { dirs, transcripts } = this.#beside();
    this.#sources.sweepFiles(dirs, transcripts);
    while (this.#sources.step()) this.#onProgress(this.#bytes, this.#totalBytes);
  }

  #count(timeZone: string, prices?: PriceBook, names?: Names): Pick<Scan, 'book' | 'health' | 'facts' | 'sessions'> {
    const book = new SeriesBook();
    const session = (id: string) => {
      const fact = this.#facts.get(`session:${id}`);
      return fact?.type === 'session' ? fact : undefined;
    };
    countAll(this.#facts.values(), book, session, this.#nowMs, createLocalTime(timeZone), prices, names);
    this.#health.set('ccmeter_exporter_files', {}, this.#files.length);
    const facts = [...this.#facts.values()];
    return { book, health: this.#health, facts, sessions: facts.filter((fact) => fact.type === 'session') };
  }

  /** Reads a file to its end and gives back how many bytes that were. */
  #read(path: string, consume: Consume): number {
    try {
      return this.#reader.step(path, undefined, Number.POSITIVE_INFINITY, consume).position.offset;
    } catch (error) {
      this.#countError(codeOf(error));
      return 0;
    }
  }

  #advance(bytes: number): void {
    this.#bytes += bytes;
    this.#onProgress(this.#bytes, this.#totalBytes);
  }

  #countError(code: string): void {
    this.#health.add('ccmeter_exporter_read_errors_total', { reason: code });
  }
}
