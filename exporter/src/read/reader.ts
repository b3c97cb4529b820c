import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';
import { crc32 } from 'node:zlib';

/** How far a file has been read, and what it looked like then. */
export interface Position {
  dev: number;
  ino: number;
  /** Bytes used up: always the begin of a line. */
  offset: number;
  /** CRC-32 of up to {@link TAIL_BYTES} bytes before `offset`: another content at the same place is noticed by it. */
  tail: number;
}

/** What reading a step of a file gave. */
export interface Step {
  position: Position;
  /** Size of the file when it was opened. */
  size: number;
  modifiedMs: number;
  /** Why the file was read from its beginning again, if it was. */
  restarted?: 'truncated' | 'replaced';
  /** The file has whole lines beyond this step. */
  more: boolean;
}

/** Called with whole lines: the buffer, how many bytes of it count, the offset of its first byte in the file. Gives back the bytes used up. */
export type Consume = (buffer: Buffer, length: number, offset: number) => number;

/** A line longer than this is not read: it is counted and passed over. The longest line seen in the wild has 2.6 MB. */
export const MAX_LINE_BYTES = 64 * 1024 * 1024;

/** What fits into a cache of the processor is walked over faster. */
const CHUNK_BYTES = 256 * 1024;
const TAIL_BYTES = 256;

/** At the most this much is kept between reads, so that one long line does not hold memory for ever. */
const KEPT_BYTES = 16 * CHUNK_BYTES;

/**
 * Reads files in steps. The buffer is shared between files and grows for long lines, up to {@link MAX_LINE_BYTES}.
 * Files are opened read-only, never through a symbolic link, and only when they are regular files.
 */
export class Reader {
  #buffer = Buffer.allocUnsafe(CHUNK_BYTES);
  #onOversized: () => void;

  constructor(onOversized: () => void) {
    this.#onOversized = onOversized;
  }

  /**
   * Reads up to `maxBytes` from where the file was left and hands whole lines to `consume`.
   * A file that was truncated or replaced meanwhile is read from its beginning.
   *
   * @throws NodeJS.ErrnoException as `open`, `fstat` and `read` do; `ENOTREG` for what is not a regular file
   */
  step(path: string, known: Position | undefined, maxBytes: number, consume: Consume): Step {
    // O_NONBLOCK: opening a FIFO that somebody put here must not wait for a writer.
    const fd = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
    try {
      const stats = fstatSync(fd);
      if (!stats.isFile()) throw Object.assign(new Error(`${path} is not a regular file`), { code: 'ENOTREG' });
      const restarted = known === undefined ? undefined : this.#changed(fd, known, stats.size);
      const begin = known === undefined || restarted !== undefined ? 0 : known.offset;
      const { offset, more } = this.#readLines(fd, begin, maxBytes, consume);
      const tail = offset === begin && known !== undefined && restarted === undefined ? known.tail : this.#tailAt(fd, offset);
      const step: Step = {
        position: { dev: stats.dev, ino: stats.ino, offset, tail },
        size: stats.size,
        modifiedMs: stats.mtimeMs,
        more,
      };
      return restarted === undefined ? step : { ...step, restarted };
    } finally {
      closeSync(fd);
      if (this.#buffer.length > KEPT_BYTES) this.#buffer = Buffer.allocUnsafe(CHUNK_BYTES);
    }
  }

  #changed(fd: number, known: Position, size: number): Step['restarted'] {
    if (size < known.offset) return 'truncated';
    return this.#tailAt(fd, known.offset) === known.tail ? undefined : 'replaced';
  }

  #tailAt(fd: number, offset: number): number {
    const length = Math.min(offset, TAIL_BYTES);
    const bytes = Buffer.alloc(length);
    const read = length === 0 ? 0 : readSync(fd, bytes, 0, length, offset - length);
    return crc32(bytes.subarray(0, read));
  }

  #readLines(fd: number, begin: number, maxBytes: number, consume: Consume): { offset: number; more: boolean } {
    let offset = begin;
    let filled = 0;
    for (;;) {
      if (filled >= MAX_LINE_BYTES) {
        const next = this.#endOfLine(fd, offset + filled);
        if (next === undefined) return { offset, more: false };
        this.#onOversized();
        offset = next;
        filled = 0;
        if (offset - begin >= maxBytes) return { offset, more: true };
      } else if (filled === this.#buffer.length) this.#grow(filled);
      const read = readSync(fd, this.#buffer, filled, this.#buffer.length - filled, offset + filled);
      if (read === 0) return { offset, more: false };
      filled += read;
      const used = consume(this.#buffer, filled, offset);
      offset += used;
      if (used < filled) this.#buffer.copyWithin(0, used, filled);
      filled -= used;
      if (offset - begin >= maxBytes) return { offset, more: true };
    }
  }

  #grow(filled: number): void {
    const larger = Buffer.allocUnsafe(Math.min(this.#buffer.length * 4, MAX_LINE_BYTES));
    this.#buffer.copy(larger, 0, 0, filled);
    this.#buffer = larger;
  }

  /** Where the line after the one that is going on at `at` begins; undefined where that one has no end yet. */
  #endOfLine(fd: number, at: number): number | undefined {
    for (let from = at; ; ) {
      const read = readSync(fd, this.#buffer, 0, CHUNK_BYTES, from);
      if (read === 0) return undefined;
      const newline = this.#buffer.subarray(0, read).indexOf(0x0a);
      if (newline !== -1) return from + newline + 1;
      from += read;
    }
  }
}
