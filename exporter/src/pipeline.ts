import type { Part } from './crew-worker.ts';
import type { Health } from './health.ts';
import { LineReader, type Tally } from './line-reader.ts';
import { type CallKind, kindOfCall } from './parse/calls.ts';
import type { Unknown } from './parse/canary.ts';
import type { Line } from './parse/line.ts';
import type { Consume } from './read/reader.ts';
import type { Fact, Facts, Origin } from './track/fact.ts';
import { ownTrackers, sharedTrackers } from './track/index.ts';
import { mergeFacts } from './track/merge.ts';
import { toolKey } from './track/tools.ts';

/** Bytes become lines, lines become facts. */
export class Pipeline {
  readonly #facts: Facts;
  readonly #tally: Tally;
  readonly #lines: LineReader;

  constructor(facts: Facts, health: Health) {
    this.#facts = facts;
    this.#tally = createTally(health);
    this.#lines = new LineReader(this.#tally, { kindOf: (id) => kindOf(facts, id), note: () => {} });
  }

  /** The function that takes the bytes of one transcript. */
  transcript(origin: Origin): Consume {
    return this.#lines.read(origin.sessionId !== undefined, (line, offset) => this.#track(origin, line, offset));
  }

  /** Takes in what another thread found in a transcript. Gives back false, and takes in nothing, where it has to be read here. */
  take(origin: Origin, part: Part, facts: readonly Fact[]): boolean {
    if (!mergeFacts(this.#facts, facts)) return false;
    this.#tally.read(part.read.lines, part.read.bytes);
    for (const reason of part.unreadable) this.#tally.unreadable(reason);
    for (const one of part.unknown) this.#tally.unknown(one);
    for (const { line, offset } of part.shared) {
      const place = { ...origin, offset, fallbackMs: line.timeMs ?? origin.fallbackMs };
      for (const track of sharedTrackers) track(this.#facts, line, place);
    }
    origin.fallbackMs = part.lastMs;
    return true;
  }

  /** `origin.fallbackMs` moves with the lines, so that a line without a time has that of the line before. */
  #track(origin: Origin, line: Line, offset: number): void {
    origin.offset = offset;
    for (const track of ownTrackers) track(this.#facts, line, origin);
    for (const track of sharedTrackers) track(this.#facts, line, origin);
    if (line.timeMs !== undefined) origin.fallbackMs = line.timeMs;
  }
}

/** How the result of a call is read that is known already. */
function kindOf(facts: Facts, toolUseId: string): CallKind | undefined {
  const fact = facts.get(toolKey(toolUseId));
  return fact?.type === 'tool' && fact.use !== undefined ? kindOfCall(fact.use) : undefined;
}

/** What reading is like, as the exporter tells it of itself. */
export function createTally(health: Health): Tally {
  return {
    read(lines, bytes) {
      health.add('ccmeter_exporter_lines_total', {}, lines);
      health.add('ccmeter_exporter_read_bytes_total', {}, bytes);
    },
    unreadable: (reason) => health.add('ccmeter_exporter_unreadable_lines_total', { reason }),
    unknown: (what) => countUnknown(health, what),
  };
}

/** So many unknown things are told apart at the most. */
const MAX_UNKNOWN = 200;

function countUnknown(health: Health, { kind, name, version }: Unknown): void {
  const labels = { record_kind: kind, record_name: name, version };
  const fits = health.has(UNKNOWN, labels) || health.count(UNKNOWN) < MAX_UNKNOWN;
  health.add(UNKNOWN, fits ? labels : { record_kind: kind, record_name: 'other', version: 'other' });
}

const UNKNOWN = 'ccmeter_exporter_unknown_records_total';
