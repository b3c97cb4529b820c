import { describe, expect, test } from 'vitest';
import { mergeStats, readStats } from './stats-cache.ts';
import { STATS_METRICS, statsPoints } from './stats-points.ts';

const MODEL = {
  inputTokens: 10,
  outputTokens: 20,
  cacheReadInputTokens: 300,
  cacheCreationInputTokens: 40,
  webSearchRequests: 0,
  costUSD: 0,
};

function fileOf(version: number, wish: object = {}): string {
  return JSON.stringify({
    version,
    lastComputedDate: '2026-08-31',
    dailyActivity: [
      { date: '2026-08-31', messageCount: 5, sessionCount: 1, toolCallCount: 2 },
      { date: '2026-08-30', messageCount: 7, sessionCount: 2, toolCallCount: 3 },
    ],
    dailyModelTokens: [{ date: '2026-08-31', tokensByModel: { 'claude-opus-5': 30 } }],
    modelUsage: { 'claude-opus-5': MODEL },
    totalSessions: 3,
    totalMessages: 12,
    longestSession: {
      sessionId: '5e551011-0000-4000-a000-000000000001',
      duration: 3_661_000,
      messageCount: 7,
      timestamp: '2026-08-30T10:00:00.000Z',
    },
    firstSessionDate: '2026-08-30T10:00:00.000Z',
    hourCounts: { '9': 1, '10': 2 },
    ...wish,
  });
}

function read(text: string) {
  const stats = readStats(text);
  if ('unusable' in stats) throw new Error(stats.unusable);
  return stats;
}

describe.each([1, 2, 3, 4, 5, 6])('version %i', (version) => {
  test('is read', () => {
    expect(read(fileOf(version))).toMatchObject({
      version,
      computedMs: Date.parse('2026-08-31'),
      firstSessionMs: Date.parse('2026-08-30T10:00:00.000Z'),
      sessions: 3,
      messages: 12,
      longestSessionMs: 3_661_000,
      longestSessionMessages: 7,
      hours: { '9': 1, '10': 2 },
      days: 2,
      toolCalls: 5,
      lastDay: { messages: 5, sessions: 1, toolCalls: 2 },
      lastDayTokens: { 'claude-opus-5': 30 },
    });
  });
});

test('what a version does not have is left out', () => {
  const stats = read('{"version":1,"modelUsage":{}}');
  expect(stats).toMatchObject({ sessions: 0, hours: {}, models: {}, days: 0, lastDayTokens: {} });
  expect(stats).not.toHaveProperty('computedMs');
  expect(stats).not.toHaveProperty('lastDay');
});

test('speculation is in versions 2 and 3', () => {
  expect(read(fileOf(3, { totalSpeculationTimeSavedMs: 1500 })).speculationSavedMs).toBe(1500);
});

test.each([
  ['null for a number', { maxOutputTokens: null }],
  ['a negative number', { inputTokens: -1 }],
  ['text for a number', { inputTokens: '10' }],
  ['a number beyond all counts', { inputTokens: 1e300 }],
])('%s counts as nothing', (_, wish) => {
  const [usage] = Object.values(read(fileOf(1, { modelUsage: { m: { ...MODEL, ...wish } } })).models);
  expect(usage).toMatchObject({ inputTokens: 'inputTokens' in wish ? 0 : 10, maxOutputTokens: 0 });
});

test('models beyond the bound are added up', () => {
  const modelUsage = Object.fromEntries(Array.from({ length: 150 }, (_, at) => [`model-${at}`, MODEL]));
  const { models } = read(fileOf(1, { modelUsage }));
  expect(Object.keys(models)).toHaveLength(101);
  expect(models.other?.inputTokens).toBe(500);
});

test.each([
  ['half a file', fileOf(1).slice(0, 100), 'not_json'],
  ['an empty file', '', 'not_json'],
  ['a list', '[]', 'wrong_shape'],
  ['a file of another program', '{"hits":3,"misses":1}', 'wrong_shape'],
  ['a name of every object', '{"__proto__":{"modelUsage":{}}}', 'wrong_shape'],
])('%s is not read', (_, text, unusable) => {
  expect(readStats(text)).toEqual({ unusable });
});

test('a model named like a property of every object does no harm', () => {
  const { models } = read(`{"modelUsage":{"__proto__":${JSON.stringify(MODEL)},"constructor":${JSON.stringify(MODEL)}}}`);
  expect(Object.keys(models).sort()).toEqual(['constructor', 'other']);
});

test('several files add up; the age is that of the oldest', () => {
  const other = read(fileOf(2, { lastComputedDate: '2026-08-01', longestSession: { duration: 9_000_000, messageCount: 1 } }));
  expect(mergeStats([read(fileOf(1)), other])).toMatchObject({
    version: 2,
    computedMs: Date.parse('2026-08-01'),
    sessions: 6,
    longestSessionMs: 9_000_000,
    longestSessionMessages: 1,
    hours: { '9': 2, '10': 4 },
    models: { 'claude-opus-5': { inputTokens: 20, cacheCreationTokens: 80 } },
    lastDay: { messages: 10 },
  });
  expect(mergeStats([])).toBeUndefined();
});

test('every gauge is on the list of those to take away', () => {
  const full = read(
    fileOf(3, { modelUsage: { m: { ...MODEL, contextWindow: 200_000, maxOutputTokens: 64_000 } }, totalSpeculationTimeSavedMs: 1 }),
  );
  expect(new Set(statsPoints(full).map(({ metric }) => metric))).toEqual(new Set(STATS_METRICS));
});

test('hours are labelled with two digits', () => {
  const hours = statsPoints(read(fileOf(1))).filter(({ metric }) => metric === 'ccmeter_stats_hour_sessions');
  expect(hours.map(({ labels, value }) => [labels, value])).toEqual([
    [{ hour: '09' }, 1],
    [{ hour: '10' }, 2],
  ]);
});
