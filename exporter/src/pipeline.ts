import type { Health } from './health.ts';
import type { Line, Unreadable, UnreadableReason } from './parse/line.ts';
import { parseLine } from './parse/parse.ts';
import { type CallKind, type Calls, kindOfCall, Skimmer } from './parse/skim.ts';
import { forEachLine } from './read/lines.ts';
import type { Consume } from './read/reader.ts';
import type { Facts, Origin } from './track/fact.ts';
import { trackers } from './track/index.ts';
import { toolKey } from './track/tools.ts';

/** Bytes become lines, lines become facts. */
export class Pipeline {
  readonly #facts: Facts;
  readonly #health: Health;
  readonly #skimmer = new Skimmer();
  readonly #calls: Calls = { kindOf: (id) => kindOf(this.#facts, id), note: () => {} };

  constructor(facts: Facts, health: Health) {
    this.#facts = facts;
    this.#health = health;
  }

  /**
   * The function that takes the bytes of one transcript. `origin.fallbackMs` moves with the lines, so that a line without a time has that
   * of the line before.
   */
  transcript(origin: Origin): Consume {
    return (buffer, length, fileOffset) => {
      let lines = 0;
      const used = forEachLine(buffer, length, (start, end) => {
        lines += 1;
        origin.offset = fileOffset + start;
        this.#takeLine(origin, buffer, start, end);
      });
      this.#health.add('ccmeter_exporter_lines_total', {}, lines);
      this.#health.add('ccmeter_exporter_read_bytes_total', {}, used);
      return used;
    };
  }

  #takeLine(origin: Origin, buffer: Buffer, start: number, end: number): void {
    const skimmed = this.#skimmer.skim(buffer, start, end, this.#calls, origin.sessionId !== undefined);
    if (skimmed === 'pass' || skimmed === 'blank') return;
    const line = skimmed === 'torn' ? TORN : skimmed === 'parse' ? parseLine(buffer.toString('utf8', start, end)) : skimmed;
    if (line === undefined) return;
    if (line.type === 'unreadable') countUnreadable(this.#health, line.reason);
    else trackLine(this.#facts, origin, line);
  }
}

const TORN: Unreadable = { type: 'unreadable', reason: 'not_json' };

/** How the result of a call is read that is known already. */
function kindOf(facts: Facts, toolUseId: string): CallKind | undefined {
  const fact = facts.get(toolKey(toolUseId));
  return fact?.type === 'tool' && fact.use !== undefined ? kindOfCall(fact.use) : undefined;
}

function trackLine(facts: Facts, origin: Origin, line: Line): void {
  for (const track of trackers) track(facts, line, origin);
  if (line.timeMs !== undefined) origin.fallbackMs = line.timeMs;
}

/** Counts a line that could not be used. */
export function countUnreadable(health: Health, reason: UnreadableReason): void {
  health.add('ccmeter_exporter_unreadable_lines_total', { reason });
}
