import type { Api, SessionSummary } from '../api/client.ts';
import type { Stack } from '../charts/options/stack.ts';
import { createAsker, type Frame, placeOf, type Scope, times } from './ask.ts';

/** Most sessions whose lists are looked at. */
export const MOST_LISTS = 500;

/** How far todos are. */
export interface Progress {
  lists: number;
  done: number;
  underWay: number;
  pending: number;
  /** Not done when the session was over. */
  left: number;
  leftLists: number;
}

export interface TodoProject extends Progress {
  name: string;
}

/** A session with a list. */
export type TodoSession = SessionSummary & { todos: NonNullable<SessionSummary['todos']> };

export interface TodosNumbers extends Frame {
  totals: Progress;
  projects: readonly TodoProject[];
  sessions: readonly TodoSession[];
  /** There are more sessions than were looked at. */
  more: boolean;
  /** Lists left unfinished in the range, as the counter has them. */
  abandoned: number;
  abandonedBefore: number | null;
  abandonedOverTime: Stack;
  query: string;
}

/** Asks how far todo lists are. */
export async function loadTodos(api: Api, question: Scope, nowMs: number, signal?: AbortSignal): Promise<TodosNumbers> {
  const asker = await createAsker(api, question, nowMs, signal);
  const { frame } = asker;
  const within = { ...times(frame.range), ...placeOf(question.filters) };
  const [listed, abandoned, before, overTime] = await Promise.all([
    api.sessions({ ...within, todos: 'true', sort: 'last', order: 'desc', limit: String(MOST_LISTS) }, signal),
    asker.sums('todos_abandoned'),
    frame.beforeRange && asker.sums('todos_abandoned', null, frame.beforeRange),
    asker.stack('todos_abandoned', 'project'),
  ]);
  const sessions = listed.sessions.flatMap((session): TodoSession[] => (session.todos ? [{ ...session, todos: session.todos }] : []));
  return {
    ...frame,
    totals: progressOf(sessions),
    projects: projectsOf(sessions),
    sessions,
    more: listed.next !== null,
    abandoned: abandoned.total,
    abandonedBefore: before?.total ?? null,
    abandonedOverTime: overTime,
    query: abandoned.query,
  };
}

/** Adds up lists. What is not done is open while its session is not over, and left undone after that. */
export function progressOf(sessions: readonly Pick<TodoSession, 'state' | 'todos'>[]): Progress {
  const sum: Progress = { lists: sessions.length, done: 0, underWay: 0, pending: 0, left: 0, leftLists: 0 };
  for (const { state, todos } of sessions) {
    sum.done += todos.completed;
    const unfinished = todos.inProgress + todos.pending;
    if (todos.abandoned || state === 'over') {
      sum.left += unfinished;
      sum.leftLists += unfinished > 0 ? 1 : 0;
    } else {
      sum.underWay += todos.inProgress;
      sum.pending += todos.pending;
    }
  }
  return sum;
}

/** Projects with lists, the one with the most todos first. */
export function projectsOf(sessions: readonly TodoSession[]): TodoProject[] {
  const names = [...new Set(sessions.map((session) => session.project ?? 'unknown'))];
  const all = (one: Progress) => one.done + one.underWay + one.pending + one.left;
  return names
    .map((name) => ({ name, ...progressOf(sessions.filter((session) => (session.project ?? 'unknown') === name)) }))
    .sort((one, other) => all(other) - all(one) || (one.name < other.name ? -1 : 1));
}

/** Done todos as a share of all; none where there are none. */
export function doneShare({ done, underWay, pending, left }: Progress): number | null {
  const all = done + underWay + pending + left;
  return all === 0 ? null : done / all;
}
