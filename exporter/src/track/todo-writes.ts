import { noteTodos, TASK_LIST } from './todos.ts';
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

/**
 * Takes tasks from the results of TaskCreate and TaskUpdate, in main transcripts and those of subagents, who work on the list of their
 * session. The files in `tasks/` tell of the same tasks; the newest sight wins, task by task. Does not take: calls that failed.
 */
export const trackTasks: Tracker = (facts, line, origin) => {
  if (line.type !== 'tool_result') return;
  const timeMs = timeOf(line, origin);
  for (const { task } of line.results) {
    if (task === undefined) continue;
    const tasks = { [task.id]: { status: task.status, timeMs } };
    noteTodos(facts, { sessionId: sessionOf(line, origin), agentId: TASK_LIST, timeMs, list: { tasks, whole: false } });
  }
};
