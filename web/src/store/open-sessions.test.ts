import { expect, test } from 'vitest';
import type { SessionSummary } from '../api/client.ts';
import { EMPTY_LIVE, newSession } from './live.ts';
import { mergeOpen } from './open-sessions.ts';

const NOW_MS = Date.parse('2026-11-20T12:00:00Z');

const summary = (change: Partial<SessionSummary> = {}): SessionSummary => ({
  id: 's1',
  source: 'laptop',
  project: 'shop',
  state: 'waiting',
  firstAt: '2026-11-20T11:00:00.000Z',
  lastAt: '2026-11-20T11:59:00.000Z',
  models: ['haiku', 'opus'],
  requests: 40,
  tokens: 5000,
  kinds: { input: 1, output: 900, cacheRead: 0, cacheWrite5m: 0, cacheWrite1h: 0 },
  costUsd: 3,
  unpricedRequests: 0,
  toolCalls: 7,
  failures: 2,
  blocked: 0,
  lines: { added: 0, removed: 0 },
  todos: { completed: 1, inProgress: 0, pending: 3, abandoned: false },
  ...change,
});
const live = (change: object) => ({
  ...EMPTY_LIVE,
  sessions: new Map([['s1', { ...newSession('s1', 'laptop', NOW_MS - 60_000), project: 'shop', ...change }]]),
});

test('a session whose events are older than the stream is there with its sums', () => {
  const [open] = mergeOpen(EMPTY_LIVE, [{ summary: summary() }], NOW_MS);
  expect(open).toMatchObject({
    state: 'waiting',
    session: { id: 's1', project: 'shop', whole: true, requests: 40, outputTokens: 900, costUsd: 3, calls: 7, todos: { done: 1, all: 4 } },
  });
});

test('what the stream says since goes before it, sums are of the whole session', () => {
  const [open] = mergeOpen(live({ tools: ['Bash'], lastMs: NOW_MS, requests: 1, costUsd: 0.1 }), [{ summary: summary() }], NOW_MS);
  expect(open).toMatchObject({ state: 'working', session: { tools: ['Bash'], requests: 40, costUsd: 3 } });
});

test('a session whose beginning the stream saw ticks by the stream alone', () => {
  const [open] = mergeOpen(live({ whole: true, requests: 41, costUsd: 3.2 }), [{ summary: summary() }], NOW_MS);
  expect(open?.session).toMatchObject({ requests: 41, costUsd: 3.2 });
});

test('the context is read from the past where the stream has none', () => {
  const seen = { ...newSession('s1', 'laptop', 0), context: { tokens: 9, most: 9, atMs: 1 }, model: 'opus' };
  const [open] = mergeOpen(live({ lastMs: NOW_MS }), [{ summary: summary(), seen }], NOW_MS);
  expect(open?.session).toMatchObject({ context: { tokens: 9 }, model: 'opus' });
});

test('who did what is told by the API', () => {
  const row = {
    inputTokens: 1,
    outputTokens: 2,
    cacheReadTokens: 3,
    cacheWrite5mTokens: 4,
    cacheWrite1hTokens: 5,
    costUsd: 0.5,
    requests: 2,
  };
  const usage = { ...row, model: 'haiku', agent: 'subagent' as const, unpricedRequests: 0, unfinishedRequests: 0 };
  const agents = { usage: [usage, { ...usage, agent: 'main' as const }], subagents: [{ name: 'Explore', count: 3 }] };
  const [open] = mergeOpen(EMPTY_LIVE, [{ summary: summary(), agents }], NOW_MS);
  expect(open?.session).toMatchObject({ spawned: { Explore: 3 }, subagents: { requests: 2, tokens: 15, costUsd: 0.5, models: ['haiku'] } });
});

test('a session that fell silent long ago has left', () => {
  const old = summary({ lastAt: '2026-11-20T11:00:00.000Z' });
  expect(mergeOpen(EMPTY_LIVE, [{ summary: old }], NOW_MS)).toEqual([]);
});
