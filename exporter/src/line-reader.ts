import type { Health } from './health.ts';
import { Canary, type Unknown } from './parse/canary.ts';
import type { Line, Unreadable, UnreadableReason } from './parse/line.ts';
import { parseLine } from './parse/parse.ts';
import { type Calls, Skimmer } from './parse/skim.ts';
import { forEachLine } from './read/lines.ts';
import type { Consume } from './read/reader.ts';

/** Takes a line and the offset of its first byte in the file. */
export type TakeLine = (line: Line, offset: number) => void;

/** The bytes of transcripts become lines; what cannot be used is counted. */
export class LineReader {
  readonly #health: Health;
  readonly #calls: Calls;
  readonly #skimmer = new Skimmer();
  readonly #canary: Canary;
  #lines = 0;

  /** `calls` tells of the tool calls whose results are to be read. */
  constructor(health: Health, calls: Calls) {
    this.#health = health;
    this.#calls = calls;
    this.#canary = new Canary((unknown) => countUnknown(health, unknown));
  }

  /** The function that takes the bytes of one transcript. `named`: the file says whose session it is, so that its lines need not. */
  read(named: boolean, take: TakeLine): Consume {
    return (buffer, length, fileOffset) => {
      let lines = 0;
      const used = forEachLine(buffer, length, (start, end) => {
        lines += 1;
        const line = this.#readLine(buffer, start, end, named);
        if (line === undefined) return;
        if (line.type === 'unreadable') countUnreadable(this.#health, line.reason);
        else take(line, fileOffset + start);
      });
      this.#health.add('ccmeter_exporter_lines_total', {}, lines);
      this.#health.add('ccmeter_exporter_read_bytes_total', {}, used);
      return used;
    };
  }

  #readLine(buffer: Buffer, start: number, end: number, named: boolean): Line | Unreadable | undefined {
    const skimmed = this.#skimmer.skim(buffer, start, end, this.#calls, named);
    if (skimmed === 'blank') return undefined;
    if (skimmed === 'torn') return TORN;
    if (skimmed === 'parse') return parseLine(buffer.toString('utf8', start, end), (value) => this.#canary.parsed(value));
    this.#lines += 1;
    if (this.#lines % LOOKED_AT === 0) this.#canary.passed(buffer, start, end);
    return skimmed === 'pass' ? undefined : skimmed;
  }
}

/** Skimming sees what is new at the top of a line. One line in so many is shown to the canary, which looks deeper. */
const LOOKED_AT = 16;

const TORN: Unreadable = { type: 'unreadable', reason: 'not_json' };

/** Counts a line that could not be used. */
export function countUnreadable(health: Health, reason: UnreadableReason): void {
  health.add('ccmeter_exporter_unreadable_lines_total', { reason });
}

/** So many unknown things are told apart at the most. */
const MAX_UNKNOWN = 200;

function countUnknown(health: Health, { kind, name, version }: Unknown): void {
  const labels = { record_kind: kind, record_name: name, version };
  const fits = health.has(UNKNOWN, labels) || health.count(UNKNOWN) < MAX_UNKNOWN;
  health.add(UNKNOWN, fits ? labels : { record_kind: kind, record_name: 'other', version: 'other' });
}

const UNKNOWN = 'ccmeter_exporter_unknown_records_total';
