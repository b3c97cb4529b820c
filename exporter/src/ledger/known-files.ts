import type { Position } from '../read/reader.ts';
import type { Statements } from './statements.ts';

/** A transcript as the ledger knows it. */
export interface KnownFile {
  id: number;
  path: string;
  position: Position;
  /** Time of its last line, for lines without one. */
  lastMs: number;
}

/** Every transcript that has been seen, and how far it has been read. */
export class KnownFiles {
  readonly #run: Statements;
  readonly #byPath = new Map<string, KnownFile>();
  /** The same files by where they are on disk, so that a renamed one is found without looking at all of them. */
  readonly #byInode = new Map<string, KnownFile>();

  constructor(run: Statements) {
    this.#run = run;
    this.load();
  }

  /** Forgets what is only in memory. */
  load(): void {
    this.#byPath.clear();
    this.#byInode.clear();
    for (const file of this.#run.allFiles()) this.#know(file);
  }

  get(path: string): KnownFile | undefined {
    return this.#byPath.get(path);
  }

  at(dev: number, ino: number): KnownFile | undefined {
    return this.#byInode.get(placeOf(dev, ino));
  }

  add(path: string, position: Position): KnownFile {
    const id = Number(this.#run.addFile(path, position));
    const file = { id, path, position, lastMs: 0 };
    this.#know(file);
    return file;
  }

  rename(file: KnownFile, path: string): void {
    this.#run.renameFile(file.id, path);
    this.#byPath.delete(file.path);
    file.path = path;
    this.#byPath.set(path, file);
  }

  /** Writes down how far a file has been read. */
  keep(file: KnownFile): void {
    this.#run.moveFile(file);
    this.#know(file);
  }

  #know(file: KnownFile): void {
    this.#byPath.set(file.path, file);
    this.#byInode.set(placeOf(file.position.dev, file.position.ino), file);
  }
}

function placeOf(dev: number, ino: number): string {
  return `${dev}:${ino}`;
}
