import type { Facts, SessionFact, TodoCounts, TodoFact, TodoTask } from './fact.ts';
import { OVER_AFTER_MS, stateOf } from './sessions.ts';

/** A list holds so many tasks at the most; further ones are left out. The longest list seen in the wild has 86. */
const MAX_TASKS = 1000;

/** What somebody tells of a todo list. */
export interface TodoSight {
  sessionId: string;
  /** The agent whose list it is; the task list of a session is {@link TASK_LIST}. */
  agentId: string;
  /** When it was so: the time of the file or line, milliseconds since 1970. */
  timeMs: number;
  /** The whole list as counts (`todos/`, TodoWrite), or tasks by their number (`tasks/`, TaskCreate, TaskUpdate). */
  list: TodoCounts | { tasks: Record<string, TodoTask>; whole: boolean };
}

export const TASK_LIST = 'tasks';

/**
 * Takes a sight of a todo list into what is known. Files and transcript lines tell of the same lists; the newest sight wins, whichever
 * it is: list by list for todos, task by task for tasks. Gives back the fact as it is now, which is not put where nothing is new.
 *
 * For transcripts: a TodoWrite gives the counts of its input; a TaskCreate or TaskUpdate that succeeded gives
 * `{ tasks: { [id]: { status, timeMs } }, whole: false }`, with the status undefined where the task was deleted.
 */
export function noteTodos(facts: Facts, sight: TodoSight): TodoFact {
  const key = todoKey(sight);
  const known = facts.get(key);
  const before = known?.type === 'todo' ? known : unknownList(key, sight);
  const after = mergeTodos(before, sight);
  if (after !== known) facts.put(after);
  return after;
}

export function todoKey({ sessionId, agentId }: { sessionId: string; agentId: string }): string {
  return `todo:${sessionId}:${agentId}`;
}

function unknownList(key: string, { sessionId }: TodoSight): TodoFact {
  return { type: 'todo', key, timeMs: 0, sessionId, counts: NOTHING, told: '', settled: false };
}

const NOTHING: TodoCounts = { pending: 0, inProgress: 0, completed: 0 };

/** Merges a sight into a list: pure, and the same whatever the order of sights. Gives back `known` itself where nothing is new. */
export function mergeTodos(known: TodoFact, { list, timeMs }: TodoSight): TodoFact {
  if (!('tasks' in list)) return timeMs > known.timeMs || isTied(known, list, timeMs) ? { ...known, timeMs, counts: list } : known;
  const tasks = mergeTasks(known.tasks ?? {}, list.tasks, list.whole ? timeMs : 0);
  const latestMs = Math.max(known.timeMs, timeMs);
  if (latestMs === known.timeMs && JSON.stringify(tasks) === JSON.stringify(known.tasks ?? {})) return known;
  return { ...known, timeMs: latestMs, tasks, counts: countTasks(tasks) };
}

/** Two sights of one time: the one that is further on wins, so that the order does not matter. */
function isTied(known: TodoFact, list: TodoCounts, timeMs: number): boolean {
  return timeMs === known.timeMs && progressOf(list) > progressOf(known.counts);
}

function progressOf({ pending, inProgress, completed }: TodoCounts): number {
  return completed * 1e12 + inProgress * 1e6 + pending;
}

/**
 * Task by task the newest wins. `wholeAtMs` is when the folder was looked at as a whole: a task that is not in it and is not newer has
 * been deleted, which is what happens to a list that is finished.
 */
function mergeTasks(known: Record<string, TodoTask>, seen: Record<string, TodoTask>, wholeAtMs: number): Record<string, TodoTask> {
  const merged = new Map(Object.entries(known).filter(([id, task]) => Object.hasOwn(seen, id) || task.timeMs > wholeAtMs));
  for (const [id, task] of Object.entries(seen)) {
    const before = merged.get(id);
    if (before === undefined || task.timeMs > before.timeMs || (task.timeMs === before.timeMs && rankOf(task) > rankOf(before)))
      merged.set(id, task);
  }
  return Object.fromEntries([...merged].sort(([a], [b]) => (a < b ? -1 : 1)).slice(0, MAX_TASKS));
}

/** Two sights of one time: the one that is further on wins. */
function rankOf({ status }: TodoTask): number {
  return status === undefined ? 3 : ['pending', 'inProgress', 'completed'].indexOf(status);
}

function countTasks(tasks: Record<string, TodoTask>): TodoCounts {
  const counts = { ...NOTHING };
  for (const { status } of Object.values(tasks)) if (status !== undefined) counts[status] += 1;
  return counts;
}

/** Something is left to do. */
export function isUnfinished({ counts }: TodoFact): boolean {
  return counts.pending + counts.inProgress > 0;
}

/**
 * A list after counting: abandoned where its session is over and something is left to do. Once abandoned it stays so, with the project
 * it was counted for, also where the session goes on. `told` is what the last event said.
 */
export function settleTodos(list: TodoFact, session: SessionFact | undefined, nowMs: number): TodoFact {
  const { pending, inProgress, completed } = list.counts;
  const over = isOver(list, session, nowMs);
  const left = over && isUnfinished(list);
  const told = `${completed}/${inProgress}/${pending}/${left}`;
  const after: TodoFact = { ...list, settled: true, told };
  if (!left || list.abandoned !== undefined) return after;
  return { ...after, abandoned: { timeMs: session?.lastMs ?? list.timeMs, project: session?.project ?? 'unknown' } };
}

/** The session of a list is over. Of a list without a known session only its own age tells. */
export function isOver(list: TodoFact, session: SessionFact | undefined, nowMs: number): boolean {
  return session === undefined ? nowMs - list.timeMs > OVER_AFTER_MS : stateOf(session, nowMs) === 'over';
}

/** When a list must be looked at again although it has not changed: when its session may be over. */
export function dueOfTodos(list: TodoFact, session: SessionFact | undefined, nowMs: number): number | undefined {
  if (!isUnfinished(list) || isOver(list, session, nowMs)) return undefined;
  return Math.max(nowMs, session?.lastMs ?? list.timeMs) + OVER_AFTER_MS + 1;
}
