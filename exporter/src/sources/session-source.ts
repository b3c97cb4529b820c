import { basename, dirname, join } from 'node:path';
import type { SessionFact } from '../track/fact.ts';
import { listFolder, Seen, statOf } from './files.ts';
import { RUNNING_FILE, type RunningSession, readRunningSession } from './running-sessions.ts';
import type { SourceReader } from './source.ts';

const MAX_SESSION_FILE_BYTES = 1024 * 1024;

/** One file of a running session as it was seen last. */
interface Known {
  running: RunningSession;
  /** The process is not there any more, although the file is. */
  dead: boolean;
}

export interface SessionSourceOptions {
  /** Tells whether this process runs and is as old as the session. */
  isRunning(pid: number, startedMs: number): boolean;
  /** Sessions that the ledger takes for running. */
  runningSessions(): SessionFact[];
  /** Called when a session is found to be over. */
  onOver(sessionId: string): void;
}

/**
 * Reads `sessions/<pid>.json` of configuration directories: which sessions run, and whether they are busy. A file that vanishes, or whose
 * process is gone, ends its session at once; new lines re-open it.
 *
 * Processes of another machine or container cannot be seen from here. So a file that goes on changing although its process seems gone
 * shows that processes tell nothing about this directory, and from then on only vanishing counts.
 */
export class SessionSource {
  readonly #reader: SourceReader;
  readonly #options: SessionSourceOptions;
  readonly #seen = new Seen();
  readonly #known = new Map<string, Known>();
  readonly #foreign = new Set<string>();
  #begun = false;

  constructor(reader: SourceReader, options: SessionSourceOptions) {
    this.#reader = reader;
    this.#options = options;
  }

  /** Looks at the files of all directories. */
  sweep(dirs: Iterable<string>): void {
    const present = new Set<string>();
    for (const dir of dirs) {
      const folder = join(dir, 'sessions');
      for (const name of listFolder(folder, this.#reader.countError).files) {
        const path = join(folder, name);
        present.add(path);
        this.lookAt(path);
      }
    }
    for (const path of this.#known.keys()) if (!present.has(path)) this.#vanish(path);
    if (!this.#begun) this.#closeLost();
    this.#begun = true;
  }

  /** Looks at one file. */
  lookAt(path: string): void {
    const stats = statOf(path, this.#reader.countError);
    if (!stats?.isFile()) {
      this.#vanish(path);
      return;
    }
    if (this.#seen.changed(path, stats)) this.#read(path, stats.mtimeMs);
    const known = this.#known.get(path);
    if (known !== undefined) this.#checkProcess(path, known);
  }

  #read(path: string, modifiedMs: number): void {
    if (!RUNNING_FILE.test(basename(path))) {
      this.#reader.refuse('sessions', 'foreign_name', path, Math.trunc(modifiedMs));
      return;
    }
    const read = this.#reader.readAs('sessions', path, MAX_SESSION_FILE_BYTES, readRunningSession);
    if (read === 'later') this.#seen.forget(path);
    if (read === 'later' || read === undefined) return;
    const before = this.#known.get(path);
    if (before?.dead && before.running.sessionId === read.value.sessionId) this.#foreign.add(dirname(path));
    if (before !== undefined && before.running.sessionId !== read.value.sessionId) this.#vanish(path);
    this.#known.set(path, { running: read.value, dead: false });
    this.#tell(read.value);
  }

  #checkProcess(path: string, known: Known): void {
    const { pid, startedMs, sessionId } = known.running;
    if (known.dead || this.#foreign.has(dirname(path))) return;
    if (this.#options.isRunning(pid, startedMs)) {
      this.#tell(known.running);
      return;
    }
    known.dead = true;
    this.#end(sessionId);
  }

  #vanish(path: string): void {
    const known = this.#known.get(path);
    if (known === undefined) return;
    this.#known.delete(path);
    this.#seen.forget(path);
    this.#end(known.running.sessionId);
  }

  /** Sessions that ran when the exporter stopped, and whose files have gone since. */
  #closeLost(): void {
    for (const session of this.#options.runningSessions()) this.#end(session.sessionId);
  }

  #end(sessionId: string): void {
    for (const { running, dead } of this.#known.values()) if (!dead && running.sessionId === sessionId) return;
    const session = this.#session(sessionId);
    if (session !== undefined && session.process?.status !== 'gone') this.#put(session, 'gone', this.#reader.now());
  }

  #tell({ sessionId, status, updatedMs }: RunningSession): void {
    const session = this.#session(sessionId);
    if (session === undefined) return;
    const wanted = status ?? 'open';
    // A status that is only said once more tells nothing: lines since the change are the newer evidence.
    if (session.process?.status === wanted) return;
    this.#put(session, wanted, updatedMs);
  }

  #put(session: SessionFact, status: NonNullable<SessionFact['process']>['status'], atMs: number): void {
    this.#reader.facts.put({ ...session, process: { status, atMs } });
    if (status === 'gone') this.#options.onOver(session.sessionId);
  }

  #session(sessionId: string): SessionFact | undefined {
    const session = this.#reader.facts.get(`session:${sessionId}`);
    return session?.type === 'session' ? session : undefined;
  }
}
