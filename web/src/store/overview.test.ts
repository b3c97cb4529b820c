import { describe, expect, test } from 'vitest';
import { createApi } from '../api/client.ts';
import { type Asked, answerPanel, makeHistory } from '../gallery/history.ts';
import { DEFAULT_STATE, type Filters } from './location.ts';
import { cacheShareOf, isEmpty, loadOverview, type OverviewQuestion } from './overview.ts';
import { QUICK_RANGES } from './range.ts';

const NOW_MS = Date.parse('2026-11-20T16:42:10Z');
const history = makeHistory(NOW_MS / 1000);
const first = Math.floor((history[0]?.at ?? 0) / 60) * 60;

/** A stand-in of the query API over made-up history; it refuses what the real one refuses. */
function standIn(asked: URL[] = []): typeof fetch {
  return async (input) => {
    const url = new URL(String(input));
    asked.push(url);
    if (url.pathname === '/api/range') return Response.json({ first, now: NOW_MS / 1000 });
    const labels = (name: 'host' | 'project' | 'model') => [...new Set(history.map((response) => response.labels[name]))];
    if (url.pathname === '/api/filter-options')
      return Response.json({ host: labels('host'), project: labels('project'), model: labels('model') });
    const list = (name: string) => url.searchParams.getAll(name);
    const filters = Object.fromEntries(
      ['host', 'project', 'model', 'agent'].filter((name) => list(name).length > 0).map((name) => [name, list(name)]),
    );
    const step = url.searchParams.get('step');
    const question: Asked = {
      start: Number(url.searchParams.get('start')),
      end: Number(url.searchParams.get('end')),
      step: step === null ? null : Number(step),
      by: (url.searchParams.get('by') ?? '').split(',').filter(Boolean),
      filters,
    };
    return Response.json(answerPanel(history, url.pathname.split('/').at(-1) as 'tokens', question));
  };
}

const load = (change: Partial<OverviewQuestion> = {}, asked: URL[] = []) =>
  loadOverview(createApi('http://api.test', standIn(asked)), { ...DEFAULT_STATE, ...change }, NOW_MS);
const filters = (change: Partial<Filters>): Filters => ({ ...DEFAULT_STATE.filters, ...change });

describe('the overview', () => {
  test.each(QUICK_RANGES)('adds up over %s: totals, charts, tables and kinds say the same', async (name) => {
    const overview = await load({ range: { kind: 'quick', name }, tokensBy: 'kind' });
    const within = history.filter(({ at }) => at >= overview.range.start && at < overview.range.end);
    const tokens = within.reduce((sum, { kinds }) => sum + Object.values(kinds).reduce((total, value) => total + value, 0), 0);
    const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);
    expect(overview.totals).toMatchObject({ tokens, requests: within.length });
    expect(overview.tokens.total).toBe(tokens);
    expect(sum(overview.projects.map((row) => row.tokens))).toBe(tokens);
    expect(sum(overview.models.map((row) => row.requests))).toBe(within.length);
    expect(overview.sessions.total).toBe(overview.totals.sessions);
    expect(overview.cost.total).toBeCloseTo(overview.totals.costUsd, 6);
  });

  test('is compared with the range before, and not where history does not reach', async () => {
    const { before, beforeRange, range } = await load();
    expect(beforeRange?.end).toBe(range.start);
    expect(before?.requests).toBe(history.filter(({ at }) => beforeRange && at >= beforeRange.start && at < beforeRange.end).length);
    expect((await load({ range: { kind: 'quick', name: 'all' } })).before).toBeNull();
  });

  test('asks each question only for filters that it has, and says which do not hold', async () => {
    const asked: URL[] = [];
    const overview = await load({ filters: filters({ project: ['web-app'], agent: ['main'] }) }, asked);
    const sessions = asked.filter((url) => url.pathname.endsWith('/sessions'));
    expect(sessions.every((url) => url.searchParams.get('project') === 'web-app' && !url.searchParams.has('agent'))).toBe(true);
    expect(asked.some((url) => url.pathname.endsWith('/unpriced_tokens') && url.searchParams.has('project'))).toBe(false);
    expect(overview.unnarrowed).toEqual({ sessions: ['agent'], unpriced: ['project', 'agent'], unfinished: ['project', 'agent'] });
  });

  test('gives a model the same colour in every range', async () => {
    const all = await load({ range: { kind: 'quick', name: 'all' } });
    const past = await load({ range: { kind: 'absolute', start: first, end: first + 20 * 86_400 } });
    expect(past.slots).toEqual(all.slots);
  });

  test('marks models without a price', async () => {
    const { models, unpriced } = await load({ range: { kind: 'quick', name: 'all' } });
    expect(unpriced.map((row) => row.model)).toEqual(['glm-4.7']);
    expect(models.filter((row) => row.unpriced).map((row) => row.name)).toEqual(['glm-4.7']);
  });

  test('is empty where nothing was counted', async () => {
    expect(isEmpty(await load({ range: { kind: 'absolute', start: 0, end: 3600 } }))).toBe(true);
    expect(isEmpty(await load())).toBe(false);
  });

  test.each([
    [{}, null],
    [{ output: 10 }, null],
    [{ input: 10, cache_read: 30, output: 99 }, 0.75],
    [{ input: 5, cache_read: 5, cache_write_5m: 5, cache_write_1h: 5 }, 0.25],
  ])('the cache share of %j is %d', (kinds, share) => expect(cacheShareOf(kinds)).toBe(share));
});

describe('a refusal', () => {
  const answering = (response: Response | Error): Promise<unknown> => {
    const send: typeof fetch = async () => {
      if (response instanceof Error) throw response;
      return response;
    };
    return createApi('http://api.test', send).range();
  };
  test('is told in the words of the API', async () => {
    const body = { error: { code: 'prometheus_unreachable', message: 'Prometheus does not answer.' } };
    await expect(answering(Response.json(body, { status: 502 }))).rejects.toMatchObject({
      code: 'prometheus_unreachable',
      message: 'Prometheus does not answer.',
    });
  });
  test('of something else is told by its status', async () => {
    await expect(answering(new Response('<html>', { status: 504 }))).rejects.toThrow('The query API answered 504.');
  });
  test('to connect says what to look at', async () => {
    await expect(answering(new TypeError('failed to fetch'))).rejects.toMatchObject({ code: 'unreachable' });
  });
});
