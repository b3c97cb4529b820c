import type { Line } from '../parse/line.ts';
import type { Origin } from './fact.ts';
import { sessionOf, type Tracker, timeOf } from './tracker.ts';

/** Counts API errors as Claude Code shows them, each by the uuid of its line. Does not count: retries that succeed in the end. */
export const trackApiErrors: Tracker = (facts, line, origin) => {
  if (line.type !== 'api_error') return;
  const key = `api_error:${nameOf(line, origin)}`;
  if (facts.get(key) !== undefined) return;
  const place = { timeMs: timeOf(line, origin), sessionId: sessionOf(line, origin) };
  facts.put({ type: 'api_error', key, ...place, category: line.category, settled: false });
};

/** Counts compactions by their summaries, which every version writes, each by the uuid of its line. */
export const trackCompactions: Tracker = (facts, line, origin) => {
  if (line.type !== 'other' || !line.compactSummary) return;
  const key = `compaction:${nameOf(line, origin)}`;
  if (facts.get(key) !== undefined) return;
  facts.put({ type: 'compaction', key, timeMs: timeOf(line, origin), sessionId: sessionOf(line, origin), settled: false });
};

function nameOf(line: Line, origin: Origin): string {
  return line.uuid ?? `${origin.fileId}@${origin.offset}`;
}
