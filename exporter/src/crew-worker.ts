import { parentPort } from 'node:worker_threads';
import { LineReader, type Tally } from './line-reader.ts';
import { type CallKind, kindOfCall } from './parse/calls.ts';
import type { Unknown } from './parse/canary.ts';
import type { Line, UnreadableReason } from './parse/line.ts';
import { Reader, type Step } from './read/reader.ts';
import type { Fact, Origin } from './track/fact.ts';
import { isShared, ownTrackers } from './track/index.ts';
import { type Packed, Packer } from './track/pack.ts';
import { codeOf } from './watch/transcripts.ts';

/** A transcript to be read from its beginning to its end. */
export interface Task {
  path: string;
  origin: Origin;
}

/** What came of one file. */
export interface Part {
  /** How far the file has been read; or why it was not, the code of an error. */
  step: Step | string;
  /** Where its facts end among those of the group. */
  end: number;
  /** Lines that are about what other files tell of too. */
  shared: { line: Line; offset: number }[];
  /** Time of its last line. */
  lastMs: number;
  read: { lines: number; bytes: number };
  unreadable: UnreadableReason[];
  unknown: Unknown[];
}

/** What came of a group of files, in their order. */
export interface Answer {
  parts: Part[];
  facts: Packed;
}

/** Reads files and works out what each of them tells, for another thread, which puts it together. */
class FileReader {
  #told: Pick<Part, 'read' | 'unreadable' | 'unknown' | 'shared'> = nothingTold();
  readonly #kinds = new Map<string, CallKind>();
  readonly #facts = new Map<string, Fact>();
  readonly #store = { get: (key: string) => this.#facts.get(key), put: (fact: Fact) => void this.#facts.set(fact.key, fact) };
  readonly #packer = new Packer();
  readonly #reader: Reader;
  readonly #lines: LineReader;

  constructor() {
    const tally: Tally = {
      read: (lines, bytes) => {
        this.#told.read.lines += lines;
        this.#told.read.bytes += bytes;
      },
      unreadable: (reason) => void this.#told.unreadable.push(reason),
      unknown: (what) => void this.#told.unknown.push(what),
    };
    this.#reader = new Reader(() => tally.unreadable('oversized'));
    this.#lines = new LineReader(tally, {
      kindOf: (id) => this.#kinds.get(id),
      note: (use) => void this.#kinds.set(use.id, kindOfCall(use)),
    });
  }

  readAll(tasks: readonly Task[]): Answer {
    const parts = tasks.map((task) => this.#read(task));
    return { parts, facts: this.#packer.take() };
  }

  #read({ path, origin }: Task): Part {
    this.#told = nothingTold();
    const step = this.#step(path, origin);
    for (const fact of this.#facts.values()) this.#packer.pack(fact);
    this.#facts.clear();
    this.#kinds.clear();
    return { step, end: this.#packer.length, lastMs: origin.fallbackMs, ...this.#told };
  }

  #step(path: string, origin: Origin): Step | string {
    const take = this.#lines.read(origin.sessionId !== undefined, (line, offset) => this.#track(line, offset, origin));
    try {
      return this.#reader.step(path, undefined, Number.POSITIVE_INFINITY, take);
    } catch (error) {
      return codeOf(error);
    }
  }

  #track(line: Line, offset: number, origin: Origin): void {
    origin.offset = offset;
    for (const track of ownTrackers) track(this.#store, line, origin);
    if (isShared(line)) this.#told.shared.push({ line, offset });
    if (line.timeMs !== undefined) origin.fallbackMs = line.timeMs;
  }
}

function nothingTold(): Pick<Part, 'read' | 'unreadable' | 'unknown' | 'shared'> {
  return { read: { lines: 0, bytes: 0 }, unreadable: [], unknown: [], shared: [] };
}

const reader = new FileReader();
parentPort?.on('message', (tasks: readonly Task[]) => {
  const answer = reader.readAll(tasks);
  parentPort?.postMessage(answer, [answer.facts.numbers.buffer]);
});
