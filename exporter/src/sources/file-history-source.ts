import { join } from 'node:path';
import type { FileVersionFact } from '../track/fact.ts';
import { countLineChanges, MAX_VERSION_BYTES, readVersionName } from './file-history.ts';
import { listFolder, Seen, statOf } from './files.ts';
import type { SourceReader } from './source.ts';

/** Two versions that wait to be compared. */
interface Pair {
  key: string;
  folder: string;
  sessionId: string;
  fileHash: string;
  version: number;
}

/** Reads `file-history/` of configuration directories: each version is compared with the one before, once ever. */
export class FileHistorySource {
  readonly #reader: SourceReader;
  readonly #seen = new Seen();
  /** As many as there are versions on disk that were never compared; they are taken off as they are. */
  readonly #waiting = new Map<string, Pair>();

  constructor(reader: SourceReader) {
    this.#reader = reader;
  }

  /** Looks at all sessions of a directory. */
  sweep(dir: string): void {
    const root = join(dir, 'file-history');
    for (const name of listFolder(root, this.#reader.countError).folders) this.lookAt(join(root, name), name);
  }

  /** Looks at the folder of one session. Versions are never rewritten, so a folder that has not changed has nothing new. */
  lookAt(folder: string, sessionId: string): void {
    const stats = statOf(folder, this.#reader.countError);
    if (!stats?.isDirectory() || !this.#seen.changed(folder, stats)) return;
    const versions = new Map<string, Set<number>>();
    for (const file of listFolder(folder, this.#reader.countError).files) {
      const name = readVersionName(file);
      if (name === undefined) this.#reader.refuse('file_history', 'foreign_name', join(folder, file), 0);
      else versions.set(name.fileHash, (versions.get(name.fileHash) ?? new Set()).add(name.version));
    }
    for (const [fileHash, kept] of versions) this.#queue(folder, sessionId, fileHash, kept);
  }

  /** Compares what waits until the time is up, one pair at the least; true where something is left. */
  step(isTimeUp: () => boolean): boolean {
    for (const [key, pair] of this.#waiting) {
      this.#waiting.delete(key);
      this.#compare(pair);
      if (isTimeUp()) break;
    }
    return this.#waiting.size > 0;
  }

  #queue(folder: string, sessionId: string, fileHash: string, kept: ReadonlySet<number>): void {
    for (const version of kept) {
      const key = `filehistory:${sessionId}/${fileHash}@v${version}`;
      if (version === 1 || this.#reader.facts.get(key) !== undefined) continue;
      if (kept.has(version - 1)) this.#waiting.set(key, { key, folder, sessionId, fileHash, version });
      else this.#reader.refuse('file_history', 'no_predecessor', join(folder, `${fileHash}@v${version}`), 0);
    }
  }

  #compare({ key, folder, sessionId, fileHash, version }: Pair): void {
    const path = join(folder, `${fileHash}@v${version}`);
    const stats = statOf(path, this.#reader.countError);
    if (stats === undefined) return;
    if (this.#reader.isRestless(path, stats.mtimeMs)) {
      this.#seen.forget(folder);
      return;
    }
    const before = this.#reader.read(join(folder, `${fileHash}@v${version - 1}`), MAX_VERSION_BYTES);
    const after = this.#reader.read(path, MAX_VERSION_BYTES);
    if (before === undefined || after === undefined) return;
    const failed = 'unusable' in before ? before : 'unusable' in after ? after : undefined;
    const changes = 'text' in before && 'text' in after ? countLineChanges(before.text, after.text) : failed;
    if (changes === undefined || 'unusable' in changes) {
      if (changes !== undefined) this.#reader.refuse('file_history', changes.unusable, path, 0);
      return;
    }
    const timeMs = Math.trunc(stats.mtimeMs);
    const fact: FileVersionFact = { type: 'file_version', key, timeMs, sessionId, fileHash, version, ...changes, settled: false };
    this.#reader.facts.put(fact);
  }
}
