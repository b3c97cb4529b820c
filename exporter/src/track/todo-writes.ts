import { noteTodos } from './todos.ts';
import { sessionOf, type Tracker, timeOf } from './tracker.ts';

/**
 * Takes todo lists from the calls of TodoWrite in main transcripts, each of which writes the whole list. The files in `todos/` tell of the
 * same lists; the newest sight wins. Does not take: lists of subagents, whose names only the files tell.
 */
export const trackTodoWrites: Tracker = (facts, line, origin) => {
  if (line.type !== 'response' || origin.subagent || line.sidechain) return;
  const sessionId = sessionOf(line, origin);
  for (const { todos } of line.toolUses) {
    if (todos !== undefined) noteTodos(facts, { sessionId, agentId: sessionId, timeMs: timeOf(line, origin), list: todos });
  }
};
