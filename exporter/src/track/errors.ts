import type { ApiErrorFact, CompactionFact, Facts } from './fact.ts';
import { isEarlier, nameOf, sessionOf, type Tracker, timeOf } from './tracker.ts';

/** Counts API errors as Claude Code shows them, each by the uuid of its line. Does not count: retries that succeed in the end. */
export const trackApiErrors: Tracker = (facts, line, origin) => {
  if (line.type !== 'api_error') return;
  const place = { timeMs: timeOf(line, origin), sessionId: sessionOf(line, origin) };
  noteOnce(facts, { type: 'api_error', key: `api_error:${nameOf(line, origin)}`, ...place, category: line.category, settled: false });
};

/** Counts compactions by their summaries, which every version writes, each by the uuid of its line. */
export const trackCompactions: Tracker = (facts, line, origin) => {
  if (line.type !== 'other' || !line.compactSummary) return;
  const place = { timeMs: timeOf(line, origin), sessionId: sessionOf(line, origin) };
  noteOnce(facts, { type: 'compaction', key: `compaction:${nameOf(line, origin)}`, ...place, settled: false });
};

/** Takes in a sight of what happened once: a copy of its line in another transcript tells nothing but, perhaps, that it was earlier. */
export function noteOnce(facts: Facts, seen: ApiErrorFact | CompactionFact): void {
  const known = facts.get(seen.key);
  if (known === undefined || (!known.settled && isEarlier(seen, known))) facts.put(seen);
}
