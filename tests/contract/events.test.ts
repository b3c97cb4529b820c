import { appendFileSync, mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Line, promptLine, responseLine, toolResultLine } from '../../deploy/local/demo/lines.ts';
import { type Event, type EventType, events, parseEvent } from '../../exporter/src/contract/index.ts';
import { Health } from '../../exporter/src/health.ts';
import { Ledger } from '../../exporter/src/ledger/ledger.ts';
import { createLog } from '../../exporter/src/log.ts';
import { Scanner } from '../../exporter/src/scan.ts';

/** Every event of the catalogue, told by files as Claude Code writes them, while one session runs from its beginning to its end. */

const SESSION = '5e551011-0000-4000-a000-000000000401';
const OLD_SESSION = '5e551011-0000-4000-a000-000000000402';
const START = Date.parse('2026-03-01T12:00:00.000Z');
const HASH = '0123456789abcdef';
const CONTEXT = { sessionId: SESSION, cwd: '/home/ada/code/harbour' };
const USAGE = { input: 3, output: 40, cacheRead: 100, cacheWrite5m: 7, cacheWrite1h: 11 };

let lineNumber = 0;
const iso = (ms: number) => new Date(ms).toISOString();
const place = (ms: number) => {
  lineNumber += 1;
  return { uuid: `00000000-0000-4000-a000-${String(lineNumber).padStart(12, '0')}`, parentUuid: null, timestamp: iso(ms) };
};
const prompt = (ms: number, context = CONTEXT) => promptLine(context, place(ms), 'Paint the boats.');
const call = (ms: number, id: string, name: string, input: Record<string, unknown>) =>
  responseLine(CONTEXT, place(ms), {
    messageId: `msg_01${id}`,
    requestId: `req_01${id}`,
    model: 'claude-opus-5',
    block: { type: 'tool_use', id: `toolu_01${id}`, name, input },
    usage: USAGE,
    stopReason: 'tool_use',
  });
const answer = (ms: number, id: string, stopReason: string | null, context = CONTEXT) =>
  responseLine(context, place(ms), {
    messageId: `msg_01${id}`,
    requestId: `req_01${id}`,
    model: 'claude-opus-5',
    block: { type: 'text', text: 'Painted.' },
    usage: USAGE,
    stopReason,
  });
const apiError = (ms: number): Line => ({
  ...answer(ms, 'ERR', 'stop_sequence'),
  isApiErrorMessage: true,
  error: 'rate_limit',
  message: { id: 'x', model: '<synthetic>', role: 'assistant', content: [{ type: 'text', text: 'API Error' }], usage: {} },
});
const compaction = (ms: number): Line => ({ ...prompt(ms), isCompactSummary: true, isVisibleInTranscriptOnly: true });

const STATS = {
  version: 3,
  lastComputedDate: '2026-02-28',
  totalSessions: 9,
  totalMessages: 90,
  dailyActivity: [{ date: '2026-02-28', messageCount: 9, sessionCount: 1, toolCallCount: 4 }],
  dailyModelTokens: [{ date: '2026-02-28', tokensByModel: { 'claude-opus-5': 5 } }],
  modelUsage: {
    'claude-opus-5': {
      inputTokens: 1,
      outputTokens: 2,
      cacheReadInputTokens: 3,
      cacheCreationInputTokens: 4,
      webSearchRequests: 0,
      costUSD: 0,
    },
  },
  longestSession: { sessionId: OLD_SESSION, duration: 3_723_000, messageCount: 5, timestamp: '2026-02-01T00:00:00.000Z' },
  firstSessionDate: '2026-02-01T00:00:00.000Z',
  hourCounts: { '9': 4 },
};

/** What was told, step by step. */
const told: Record<'found' | 'finished' | 'idle' | 'over' | 'again', Event[]> = { found: [], finished: [], idle: [], over: [], again: [] };
const all = () => Object.values(told).flat();

let directory: string;
let nowMs = START + 60_000;

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'ccmeter-events-'));
  const path = (name: string) => join(directory, 'claude', name);
  const write = (name: string, content: string) => {
    mkdirSync(dirname(path(name)), { recursive: true });
    writeFileSync(path(name), content);
    utimesSync(path(name), START / 1000, START / 1000);
  };
  const lines = (list: readonly Line[]) => list.map((line) => `${JSON.stringify(line)}\n`).join('');
  const transcript = `projects/-home-ada-code-harbour/${SESSION}.jsonl`;
  const old = { sessionId: OLD_SESSION, cwd: '/home/ada/code/lighthouse' };

  write(
    transcript,
    lines([
      prompt(START),
      call(START + 1000, 'SPAWN', 'Task', { subagent_type: 'Explore', description: 'secret', prompt: 'secret' }),
      call(START + 2000, 'SKILL', 'Skill', { skill: 'paint', args: 'secret' }),
      call(START + 3000, 'BASH', 'Bash', { command: 'echo secret' }),
      apiError(START + 4000),
      compaction(START + 5000),
    ]),
  );
  write(
    `projects/-home-ada-code-lighthouse/${OLD_SESSION}.jsonl`,
    lines([prompt(START - 86_400_000, old), answer(START - 86_390_000, 'OLD', 'end_turn', old)]),
  );
  write('stats-cache.json', JSON.stringify(STATS));
  write(`todos/${SESSION}-agent-${SESSION}.json`, JSON.stringify([{ content: 'secret', status: 'pending', activeForm: 'secret' }]));
  write(`file-history/${SESSION}/${HASH}@v1`, 'secret\n');
  write(`file-history/${SESSION}/${HASH}@v2`, 'secret\nsecret too\n');

  const ledger = new Ledger(join(directory, 'state'), 'laptop');
  const scanner = new Scanner({
    claudeDirs: [join(directory, 'claude')],
    ledger,
    health: new Health(nowMs),
    log: createLog('silent'),
    now: () => nowMs,
  });
  const step = async (name: keyof typeof told, afterMs: number, more: readonly Line[] = []) => {
    nowMs = START + afterMs;
    if (more.length > 0) appendFileSync(path(transcript), lines(more));
    await scanner.sweep();
    const waiting = ledger.outbox(10_000);
    told[name] = waiting.map(({ body }) => JSON.parse(body) as Event);
    ledger.removeEvents(waiting.at(-1)?.seq ?? 0);
  };
  await step('found', 60_000);
  const result = { toolUseId: 'toolu_01BASH', text: 'secret' };
  await step('finished', 120_000, [toolResultLine(CONTEXT, place(START + 110_000), result), answer(START + 115_000, 'END', 'end_turn')]);
  // Something is written, and it is still the user's move.
  await step('idle', 180_000, [{ ...prompt(START + 170_000), isMeta: true }]);
  await step('over', 3 * 3600_000);
  await step('again', 4 * 3600_000, [prompt(START + 4 * 3600_000 - 1000)]);
  await scanner.close();
  ledger.close();
});

afterAll(() => rmSync(directory, { recursive: true, force: true }));

const payloads = (list: readonly Event[], type: EventType) => list.filter((event) => event.type === type).map(({ payload }) => payload);
const sessionId = SESSION;
const project = 'harbour';
const tokens = { inputTokens: 1, outputTokens: 2, cacheReadTokens: 3, cacheCreationTokens: 4 };

describe('what real files tell', () => {
  test.each(Object.keys(events) as EventType[])('there is an event of the type %s', (type) => {
    expect(payloads(all(), type)).not.toEqual([]);
  });

  test('every event is just as the catalogue has it, has an id of its own, and carries no word that was written', () => {
    for (const event of all()) expect(parseEvent(event)).toEqual(event);
    expect(new Set(all().map(({ id }) => id)).size).toBe(all().length);
    expect(JSON.stringify(all())).not.toMatch(/secret|Paint|\/home/);
  });

  test.each<[step: keyof typeof told, type: EventType, payload: object]>([
    ['found', 'session', { sessionId, action: 'started', project }],
    ['found', 'project_activity', { projectPath: project, sessionId, isActive: true }],
    ['found', 'agent', { sessionId, state: 'waiting' }],
    ['found', 'tool', { sessionId, tool: 'Bash', status: 'started', project }],
    ['found', 'agent_spawn', { sessionId, agentType: 'Explore', description: '', timestamp: iso(START + 1000) }],
    ['found', 'skill_invocation', { sessionId, skillName: 'paint', project, timestamp: iso(START + 2000) }],
    ['found', 'error', { sessionId, category: 'rate_limit' }],
    ['found', 'summary', { sessionId, summary: 'Conversation summed up to make room.' }],
    ['found', 'token_usage', { model: 'claude-opus-5', ...tokens }],
    ['found', 'session_metrics', { totalSessions: 9, totalMessages: 90, totalToolUsage: 4, longestSession: '01:02:03' }],
    ['found', 'activity_pattern', { hourCounts: { 9: 4 } }],
    ['found', 'model_distribution', { modelUsage: { 'claude-opus-5': tokens } }],
    ['found', 'todo_progress', { sessionId, completed: 0, inProgress: 0, pending: 1, abandoned: false }],
    [
      'found',
      'file_change',
      { sessionId, fileHash: HASH, version: 2, linesAdded: 1, linesRemoved: 0, linesModified: 0, timestamp: iso(START) },
    ],
    [
      'found',
      'usage',
      {
        responseId: expect.any(String),
        revision: 0,
        sessionId,
        project,
        model: 'claude-opus-5',
        agent: 'main',
        inputTokens: 3,
        outputTokens: 40,
        cacheReadTokens: 100,
        cacheWrite5mTokens: 7,
        cacheWrite1hTokens: 11,
        costUsd: expect.closeTo((3 * 5 + 40 * 25 + 100 * 0.5 + 7 * 6.25 + 11 * 10) / 1e6, 12),
        finished: true,
      },
    ],
    ['finished', 'tool', { sessionId, tool: 'Bash', status: 'completed', project }],
    [
      'finished',
      'tool_call',
      { callId: expect.any(String), sessionId, project, tool: 'Bash', agent: 'main', result: 'ok', durationSeconds: 107 },
    ],
    ['idle', 'activity', { sessionId, project }],
    ['over', 'session', { sessionId, action: 'ended', project }],
    ['over', 'project_activity', { projectPath: project, sessionId, isActive: false }],
    ['over', 'summary', { sessionId, summary: 'Session ended.' }],
    ['over', 'todo_progress', { sessionId, completed: 0, inProgress: 0, pending: 1, abandoned: true }],
    ['again', 'session', { sessionId, action: 'started', project }],
    ['again', 'project_activity', { projectPath: project, sessionId, isActive: true }],
    ['again', 'agent', { sessionId, state: 'working' }],
  ])('when %s: %s', (step, type, payload) => {
    expect(payloads(told[step], type)).toContainEqual(payload);
  });

  test('of a session that was over when it was found, only that it was', () => {
    const types = all().filter(({ payload }) => 'sessionId' in payload && payload.sessionId === OLD_SESSION);
    expect(types.map(({ type }) => type).sort()).toEqual(['session', 'session', 'usage']);
  });

  test('what stats-cache.json says comes in the order of VibeTea', () => {
    const stats = told.found.map(({ type }) => type).filter((type) => /session_metrics|activity_pattern|token_usage|model_dis/.test(type));
    expect(stats).toEqual(['session_metrics', 'activity_pattern', 'token_usage', 'model_distribution']);
  });
});
