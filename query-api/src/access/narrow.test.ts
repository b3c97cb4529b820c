import { describe, expect, onTestFinished, test } from 'vitest';
import { startSnapshots } from '../live/snapshots.ts';
import type { Stats } from '../live/stats.ts';
import type { SessionAnswer, SessionsAnswer } from '../routes/sessions.ts';
import { createTestApp, eventOf, NOW_MS, readMessages, someEvent } from '../testing.ts';

let numbers = 100;

/** A session of a project: a response, a call, an error, and a sign of life of a tool. */
function sessionOf(sessionId: string, project: string, source: string) {
  numbers += 10;
  const tokens = { inputTokens: 1, outputTokens: 2, cacheReadTokens: 3, cacheWrite5mTokens: 4, cacheWrite1hTokens: 5, costUsd: 0.5 };
  const place = { sessionId, project, agent: 'main' as const };
  const usage = { responseId: `r${numbers}`, revision: 0, ...place, model: 'opus', ...tokens, finished: true };
  return [
    eventOf('usage', numbers, usage),
    eventOf('tool_call', numbers + 1, { callId: `c${numbers}`, ...place, tool: 'Bash', result: 'error', category: `of ${project}` }),
    eventOf('error', numbers + 2, { sessionId, category: `api of ${project}` }),
    eventOf('tool', numbers + 3, { sessionId, project, tool: 'Read', status: 'started' }),
  ].map((event) => ({ ...event, source }));
}

function appFor(scope: Record<string, readonly string[]>) {
  const { app, deps } = createTestApp({ scopes: new Map([['*', scope]]) });
  deps.store.append([...sessionOf('mine', 'shop', 'laptop'), ...sessionOf('theirs', 'secret', 'tower')], NOW_MS);
  return { app, deps };
}

describe.each([{ project: ['shop', 'blog'] }, { host: ['laptop'] }, { host: ['laptop'], project: ['shop'] }])(
  'who may see %j only',
  (scope) => {
    test.each([
      '/api/events',
      '/api/events?project=secret&project=shop',
      '/api/events?session=theirs',
      '/api/sessions',
      '/api/sessions?source=tower',
      '/api/sessions/theirs',
      '/api/stats',
      '/api/stats?project=secret',
      '/api/stats?source=tower&project=shop',
      '/api/activity?start=0&end=9999999999',
    ])('finds nothing of others in %s', async (path) => {
      const { app } = appFor(scope);
      expect(await (await app.request(path)).text()).not.toMatch(/secret|tower|theirs/);
    });

    test('finds their own', async () => {
      const { app } = appFor(scope);
      const get = async <Body>(path: string) => (await (await app.request(path)).json()) as Body;
      expect((await get<SessionsAnswer>('/api/sessions')).sessions.map(({ id }) => id)).toEqual(['mine']);
      expect((await get<SessionAnswer>('/api/sessions/mine')).timeline).toHaveLength(4);
      expect(await get<Stats>('/api/stats')).toMatchObject({
        tools: [{ tool: 'Bash', finished: 1, failed: 1 }, { tool: 'Read' }],
        errors: [
          { category: 'api of shop', count: 1 },
          { category: 'of shop', count: 1 },
        ],
        calls: { finished: 1, failed: 1 },
        sessions: { working: 1 },
        costUsd: { last24Hours: 0.5, today: 0.5, month: 0.5 },
        tokens: { last24Hours: 15 },
      });
    });

    test('hears of their own, and figures of their own', async () => {
      const { app, deps } = appFor(scope);
      const { hub, store } = deps;
      onTestFinished(
        startSnapshots({
          reader: deps.reader,
          hub,
          latestSeq: store.latestSeq,
          now: () => NOW_MS,
          changedMs: 5,
        }),
      );
      const { body } = await app.request('/api/stream?stats=true&replay=100');
      const publish = (...events: ReturnType<typeof sessionOf>) => hub.publish(store.append(events, NOW_MS).stored);
      publish(...sessionOf('other', 'secret', 'tower'));
      publish(...sessionOf('next', 'shop', 'laptop'));
      if (body === null) throw new Error('no stream');
      // What names no project may be anybody's.
      const [before, after] = 'project' in scope ? [3, 3] : [4, 4];
      const told = await readMessages(body, before + 2 + after + 1);
      expect(JSON.stringify(told)).not.toMatch(/secret|tower|theirs|other/);
      const figures = told.filter(({ event }) => event === 'stats').map(({ data }): Stats => JSON.parse(data ?? ''));
      expect(figures.map(({ costUsd }) => costUsd.today)).toEqual([0.5, 1]);
    });
  },
);

test('everybody hears the figures of all, also of filters that leave out most events', async () => {
  const { app, deps } = createTestApp();
  deps.store.append([...sessionOf('mine', 'shop', 'laptop'), ...sessionOf('theirs', 'secret', 'tower')], NOW_MS);
  const { body } = await app.request('/api/stream?stats=true&project=shop');
  if (body === null) throw new Error('no stream');
  const [first] = await readMessages(body, 1);
  expect(JSON.parse(first?.data ?? '')).toMatchObject({ costUsd: { today: 1 } });
});

test('a session that went on in another project shows what was in theirs', async () => {
  const { app, deps } = appFor({ project: ['shop'] });
  deps.store.append(
    [someEvent(1, { sessionId: 'moved', project: 'secret' }), someEvent(2, { sessionId: 'moved', project: 'shop' })],
    NOW_MS,
  );
  const { timeline }: SessionAnswer = JSON.parse(await (await app.request('/api/sessions/moved')).text());
  expect(timeline.map(({ event }) => event.payload)).toEqual([{ sessionId: 'moved', project: 'shop' }]);
});

test('a label that events do not carry cannot be held, so nothing is shown', async () => {
  const { app } = appFor({ model: ['opus'] });
  for (const path of ['/api/events', '/api/sessions', '/api/sessions/mine', '/api/stats', '/api/stream', '/api/stream?stats=true']) {
    const response = await app.request(path);
    expect([response.status, await response.json()]).toEqual([403, { error: { code: 'not_yours', message: expect.any(String) } }]);
  }
});
