import type { Facts, PromptFact } from './fact.ts';
import { isEarlier, nameOf, sessionOf, type Tracker, timeOf } from './tracker.ts';

/**
 * Counts prompts typed by a person, each once by the uuid of its line; a copy on resume keeps its uuid.
 * Does not count: tool results, commands and their output, summaries, notices, a subagent's task. A few versions of 2025 (1.0.35 to
 * 1.0.81) copied some lines with new uuids; those prompts count again.
 */
export const trackPrompts: Tracker = (facts, line, origin) => {
  if (line.type !== 'prompt' || origin.subagent) return;
  const seen: PromptFact = {
    type: 'prompt',
    key: `prompt:${nameOf(line, origin)}`,
    timeMs: timeOf(line, origin),
    sessionId: sessionOf(line, origin),
    settled: false,
  };
  notePrompt(facts, seen);
};

/** Takes in a sight of a prompt: the earliest counts. */
export function notePrompt(facts: Facts, seen: PromptFact): void {
  const known = facts.get(seen.key);
  if (known?.type !== 'prompt' || (!known.settled && isEarlier(seen, known))) facts.put(seen);
}
