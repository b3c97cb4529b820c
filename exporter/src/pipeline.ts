import type { Health } from './health.ts';
import { LineReader } from './line-reader.ts';
import type { Line } from './parse/line.ts';
import { type CallKind, kindOfCall } from './parse/skim.ts';
import type { Consume } from './read/reader.ts';
import type { Facts, Origin } from './track/fact.ts';
import { trackers } from './track/index.ts';
import { toolKey } from './track/tools.ts';

/** Bytes become lines, lines become facts. */
export class Pipeline {
  readonly #facts: Facts;
  readonly #lines: LineReader;

  constructor(facts: Facts, health: Health) {
    this.#facts = facts;
    this.#lines = new LineReader(health, { kindOf: (id) => kindOf(facts, id), note: () => {} });
  }

  /** The function that takes the bytes of one transcript. */
  transcript(origin: Origin): Consume {
    return this.#lines.read(origin.sessionId !== undefined, (line, offset) => trackLine(this.#facts, origin, line, offset));
  }
}

/** How the result of a call is read that is known already. */
function kindOf(facts: Facts, toolUseId: string): CallKind | undefined {
  const fact = facts.get(toolKey(toolUseId));
  return fact?.type === 'tool' && fact.use !== undefined ? kindOfCall(fact.use) : undefined;
}

/** `origin.fallbackMs` moves with the lines, so that a line without a time has that of the line before. */
export function trackLine(facts: Facts, origin: Origin, line: Line, offset: number): void {
  origin.offset = offset;
  for (const track of trackers) track(facts, line, origin);
  if (line.timeMs !== undefined) origin.fallbackMs = line.timeMs;
}
