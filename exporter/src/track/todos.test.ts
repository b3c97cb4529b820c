import { expect, test } from 'vitest';
import { memoryFacts, SESSION, sessionFact } from '../testing.ts';
import type { TodoFact, TodoTask } from './fact.ts';
import { OVER_AFTER_MS } from './sessions.ts';
import { dueOfTodos, mergeTodos, noteTodos, settleTodos, TASK_LIST, type TodoSight } from './todos.ts';

const NOON = Date.parse('2026-03-01T12:00:00.000Z');

function list(wish: Partial<TodoFact> = {}): TodoFact {
  return {
    type: 'todo',
    key: `todo:${SESSION}:${SESSION}`,
    timeMs: NOON,
    sessionId: SESSION,
    counts: { pending: 1, inProgress: 1, completed: 0 },
    told: '',
    settled: false,
    ...wish,
  };
}

function sight(timeMs: number, completed: number): TodoSight {
  return { sessionId: SESSION, agentId: SESSION, timeMs, list: { pending: 3 - completed, inProgress: 0, completed } };
}

function taskSight(timeMs: number, tasks: Record<string, TodoTask>, whole: boolean): TodoSight {
  return { sessionId: SESSION, agentId: TASK_LIST, timeMs, list: { tasks, whole } };
}

test('the newest sight of a list wins, whoever has it and in whatever order they come', () => {
  const sights = [sight(NOON, 0), sight(NOON + 2, 2), sight(NOON + 1, 1)];
  for (const order of [sights, sights.toReversed()]) {
    const facts = memoryFacts();
    for (const one of order) noteTodos(facts, one);
    expect(facts.all()).toMatchObject([{ timeMs: NOON + 2, counts: { pending: 1, completed: 2 } }]);
  }
});

test('of two sights of one time the one that is further on wins', () => {
  for (const order of [
    [sight(NOON, 1), sight(NOON, 2)],
    [sight(NOON, 2), sight(NOON, 1)],
  ]) {
    const facts = memoryFacts();
    for (const one of order) noteTodos(facts, one);
    expect(facts.all()).toMatchObject([{ counts: { completed: 2 } }]);
  }
});

test('a sight that is not new changes nothing', () => {
  const known = list();
  expect(mergeTodos(known, sight(NOON - 1, 2))).toBe(known);
});

test('tasks come one by one, and the newest of each wins', () => {
  const facts = memoryFacts();
  noteTodos(facts, taskSight(NOON, { 1: { status: 'pending', timeMs: NOON } }, false));
  noteTodos(facts, taskSight(NOON + 5, { 2: { status: 'pending', timeMs: NOON + 5 } }, false));
  noteTodos(facts, taskSight(NOON + 9, { 1: { status: 'completed', timeMs: NOON + 9 } }, false));
  noteTodos(facts, taskSight(NOON + 7, { 1: { status: 'inProgress', timeMs: NOON + 7 } }, false));
  expect(facts.all()).toMatchObject([{ timeMs: NOON + 9, counts: { pending: 1, inProgress: 0, completed: 1 } }]);
});

test('what is not in the folder any more was deleted, unless it is newer than the folder', () => {
  const facts = memoryFacts();
  const tasks: Record<string, TodoTask> = { 1: { status: 'completed', timeMs: NOON }, 2: { status: 'pending', timeMs: NOON + 20 } };
  noteTodos(facts, taskSight(NOON + 20, tasks, false));
  noteTodos(facts, taskSight(NOON + 10, {}, true));
  expect(facts.all()).toMatchObject([{ counts: { pending: 1, inProgress: 0, completed: 0 } }]);
});

test('a task that was deleted is not counted', () => {
  const facts = memoryFacts();
  noteTodos(facts, taskSight(NOON, { 1: { status: 'pending', timeMs: NOON } }, false));
  noteTodos(facts, taskSight(NOON + 1, { 1: { status: undefined, timeMs: NOON + 1 } }, false));
  expect(facts.all()).toMatchObject([{ counts: { pending: 0, inProgress: 0, completed: 0 } }]);
});

test('a list is abandoned when its session is over and something is left', () => {
  const session = sessionFact({ lastMs: NOON + 60_000 });
  expect(settleTodos(list(), session, NOON + 120_000)).not.toHaveProperty('abandoned');
  const over = settleTodos(list(), session, NOON + 60_000 + OVER_AFTER_MS + 1);
  expect(over).toMatchObject({ abandoned: { timeMs: NOON + 60_000, project: 'harbour' }, told: '0/1/1/true' });
});

test('a list without anything left is not abandoned', () => {
  const done = list({ counts: { pending: 0, inProgress: 0, completed: 3 } });
  expect(settleTodos(done, undefined, NOON + 10 * OVER_AFTER_MS)).not.toHaveProperty('abandoned');
});

test('once abandoned it stays so, also when the session goes on', () => {
  const abandoned = { timeMs: NOON, project: 'harbour' };
  const session = sessionFact({ lastMs: NOON + 10 * OVER_AFTER_MS, project: 'elsewhere' });
  const later = settleTodos(list({ abandoned }), session, NOON + 10 * OVER_AFTER_MS);
  expect(later).toMatchObject({ abandoned, told: '0/1/1/false' });
});

test('of a list without a session only its age tells', () => {
  expect(settleTodos(list(), undefined, NOON + OVER_AFTER_MS)).not.toHaveProperty('abandoned');
  expect(settleTodos(list(), undefined, NOON + OVER_AFTER_MS + 1)).toMatchObject({ abandoned: { timeMs: NOON, project: 'unknown' } });
});

test('a list is looked at again when its session may be over', () => {
  const session = sessionFact({ lastMs: NOON });
  expect(dueOfTodos(list(), session, NOON)).toBe(NOON + OVER_AFTER_MS + 1);
  expect(dueOfTodos(list(), session, NOON + OVER_AFTER_MS + 1)).toBeUndefined();
  expect(dueOfTodos(list({ counts: { pending: 0, inProgress: 0, completed: 2 } }), session, NOON)).toBeUndefined();
});

test('while the process of its session runs, a list is not abandoned however old it is', () => {
  const session = sessionFact({ lastMs: NOON, process: { status: 'idle', atMs: NOON } });
  const dayLater = NOON + 24 * 3600_000;
  expect(settleTodos(list(), session, dayLater)).not.toHaveProperty('abandoned');
  expect(dueOfTodos(list(), session, dayLater)).toBeGreaterThan(dayLater);
});
