import { measure } from '../meter/record.ts';
import type { Fact } from '../track/fact.ts';

/** What a recount of the transcripts that still exist says beside the ledger. */
export interface Check {
  /** Things that both have, with the same count. */
  same: number;
  /** Things that only the ledger has: their transcripts were deleted. They stay counted. */
  gone: number;
  /** Things that only the transcripts have: not read yet, or lost. */
  missing: Fact[];
  /** Things of which the transcripts say more than was counted. */
  grown: Fact[];
}

/** Types of facts that transcripts alone tell of. */
const COMPARED: ReadonlySet<Fact['type']> = new Set(['response', 'prompt', 'tool', 'api_error', 'compaction', 'continuation']);

/**
 * Compares what is counted with a recount, thing by thing. A thing of which the ledger counted more than the transcripts now say is the
 * same: they were cut, and a counter does not go down.
 */
export function checkFacts(counted: Iterable<Fact>, recounted: Iterable<Fact>, nowMs: number): Check {
  const known = new Map<string, Fact>();
  for (const fact of counted) if (COMPARED.has(fact.type)) known.set(fact.key, fact);
  const check: Check = { same: 0, gone: 0, missing: [], grown: [] };
  let both = 0;
  for (const fact of recounted) {
    if (!COMPARED.has(fact.type)) continue;
    const before = known.get(fact.key);
    if (before === undefined) {
      check.missing.push(fact);
      continue;
    }
    both += 1;
    if (size(fact, nowMs) > size(before, nowMs)) check.grown.push(fact);
    else check.same += 1;
  }
  check.gone = known.size - both;
  return check;
}

/** Everything that a fact adds up to, as one number to compare: what it is called and where it belongs do not matter. */
function size(fact: Fact, nowMs: number): number {
  return measure(fact, { project: '', nowMs })
    .filter(({ observed, metric }) => !observed && metric !== 'ccmeter_unfinished_requests_total')
    .reduce((sum, { value }) => sum + value, 0);
}
