import { beforeEach, expect, test } from 'vitest';
import { parseEvent } from '../contract/index.ts';
import { createLocalTime } from '../meter/local-time.ts';
import { responseFact, SESSION, sessionFact, temporaryDirectory } from '../testing.ts';
import type { CommandFact, Fact, FileVersionFact, StatsFact, TodoFact } from '../track/fact.ts';
import { OVER_AFTER_MS } from '../track/sessions.ts';
import { Ledger } from './ledger.ts';

const NOON = Date.parse('2026-03-01T12:00:00.000Z');
const MINUTE = 60_000;

let ledger: Ledger;
let directory: string;
beforeEach(() => {
  const temporary = temporaryDirectory();
  directory = temporary.path;
  ledger = new Ledger(directory, 'laptop');
  return () => {
    ledger.close();
    temporary[Symbol.dispose]();
  };
});

/** Puts facts, counts, and gives back what was told, oldest first. */
function count(nowMs: number, ...facts: Fact[]): { type: string; timestamp: string; payload: object }[] {
  ledger.begin();
  for (const fact of facts) ledger.put(fact);
  ledger.commit([]);
  ledger.settle(nowMs);
  const waiting = ledger.outbox(1000);
  ledger.removeEvents(waiting.at(-1)?.seq ?? 0);
  return waiting.map(({ body }) => {
    const event = parseEvent(JSON.parse(body));
    if ('error' in event) throw new Error(event.error);
    return event;
  });
}

function totals(metric: Parameters<Ledger['book']['total']>[0]): [labels: string, value: number][] {
  return [...ledger.book.all()].filter((series) => series.metric === metric).map(({ values, value }) => [values.join(' '), value]);
}

function todos(wish: Partial<TodoFact> = {}): TodoFact {
  const counts = { pending: 1, inProgress: 0, completed: 2 };
  return { type: 'todo', key: `todo:${SESSION}:${SESSION}`, timeMs: NOON, sessionId: SESSION, counts, told: '', settled: false, ...wish };
}

function ofType(events: readonly { type: string; payload: object }[], type: string): object[] {
  return events.filter((event) => event.type === type).map(({ payload }) => payload);
}

test('a list tells how far it is when that changes, and only then', () => {
  const session = sessionFact({ lastMs: NOON });
  const told = { sessionId: SESSION, pending: 1, inProgress: 0, completed: 2, abandoned: false };
  expect(ofType(count(NOON + MINUTE, session, todos()), 'todo_progress')).toEqual([told]);
  const known = ledger.get(todos().key) as TodoFact;
  expect(ofType(count(NOON + MINUTE, { ...known, timeMs: NOON + 1 }), 'todo_progress')).toEqual([]);
  const next = { ...known, counts: { pending: 0, inProgress: 1, completed: 2 } };
  expect(ofType(count(NOON + MINUTE, next), 'todo_progress')).toEqual([{ ...told, pending: 0, inProgress: 1 }]);
});

test('a list is abandoned once, at the time of the last line of its session, although nothing is written then', () => {
  count(NOON + MINUTE, sessionFact({ lastMs: NOON + MINUTE }), todos());
  expect(totals('ccmeter_todos_abandoned_total')).toEqual([]);
  const overMs = NOON + MINUTE + OVER_AFTER_MS + 1;
  const [event] = count(overMs).filter(({ type }) => type === 'todo_progress');
  expect(event).toMatchObject({ timestamp: new Date(NOON + MINUTE).toISOString(), payload: { abandoned: true } });
  expect(totals('ccmeter_todos_abandoned_total')).toEqual([['harbour', 1]]);
  const abandoned = [...ledger.book.all()].find(({ metric }) => metric === 'ccmeter_todos_abandoned_total');
  const samples = ledger.samplesFor('any', 10_000).filter(({ seriesId }) => seriesId === abandoned?.id);
  expect(samples.map(({ timeMs, value }) => [timeMs - NOON - MINUTE, value])).toEqual([
    [1, 0],
    [2, 1],
  ]);

  // The session goes on, and is over a second time.
  const known = ledger.get(`session:${SESSION}`) as Fact;
  const list = ledger.get(todos().key) as TodoFact;
  count(overMs + MINUTE, { ...known, lastMs: overMs } as Fact, { ...list });
  count(overMs + 2 * OVER_AFTER_MS);
  expect(totals('ccmeter_todos_abandoned_total')).toEqual([['harbour', 1]]);
});

test('a list whose session ends at once is abandoned at once', () => {
  const process = { status: 'gone', atMs: NOON + MINUTE } as const;
  const events = count(NOON + MINUTE, sessionFact({ lastMs: NOON, process }), todos());
  expect(ofType(events, 'todo_progress')).toMatchObject([{ abandoned: true }]);
  expect(ofType(events, 'session')).toMatchObject([{ action: 'started' }, { action: 'ended' }]);
});

test('a session that ends at once lasts until its last line, and its end is when its process went', () => {
  const process = { status: 'gone', atMs: NOON + 2 * MINUTE } as const;
  count(NOON + 3 * MINUTE, sessionFact({ timeMs: NOON, lastMs: NOON + MINUTE, lastMainMs: NOON + MINUTE, process }));
  expect(ledger.get(`session:${SESSION}`)).toMatchObject({ ended: true, endedMs: NOON + 2 * MINUTE, durationMs: MINUTE });
});

test('a session whose left-over file is found long after ended when it had been silent for long enough', () => {
  const process = { status: 'gone', atMs: NOON + 1000 * MINUTE } as const;
  count(NOON + 1000 * MINUTE, sessionFact({ timeMs: NOON, lastMs: NOON + MINUTE, process }));
  expect(ledger.get(`session:${SESSION}`)).toMatchObject({ ended: true, endedMs: NOON + MINUTE + OVER_AFTER_MS });
});

test('a session that was ended at once and goes on is told as begun again', () => {
  const gone = sessionFact({ lastMs: NOON, process: { status: 'gone', atMs: NOON + MINUTE } });
  count(NOON + MINUTE, gone);
  const known = ledger.get(gone.key) as Fact;
  const events = count(NOON + 3 * MINUTE, { ...known, lastMs: NOON + 2 * MINUTE } as Fact);
  expect(ofType(events, 'session')).toMatchObject([{ action: 'started' }]);
});

test('messages count in the hour that it was where they were first counted, also when the machine travels', () => {
  const prompt: Fact = { type: 'prompt', key: 'prompt:1', timeMs: NOON, sessionId: SESSION, settled: false };
  count(NOON + MINUTE, sessionFact(), prompt, responseFact({ timeMs: NOON }));
  expect(totals('ccmeter_hour_messages_total')).toEqual([['12 sunday', 2]]);
  ledger.close();
  ledger = new Ledger(directory, 'laptop', createLocalTime('Asia/Tokyo'));
  const known = ledger.get(responseFact().key) as Fact;
  count(NOON + MINUTE, { ...known, tokens: { ...responseFact().tokens, output: 99 } } as Fact);
  expect(totals('ccmeter_hour_messages_total')).toEqual([['12 sunday', 2]]);
  count(NOON + MINUTE, { ...prompt, key: 'prompt:2' });
  expect(totals('ccmeter_hour_messages_total')).toEqual([
    ['12 sunday', 2],
    ['21 sunday', 1],
  ]);
});

test('hours add up to messages', () => {
  const facts = Array.from({ length: 50 }, (_, at) => responseFact({ key: `response:${at}`, timeMs: NOON - at * 37 * MINUTE }));
  count(NOON + MINUTE, sessionFact(), ...facts);
  expect(ledger.book.total('ccmeter_hour_messages_total')).toBe(ledger.book.total('ccmeter_messages_total'));
});

const version: FileVersionFact = {
  type: 'file_version',
  key: `filehistory:${SESSION}/0123456789abcdef@v2`,
  timeMs: NOON,
  sessionId: SESSION,
  fileHash: '0123456789abcdef',
  version: 2,
  added: 3,
  removed: 1,
  modified: 2,
  settled: false,
};

test('two versions count and are told once', () => {
  const lines = { linesAdded: 3, linesRemoved: 1, linesModified: 2 };
  const timestamp = new Date(NOON).toISOString();
  expect(ofType(count(NOON + MINUTE, sessionFact(), version), 'file_change')).toEqual([
    { sessionId: SESSION, fileHash: '0123456789abcdef', version: 2, ...lines, timestamp },
  ]);
  expect(ofType(count(NOON + MINUTE, { ...version, settled: true }), 'file_change')).toEqual([]);
  expect(totals('ccmeter_file_history_lines_total')).toEqual([
    ['harbour added', 3],
    ['harbour removed', 1],
    ['harbour modified', 2],
  ]);
});

const command: CommandFact = {
  type: 'command',
  key: 'command:quay:clear:1:0',
  timeMs: NOON,
  sessionId: SESSION,
  project: 'quay',
  skill: 'clear',
  typed: true,
  settled: false,
};

test('a command counts for the project of its session, else for the directory it was typed in, and stays there', () => {
  count(NOON, command);
  expect(totals('ccmeter_skill_invocations_total')).toEqual([['quay clear', 1]]);
  const known = ledger.get(command.key) as CommandFact;
  const events = count(NOON + MINUTE, sessionFact(), { ...known, line: 'a' }, { ...command, key: 'command:quay:clear:2:0' });
  expect(totals('ccmeter_skill_invocations_total')).toEqual([
    ['quay clear', 1],
    ['harbour clear', 1],
  ]);
  expect(ofType(events, 'skill_invocation')).toHaveLength(1);
});

test('a stats cache is told in the order of VibeTea, and counts nothing', () => {
  const usage = { inputTokens: 1, outputTokens: 2, cacheReadTokens: 3, cacheCreationTokens: 4 };
  const more = { webSearches: 0, costUsd: 0, contextWindowTokens: 0, maxOutputTokens: 0 };
  const stats: StatsFact = {
    type: 'stats',
    key: 'stats:a',
    timeMs: NOON,
    sessionId: '',
    stats: {
      version: 1,
      sessions: 3,
      messages: 52,
      longestSessionMs: 3_661_000,
      longestSessionMessages: 40,
      speculationSavedMs: 0,
      hours: { '9': 3 },
      models: { a: { ...usage, ...more }, b: { ...usage, ...more } },
      days: 1,
      toolCalls: 12,
      lastDayTokens: {},
    },
    settled: false,
  };
  const events = count(NOON, stats);
  expect(events.map(({ type }) => type)).toEqual([
    'session_metrics',
    'activity_pattern',
    'token_usage',
    'token_usage',
    'model_distribution',
  ]);
  expect(events.map(({ payload }) => payload)).toEqual([
    { totalSessions: 3, totalMessages: 52, totalToolUsage: 12, longestSession: '01:01:01' },
    { hourCounts: { '9': 3 } },
    { model: 'a', ...usage },
    { model: 'b', ...usage },
    { modelUsage: { a: usage, b: usage } },
  ]);
  expect([...ledger.book.all()]).toEqual([]);
});
