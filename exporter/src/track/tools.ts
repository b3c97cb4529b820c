import type { Line } from '../parse/line.ts';
import type { Facts, Origin, ToolFact, ToolResult, ToolUse } from './fact.ts';
import { agentOf, isEarlier, sessionOf, type Tracker, timeOf } from './tracker.ts';

/**
 * Joins tool calls: the use in a line of the model, the result in a line of the user, by the id of the call. Each half counts once, from
 * its earliest line; copies on resume and fork keep the id.
 *
 * From a call follow: finished calls by result and duration, errors by category, subagents and skills started, lines changed, commits
 * and pull requests. Does not count: calls without a result, except what they start; results that progress lines repeat.
 */
export const trackTools: Tracker = (facts, line, origin) => {
  if (line.type === 'response')
    for (const { id, todos: _, ...use } of line.toolUses) mergeUse(facts, id, { ...use, ...placeOf(line, origin) });
  if (line.type === 'tool_result') {
    for (const { id, task: _, ...result } of line.results) {
      mergeResult(facts, id, { ...result, timeMs: timeOf(line, origin), sessionId: sessionOf(line, origin) });
    }
  }
};

/** Takes in what a transcript tells of a call. */
export function noteTool(facts: Facts, seen: ToolFact): void {
  if (facts.get(seen.key) === undefined) facts.put(seen);
  else {
    const id = seen.key.slice(KEY.length);
    if (seen.use !== undefined) mergeUse(facts, id, seen.use);
    if (seen.result !== undefined) mergeResult(facts, id, seen.result);
  }
}

const KEY = 'tool:';

/** The key of the fact of a call. */
export function toolKey(id: string): string {
  return KEY + id;
}

function placeOf(line: Line, origin: Origin): Pick<ToolUse, 'timeMs' | 'sessionId' | 'agent'> {
  return { timeMs: timeOf(line, origin), sessionId: sessionOf(line, origin), agent: agentOf(line, origin) };
}

function mergeUse(facts: Facts, id: string, seen: ToolUse): void {
  const known = toolFact(facts, id);
  if (known?.use !== undefined && (known.settled || !isEarlier(seen, known.use))) return;
  const place = known?.settled ? known : seen;
  facts.put({ ...(known ?? newFact(id)), timeMs: place.timeMs, sessionId: place.sessionId, use: seen });
}

function mergeResult(facts: Facts, id: string, seen: ToolResult): void {
  const known = toolFact(facts, id);
  if (known?.result !== undefined && (known.settled || !isEarlier(seen, known.result))) return;
  const place = known?.use ?? (known?.settled ? known : seen);
  facts.put({ ...(known ?? newFact(id)), timeMs: place.timeMs, sessionId: place.sessionId, result: seen });
}

function toolFact(facts: Facts, id: string): ToolFact | undefined {
  const known = facts.get(toolKey(id));
  return known?.type === 'tool' ? known : undefined;
}

function newFact(id: string): ToolFact {
  return { type: 'tool', key: toolKey(id), timeMs: 0, sessionId: '', settled: false };
}
