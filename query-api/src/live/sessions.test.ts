import type { Event, EventType, PayloadOf } from '@ccmeter/exporter/contract';
import { describe, expect, test } from 'vitest';
import type { SessionAnswer, SessionsAnswer } from '../routes/sessions.ts';
import { createTestApp, eventOf, NOW_MS } from '../testing.ts';
import { HANDLED_TYPES } from './sessions.ts';
import { startsOf } from './starts.ts';
import type { Activity, Stats } from './stats.ts';
import { createEventStore } from './store.ts';

let numbers = 0;

/** An event so many seconds before now. */
function event<Type extends EventType>(type: Type, payload: PayloadOf<Type>, secondsAgo = 1, source = 'laptop'): Event {
  numbers += 1;
  const timestamp = new Date(NOW_MS - secondsAgo * 1000).toISOString();
  return { ...eventOf(type, numbers, payload), timestamp, source } as unknown as Event;
}

function usage(responseId: string, given: Partial<PayloadOf<'usage'>> = {}, secondsAgo = 1, source = 'laptop'): Event {
  const tokens = { inputTokens: 1, outputTokens: 10, cacheReadTokens: 100, cacheWrite5mTokens: 1000, cacheWrite1hTokens: 10_000 };
  const place = { sessionId: 's1', project: 'shop', model: 'opus', agent: 'main' as const };
  return event('usage', { responseId, revision: 0, ...place, ...tokens, costUsd: 0.1, finished: true, ...given }, secondsAgo, source);
}

function appOn(...events: Event[]) {
  const { app, deps } = createTestApp();
  deps.store.append(events, NOW_MS);
  return { app, store: deps.store };
}

async function get<Body>(app: ReturnType<typeof appOn>['app'], path: string) {
  const response = await app.request(path);
  return { status: response.status, body: (await response.json()) as Body };
}

describe('a session', () => {
  test('adds up its responses by model and agent', async () => {
    const { costUsd: _, ...payload } = (usage('r4', { model: 'unheard-of' }) as Extract<Event, { type: 'usage' }>).payload;
    const unpriced = event('usage', payload);
    const { app } = appOn(
      usage('r1'),
      usage('r2', { agent: 'subagent', model: 'haiku' }),
      usage('r3', { outputTokens: 20, finished: false }),
      unpriced,
    );
    const { body } = await get<SessionAnswer>(app, '/api/sessions/s1');
    expect(body.session).toMatchObject({
      requests: 4,
      tokens: 4 * 11_111 + 10,
      costUsd: 0.3,
      unpricedRequests: 1,
      models: ['haiku', 'opus', 'unheard-of'],
    });
    expect(body.session.usage[0]).toEqual({
      model: 'opus',
      agent: 'main',
      requests: 2,
      inputTokens: 2,
      outputTokens: 30,
      cacheReadTokens: 200,
      cacheWrite5mTokens: 2000,
      cacheWrite1hTokens: 20_000,
      costUsd: 0.2,
      unpricedRequests: 0,
      unfinishedRequests: 1,
    });
  });

  test('knows of a response what was said last, in whatever order it comes', async () => {
    const later = usage('r1', { revision: 2, outputTokens: 500, costUsd: 0.5, sessionId: 's2' });
    const { app } = appOn(usage('r1', { revision: 1, outputTokens: 50 }), later, usage('r1', { outputTokens: 5 }));
    expect((await get<SessionAnswer>(app, '/api/sessions/s2')).body.session).toMatchObject({ requests: 1, tokens: 11_601, costUsd: 0.5 });
    expect((await get<SessionAnswer>(app, '/api/sessions/s1')).body.session).toMatchObject({ requests: 0, tokens: 0, costUsd: 0 });
  });

  test('of two machines with the same response counts both, as the metrics do', async () => {
    const { app } = appOn(usage('r1'), usage('r1', {}, 1, 'desktop'));
    expect((await get<SessionAnswer>(app, '/api/sessions/s1')).body.session).toMatchObject({ requests: 2 });
  });

  test('is not begun and not made longer by files that a copy made new', async () => {
    const todos = (sessionId: string) =>
      event('todo_progress', { sessionId, completed: 1, inProgress: 0, pending: 3, abandoned: true }, 9000);
    const plain = await get<SessionAnswer>(appOn(usage('r1')).app, '/api/sessions/s1');
    const { app } = appOn(usage('r1'), todos('s1'), todos('only-files'));
    const withTodos = await get<SessionAnswer>(app, '/api/sessions/s1');
    expect(withTodos.body.session).toMatchObject({ lastAt: plain.body.session.lastAt });
    expect((await app.request('/api/sessions/only-files')).status).toBe(404);
  });

  test('tells tools, errors, subagents, skills, files and todos', async () => {
    const change = {
      sessionId: 's1',
      fileHash: '3f2a9c0d1e4b5a67',
      linesAdded: 3,
      linesRemoved: 1,
      linesModified: 2,
      timestamp: '2026-11-21T12:00:00Z',
    };
    const { app } = appOn(
      event('tool', { sessionId: 's1', tool: 'Bash', status: 'started' }),
      event('tool', { sessionId: 's1', tool: 'Bash', status: 'completed' }),
      event('tool', { sessionId: 's1', tool: 'Read', status: 'started' }),
      event('error', { sessionId: 's1', category: 'api' }),
      event('agent_spawn', { sessionId: 's1', agentType: 'Explore', description: '', timestamp: '2026-11-21T12:00:00Z' }),
      event('skill_invocation', { sessionId: 's1', skillName: 'commit', project: 'shop', timestamp: '2026-11-21T12:00:00Z' }),
      event('file_change', { ...change, version: 2 }),
      event('file_change', { ...change, version: 3 }),
      event('file_change', { ...change, version: 3 }),
      event('todo_progress', { sessionId: 's1', completed: 1, inProgress: 0, pending: 3, abandoned: false }, 9),
      event('todo_progress', { sessionId: 's1', completed: 0, inProgress: 1, pending: 3, abandoned: false }, 10),
    );
    const { session, timeline } = (await get<SessionAnswer>(app, '/api/sessions/s1?limit=3')).body;
    expect(session).toMatchObject({
      toolCalls: 1,
      tools: [
        { tool: 'Bash', started: 1, finished: 1, averageSeconds: null },
        { tool: 'Read', started: 1, finished: 0 },
      ],
      errors: [{ category: 'api', count: 1 }],
      subagents: [{ name: 'Explore', count: 1 }],
      skills: [{ name: 'commit', count: 1 }],
      files: [{ hash: '3f2a9c0d1e4b5a67', versions: 2, linesAdded: 6, linesRemoved: 2, linesModified: 4 }],
      todos: { completed: 1, inProgress: 0, pending: 3, abandoned: false },
    });
    expect(timeline).toHaveLength(3);
    const rest = (await get<SessionAnswer>(app, `/api/sessions/s1?before=${timeline.at(-1)?.seq}`)).body.timeline;
    expect(rest).toHaveLength(8);
  });

  test('knows of a call what was said last, and does not count its signs of life beside it', async () => {
    const call = (callId: string, result: 'ok' | 'error' | 'rejected' | 'blocked', given: Partial<PayloadOf<'tool_call'>> = {}) =>
      event('tool_call', { callId, sessionId: 's1', project: 'shop', tool: 'Bash', agent: 'main', result, ...given });
    const { app } = appOn(
      event('tool', { sessionId: 's1', tool: 'Bash', status: 'started' }),
      event('tool', { sessionId: 's1', tool: 'Bash', status: 'completed' }),
      call('c1', 'error', { durationSeconds: 9, category: 'exit_code' }),
      call('c1', 'ok', { durationSeconds: 1, linesAdded: 5 }),
      call('c2', 'error', { durationSeconds: 2, category: 'exit_code', linesRemoved: 1 }),
      call('c3', 'rejected'),
      call('c4', 'blocked'),
    );
    const { session } = (await get<SessionAnswer>(app, '/api/sessions/s1')).body;
    expect(session).toMatchObject({ toolCalls: 4, failures: 1, blocked: 2, lines: { added: 5, removed: 1 } });
    expect(session.tools).toEqual([
      { tool: 'Bash', started: 1, finished: 4, failed: 1, rejected: 1, blocked: 1, averageSeconds: 1.5, timed: 2 },
    ]);
    expect(session.errors).toEqual([{ category: 'exit_code', count: 1 }]);
    expect((await get<Stats>(app, '/api/stats')).body).toMatchObject({ calls: { finished: 4, failed: 1, rejected: 1, blocked: 1 } });
  });

  test.each([
    ['working', 299, []],
    ['idle', 301, []],
    ['over', 1801, []],
    ['waiting', 10, [event('agent', { sessionId: 's1', state: 'waiting' }, 10)]],
    ['working', 5, [event('agent', { sessionId: 's1', state: 'waiting' }, 10)]],
    ['over', 10, [event('session', { sessionId: 's1', action: 'ended', project: 'shop' }, 10)]],
    ['working', 5, [event('session', { sessionId: 's1', action: 'ended', project: 'shop' }, 10)]],
  ] as [string, number, Event[]][])('is %s %i s after its last line', async (state, seconds, events) => {
    const { app } = appOn(...events, event('activity', { sessionId: 's1' }, seconds));
    expect((await get<SessionAnswer>(app, '/api/sessions/s1')).body.session.state).toBe(state);
  });

  test('that is not known is not found', async () => {
    expect(await get(appOn().app, '/api/sessions/nobody')).toEqual({
      status: 404,
      body: { error: { code: 'unknown_session', message: expect.any(String) } },
    });
  });
});

describe('sessions', () => {
  const many = Array.from({ length: 25 }, (_, number) =>
    usage(
      `r${number}`,
      { sessionId: `s${number}`, project: number % 2 === 0 ? 'even' : 'odd', costUsd: number % 5, model: number === 7 ? 'haiku' : 'opus' },
      60 * number,
    ),
  );

  test.each(['last', 'first', 'cost', 'tokens', 'requests', 'tools', 'failures', 'duration'])(
    'come page by page by %s, each once, both ways',
    async (sort) => {
      const { app } = appOn(...many);
      const walk = async (order: string) => {
        const seen: string[] = [];
        let next: string | null = '';
        while (next !== null) {
          const path: string = `/api/sessions?sort=${sort}&order=${order}&limit=4${next === '' ? '' : `&cursor=${next}`}`;
          const { body } = await get<SessionsAnswer>(app, path);
          seen.push(...body.sessions.map(({ id }) => id));
          next = body.next;
        }
        return seen;
      };
      const down = await walk('desc');
      expect(new Set(down).size).toBe(25);
      expect(await walk('asc')).toEqual(down.toReversed());
    },
  );

  test('are filtered by project, model, source, state and time', async () => {
    const { app } = appOn(...many);
    const count = async (filter: string) => (await get<SessionsAnswer>(app, `/api/sessions?limit=100&${filter}`)).body.sessions.length;
    expect(await count('project=even')).toBe(13);
    expect(await count('project=even&project=odd')).toBe(25);
    expect(await count('model=haiku')).toBe(1);
    expect(await count('source=other')).toBe(0);
    expect(await count('state=working')).toBe(6);
    expect(await count('state=idle&state=working')).toBe(25);
    expect(await count(`start=${NOW_MS / 1000 - 125}`)).toBe(3);
    expect(await count(`end=${NOW_MS / 1000 - 125}`)).toBe(22);
    expect(await count('todos=true')).toBe(0);
  });

  test('tell their tokens by kind, their lines and their todos', async () => {
    const todos = { completed: 2, inProgress: 1, pending: 0, abandoned: false };
    const call = { callId: 'c1', sessionId: 's1', project: 'shop', tool: 'Edit', agent: 'main' as const, result: 'ok' as const };
    const { app } = appOn(
      usage('r1'),
      usage('r2', { sessionId: 's2' }),
      event('tool_call', { ...call, linesAdded: 5, linesRemoved: 2 }),
      event('todo_progress', { sessionId: 's1', ...todos }),
    );
    const { sessions } = (await get<SessionsAnswer>(app, '/api/sessions?todos=true')).body;
    expect(sessions).toMatchObject([
      {
        id: 's1',
        kinds: { input: 1, output: 10, cacheRead: 100, cacheWrite5m: 1000, cacheWrite1h: 10_000 },
        lines: { added: 5, removed: 2 },
        todos,
      },
    ]);
  });

  test('at once are those with a response in the same five minutes, and files are counted by what was kept of them', async () => {
    // NOW_MS is 12:00:30: 40 and 50 seconds before it are in the five minutes from 11:55.
    const change = { linesAdded: 1, linesRemoved: 0, linesModified: 0, timestamp: '2026-11-21T12:00:00Z' };
    const { app } = appOn(
      usage('r1', { sessionId: 's1' }, 40),
      usage('r2', { sessionId: 's2' }, 50),
      usage('r3', { sessionId: 's2' }, 50),
      usage('r4', { sessionId: 's3', project: 'other' }, 5),
      event('file_change', { ...change, sessionId: 's1', fileHash: 'a', version: 2 }, 40),
      event('file_change', { ...change, sessionId: 's1', fileHash: 'a', version: 3 }, 40),
      event('file_change', { ...change, sessionId: 's2', fileHash: 'b', version: 2 }, 40),
    );
    const within = `start=${NOW_MS / 1000 - 3600}&end=${NOW_MS / 1000}`;
    const activity = async (filter: string) => (await get<Activity>(app, `/api/activity?${within}${filter}`)).body;
    expect(await activity('')).toEqual({ peak: { at: '2026-11-21T11:55:00.000Z', sessions: 2 }, files: { changed: 2, versions: 3 } });
    expect(await activity('&project=other')).toMatchObject({ peak: { sessions: 1 }, files: { changed: 0, versions: 0 } });
    expect(await activity('&source=nobody')).toEqual({ peak: null, files: { changed: 0, versions: 0 } });
  });

  test.each([
    ['state=busy', 'state: wants one of'],
    ['sort=name', 'sort: wants one of'],
    ['order=up', 'order: wants asc or desc'],
    ['cursor=x', 'cursor: wants what the page before gave'],
    [`cursor=${Buffer.from('["cost",1,"s"]').toString('base64url')}`, 'cursor: wants what the page before gave'],
    ['limit=0', 'limit: wants a whole number'],
    ['start=2&end=1', 'end: must be later than start'],
    ['nonsense=1', 'nonsense: is not a parameter here'],
  ])('%s is refused', async (text, message) => {
    expect(await get(appOn().app, `/api/sessions?${text}`)).toEqual({
      status: 400,
      body: { error: { code: 'invalid_parameter', message: expect.stringContaining(message) } },
    });
  });

  test('outlive their events, and an event that was sent again after it left is not counted again', () => {
    const store = createEventStore(':memory:', 2);
    const calls = [5, 4, 3].map((seconds) => event('tool', { sessionId: 's1', tool: 'Bash', status: 'completed' }, seconds));
    store.append(calls, NOW_MS);
    store.append(calls, NOW_MS);
    expect(store.count()).toBe(2);
    expect(store.questions().prepare('SELECT told_calls FROM sessions').get()?.told_calls).toBe(3);
  });

  test('leave by age and by size, the oldest first', () => {
    const byAge = createEventStore(':memory:', { events: 1000, days: 1 });
    byAge.append([usage('r1', { sessionId: 'old' }, 2 * 86_400), usage('r2', { sessionId: 'new' })], NOW_MS);
    expect(byAge.questions().prepare('SELECT session FROM sessions').all()).toEqual([{ session: 'new' }]);
    expect(byAge.count()).toBe(1);
    const bySize = createEventStore(':memory:', { events: 1000, bytes: 1 });
    for (let minute = 0; minute < 3; minute += 1)
      bySize.append([usage(`r${minute}`, { sessionId: `s${minute}` })], NOW_MS + minute * 60_000);
    expect(bySize.count()).toBe(0);
  });
});

test('another machine cannot take a session into a project of its own', async () => {
  const { app } = appOn(
    event('session', { sessionId: 's1', action: 'started', project: 'unknown' }, 9, 'hooks'),
    event('activity', { sessionId: 's1', project: 'shop' }, 8),
    event('activity', { sessionId: 's2', project: 'shop' }, 8),
    event('activity', { sessionId: 's2', project: 'mine' }, 7, 'elsewhere'),
    event('activity', { sessionId: 's3', project: 'shop' }, 8),
    event('activity', { sessionId: 's3', project: 'moved-to' }, 7),
  );
  const projects = (await get<SessionsAnswer>(app, '/api/sessions')).body.sessions.map(({ id, project }) => [id, project]);
  expect(Object.fromEntries(projects)).toEqual({ s1: 'shop', s2: 'shop', s3: 'moved-to' });
});

describe('stats', () => {
  test('tell tools, errors, money of the day and the month', async () => {
    const { app } = appOn(
      usage('r1', { costUsd: 1 }, 60),
      usage('r2', { costUsd: 2 }, 13 * 3600),
      usage('r3', { costUsd: 4 }, 3 * 86_400),
      usage('r4', { costUsd: 8 }, 40 * 86_400),
      event('tool', { sessionId: 's1', tool: 'Bash', status: 'completed' }),
      event('tool', { sessionId: 's1', tool: 'Bash', status: 'completed' }, 3 * 86_400),
      event('error', { sessionId: 's1', category: 'overloaded' }),
    );
    const { body } = await get<Stats>(app, '/api/stats?timeZone=UTC');
    expect(body).toMatchObject({
      tools: [{ tool: 'Bash', finished: 1 }],
      errors: [{ category: 'overloaded', count: 1 }],
      calls: { finished: 1, failed: 0, rejected: 0, blocked: 0 },
      costUsd: { last24Hours: 3, today: 1, month: 7 },
      sessions: { working: 1, waiting: 0, idle: 0, over: 0 },
    });
    expect((await get<Stats>(app, `/api/stats?start=${NOW_MS / 1000 - 5 * 86_400}`)).body.tools[0]?.finished).toBe(2);
    expect((await get<Stats>(app, '/api/stats?timeZone=Nowhere/Land')).status).toBe(400);
  });

  test.each([
    ['UTC', '2026-11-21T12:00:30Z', '2026-11-21T00:00:00Z', '2026-11-01T00:00:00Z'],
    ['Europe/Berlin', '2026-11-20T23:30:00Z', '2026-11-20T23:00:00Z', '2026-10-31T23:00:00Z'],
    ['Europe/Berlin', '2026-10-25T12:00:00Z', '2026-10-24T22:00:00Z', '2026-09-30T22:00:00Z'],
    ['America/Los_Angeles', '2026-11-01T20:00:00Z', '2026-11-01T07:00:00Z', '2026-11-01T07:00:00Z'],
    ['Asia/Kathmandu', '2026-11-21T18:14:59Z', '2026-11-20T18:15:00Z', '2026-10-31T18:15:00Z'],
  ])('in %s at %s the day began %s and the month %s', (zone, now, today, month) => {
    const { todayMs, monthMs } = startsOf(Date.parse(now), zone);
    expect([todayMs, monthMs]).toEqual([Date.parse(today), Date.parse(month)]);
  });
});

test('types without a handler say nothing of a session but that it was there', async () => {
  const { events } = await import('@ccmeter/exporter/contract');
  const others = Object.keys(events).filter((type) => !HANDLED_TYPES.includes(type));
  expect(others).toEqual([
    'activity',
    'summary',
    'token_usage',
    'session_metrics',
    'activity_pattern',
    'model_distribution',
    'project_activity',
  ]);
});
