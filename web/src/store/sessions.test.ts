import { expect, test } from 'vitest';
import type { StoredEvent } from '../api/client.ts';
import { DEFAULT_STATE } from './location.ts';
import { costPerMinute, readSort, searchSessions, sessionCost, sessionQuery, sessionTokens, writeSort } from './sessions.ts';
import { answersOf, settle } from './timeline.ts';

test.each([
  ['', { by: 'last', down: true }],
  ['-cost', { by: 'cost', down: true }],
  ['cost', { by: 'cost', down: false }],
  ['-nonsense', { by: 'last', down: true }],
] as const)('sort %j', (text, sort) => expect(readSort(text)).toEqual(sort));

test('the usual order is not written', () => {
  expect(writeSort({ by: 'last', down: true })).toBe('');
  expect(writeSort({ by: 'last', down: false })).toBe('last');
  expect(writeSort({ by: 'tokens', down: true })).toBe('-tokens');
});

test('the list is asked for by the filters of the link', () => {
  const state = {
    ...DEFAULT_STATE,
    states: ['working', 'made up'],
    sort: '-cost',
    filters: { ...DEFAULT_STATE.filters, host: ['laptop'] },
  };
  expect(sessionQuery(state, { start: 60, end: 120 }, 'abc')).toEqual({
    sort: 'cost',
    order: 'desc',
    limit: '200',
    start: '60',
    end: '120',
    source: ['laptop'],
    state: ['working'],
    cursor: 'abc',
  });
});

const session = {
  id: 's1',
  source: 'laptop',
  project: 'shop',
  state: 'over' as const,
  firstAt: '2026-11-20T12:00:00Z',
  lastAt: '2026-11-20T12:10:00Z',
  models: ['claude-opus-4-6'],
  requests: 1,
  tokens: 1,
  costUsd: 5,
  unpricedRequests: 0,
  toolCalls: 0,
  failures: 0,
  blocked: 0,
  kinds: { input: 1, output: 0, cacheRead: 0, cacheWrite5m: 0, cacheWrite1h: 0 },
  lines: { added: 0, removed: 0 },
  todos: null,
};

test('cost a minute', () => {
  expect(costPerMinute(session)).toBe(0.5);
  expect(costPerMinute({ ...session, lastAt: session.firstAt })).toBeNull();
});

test.each([
  ['', 1],
  ['SHOP', 1],
  ['opus 4.6', 1],
  ['blog', 0],
])('%j finds %d sessions', (text, count) => expect(searchSessions([session], text)).toHaveLength(count));

const usage = (responseId: string, revision: number, minute: number, costUsd: number): StoredEvent => {
  const payload = {
    responseId,
    revision,
    sessionId: 's1',
    project: 'shop',
    model: 'opus',
    agent: 'main' as const,
    inputTokens: 1,
    outputTokens: 1,
    cacheReadTokens: 0,
    cacheWrite5mTokens: 0,
    cacheWrite1hTokens: 0,
    costUsd,
    finished: true,
  };
  const timestamp = new Date(Date.UTC(2026, 10, 20, 12, minute)).toISOString();
  return { seq: minute + 1, event: { id: 'evt_abcdefghij0123456789', source: 'laptop', timestamp, type: 'usage', payload } };
};

test('the cost of a session has each response once, at its first time and its last revision', () => {
  const answers = answersOf(settle([usage('r2', 0, 2, 4), usage('r1', 1, 1, 3), usage('r1', 0, 0, 1)]));
  expect(sessionCost(answers, { model: new Map([['opus', 3]]) })).toMatchObject({
    step: 60,
    total: 7,
    layers: [{ key: 'opus', slot: 3, values: [3, 0, 4] }],
  });
  expect(sessionTokens(answers).layers.map((layer) => [layer.key, layer.total])).toEqual([
    ['input', 2],
    ['output', 2],
  ]);
  expect(sessionCost([], {}).layers).toEqual([]);
});
