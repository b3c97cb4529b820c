import { accessSync, chmodSync, constants, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { makeStateDir } from '../../exporter/src/state-dir.ts';
import { messageOf, Trouble } from './say.ts';

/** What a running stack tells a second start. */
export interface Running {
  url: string;
  processes: number[];
}

/** The state directory, held by this process alone. */
export interface State {
  directory: string;
  path(...parts: string[]): string;
  announce(running: Running): void;
  /** What the last start on this state announced and did not take back: it was killed. */
  leftOver: Running | undefined;
  close(): void;
}

/** Opens the state directory; `held` where another process has it, with what that one announced once it runs. */
export function openState(directory: string): State | { held: true; running: Running | undefined } {
  prepare(directory);
  const announcement = join(directory, 'stack.json');
  const lock = holdLock(join(directory, 'stack.lock'));
  if (!lock) return { held: true, running: readRunning(announcement) };
  return {
    directory,
    path: (...parts) => join(directory, ...parts),
    announce: (running) => writeFileSync(announcement, `${JSON.stringify(running)}\n`, { mode: 0o600 }),
    leftOver: readRunning(announcement),
    close() {
      rmSync(announcement, { force: true });
      lock.close();
    },
  };
}

function prepare(directory: string): void {
  try {
    makeStateDir(directory);
    accessSync(directory, constants.W_OK | constants.X_OK);
    // Transcripts are private, and so is what is counted from them.
    chmodSync(directory, 0o700);
  } catch (error) {
    throw new Trouble(`--state-dir ${directory}: cannot be written to (${messageOf(error)}). Give another with --state-dir.`);
  }
}

/** An exclusive transaction is a lock that the kernel takes back however the process ends. */
function holdLock(path: string): DatabaseSync | undefined {
  const database = openDatabase(path);
  try {
    database.exec('PRAGMA busy_timeout = 300; BEGIN EXCLUSIVE');
    return database;
  } catch (error) {
    database.close();
    if (messageOf(error).includes('locked')) return undefined;
    throw new Trouble(`${path}: cannot be locked (${messageOf(error)})`);
  }
}

function openDatabase(path: string): DatabaseSync {
  try {
    return new DatabaseSync(path);
  } catch (error) {
    throw new Trouble(`${path}: cannot be opened (${messageOf(error)}). Give another directory with --state-dir.`);
  }
}

function readRunning(path: string): Running | undefined {
  try {
    const value: unknown = JSON.parse(readFileSync(path, 'utf8'));
    if (typeof value !== 'object' || value === null || !('url' in value) || !('processes' in value)) return undefined;
    if (typeof value.url !== 'string' || !Array.isArray(value.processes)) return undefined;
    return { url: value.url, processes: value.processes.filter((entry) => Number.isSafeInteger(entry)) };
  } catch {
    return undefined;
  }
}
