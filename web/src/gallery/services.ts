import type { Event } from '@ccmeter/exporter/contract';
import { createApi, type QuestionId, type StoredEvent } from '../api/client.ts';
import type { OpenStream } from '../api/stream.ts';
import { createLive, type Services } from '../store/services.ts';
import { answerPanel, answerQuantile, createRandom, makeHistory } from './history.ts';
import { GALLERY_NOW_MS } from './now.ts';
import { activity, diagnosis, health, prometheusFacts, selfTest, sources } from './others.ts';
import { prometheusAnswer } from './prometheus.ts';
import { sessionDetail, sessionList } from './sessions.ts';
import { answerNow } from './standing.ts';

/** Every face that a view can have. `old`: failed, with the last good numbers still there. `history`: there is some, but not here. */
export const FACES = ['full', 'loading', 'empty', 'nothing-in-range', 'failed', 'old', 'busy'] as const;
export type Face = (typeof FACES)[number];

/** Answers that are the same in every face. */
const others: Readonly<Record<string, () => unknown>> = {
  '/api/doctor': diagnosis,
  '/api/doctor/self-test': selfTest,
  '/api/prometheus': prometheusFacts,
  '/api/sources': sources,
  '/api/activity': activity,
  '/api/events': () => ({ events: [], next: null }),
};

export function galleryServices(face: Face): Services {
  const opened = Date.now();
  const now = () => GALLERY_NOW_MS + Date.now() - opened;
  return { api: createApi('http://gallery.invalid', galleryFetch(face, now)), live: createLive(galleryStream(face, now), now), now };
}

/** Answers good enough for the first load of the face `old`. */
const GOOD_MS = 1500;

function galleryFetch(face: Face, now: () => number): typeof fetch {
  const history = makeHistory(Math.floor(GALLERY_NOW_MS / 1000));
  const first = face === 'empty' ? null : Math.floor((history[0]?.at ?? 0) / 60) * 60;
  return async (input) => {
    const url = new URL(String(input));
    if (face === 'loading') await new Promise(() => undefined);
    const healthy = face !== 'failed' && !(face === 'old' && now() - GALLERY_NOW_MS > GOOD_MS);
    if (url.pathname === '/api/health') return json(health(healthy));
    if (!healthy)
      return json(
        {
          error: { code: 'prometheus_unreachable', message: 'Prometheus at http://127.0.0.1:10056 does not answer (connection refused).' },
        },
        502,
      );
    if (url.pathname.startsWith('/api/v1/')) return json({ status: 'success', data: prometheusAnswer(url) });
    const other = others[url.pathname];
    if (other) return json(other());
    if (url.pathname === '/api/sessions')
      return json({ sessions: face === 'empty' || face === 'nothing-in-range' ? [] : sessionList(), next: null });
    if (url.pathname.startsWith('/api/sessions/'))
      return json(sessionDetail(decodeURIComponent(url.pathname.slice('/api/sessions/'.length))));
    if (url.pathname === '/api/range') return json({ first, now: Math.floor(now() / 1000) });
    if (url.pathname === '/api/filter-options') return json(face === 'empty' ? { host: [], project: [], model: [] } : options());
    const id = url.pathname.split('/').at(-1) ?? '';
    const empty = face === 'empty' || face === 'nothing-in-range';
    // The path comes from the client, which takes ids alone.
    const question = id as QuestionId;
    const asked = readAsked(url.searchParams);
    const quantile = url.searchParams.get('quantile');
    const standing = answerNow(question, asked.by);
    if (standing) return json(empty ? { ...standing, series: [] } : standing);
    if (quantile !== null) return json(answerQuantile(empty ? [] : history, question, asked, Number(quantile)));
    return json(answerPanel(empty ? [] : history, question, asked));
  };

  function options() {
    const values = (label: 'host' | 'project' | 'model') => [...new Set(history.map((response) => response.labels[label]))].sort();
    return { host: values('host'), project: values('project'), model: values('model') };
  }
}

function readAsked(parameters: URLSearchParams) {
  const filters = ['host', 'project', 'model', 'agent'].flatMap((name) => {
    const values = parameters.getAll(name);
    return values.length > 0 ? [[name, values] as const] : [];
  });
  return {
    start: Number(parameters.get('start')),
    end: Number(parameters.get('end')),
    step: parameters.has('step') ? Number(parameters.get('step')) : null,
    by: (parameters.get('by') ?? '').split(',').filter(Boolean),
    filters: Object.fromEntries(filters),
  };
}

function json(body: unknown, status = 200): Response {
  return new Response(JSON.stringify(body), { status, headers: { 'content-type': 'application/json' } });
}

/** Milliseconds between two live events: a usual day, and the 100 a second of the bar. */
const tickMs: Partial<Record<Face, number>> = { full: 900, busy: 10 };

function galleryStream(face: Face, now: () => number): OpenStream {
  return (handlers) => {
    const make = createEvents();
    const emit = (atMs: number) => handlers.onEvent(make(atMs));
    if (face === 'loading') return () => undefined;
    if (face !== 'empty' && face !== 'nothing-in-range' && face !== 'failed') {
      for (let back = 420; back > 0; back--) emit(GALLERY_NOW_MS - back * 5_500);
    }
    const timers = [setTimeout(() => handlers.onConnection(face === 'failed' ? 'lost' : 'open'), 50)];
    if (face === 'old') timers.push(setTimeout(() => handlers.onConnection('lost'), GOOD_MS + 100));
    const every = tickMs[face];
    const ticking = every ? setInterval(() => emit(now()), every) : undefined;
    return () => {
      for (const timer of timers) clearTimeout(timer);
      clearInterval(ticking);
    };
  };
}

const sessions = [
  { id: 's-1', project: 'payments-api', model: 'claude-opus-4-7', until: Number.NEGATIVE_INFINITY },
  { id: 's-2', project: 'web-app', model: 'claude-sonnet-4-6', until: Number.NEGATIVE_INFINITY },
  { id: 's-3', project: 'infra', model: 'claude-sonnet-4-5-20250929', until: 55 },
  { id: 's-4', project: 'a-project-with-a-name-that-is-far-too-long-for-any-card', model: 'glm-4.7', until: 130 },
  { id: 's-5', project: '<img src=x onerror=alert(1)>', model: 'claude-haiku-4-5-20251001', until: Number.NEGATIVE_INFINITY },
];
const tools = ['Bash', 'Read', 'Edit', 'Grep', 'Task', 'mcp'];

/** Makes one event after the other, as five sessions would. */
function createEvents(): (atMs: number) => StoredEvent {
  const random = createRandom(11);
  let seq = 0;
  const open = new Map<string, { response: string; revision: number; tool: string | null }>();
  return (atMs) => {
    seq += 1;
    const back = (GALLERY_NOW_MS - atMs) / 5_500;
    const able = sessions.filter((session) => back >= session.until);
    const session = able[Math.floor(random() * able.length)] ?? able[0];
    if (!session) throw new Error('no session');
    const known = open.get(session.id);
    const state = known ?? { response: `r${seq}`, revision: 0, tool: null };
    open.set(session.id, state);
    const base = { id: `evt_${String(seq).padStart(20, '0')}`, source: 'laptop', timestamp: new Date(atMs).toISOString() };
    return { seq, event: { ...base, ...next() } as Event };

    function next() {
      const { id: sessionId, project } = session as (typeof sessions)[number];
      if (!known) return { type: 'session', payload: { sessionId, project, action: 'started' } };
      if (state.tool) {
        const tool = state.tool;
        state.tool = null;
        if (random() < 0.5) return { type: 'tool_call', payload: call(sessionId, project, tool) };
        return { type: 'tool', payload: { sessionId, project, tool, status: 'completed' } };
      }
      const dice = random();
      if (dice < 0.3) {
        state.tool = tools[Math.floor(random() * tools.length)] ?? 'Bash';
        return { type: 'tool', payload: { sessionId, project, tool: state.tool, status: 'started' } };
      }
      if (dice < 0.36) return { type: 'todo_progress', payload: { sessionId, completed: 3, inProgress: 1, pending: 4, abandoned: false } };
      if (dice < 0.38) return { type: 'error', payload: { sessionId, category: 'api_overloaded' } };
      if (dice < 0.5) return { type: 'agent', payload: { sessionId, state: dice < 0.4 ? 'waiting' : 'working' } };
      return { type: 'usage', payload: usage(sessionId, project) };
    }
    function call(sessionId: string, project: string, tool: string) {
      const result = random() < 0.12 ? 'error' : 'ok';
      return {
        callId: `c${seq}`,
        sessionId,
        project,
        tool,
        agent: 'main',
        result,
        ...(result === 'error' ? { category: 'exit_code' } : {}),
        durationSeconds: random() * 20,
      };
    }
    function usage(sessionId: string, project: string) {
      const model = session?.model ?? '';
      if (state.revision > 0 || random() < 0.7) Object.assign(state, { response: `r${seq}`, revision: 0 });
      else state.revision += 1;
      return {
        responseId: state.response,
        revision: state.revision,
        sessionId,
        project,
        model,
        agent: random() < 0.15 ? 'subagent' : 'main',
        inputTokens: Math.round(random() * 900),
        outputTokens: Math.round(random() ** 2 * 2400),
        cacheReadTokens: Math.round(20_000 + random() * 90_000),
        cacheWrite5mTokens: Math.round(random() * 4000),
        cacheWrite1hTokens: 0,
        ...(model.startsWith('glm') ? {} : { costUsd: 0.01 + random() * 0.2 }),
        finished: random() > 0.1,
      };
    }
  };
}
