import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { withGuests } from '../access/guest-keys.ts';
import { fixedKeys } from '../access/source-keys.ts';
import type { HubOptions } from '../live/hub.ts';
import { createEventStore } from '../live/store.ts';
import { syntheticSource } from '../live/synthetic.ts';
import { createTestApp, NOW_MS, openToAll, readMessages, someEvent } from '../testing.ts';
import { createFixture } from '../upstream/fixture.ts';
import type { Diagnosis } from './checks.ts';
import { PROBE } from './probe.ts';
import { createSelfTest, type SelfTestDeps } from './self-test.ts';

const never = new AbortController().signal;

/** An app that can test itself. Its exporter is left out: a process of its own is for tests/e2e. */
function appWithSelfTest(
  given: Partial<Parameters<typeof createTestApp>[0] & Pick<SelfTestDeps, 'writeUrl' | 'exporterMain'>> = {},
  hub: Partial<HubOptions> = {},
) {
  const guests = withGuests(fixedKeys(new Map()));
  const { writeUrl = '', exporterMain, ...rest } = given;
  const made = createTestApp({ sourceKeys: guests, now: Date.now, selfTest: (options, signal) => selfTest(options, signal), ...rest }, hub);
  const { app, deps } = made;
  const { store, access } = deps;
  const selfTest = createSelfTest({
    app,
    store,
    access,
    guests,
    exporterMain,
    writeUrl,
    headers: () => ({ 'x-scope-orgid': 'team' }),
    now: Date.now,
  });
  return { ...made, guests, selfTest };
}

const brief = ({ checks }: Diagnosis) => Object.fromEntries(checks.map(({ id, status }) => [id, status]));

test('a session goes through every hop, and nothing of it is left', async () => {
  const { deps, selfTest, guests } = appWithSelfTest();
  deps.store.append([someEvent(1)], NOW_MS);
  const before = deps.store.lastReceivedMs();
  const diagnosis = await selfTest({ write: true }, never);
  expect(brief(diagnosis)).toEqual({
    ...{ open: 'ok', transcript: 'unknown', signed: 'ok', stream: 'ok', session: 'ok', removal: 'ok' },
    ...{ write: 'unknown', question: 'unknown' },
  });
  expect(diagnosis.status).toBe('ok');
  for (const { status, latencyMs } of diagnosis.checks) if (status === 'ok') expect(latencyMs).toBeGreaterThanOrEqual(0);
  expect([deps.store.count(), deps.store.lastReceivedMs(), deps.hub.clients()]).toEqual([1, before, 0]);
  const tables = ['events', 'sessions', 'responses', 'tool_calls', 'session_names', 'pruned_ids'];
  const rows = tables.map((table) => deps.store.questions().prepare(`SELECT count(*) AS number FROM ${table}`).get()?.number);
  expect(rows).toEqual([1, 1, 0, 0, 0, 0]);
  expect(guests.get(syntheticSource('x'))).toBeUndefined();
});

test('nobody sees it who does not ask for just that source', async () => {
  const { app, deps } = appWithSelfTest({ now: () => NOW_MS });
  const stream = await app.request('/api/stream');
  const synthetic = { ...someEvent(1, { sessionId: 'self' }), source: syntheticSource('1') };
  deps.hub.publish(deps.store.append([synthetic, someEvent(2)], NOW_MS).stored);
  if (stream.body === null) throw new Error('no stream');
  expect((await readMessages(stream.body, 2)).map(({ id }) => id)).toEqual(['0', '2']);
  const bodyOf = async (path: string) => (await app.request(path)).text();
  for (const path of ['/api/events', '/api/sessions', '/api/events?session=self', '/api/stats'])
    expect(await bodyOf(path)).not.toContain('self');
  expect(JSON.parse(await bodyOf('/api/stats')).sessions).toEqual({ working: 1, waiting: 0, idle: 0, over: 0 });
  expect(await bodyOf(`/api/events?source=${syntheticSource('1')}`)).toContain('self');
  expect(deps.store.ownAfter(0, 10).map(({ seq }) => seq)).toEqual([2]);
  expect(deps.store.missedSince(0, 10, {})).toMatchObject({ events: expect.not.arrayContaining([expect.objectContaining({ seq: 1 })]) });
});

test('what one that was cut off has left is gone when the store is opened again', () => {
  const directory = mkdtempSync(join(tmpdir(), 'ccmeter-self-test-test-'));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  const path = join(directory, 'events.db');
  const first = createEventStore(path, 1000);
  first.append([{ ...someEvent(1), source: syntheticSource('1') }, someEvent(2)], NOW_MS);
  expect(first.count()).toBe(2);
  first.close();
  const second = createEventStore(path, 1000);
  expect([second.count(), second.latestSeq()]).toEqual([1, 2]);
  second.close();
});

test('where streams cannot be opened it says so, tries nothing behind it, and leaves nothing', async () => {
  const { deps, selfTest } = appWithSelfTest({}, { maxClients: 0 });
  const { status, checks } = await selfTest({ write: true }, never);
  expect(status).toBe('failure');
  expect(checks[0]).toMatchObject({
    id: 'open',
    status: 'failure',
    found: 'It was answered with 503.',
    remedy: expect.stringContaining('--max-streams'),
  });
  expect(checks.find(({ id }) => id === 'session')).toMatchObject({ status: 'unknown', found: expect.stringContaining('A stream opens') });
  expect(checks.find(({ id }) => id === 'removal')).toMatchObject({ status: 'ok' });
  expect(deps.store.count()).toBe(0);
});

test('an exporter that does not start is a hop that failed, with what it said', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'ccmeter-self-test-test-'));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  const { selfTest } = appWithSelfTest({ exporterMain: join(directory, 'nothing.ts') });
  const { checks } = await selfTest({ write: false }, never);
  expect(checks.find(({ id }) => id === 'transcript')).toMatchObject({ status: 'failure', found: expect.stringContaining('nothing.ts') });
});

test('where users are wanted it goes in as one of its own, who is nobody afterwards', async () => {
  const access = openToAll({ open: false });
  const { app, selfTest } = appWithSelfTest({ access });
  expect((await selfTest({ write: false }, never)).status).toBe('ok');
  const ask = (role: 'read' | 'ingest' | 'admin') =>
    app.request('/api/doctor/self-test', {
      method: 'POST',
      headers: { cookie: `ccmeter_login=${access.logins.begin({ name: 'a', role })}` },
    });
  expect((await ask('read')).status).toBe(403);
  expect((await ask('ingest')).status).toBe(403);
  const response = await ask('admin');
  expect([response.status, await response.json()]).toEqual([200, expect.objectContaining({ status: 'ok' })]);
  expect((await app.request('/api/doctor/self-test', { method: 'POST' })).status).toBe(401);
});

test('one at a time', async () => {
  const { app } = appWithSelfTest();
  const ask = () => app.request('/api/doctor/self-test?write=false', { method: 'POST' });
  const [first, second] = await Promise.all([ask(), ask()]);
  expect([first.status, second.status, second.headers.get('retry-after')]).toEqual([200, 409, '10']);
  expect((await ask()).status).toBe(200);
});

/** What takes remote write, answers with a status, and tells what came. */
async function startSink(status: number) {
  const requests: { headers: Record<string, unknown>; body: Buffer }[] = [];
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    requests.push({ headers: request.headers, body: Buffer.concat(chunks) });
    response.writeHead(status).end();
  }).listen(0, '127.0.0.1');
  onTestFinished(() => void server.close());
  await once(server, 'listening');
  const address = server.address();
  return { url: `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}/push`, requests };
}

/** Prometheus, which has what was written. */
function answering(requests: readonly { body: Buffer }[]) {
  const asked: string[] = [];
  const upstream = createFixture({
    forward: (_, parameters) => {
      asked.push(parameters.get('query') ?? '');
      const body = requests[0]?.body;
      // The value is a double behind the tag 0x09 of the sample, which is at the end: tag, eight bytes, tag, time.
      const value = body?.readDoubleLE(body.lastIndexOf(Buffer.of(0x09)) + 1);
      const result = value === undefined ? [] : [{ metric: {}, value: [1, String(value)] }];
      return { status: 200, body: Buffer.from(JSON.stringify({ status: 'success', data: { resultType: 'vector', result } })) };
    },
  });
  return { upstream, asked };
}

test('a sample is written, found by a question, and its series ended', async () => {
  const sink = await startSink(204);
  const { upstream, asked } = answering(sink.requests);
  const { selfTest } = appWithSelfTest({ upstream, writeUrl: sink.url });
  expect(brief(await selfTest({ write: true }, never))).toMatchObject({ write: 'ok', question: 'ok' });
  expect(sink.requests).toHaveLength(2);
  for (const { headers, body } of sink.requests) {
    expect(headers).toMatchObject({ 'x-scope-orgid': 'team', 'content-encoding': 'snappy', 'content-type': 'application/x-protobuf' });
    expect(body.toString('latin1')).toContain(PROBE);
  }
  expect(sink.requests[1]?.body.includes(Buffer.from('020000000000f07f', 'hex'))).toBe(true);
  expect(asked[0]).toMatch(new RegExp(`^${PROBE}\\{job="ccmeter-api",instance=".+"\\}$`));
});

test('nothing is written where that is not wanted', async () => {
  const sink = await startSink(204);
  const { selfTest } = appWithSelfTest({ writeUrl: sink.url });
  expect(brief(await selfTest({ write: false }, never))).toMatchObject({ write: 'unknown', question: 'unknown' });
  expect(sink.requests).toEqual([]);
});

test.each([
  [404, 'unknown', 'Nothing is taken there (status 404)'],
  [400, 'failure', 'It was answered with 400.'],
  [500, 'failure', 'It was answered with 500.'],
])('a sample that is answered with %i is a hop that is %s', async (status, wanted, found) => {
  const sink = await startSink(status);
  const { selfTest } = appWithSelfTest({ writeUrl: sink.url });
  const { checks } = await selfTest({ write: true }, never);
  expect(checks.find(({ id }) => id === 'write')).toMatchObject({ status: wanted, found: expect.stringContaining(found) });
  expect(checks.find(({ id }) => id === 'question')).toMatchObject({ status: 'unknown' });
});
