import type { Event } from '@ccmeter/exporter/contract';
import type { SessionAnswer, SessionSummary, StoredEvent } from '../api/client.ts';
import { createRandom } from './history.ts';

const NOW_MS = Date.parse('2026-11-20T16:42:10Z');
const projects = ['payments-api', 'web-app', 'infra', 'ccmeter', '<img src=x onerror=alert(1)>', 'notes'];
const models = ['claude-opus-4-7', 'claude-sonnet-4-6', 'claude-haiku-4-5-20251001', 'glm-4.7'];
const SESSIONS = 400;

/** Made-up sessions, the newest first. */
export function sessionList(): SessionSummary[] {
  const random = createRandom(23);
  let lastMs = NOW_MS - 20_000;
  return Array.from({ length: SESSIONS }, (_, index) => {
    const lengthMs = 60_000 * (2 + 140 * random() ** 3);
    const requests = Math.round(3 + 160 * random() ** 2);
    const toolCalls = Math.round(requests * random());
    const session = {
      id: `s-${index}`,
      source: random() < 0.8 ? 'laptop' : 'build-01',
      project: projects[Math.floor(random() ** 1.6 * projects.length)] ?? null,
      state: (['working', 'waiting', 'idle'] as const)[index] ?? ('over' as const),
      firstAt: new Date(lastMs - lengthMs).toISOString(),
      lastAt: new Date(lastMs).toISOString(),
      models: models.slice(0, 1 + Math.floor(random() * 3)),
      requests,
      tokens: Math.round(requests * 60_000 * random()),
      costUsd: requests * 0.09 * random(),
      unpricedRequests: random() < 0.03 ? 2 : 0,
      toolCalls,
      failures: Math.round(toolCalls * 0.1 * random()),
      blocked: 0,
      kinds: { input: 400, output: 9000, cacheRead: 1_200_000, cacheWrite5m: 21_000, cacheWrite1h: 60_000 },
      lines: { added: Math.round(300 * random()), removed: Math.round(90 * random()) },
      todos: random() < 0.5 ? { completed: Math.round(6 * random()), inProgress: 1, pending: 2, abandoned: index > 3 } : null,
    };
    lastMs -= 60_000 * (3 + 300 * random());
    return session;
  });
}

/** One of them with all that is known of it. */
export function sessionDetail(id: string): SessionAnswer {
  const summary = sessionList().find((session) => session.id === id) ?? sessionList()[0];
  if (!summary) throw new Error('there are no sessions');
  const random = createRandom(5);
  const named = (names: readonly string[]) => names.map((name) => ({ name, count: 1 + Math.floor(random() * 6) }));
  return {
    session: {
      ...summary,
      usage: summary.models.map((model, index) => ({
        model,
        agent: index === 0 ? 'main' : 'subagent',
        requests: 30,
        inputTokens: 4200,
        outputTokens: 38_200,
        cacheReadTokens: 3_810_000,
        cacheWrite5mTokens: 210_400,
        cacheWrite1hTokens: 0,
        costUsd: summary.costUsd / summary.models.length,
        unpricedRequests: 0,
        unfinishedRequests: 0,
      })),
      tools: ['Bash', 'Read', 'Edit'].map((tool) => ({
        tool,
        started: 12,
        finished: 12,
        failed: Math.floor(random() * 3),
        rejected: 0,
        blocked: 0,
        averageSeconds: 4 * random(),
        timed: 12,
      })),
      errors: [{ category: 'exit_code', count: 2 }],
      subagents: named(['Explore']),
      skills: named(['review']),
      files: [],
    },
    timeline: timelineOf(summary, random),
  };
}

function timelineOf(session: SessionSummary, random: () => number): StoredEvent[] {
  const [first, last] = [Date.parse(session.firstAt), Date.parse(session.lastAt)];
  return Array.from({ length: 120 }, (_, index): StoredEvent => {
    const timestamp = new Date(last - ((last - first) * index) / 120).toISOString();
    const base = { id: `evt_${String(index).padStart(20, '0')}`, source: session.source, timestamp };
    const model = session.models[Math.floor(random() * session.models.length)] ?? 'unknown';
    const usage = {
      type: 'usage',
      payload: {
        responseId: `r${index}`,
        revision: 0,
        sessionId: session.id,
        project: session.project ?? '',
        model,
        agent: 'main',
        inputTokens: 20,
        outputTokens: Math.round(900 * random()),
        cacheReadTokens: 80_000,
        cacheWrite5mTokens: 900,
        cacheWrite1hTokens: 0,
        costUsd: 0.12 * random(),
        finished: true,
      },
    };
    const tool = { type: 'tool', payload: { sessionId: session.id, tool: 'Bash', status: index % 2 ? 'started' : 'completed' } };
    return { seq: 500 - index, event: { ...base, ...(random() < 0.6 ? usage : tool) } as Event };
  });
}

/** What the doctor says of a pipeline in which not all is well. */
export function diagnosis() {
  const check = (id: string, title: string, status: string, found: string, remedy: string | null = null) => ({
    id,
    title,
    status,
    found,
    remedy,
    latencyMs: 3,
  });
  return {
    status: 'warning',
    checkedAt: new Date(NOW_MS).toISOString(),
    checks: [
      check('exporter', 'Exporter', 'ok', 'Has read 1,595 transcripts and is ready.'),
      check('prometheus', 'Prometheus', 'ok', 'Version 3.5.0 answers.'),
      check('samples', 'Newest sample', 'warning', 'The newest sample is 95 seconds old.', 'Look at the log of the exporter on build-01.'),
      check('events', 'Events', 'ok', 'The last event came 6 seconds ago.'),
      check('clock', 'Clocks', 'unknown', 'No event came since the start.'),
    ],
  };
}
