import { expect, test } from 'vitest';
import { doneShare, progressOf, projectsOf, type TodoSession } from './todos.ts';

const session = (project: string, state: TodoSession['state'], todos: Partial<TodoSession['todos']>): TodoSession => ({
  id: `${project} ${state}`,
  source: 'laptop',
  project,
  state,
  firstAt: '2026-11-20T12:00:00Z',
  lastAt: '2026-11-20T12:10:00Z',
  models: [],
  requests: 0,
  tokens: 0,
  kinds: { input: 0, output: 0, cacheRead: 0, cacheWrite5m: 0, cacheWrite1h: 0 },
  costUsd: 0,
  unpricedRequests: 0,
  toolCalls: 0,
  failures: 0,
  blocked: 0,
  lines: { added: 0, removed: 0 },
  todos: { completed: 0, inProgress: 0, pending: 0, abandoned: false, ...todos },
});
const lists = [
  session('shop', 'working', { completed: 3, inProgress: 1, pending: 2 }),
  session('shop', 'over', { completed: 1, pending: 4, abandoned: true }),
  session('blog', 'over', { completed: 2 }),
];

test('what is not done is open while the session is, and left after that', () => {
  expect(progressOf(lists)).toEqual({ lists: 3, done: 6, underWay: 1, pending: 2, left: 4, leftLists: 1 });
  expect(doneShare(progressOf(lists))).toBeCloseTo(6 / 13);
  expect(doneShare(progressOf([]))).toBeNull();
});

test('each project has its own, the one with the most todos first', () => {
  expect(projectsOf(lists).map(({ name, lists: count, done, left }) => [name, count, done, left])).toEqual([
    ['shop', 2, 4, 4],
    ['blog', 1, 2, 0],
  ]);
});
