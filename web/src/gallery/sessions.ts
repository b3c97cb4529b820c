import type { Event } from '@ccmeter/exporter/contract';
import type { SessionAnswer, SessionSummary, StoredEvent } from '../api/client.ts';
import { createRandom } from './history.ts';
import { GALLERY_NOW_MS } from './now.ts';

const projects = ['payments-api', 'web-app', 'infra', 'ccmeter', '<img src=x onerror=alert(1)>', 'notes'];
const models = ['claude-opus-4-7', 'claude-sonnet-4-6', 'claude-haiku-4-5-20251001', 'glm-4.7'];
const SESSIONS = 400;

/** Made-up sessions, the newest first. */
export function sessionList(): SessionSummary[] {
  const random = createRandom(23);
  let lastMs = GALLERY_NOW_MS - 20_000;
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

const EVENTS = 120;

/** Events of a session, newest first: turns of responses and calls, with todos, a subagent and a compaction among them. */
function timelineOf(session: SessionSummary, random: () => number): StoredEvent[] {
  const [first, last] = [Date.parse(session.firstAt), Date.parse(session.lastAt)];
  const ids = { sessionId: session.id, project: session.project ?? '' };
  return Array.from({ length: EVENTS }, (_, back): StoredEvent => {
    const index = EVENTS - back;
    const timestamp = new Date(first + ((last - first) * index) / EVENTS).toISOString();
    const base = { id: `evt_${String(index).padStart(20, '0')}`, source: session.source, timestamp };
    return { seq: 500 + index, event: { ...base, ...told(index) } as Event };

    function told(at: number): Pick<Event, 'type'> & { payload: unknown } {
      if (at === 1) return { type: 'session', payload: { ...ids, action: 'started' } };
      if (at === 70) return { type: 'summary', payload: { ...ids, summary: 'Conversation summed up to make room.' } };
      if (at === 31) return { type: 'agent_spawn', payload: { ...ids, agentType: 'Explore', description: '', timestamp } };
      if (at % 24 === 0) return { type: 'agent', payload: { ...ids, state: 'waiting' } };
      if (at % 17 === 0) {
        const completed = Math.min(5, Math.floor(at / 17));
        return {
          type: 'todo_progress',
          payload: { ...ids, completed, inProgress: completed < 5 ? 1 : 0, pending: Math.max(0, 4 - completed), abandoned: false },
        };
      }
      if (at % 3 === 0) return { type: 'tool_call', payload: { ...ids, ...callOf(at) } };
      return { type: 'usage', payload: { ...ids, ...usageOf(at) } };
    }
  });

  function callOf(at: number) {
    const failed = random() < 0.1;
    return {
      callId: `c${at}`,
      tool: ['Bash', 'Read', 'Edit'][at % 4] ?? 'Grep',
      agent: 'main',
      result: failed ? 'error' : 'ok',
      ...(failed ? { category: 'exit_code' } : {}),
      durationSeconds: 20 * random(),
    };
  }
  function usageOf(at: number) {
    const sub = at > 31 && at < 40;
    return {
      responseId: `r${at}`,
      revision: 0,
      model: session.models[sub ? session.models.length - 1 : 0] ?? 'unknown',
      agent: sub ? 'subagent' : 'main',
      ...(sub ? { agentType: 'Explore' } : {}),
      inputTokens: 20,
      outputTokens: Math.round(900 * random()),
      cacheReadTokens: 30_000 + 2000 * (at % 70),
      cacheWrite5mTokens: 900,
      cacheWrite1hTokens: 0,
      costUsd: 0.12 * random(),
      finished: true,
    };
  }
}
