import type { Stats } from 'node:fs';
import { lstatSync } from 'node:fs';
import { Crew, crewSize, type FileRead, WORTH_THREADS_BYTES } from './crew.ts';
import type { Task } from './crew-worker.ts';
import type { Health } from './health.ts';
import { isDamage } from './ledger/error.ts';
import type { KnownFile } from './ledger/known-files.ts';
import type { Ledger } from './ledger/ledger.ts';
import type { Log } from './log.ts';
import { createTally, Pipeline } from './pipeline.ts';
import { Reader } from './read/reader.ts';
import { createHistoryConsumer } from './sources/history-source.ts';
import { placeOf } from './sources/places.ts';
import { isRunning } from './sources/process.ts';
import { configDirs, historyFiles, type PresentTranscript, Sources } from './sources/sources.ts';
import type { Origin } from './track/fact.ts';
import { codeOf, isTranscript, originOf, transcriptRoot, walkTranscripts } from './watch/transcripts.ts';

/** A batch is written at the latest after so many bytes; smaller ones make the first scan slow, larger ones lose more when killed. */
const BATCH_BYTES = 16 * 1024 * 1024;

/** A transaction that fails (a full disk) is tried again after this long. */
const RETRY_MS = 5000;

/** A session that ran when the exporter stopped is asked about when it had a line in so many days. */
const RUNNING_MS = 7 * 24 * 3600_000;

export interface ScannerOptions {
  claudeDirs: readonly string[];
  ledger: Ledger;
  health: Health;
  log: Log;
  now: () => number;
  /** The ledger is broken, so that trying again is of no use. */
  onBroken?: (error: unknown) => void;
  /** From so much to read at the start on, threads read it. */
  worthThreadsBytes?: number;
}

/** A transcript that has never been read. */
interface NewFile extends Task {
  file: KnownFile;
  bytes: number;
}

/** How far the scanner is. `bytes` is what there was to read when it began. */
export interface Progress {
  phase: 'scanning' | 'ready';
  files: number;
  filesRead: number;
  bytes: number;
  bytesRead: number;
  bytesPerSecond: number;
}

/**
 * Reads what is new in the transcripts. Until all that was there at the start has been read, facts are collected and not yet counted:
 * files are not in the order of time, and what is counted must be. From then on every change is counted as it comes.
 */
export class Scanner {
  /** Called when something new has been counted. */
  onSettled: () => void = () => {};
  closed = false;
  readonly #options: ScannerOptions;
  readonly #reader: Reader;
  readonly #pipeline: Pipeline;
  #sources: Sources;
  readonly #queue = new Map<string, undefined>();
  /** What is to be looked at beside the transcripts, by path; the sweep is the empty one. */
  readonly #sourcesDue = new Map<string, () => void>();
  readonly #progress: Progress = { phase: 'scanning', files: 0, filesRead: 0, bytes: 0, bytesRead: 0, bytesPerSecond: 0 };
  /** What is unknown and has been told of. */
  readonly #told = new Set<string>();
  #begunMs = 0;
  #draining: Promise<void> | undefined;

  constructor(options: ScannerOptions) {
    this.#options = options;
    this.#reader = new Reader(() => createTally(options.health).unreadable('oversized'));
    this.#pipeline = new Pipeline(options.ledger, options.health);
    this.#sources = this.#createSources();
  }

  progress(): Progress {
    return { ...this.#progress };
  }

  /** Looks at every transcript and reads those that have changed; resolves when all of it is counted. */
  async sweep(): Promise<void> {
    const { claudeDirs, ledger, health } = this.#options;
    const present = new Map<string, PresentTranscript>();
    let backlog = 0;
    for (const dir of claudeDirs) {
      for (const { path, stats } of walkTranscripts(transcriptRoot(dir), (code) => this.#countError(code))) {
        if (present.has(path)) continue;
        present.set(path, { path, modifiedMs: stats.mtimeMs, bytes: stats.size });
        const unread = unreadBytes(ledger.file(path), stats);
        if (unread === 0) continue;
        backlog += Math.max(unread, 0);
        this.#queue.set(path, undefined);
        // What belongs to a session that goes on may not have changed for long; the first sweep looks at all of it anyway.
        if (this.#progress.phase === 'ready') this.#sourcesDue.set(path, () => this.#sources.lookAtSession(path));
      }
    }
    const transcripts = [...present.values()];
    const histories = historyFiles(configDirs(claudeDirs, transcripts), (code) => this.#countError(code));
    for (const { path, stats } of histories) {
      const unread = unreadBytes(ledger.file(path), stats);
      backlog += Math.max(unread, 0);
      if (unread !== 0) this.#queue.set(path, undefined);
    }
    this.#sourcesDue.set('', () => this.#sources.sweep(claudeDirs, transcripts));
    health.set('ccmeter_exporter_files', {}, present.size);
    health.set('ccmeter_exporter_backlog_bytes', {}, backlog);
    if (this.#progress.phase === 'scanning') this.#expect(present.size + histories.length, backlog);
    await this.#drain();
  }

  /** A file may have changed: reads it at once. */
  look(path: string): void {
    if (this.closed) return;
    const isHistory = placeOf(path) === 'history';
    if (isTranscript(path) || isHistory) this.#queue.set(path, undefined);
    if (!isHistory) this.#sourcesDue.set(path, () => (isTranscript(path) ? this.#sources.lookAtSession(path) : this.#sources.look(path)));
    void this.#drain();
  }

  /** Stops between two batches. */
  async close(): Promise<void> {
    this.closed = true;
    await this.#draining;
  }

  #expect(files: number, bytes: number): void {
    this.#begunMs = performance.now();
    Object.assign(this.#progress, { files, filesRead: files - this.#queue.size, bytes, bytesRead: 0 });
  }

  #createSources(): Sources {
    const { ledger, health, now } = this.#options;
    const again = (path: string, ms: number) => void setTimeout(() => this.look(path), ms).unref();
    const runningSessions = () =>
      ledger.sessionsSince(now() - RUNNING_MS).filter(({ process }) => process !== undefined && process.status !== 'gone');
    return new Sources({ facts: ledger, health, now, again, isRunning, runningSessions });
  }

  /** One drain at a time; whoever asks meanwhile waits for the one that runs, which takes up what they queued. */
  #drain(): Promise<void> {
    this.#draining ??= this.#drainAll().finally(() => {
      this.#draining = undefined;
    });
    return this.#draining;
  }

  async #drainAll(): Promise<void> {
    for (;;) {
      try {
        // While one is read the other may get something to do.
        while (this.#queue.size + this.#sourcesDue.size > 0 && !this.closed) {
          await this.#readQueue();
          await this.#readSources();
        }
        if (this.closed) return;
        this.#settle();
        return;
      } catch (error) {
        if (isDamage(error)) return this.#options.onBroken?.(error);
        this.#options.ledger.rollback();
        // What was read beside the transcripts is lost with the transaction, so nothing there counts as seen.
        this.#sources = this.#createSources();
        this.#countError(codeOf(error));
        this.#options.log.error({ problem: String(error) }, 'the ledger cannot be written; trying again');
        if (this.closed) return;
        await new Promise((resolve) => setTimeout(resolve, RETRY_MS).unref());
      }
    }
  }

  async #readQueue(): Promise<void> {
    if (this.#progress.phase === 'scanning') await this.#readNewFiles();
    while (this.#queue.size > 0 && !this.closed) {
      this.#readBatch();
      await new Promise((resolve) => setImmediate(resolve));
    }
  }

  /** Has threads read what was never read before, where that is much. What they cannot tell stays in the queue. */
  async #readNewFiles(): Promise<void> {
    const files = this.#newFiles();
    if (files.reduce((sum, { bytes }) => sum + bytes, 0) < (this.#options.worthThreadsBytes ?? WORTH_THREADS_BYTES)) return;
    const crew = new Crew(crewSize());
    try {
      for await (const group of crew.read(files)) {
        if (this.closed) return;
        this.#takeGroup(group);
      }
    } finally {
      await crew.close();
    }
  }

  /** The transcripts in the queue of which nothing has been read, each with its number in the ledger. */
  #newFiles(): NewFile[] {
    const { ledger, now } = this.#options;
    const files: NewFile[] = [];
    ledger.begin();
    for (const path of this.#queue.keys()) {
      if (placeOf(path) === 'history') continue;
      try {
        const file = this.#find(path);
        if (file.position.offset === 0) files.push({ path, file, origin: beginAt(file, now()), bytes: lstatSync(path).size });
      } catch (error) {
        const code = codeOf(error);
        if (code.startsWith('ERR_SQLITE')) throw error;
        // Whatever is wrong with it is found and counted when it is read.
      }
    }
    ledger.commit([]);
    return files;
  }

  #takeGroup(group: readonly FileRead<NewFile>[]): void {
    const { ledger } = this.#options;
    const read: KnownFile[] = [];
    let bytes = 0;
    ledger.begin();
    for (const {
      file: { file, origin },
      part,
      facts,
    } of group) {
      if (typeof part.step === 'string' || !this.#pipeline.take(origin, part, facts)) continue;
      file.position = part.step.position;
      file.lastMs = origin.fallbackMs;
      read.push(file);
      bytes += part.read.bytes;
    }
    ledger.commit(read);
    for (const { path } of read) this.#queue.delete(path);
    this.#advance(bytes, read.length);
  }

  /** Looks at what lies beside the transcripts, after them: it is about sessions that they tell of. */
  async #readSources(): Promise<void> {
    const { ledger } = this.#options;
    for (let more = this.#sourcesDue.size > 0; more && !this.closed; ) {
      const due = [...this.#sourcesDue];
      ledger.begin();
      for (const [, look] of due) look();
      more = this.#sources.step();
      ledger.commit([]);
      for (const [path, look] of due) if (this.#sourcesDue.get(path) === look) this.#sourcesDue.delete(path);
      await new Promise((resolve) => setImmediate(resolve));
    }
  }

  /** Reads files until the batch is full, then writes facts and positions in one transaction. */
  #readBatch(): void {
    const { ledger } = this.#options;
    const moved = new Set<KnownFile>();
    const read: string[] = [];
    ledger.begin();
    let budget = BATCH_BYTES;
    for (const path of this.#queue.keys()) {
      const step = this.#readStep(path, budget, moved);
      if (!step.more) read.push(path);
      budget -= step.bytes;
      if (budget <= 0) break;
    }
    ledger.commit(moved);
    for (const path of read) this.#queue.delete(path);
    this.#advance(BATCH_BYTES - budget, read.length);
  }

  #readStep(path: string, maxBytes: number, moved: Set<KnownFile>): { bytes: number; more: boolean } {
    try {
      const file = this.#find(path);
      const origin = beginAt(file, this.#options.now());
      const { ledger, health } = this.#options;
      const consume = placeOf(path) === 'history' ? createHistoryConsumer(ledger, health) : this.#pipeline.transcript(origin);
      const before = file.position.offset;
      const step = this.#reader.step(path, file.position, maxBytes, consume);
      if (step.restarted !== undefined) this.#countError(step.restarted);
      file.position = step.position;
      file.lastMs = origin.fallbackMs;
      moved.add(file);
      return { bytes: step.restarted === undefined ? step.position.offset - before : step.position.offset, more: step.more };
    } catch (error) {
      const code = codeOf(error);
      if (code.startsWith('ERR_SQLITE')) throw error;
      // A file that is gone has been counted as far as it was read.
      if (code !== 'ENOENT') this.#countError(code);
      return { bytes: 0, more: false };
    }
  }

  #find(path: string): KnownFile {
    const { ledger } = this.#options;
    const known = ledger.file(path);
    if (known !== undefined) return known;
    const stats = lstatSync(path);
    const renamed = findRenamed(ledger, stats);
    if (renamed === undefined) return ledger.addFile(path, { dev: stats.dev, ino: stats.ino, offset: 0, tail: 0 });
    ledger.renameFile(renamed, path);
    return renamed;
  }

  #advance(bytes: number, files: number): void {
    if (this.#progress.phase === 'ready') return;
    this.#progress.bytesRead += bytes;
    this.#progress.filesRead += files;
    this.#progress.bytesPerSecond = Math.round((this.#progress.bytesRead / Math.max(performance.now() - this.#begunMs, 1)) * 1000);
  }

  #settle(): void {
    const { ledger, now, health } = this.#options;
    const { samples, events } = ledger.settle(now());
    this.#sources.refresh();
    this.#progress.phase = 'ready';
    this.#tellUnknown();
    health.set('ccmeter_exporter_ready', {}, 1);
    if (samples > 0 || events > 0) this.onSettled();
  }

  /** Says each thing about transcripts that is not known once, when it is first seen. */
  #tellUnknown(): void {
    for (const { labels, value } of this.#options.health.points('ccmeter_exporter_unknown_records_total')) {
      const name = JSON.stringify(labels);
      if (this.#told.has(name)) continue;
      this.#told.add(name);
      this.#options.log.warn({ ...labels, records: value }, 'transcripts have something that this version of ccmeter does not know');
    }
  }

  #countError(code: string): void {
    this.#options.health.add('ccmeter_exporter_read_errors_total', { reason: code.toLowerCase() });
  }
}

/** Where reading goes on. The times of the lines move with the reading; before the first one there is only the file's. */
function beginAt(file: KnownFile, nowMs: number): Origin {
  const fallbackMs = file.lastMs || Math.round(lstatSync(file.path).mtimeMs);
  return { ...originOf(file.path), offset: 0, fallbackMs, nowMs };
}

/** Bytes of a file that have not been read; negative where it is shorter than what was read, and then it must be looked at too. */
function unreadBytes(known: KnownFile | undefined, stats: Stats): number {
  if (known === undefined) return stats.size;
  if (known.position.ino !== stats.ino || known.position.dev !== stats.dev) return stats.size || -1;
  return stats.size - known.position.offset;
}

/** The file under another name: the same file on disk, whose old name is gone. */
function findRenamed(ledger: Ledger, stats: Stats): KnownFile | undefined {
  const file = ledger.fileAt(stats.dev, stats.ino);
  return file !== undefined && !exists(file.path) ? file : undefined;
}

function exists(path: string): boolean {
  try {
    lstatSync(path);
    return true;
  } catch {
    return false;
  }
}
