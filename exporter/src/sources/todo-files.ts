import type { TodoCounts, TodoStatus } from '../track/fact.ts';
import { isObject, readJson, readObject, type Unusable } from './readable.ts';

/**
 * What a file of todos is called: `todos/<session>-agent-<agent>.json`, the list of one agent, rewritten as a whole. The agent is the
 * session itself for the main conversation, a short number for a subagent.
 */
export function readTodoFileName(name: string): { sessionId: string; agentId: string } | undefined {
  const match = TODO_FILE.exec(name);
  return match?.[1] === undefined || match[2] === undefined ? undefined : { sessionId: match[1], agentId: match[2] };
}

const TODO_FILE = /^([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})-agent-([0-9a-z-]{1,64})\.json$/;

/** What a file of one task is called: `tasks/<list>/<n>.json`. */
export const TASK_FILE = /^(\d{1,9})\.json$/;

/**
 * Counts the items of a todo list by status. The words are not looked at. An item whose status is none of the three (a deleted one) is
 * left out. Items of 1.0 carry `priority` and `id`, later ones `activeForm`: neither matters.
 */
export function readTodoList(text: string): TodoCounts | Unusable {
  const items = readJson(text);
  if (items === undefined) return { unusable: 'not_json' };
  if (!Array.isArray(items)) return { unusable: 'wrong_shape' };
  const counts = { pending: 0, inProgress: 0, completed: 0 };
  for (const item of items) {
    const status = isObject(item) ? readStatus(item.status) : undefined;
    if (status !== undefined) counts[status] += 1;
  }
  return counts;
}

/** The status of the task in a file of one; `undefined` stands for a status that is none of the three. */
export function readTask(text: string): { status: TodoStatus | undefined } | Unusable {
  const task = readObject(text);
  if ('unusable' in task) return task;
  const { id, status } = task.object;
  if (typeof id !== 'string' || typeof status !== 'string') return { unusable: 'wrong_shape' };
  return { status: readStatus(status) };
}

/** The words of the files, and ours. */
function readStatus(value: unknown): TodoStatus | undefined {
  switch (value) {
    case 'pending':
      return 'pending';
    case 'in_progress':
      return 'inProgress';
    case 'completed':
      return 'completed';
    default:
      return undefined;
  }
}
