import type { Stats } from 'node:fs';
import { dirname, join } from 'node:path';
import type { SessionFact } from '../track/fact.ts';
import { FileHistorySource } from './file-history-source.ts';
import { statOf } from './files.ts';
import { HISTORY_FILE } from './history-source.ts';
import { configDirOf, placeOf, sessionIdOf } from './places.ts';
import { RetentionSource } from './retention-source.ts';
import { SessionSource } from './session-source.ts';
import { type SourceOptions, SourceReader } from './source.ts';
import { StatsSource } from './stats-source.ts';
import { TodoSource } from './todo-source.ts';

/** A transcript that is on disk. */
export interface PresentTranscript {
  path: string;
  modifiedMs: number;
  bytes: number;
}

export interface SourcesOptions extends SourceOptions {
  /** Tells whether this process runs and is as old as the session that names it. */
  isRunning(pid: number, startedMs: number): boolean;
  /** Sessions that the ledger takes for running. */
  runningSessions(): SessionFact[];
}

/** A step of comparing versions takes about this long, so that nothing else waits for it, milliseconds. */
const STEP_MS = 50;

/**
 * Everything that Claude Code leaves beside the transcripts, except for history.jsonl, which is read line by line as transcripts are.
 * Facts are put, gauges set; what is wrong with a file is counted. Calls belong into a transaction of the ledger.
 */
export class Sources {
  readonly #reader: SourceReader;
  readonly #todos: TodoSource;
  readonly #fileHistory: FileHistorySource;
  readonly #stats: StatsSource;
  readonly #sessions: SessionSource;
  readonly #retention: RetentionSource;

  constructor(options: SourcesOptions) {
    this.#reader = new SourceReader(options);
    this.#todos = new TodoSource(this.#reader);
    this.#fileHistory = new FileHistorySource(this.#reader);
    this.#stats = new StatsSource(this.#reader);
    this.#retention = new RetentionSource(this.#reader);
    const onOver = (sessionId: string) => this.#todos.reopen(sessionId);
    this.#sessions = new SessionSource(this.#reader, { ...options, onOver });
  }

  /** Looks at everything in the configuration directories, given and found by their transcripts. */
  sweep(claudeDirs: readonly string[], transcripts: readonly PresentTranscript[]): void {
    const dirs = configDirs(claudeDirs, transcripts);
    this.sweepSessions(dirs);
    this.sweepFiles(dirs, transcripts);
  }

  /** What is said of sessions that transcripts have told of. */
  sweepSessions(dirs: ReadonlySet<string>): void {
    this.#sessions.sweep(dirs);
  }

  /** Everything else, which may be looked at before the transcripts are read. */
  sweepFiles(dirs: ReadonlySet<string>, transcripts: readonly PresentTranscript[]): void {
    for (const dir of dirs) {
      this.#todos.sweep(dir);
      this.#fileHistory.sweep(dir);
      this.#stats.look(dir);
      this.#retention.look(dir);
    }
    this.#retention.show(transcripts.map((file) => ({ ...file, dir: configDirOf(file.path) ?? '' })));
  }

  /** A file beside the transcripts may have changed. */
  look(path: string): void {
    const place = placeOf(path);
    if (place === 'session') this.#sessions.lookAt(path);
    if (place === 'stats') this.#stats.look(dirname(path));
    if (place === 'settings') this.#retention.look(dirname(path));
    if (place === 'todo') this.#todos.lookAt(path);
    if (place === 'version') this.#lookAtVersions(dirname(path));
  }

  /** A transcript has grown: what belongs to its session is looked at. */
  lookAtSession(transcript: string): void {
    const [dir, sessionId] = [configDirOf(transcript), sessionIdOf(transcript)];
    if (dir === undefined || sessionId === undefined) return;
    this.#todos.look(dir, sessionId);
    this.#lookAtVersions(join(dir, 'file-history', sessionId));
  }

  /** Does a part of what takes long; true where something is left. */
  step(): boolean {
    const begun = performance.now();
    return this.#fileHistory.step(() => performance.now() - begun > STEP_MS);
  }

  /** Brings gauges up to date that depend on what sessions do. */
  refresh(): void {
    this.#todos.refresh(this.#reader.now());
  }

  #lookAtVersions(folder: string): void {
    this.#fileHistory.lookAt(folder, sessionIdOf(folder) ?? '');
  }
}

/** The configuration directories: those given, and those that transcripts were found in. */
export function configDirs(claudeDirs: readonly string[], transcripts: readonly { path: string }[]): Set<string> {
  const dirs = new Set(claudeDirs);
  for (const { path } of transcripts) {
    const dir = configDirOf(path);
    if (dir !== undefined) dirs.add(dir);
  }
  return dirs;
}

/** The history.jsonl of each directory that has one. */
export function historyFiles(dirs: Iterable<string>, onError: (code: string) => void): { path: string; stats: Stats }[] {
  return [...dirs].flatMap((dir) => {
    const path = join(dir, HISTORY_FILE);
    const stats = statOf(path, onError);
    return stats?.isFile() ? [{ path, stats }] : [];
  });
}
