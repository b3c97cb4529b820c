import type { Event } from '@ccmeter/exporter/contract';
import { describe, expect, test } from 'vitest';
import type { StoredEvent } from '../api/client.ts';
import { contextOf, modelOf, placeOf, sessionMarks, settle, stretchesOf, turnsOf, usedIn } from './timeline.ts';

const START = Date.parse('2026-11-20T12:00:00Z');
let seq = 0;

function event(type: Event['type'], seconds: number, payload: object): StoredEvent {
  seq += 1;
  const timestamp = new Date(START + seconds * 1000).toISOString();
  const id = `evt_${String(seq).padStart(20, '0')}`;
  return { seq, event: { id, source: 'laptop', timestamp, type, payload: { sessionId: 's1', ...payload } } as Event };
}
const answer = (seconds: number, responseId: string, change: object = {}) =>
  event('usage', seconds, {
    responseId,
    revision: 0,
    project: 'shop',
    model: 'claude-opus-5',
    agent: 'main',
    inputTokens: 1,
    outputTokens: 10,
    cacheReadTokens: 100,
    cacheWrite5mTokens: 0,
    cacheWrite1hTokens: 0,
    costUsd: 0.5,
    finished: true,
    ...change,
  });
const call = (seconds: number, callId: string, change: object = {}) =>
  event('tool_call', seconds, { callId, project: 'shop', tool: 'Bash', agent: 'main', result: 'ok', durationSeconds: 2, ...change });
const tool = (seconds: number, status: string) => event('tool', seconds, { tool: 'Bash', status });

describe('what is told more than once is one row', () => {
  test('a response, as it was last told, at its first time', () => {
    const rows = settle([answer(9, 'r1', { revision: 1, outputTokens: 99 }), answer(5, 'r1', { outputTokens: 1 })]);
    expect(rows).toHaveLength(1);
    expect(rows[0]?.event).toMatchObject({ timestamp: new Date(START + 5000).toISOString(), payload: { outputTokens: 99 } });
  });

  test('a call with its signs of life', () => {
    const rows = settle([tool(1, 'started'), tool(3, 'completed'), call(3, 'c1'), tool(4, 'started')]);
    expect(rows.map((row) => row.event.type)).toEqual(['tool_call', 'tool']);
  });

  test('that a transcript grew is not worth a row', () => expect(settle([event('activity', 0, { project: 'shop' })])).toEqual([]));
});

describe('turns', () => {
  test('a turn goes on while the model asks for tools, and ends with an answer that asks for none', () => {
    const turns = turnsOf([answer(0, 'r1'), call(5, 'c1'), answer(6, 'r2'), answer(60, 'r3'), call(63, 'c2'), answer(64, 'r4')]);
    expect(turns.map((turn) => [turn.number, turn.responses.length, turn.calls.length])).toEqual([
      [1, 2, 1],
      [2, 2, 1],
    ]);
    expect(turns.map((turn) => [turn.startMs - START, turn.endMs - START])).toEqual([
      [0, 6000],
      [60_000, 64_000],
    ]);
  });

  test('a subagent does not end the turn', () => {
    const sub = { agent: 'subagent', model: 'haiku' };
    const turns = turnsOf([answer(0, 'r1'), answer(1, 'r2', sub), answer(2, 'r3', sub), call(5, 'c1'), answer(6, 'r4')]);
    expect(turns).toHaveLength(1);
    expect(modelOf(turns[0] ?? { responses: [] })).toBe('claude-opus-5');
    expect(usedIn(turns[0] ?? { responses: [] })).toEqual({ tokens: 444, outputTokens: 40, costUsd: 2, unpriced: false });
  });

  test('that the session waits ends it, and so does a long pause', () => {
    const waits = event('agent', 7, { state: 'waiting' });
    expect(turnsOf([answer(0, 'r1'), call(5, 'c1'), waits, answer(8, 'r2')])).toHaveLength(2);
    expect(turnsOf([answer(0, 'r1'), call(5, 'c1'), answer(4000, 'r2')])).toHaveLength(2);
  });

  test('it tells subagents, todos and compactions', () => {
    const [turn] = turnsOf([
      answer(0, 'r1'),
      event('agent_spawn', 1, { agentType: 'Explore', description: '', timestamp: '' }),
      event('todo_progress', 2, { completed: 1, inProgress: 1, pending: 2, abandoned: false }),
      event('summary', 3, { summary: 'The conversation was summed up to make room.' }),
      event('summary', 4, { summary: 'The session has ended.' }),
    ]);
    expect(turn).toMatchObject({ spawned: [{ type: 'Explore' }], todos: { done: 1, all: 4 }, compactedMs: [START + 3000] });
  });
});

test('marks are where the model changed and where room was made', () => {
  const turns = turnsOf([
    answer(0, 'r1'),
    event('summary', 3, { summary: 'The conversation was summed up to make room.' }),
    answer(60, 'r2', { model: 'claude-sonnet-5' }),
  ]);
  expect(sessionMarks(turns).map((mark) => [mark.seconds - START / 1000, mark.kind])).toEqual([
    [3, 'compaction'],
    [60, 'model'],
  ]);
  expect(contextOf(turns).map((point) => point.tokens)).toEqual([111, 111]);
});

describe('the axis', () => {
  const turn = (start: number, end: number) => ({ startMs: start * 60_000, endMs: end * 60_000 });

  test('goes on through short pauses and cuts long ones', () => {
    const stretches = stretchesOf([turn(0, 3), turn(4, 5), turn(100, 104)]);
    expect(stretches.map(({ startMs, endMs }) => [startMs / 60_000, endMs / 60_000])).toEqual([
      [0, 5],
      [100, 104],
    ]);
    expect(stretches.map(({ from, to }) => [from, to])).toEqual([
      [0, 0.5],
      [0.6, 1],
    ]);
  });

  test('has a place for each moment', () => {
    const stretches = stretchesOf([turn(0, 5), turn(100, 104)]);
    expect([0, 5, 50, 102, 104, 999].map((minute) => placeOf(stretches, minute * 60_000))).toEqual([0, 0.5, 0.6, 0.8, 1, 1]);
    expect(placeOf([], 5)).toBe(0);
  });
});
