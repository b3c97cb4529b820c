import { expect, test } from 'vitest';
import { createTestApp, NOW_MS } from '../testing.ts';
import { createFixture, type Recorded } from '../upstream/fixture.ts';
import { type CheckStatus, examine, type Patient } from './checks.ts';
import { linesOf } from './command.ts';

const NOW = NOW_MS / 1000;
const never = new AbortController().signal;

const HEALTHY_EXPORTER = {
  phase: 'ready',
  files: 3,
  filesRead: 3,
  sessions: 2,
  pendingSamples: 0,
  outboxEvents: 0,
  historyStartMs: NOW_MS - 86_400_000,
};

const HEALTHY_PROMETHEUS: Record<string, unknown> = {
  'status/flags': { 'web.enable-remote-write-receiver': 'true', 'web.cors.origin': '^$' },
  'status/config': { yaml: 'storage:\n  tsdb:\n    out_of_order_time_window: 10y\n' },
  'status/runtimeinfo': { storageRetention: '10y' },
};

/** Answers to the three questions: what time it is there, the newest sample, where history begins. */
function answering(given: { time?: number; newest?: number | null; history?: number | null }): Required<Recorded>['instant'] {
  const vector = (value: number | null) => (value === null ? [] : [{ labels: {}, value }]);
  return (query) => {
    if (query.includes('time()')) return vector(given.time ?? NOW);
    if (query.includes('timestamp(')) return vector(given.newest === undefined ? NOW - 10 : given.newest);
    return vector(given.history === undefined ? NOW - 86_400 : given.history);
  };
}

function patient(given: {
  recorded?: Recorded;
  inspect?: Record<string, unknown>;
  instant?: Required<Recorded>['instant'];
  exporter?: object | Error | null;
  events?: { stored: number; lastReceivedMs: number | null };
}): Patient {
  const { exporter = HEALTHY_EXPORTER } = given;
  return {
    upstream: createFixture({
      version: '3.15.0',
      instant: given.instant ?? answering({}),
      inspect: (path) => ({ ...HEALTHY_PROMETHEUS, ...given.inspect })[path],
      ...given.recorded,
    }),
    exporterUrl: exporter === null ? '' : 'http://exporter.test',
    fetch: () => (exporter instanceof Error ? Promise.reject(exporter) : Promise.resolve(Response.json(exporter))),
    now: () => NOW_MS,
    events: async () => given.events ?? { stored: 5, lastReceivedMs: NOW_MS - 60_000 },
  };
}

test('a healthy pipeline is well at every hop, with latencies', async () => {
  const { status, checks, checkedAt } = await examine(patient({}), never);
  expect([status, checkedAt]).toEqual(['ok', '2026-11-21T12:00:30.000Z']);
  expect(checks.map(({ id, status: one, remedy }) => `${id} ${one} ${remedy}`)).toEqual(
    ['exporter', 'events', 'prometheus', 'clock', 'series', 'writes', 'retention', 'readers'].map((id) => `${id} ok null`),
  );
  for (const { latencyMs } of checks) expect(latencyMs).toBeGreaterThanOrEqual(0);
});

test.each([
  ['exporter', { exporter: new Error('ECONNREFUSED') }, 'failure', 'npm run exporter -- run'],
  ['exporter', { exporter: { hello: 'world' } }, 'failure', '--exporter-url'],
  ['exporter', { exporter: { ...HEALTHY_EXPORTER, phase: 'scanning', filesRead: 1 } }, 'warning', 'Wait'],
  ['exporter', { exporter: { ...HEALTHY_EXPORTER, files: 0 } }, 'warning', '--claude-dir'],
  ['exporter', { exporter: { ...HEALTHY_EXPORTER, pendingSamples: 20_000 } }, 'warning', '--remote-write-url'],
  ['exporter', { exporter: { ...HEALTHY_EXPORTER, outboxEvents: 2000 } }, 'warning', '--events-url'],
  ['exporter', { exporter: null }, 'unknown', undefined],
  ['events', { events: { stored: 0, lastReceivedMs: null } }, 'warning', '--events-url'],
  ['events', { events: { stored: 9, lastReceivedMs: null } }, 'ok', undefined],
  ['clock', { instant: answering({ time: NOW + 10 }) }, 'warning', 'NTP'],
  ['clock', { instant: answering({ time: NOW - 100 }) }, 'failure', 'NTP'],
  ['series', { instant: answering({ newest: null, history: null }) }, 'failure', '--remote-write-url'],
  ['series', { instant: answering({ newest: null }) }, 'warning', 'exporter running'],
  ['series', { instant: answering({ newest: NOW - 200 }) }, 'warning', 'exporter running'],
  ['writes', { inspect: { 'status/flags': {} } }, 'warning', '--web.enable-remote-write-receiver'],
  ['writes', { inspect: { 'status/config': { yaml: 'global: {}' } } }, 'warning', 'out_of_order_time_window'],
  ['writes', { inspect: { 'status/config': { yaml: 'out_of_order_time_window: 0s' } } }, 'warning', 'out_of_order_time_window'],
  ['writes', { inspect: { 'status/config': undefined } }, 'unknown', undefined],
  ['retention', { inspect: { 'status/runtimeinfo': { storageRetention: '15d or 1GiB' } } }, 'warning', 'retention.time=10y'],
  ['retention', { inspect: { 'status/runtimeinfo': undefined } }, 'unknown', undefined],
  ['readers', { inspect: { 'status/flags': { 'web.cors.origin': '.*' } } }, 'warning', '--web.cors.origin'],
] as [string, Parameters<typeof patient>[0], CheckStatus, string | undefined][])(
  '%s with %j is a %s',
  async (id, given, status, remedy) => {
    const { checks } = await examine(patient(given), never);
    const found = checks.find((one) => one.id === id);
    expect(found).toMatchObject({ status, remedy: remedy === undefined ? null : expect.stringContaining(remedy) });
  },
);

test('while Prometheus is away the hops behind it are not guessed at', async () => {
  const { status, checks } = await examine(patient({ recorded: { version: null } }), never);
  expect(status).toBe('failure');
  expect(Object.fromEntries(checks.map((one) => [one.id, one.status]))).toMatchObject({
    exporter: 'ok',
    prometheus: 'failure',
    clock: 'unknown',
    series: 'unknown',
    readers: 'unknown',
  });
});

test('is said to people with the remedy under it', async () => {
  const lines = linesOf(await examine(patient({ events: { stored: 0, lastReceivedMs: null } }), never));
  expect(lines).toContainEqual(expect.stringMatching(/^\[ {2}ok {2}\] The exporter counts: 3 transcripts.*ms\)$/));
  expect(lines).toContainEqual(expect.stringMatching(/^\[ warn \] Events come in: No event has ever come in\. \([\d.]+ ms\)$/));
  expect(lines).toContainEqual(expect.stringMatching(/^ {9}Give the exporter --events-url/));
});

test('is for those who may see everything', async () => {
  const { app } = createTestApp({ scopes: new Map([['*', { project: ['shop'] }]]) });
  const response = await app.request('/api/doctor');
  expect([response.status, await response.json()]).toEqual([403, { error: { code: 'not_yours', message: expect.any(String) } }]);
});
