import type { Calls } from './parse/calls.ts';
import { Canary, type Unknown } from './parse/canary.ts';
import type { Line, Unreadable, UnreadableReason } from './parse/line.ts';
import { parseLine } from './parse/parse.ts';
import { Skimmer } from './parse/skim.ts';
import { forEachLine } from './read/lines.ts';
import type { Consume } from './read/reader.ts';

/** Takes a line and the offset of its first byte in the file. */
export type TakeLine = (line: Line, offset: number) => void;

/** Who is told how reading goes. */
export interface Tally {
  read(lines: number, bytes: number): void;
  /** A line could not be used. */
  unreadable(reason: UnreadableReason): void;
  /** Something was seen that nobody has told us of. */
  unknown(what: Unknown): void;
}

/** The bytes of transcripts become lines; what cannot be used is counted. */
export class LineReader {
  readonly #tally: Tally;
  readonly #calls: Calls;
  readonly #skimmer = new Skimmer();
  readonly #canary: Canary;
  #skimmed = 0;

  /** `calls` tells of the tool calls whose results are to be read. */
  constructor(tally: Tally, calls: Calls) {
    this.#tally = tally;
    this.#calls = calls;
    this.#canary = new Canary((unknown) => tally.unknown(unknown));
  }

  /** The function that takes the bytes of one transcript. `named`: the file says whose session it is, so that its lines need not. */
  read(named: boolean, take: TakeLine): Consume {
    return (buffer, length, fileOffset) => {
      let lines = 0;
      const used = forEachLine(buffer, length, (start, end) => {
        lines += 1;
        const line = this.#readLine(buffer, start, end, named);
        if (line === undefined) return;
        if (line.type === 'unreadable') this.#tally.unreadable(line.reason);
        else take(line, fileOffset + start);
      });
      this.#tally.read(lines, used);
      return used;
    };
  }

  #readLine(buffer: Buffer, start: number, end: number, named: boolean): Line | Unreadable | undefined {
    const skimmed = this.#skimmer.skim(buffer, start, end, this.#calls, named);
    if (skimmed === 'blank') return undefined;
    if (skimmed === 'torn') return TORN;
    if (skimmed === 'parse') return parseLine(buffer.toString('utf8', start, end), (value) => this.#canary.parsed(value));
    this.#skimmed += 1;
    if (this.#skimmed % LOOKED_AT === 0) this.#canary.passed(buffer, start, end);
    return skimmed === 'pass' ? undefined : skimmed;
  }
}

/** Skimming sees what is new at the top of a line. One line in so many is shown to the canary, which looks deeper. */
const LOOKED_AT = 64;

const TORN: Unreadable = { type: 'unreadable', reason: 'not_json' };
