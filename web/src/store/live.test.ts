import type { Event, PayloadOf } from '@ccmeter/exporter/contract';
import { describe, expect, test } from 'vitest';
import type { StoredEvent } from '../api/client.ts';
import { describeEvent, searchText } from '../format/event.ts';
import {
  EMPTY_LIVE,
  GONE_AFTER_MS,
  knownSince,
  type LiveState,
  MAX_ROWS,
  MAX_SESSIONS,
  sessionsNow,
  stateOf,
  takeEvents,
  usedSince,
} from './live.ts';
import { Rows } from './rows.ts';
import { createRowFilter } from './stream-filter.ts';

const START = Date.parse('2026-11-20T12:00:00Z');
let nextSeq = 0;

function stored(type: Event['type'], payload: object, atSeconds = 0): StoredEvent {
  nextSeq += 1;
  const timestamp = new Date(START + atSeconds * 1000).toISOString();
  const event = {
    id: `evt_${String(nextSeq).padStart(20, '0')}`,
    source: 'laptop',
    timestamp,
    type,
    payload: { sessionId: 's1', ...payload },
  };
  return { seq: nextSeq, event: event as Event };
}

const usage = (change: Partial<PayloadOf<'usage'>>, atSeconds = 0) =>
  stored(
    'usage',
    {
      responseId: 'r1',
      revision: 0,
      project: 'api',
      model: 'claude-opus-4-6',
      agent: 'main',
      inputTokens: 10,
      outputTokens: 5,
      cacheReadTokens: 100,
      cacheWrite5mTokens: 20,
      cacheWrite1hTokens: 0,
      costUsd: 0.5,
      finished: true,
      ...change,
    },
    atSeconds,
  );

const after = (...events: StoredEvent[]): LiveState => takeEvents(EMPTY_LIVE, events);
const only = (state: LiveState) => {
  const [session] = state.sessions.values();
  if (!session) throw new Error('no session');
  return session;
};

test('a rate says since when it is known: a new page is given the newest events only', () => {
  const full = after(usage({}, 60), usage({ responseId: 'r2' }, 90));
  expect(knownSince(full, START, 2)).toBe(START + 60_000);
  expect(knownSince(full, START + 70_000, 2)).toBe(START + 70_000);
  expect(knownSince(full, START, 3)).toBe(START);
  expect(knownSince(EMPTY_LIVE, START, 1)).toBe(START);
});

describe('a live session', () => {
  test('adds up its responses', () => {
    const session = only(after(usage({}), usage({ responseId: 'r2', inputTokens: 1, costUsd: 0.25 })));
    expect(session).toMatchObject({
      requests: 2,
      tokens: 135 + 126,
      outputTokens: 10,
      costUsd: 0.75,
      project: 'api',
      model: 'claude-opus-4-6',
    });
  });

  test('counts a response once, at its latest revision', () => {
    const first = usage({ outputTokens: 1, finished: false });
    const second = usage({ revision: 1, outputTokens: 50, costUsd: 0.9 });
    const late = usage({ revision: 0, outputTokens: 1, finished: false });
    const session = only(after(first, second, late));
    expect(session).toMatchObject({ requests: 1, tokens: 180, outputTokens: 50, costUsd: 0.9, unfinished: 0 });
  });

  test('says when tokens have no price or no final count', () => {
    const { costUsd: _, ...unpriced } = usage({}).event.payload as PayloadOf<'usage'>;
    const session = only(after(stored('usage', { ...unpriced, finished: false })));
    expect(session).toMatchObject({ unpriced: true, unfinished: 1, costUsd: 0 });
  });

  test('shows the model of the main conversation, not of its subagents', () => {
    const state = after(usage({}), usage({ responseId: 'r2', agent: 'subagent', model: 'claude-haiku-4-5' }));
    expect(only(state).model).toBe('claude-opus-4-6');
  });

  test('is whole when its beginning was seen', () => {
    expect(only(after(usage({}))).whole).toBe(false);
    expect(only(after(stored('session', { action: 'started', project: 'api' }), usage({}))).whole).toBe(true);
  });

  test.each([
    ['working right after a line', [stored('activity', { project: 'api' })], 5, 'working'],
    ['waiting when nothing follows', [stored('activity', { project: 'api' })], 120, 'waiting'],
    ['idle after five minutes', [stored('activity', { project: 'api' })], 301, 'idle'],
    ['working while a tool runs', [stored('tool', { tool: 'Bash', status: 'started' })], 200, 'working'],
    ['idle after five minutes, whatever was said', [stored('agent', { state: 'working' })], 301, 'idle'],
    ['waiting when the exporter says so', [stored('agent', { state: 'waiting' })], 1, 'waiting'],
    ['idle when it has waited for five minutes', [stored('agent', { state: 'waiting' })], 400, 'idle'],
    ['working again when something follows', [stored('agent', { state: 'waiting' }), stored('activity', {}, 10)], 11, 'working'],
    ['ended for good', [stored('session', { action: 'ended', project: 'api' })], 9000, 'ended'],
  ] as const)('is %s', (_name, events, atSeconds, state) => {
    expect(stateOf(only(after(...events)), START + atSeconds * 1000)).toBe(state);
  });

  test('counts each tool call once, with what came of it in the end', () => {
    const call = (callId: string, result: string, atSeconds = 0) =>
      stored('tool_call', { callId, project: 'api', tool: 'Bash', agent: 'main', result, category: 'exit_code' }, atSeconds);
    const session = only(after(call('c1', 'error'), call('c2', 'ok'), call('c3', 'error', 5), call('c1', 'ok')));
    expect(session).toMatchObject({ calls: 3, failures: 1, lastFailure: { tool: 'Bash', category: 'exit_code', atMs: START + 5000 } });
  });

  test('leaves when it ended or fell silent', () => {
    const state = after(stored('activity', { project: 'api' }), stored('session', { sessionId: 's2', action: 'ended', project: 'api' }));
    expect(sessionsNow(state, START).map((row) => row.session.id)).toEqual(['s1']);
    expect(sessionsNow(state, START + GONE_AFTER_MS)).toEqual([]);
  });

  test('at work comes before waiting', () => {
    const state = after(stored('activity', { project: 'a' }), stored('activity', { sessionId: 's2', project: 'b' }, 100));
    expect(sessionsNow(state, START + 101_000).map((row) => [row.session.id, row.state])).toEqual([
      ['s2', 'working'],
      ['s1', 'waiting'],
    ]);
  });
});

describe('the stream', () => {
  test('takes each event once, also when it is replayed', () => {
    const events = [usage({}), usage({ responseId: 'r2' })];
    const once = after(...events);
    expect(takeEvents(once, events)).toBe(once);
    expect(once.rows.length).toBe(2);
  });

  test('changes nothing in the state it was given', () => {
    const before = after(usage({}));
    const told = (state: LiveState) => structuredClone({ ...state, rows: state.rows.from(0) });
    const copy = told(before);
    takeEvents(before, [usage({ revision: 1, outputTokens: 500 })]);
    expect(told(before)).toEqual(copy);
  });

  test('is the same however it is cut into batches', () => {
    const events = Array.from({ length: 20 }, (_, index) =>
      usage({ responseId: `r${index % 7}`, revision: index, outputTokens: index * 3 }, index),
    );
    const whole = after(...events);
    const cut = events.reduce((state, event) => takeEvents(state, [event]), EMPTY_LIVE);
    expect({ ...cut, rows: cut.rows.from(0) }).toEqual({ ...whole, rows: whole.rows.from(0) });
  });

  test('is bounded', () => {
    const many = Array.from({ length: MAX_ROWS + 10 }, (_, index) =>
      stored('activity', { sessionId: `s${index % (MAX_SESSIONS + 5)}` }, index),
    );
    const state = after(...many);
    expect(state.rows.length).toBe(MAX_ROWS);
    expect(state.rows.at(MAX_ROWS - 1)?.seq).toBe(many.at(-1)?.seq);
    expect(state.sessions.size).toBe(MAX_SESSIONS);
  });

  test('knows what was used lately', () => {
    const state = after(usage({}, 0), usage({ responseId: 'r2' }, 60));
    expect(usedSince(state, START + 30_000)).toEqual({ tokens: 135, costUsd: 0.5, requests: 1 });
  });

  const words = { textOf: searchText, projectOfSession: () => 'api' };
  const all = { types: [], projects: [], sessions: [], sources: [], text: '' };

  test.each([
    [{ types: ['tool'] }, [2]],
    [{ projects: ['web'] }, [3]],
    [{ sessions: ['s9'] }, [3]],
    [{ sources: ['elsewhere'] }, []],
    [{ text: 'OPUS' }, [0]],
    [{ text: 'bash' }, [2]],
    [{ text: 'Response' }, [0]],
    [{ types: ['usage'], projects: ['web'] }, []],
    [{}, [0, 1, 2, 3]],
  ])('filter %j shows rows %j', (filter, expected) => {
    const rows = [
      usage({}),
      stored('activity', { sessionId: 's1' }),
      stored('tool', { tool: 'Bash', status: 'started', project: 'api' }),
      stored('activity', { sessionId: 's9', project: 'web' }),
    ];
    const seen = createRowFilter(words)(Rows.of(rows), { ...all, ...filter }, MAX_ROWS).from(0);
    expect(seen.map((row) => rows.indexOf(row))).toEqual(expected);
  });

  test('a filter looks at what has come since, forgets what has left, and begins again when it is another one', () => {
    const looked: number[] = [];
    const filter = createRowFilter({ ...words, textOf: (event) => searchText(event) + looked.push(1) * 0 });
    const events = Array.from({ length: 6 }, (_, index) => usage({ responseId: `r${index}` }));
    const opus = { ...all, text: 'opus' };
    const first = Rows.of(events.slice(0, 4));
    expect(filter(first, opus, 10).length).toBe(4);
    const later = first.add(events.slice(4), 3);
    expect(filter(later, opus, 10).from(0)).toEqual(events.slice(3));
    expect(looked).toHaveLength(6);
    expect(filter(later, { ...all, text: 'nothing like it' }, 10).length).toBe(0);
    expect(looked).toHaveLength(9);
  });
});

describe('what a card shows beside sums', () => {
  test('the context is that of the newest response of the main conversation', () => {
    const sub = usage({ responseId: 'r3', agent: 'subagent', cacheReadTokens: 9_000_000 }, 20);
    const state = after(usage({ cacheReadTokens: 150_000 }), usage({ responseId: 'r2', cacheReadTokens: 10_000 }, 10), sub);
    expect(only(state).context).toEqual({ tokens: 10_035, most: 150_035, atMs: START + 10_000 });
  });

  test('the cache is kept as long as it was written for, and longer with each use', () => {
    const hour = usage({ cacheWrite5mTokens: 0, cacheWrite1hTokens: 5 });
    expect(only(after(hour)).cache).toEqual({ ttlMs: 3_600_000, atMs: START });
    const used = usage({ responseId: 'r2', cacheWrite5mTokens: 0, cacheReadTokens: 7 }, 60);
    expect(only(after(hour, used)).cache).toEqual({ ttlMs: 3_600_000, atMs: START + 60_000 });
    expect(only(after(usage({ cacheWrite5mTokens: 0, cacheReadTokens: 0 }))).cache).toBeNull();
  });

  test('subagents are those that were started, with what they used', () => {
    const spawn = () => stored('agent_spawn', { agentType: 'Explore', description: '', timestamp: '2026-11-20T12:00:00Z' });
    const sub = (revision: number, outputTokens: number) =>
      usage({
        responseId: 'r2',
        revision,
        agent: 'subagent',
        agentType: 'Explore',
        model: 'haiku',
        outputTokens,
        costUsd: outputTokens / 100,
      });
    const session = only(after(spawn(), spawn(), sub(0, 1), sub(1, 10)));
    expect(session.spawned).toEqual({ Explore: 2 });
    expect(session.subagents).toEqual({
      requests: 1,
      tokens: 140,
      costUsd: 0.1,
      models: ['haiku'],
      kinds: { Explore: { tokens: 140, costUsd: 0.1 } },
    });
  });

  test('tools run until they are finished or the turn is over', () => {
    const tool = (name: string, status: string) => stored('tool', { tool: name, status });
    const running = after(tool('Bash', 'started'), tool('Read', 'started'), tool('Bash', 'completed'), tool('Grep', 'completed'));
    expect(only(running).tools).toEqual(['Read']);
    expect(only(takeEvents(running, [stored('agent', { state: 'waiting' })])).tools).toEqual([]);
  });
});

test.each([
  [usage({ finished: false }), 'Opus 4.6: 10 in, 5 out, 100 cache read, 20 cache write, not finished'],
  [usage({ agent: 'subagent', cacheReadTokens: 0, cacheWrite5mTokens: 0 }), 'Opus 4.6, subagent: 10 in, 5 out'],
  [stored('tool', { tool: 'Bash', status: 'completed' }), 'Bash finished'],
  [
    stored('tool_call', { tool: 'Edit', agent: 'subagent', result: 'ok', durationSeconds: 0.24, linesAdded: 12, linesRemoved: 3 }),
    'Edit, subagent done in 240 ms: +12 −3 lines',
  ],
  [stored('tool_call', { tool: 'Bash', agent: 'main', result: 'error', category: 'exit_code' }), 'Bash failed, exit code'],
  [stored('todo_progress', { completed: 2, inProgress: 1, pending: 3, abandoned: true }), '2 of 6 done, left unfinished'],
  [stored('session', { action: 'ended' }), 'Session ended'],
])('an event is put into words', ({ event }, text) => expect(describeEvent(event).text).toBe(text));
