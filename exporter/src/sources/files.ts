import { closeSync, constants, fstatSync, lstatSync, openSync, readdirSync, readSync, type Stats } from 'node:fs';
import { codeOf } from '../watch/transcripts.ts';
import type { Unusable } from './readable.ts';

/** A whole file, as it was when it was opened. */
export interface WholeFile {
  text: string;
  modifiedMs: number;
}

/**
 * Reads a small file as a whole. Opened read-only, never through a symbolic link and only when it is a regular file, so that neither a
 * FIFO nor a link somewhere else is followed. Throws what the system says.
 */
export function readWhole(path: string, maxBytes: number): WholeFile | Unusable {
  const fd = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  try {
    const stats = fstatSync(fd);
    if (!stats.isFile()) throw Object.assign(new Error(`${path} is not a regular file`), { code: 'ENOTREG' });
    if (stats.size > maxBytes) return { unusable: 'too_large' };
    const bytes = Buffer.allocUnsafe(stats.size);
    let filled = 0;
    while (filled < bytes.length) {
      const read = readSync(fd, bytes, filled, bytes.length - filled, filled);
      if (read === 0) break;
      filled += read;
    }
    return { text: bytes.toString('utf8', 0, filled), modifiedMs: Math.trunc(stats.mtimeMs) };
  } finally {
    closeSync(fd);
  }
}

/** The names in a folder in their order, folders and files apart; nothing where it does not exist. Links are neither. */
export function listFolder(path: string, onError: (code: string) => void): { files: string[]; folders: string[] } {
  const files: string[] = [];
  const folders: string[] = [];
  try {
    for (const entry of readdirSync(path, { withFileTypes: true })) {
      if (entry.isFile()) files.push(entry.name);
      else if (entry.isDirectory()) folders.push(entry.name);
    }
  } catch (error) {
    const code = codeOf(error);
    if (code !== 'ENOENT' && code !== 'ENOTDIR') onError(code);
  }
  return { files: files.sort(), folders: folders.sort() };
}

/** What the system knows of a path; undefined where there is nothing. */
export function statOf(path: string, onError: (code: string) => void): Stats | undefined {
  try {
    return lstatSync(path);
  } catch (error) {
    const code = codeOf(error);
    if (code !== 'ENOENT' && code !== 'ENOTDIR') onError(code);
    return undefined;
  }
}

/** So many paths are remembered; beyond that all are forgotten and looked at once more. */
const MAX_SEEN = 200_000;

/** Remembers what files looked like, so that only those that have changed are read. */
export class Seen {
  readonly #looks = new Map<string, string>();

  /** Whether a file looks other than it did when this was asked last. */
  changed(path: string, { mtimeMs, size, ino }: Stats): boolean {
    const look = `${mtimeMs} ${size} ${ino}`;
    if (this.#looks.get(path) === look) return false;
    if (this.#looks.size >= MAX_SEEN) this.#looks.clear();
    this.#looks.set(path, look);
    return true;
  }

  has(path: string): boolean {
    return this.#looks.has(path);
  }

  forget(path: string): void {
    this.#looks.delete(path);
  }
}
