import { noteOnce } from './errors.ts';
import type { Fact, Facts } from './fact.ts';
import { notePrompt } from './prompts.ts';
import { mergeSessions } from './sessions.ts';
import { noteTool } from './tools.ts';
import { noteResponse } from './usage.ts';

/**
 * Takes in the facts that one transcript tells, found without knowing any other, as if its lines had passed by here. Gives back false,
 * and changes nothing, where that is not the same: when lines of the session's main transcript are known already, how long it was active
 * follows from the order of all its lines.
 */
export function mergeFacts(facts: Facts, seen: readonly Fact[]): boolean {
  const sessions = seen.filter((fact) => fact.type === 'session');
  const merged = sessions.map((session) => {
    const known = facts.get(session.key);
    return known?.type === 'session' ? mergeSessions(known, session) : session;
  });
  if (merged.includes(undefined)) return false;
  for (const session of merged) if (session !== undefined) facts.put(session);
  for (const fact of seen) mergeFact(facts, fact);
  return true;
}

function mergeFact(facts: Facts, seen: Fact): void {
  if (seen.type === 'response') noteResponse(facts, seen);
  else if (seen.type === 'tool') noteTool(facts, seen);
  else if (seen.type === 'prompt') notePrompt(facts, seen);
  else if (seen.type === 'api_error' || seen.type === 'compaction') noteOnce(facts, seen);
  else if (seen.type !== 'session' && facts.get(seen.key) === undefined) facts.put(seen);
}
