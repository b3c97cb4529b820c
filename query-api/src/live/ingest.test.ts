import { generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { fixedKeys, openSourceKeys, readPublicKey, type SourceKey } from '../access/source-keys.ts';
import { createLog } from '../log.ts';
import { startServer } from '../server.ts';
import { createTestApp, NOW_MS, readMessages, someEvent } from '../testing.ts';
import { createIngest } from './ingest.ts';
import { createEventStore, type EventStore } from './store.ts';

const { publicKey, privateKey } = generateKeyPairSync('ed25519');
const KEYS = new Map<string, SourceKey>([
  ['laptop', publicKey],
  ['broken', 'unusable'],
]);

const SESSION = '550e8400-e29b-41d4-a716-446655440000';

/** As VibeTea's monitor writes it: the inner tag of serde, nulls, lower-case ids, nine digits of a second. */
function monitorEvent(number: number, type: string, payload: object) {
  const timestamp = new Date(NOW_MS - 1000 + number).toISOString().replace('Z', '000000Z');
  return { id: `evt_${String(number).padStart(20, 'k')}`, source: 'laptop', timestamp, type, payload: { type, ...payload } };
}

const at = '2026-11-21T12:00:00Z';
const tokens = { inputTokens: 1, outputTokens: 2, cacheReadTokens: 3, cacheCreationTokens: 4 };

/** One of each of its fifteen types. */
const MONITOR_BATCH = [
  monitorEvent(1, 'session', { sessionId: SESSION, action: 'started', project: 'shop' }),
  monitorEvent(2, 'activity', { sessionId: SESSION, project: null }),
  monitorEvent(3, 'tool', { sessionId: SESSION, tool: 'Bash', status: 'started', context: null, project: null }),
  monitorEvent(4, 'tool', { sessionId: SESSION, tool: 'Read', status: 'completed', context: 'main.rs', project: 'shop' }),
  monitorEvent(5, 'agent', { sessionId: SESSION, state: 'thinking' }),
  monitorEvent(6, 'summary', { sessionId: SESSION, summary: 'Session ended' }),
  monitorEvent(7, 'error', { sessionId: SESSION, category: 'api' }),
  monitorEvent(8, 'agent_spawn', { sessionId: SESSION, agentType: 'Explore', description: 'x', timestamp: at }),
  monitorEvent(9, 'skill_invocation', { sessionId: SESSION, skillName: 'commit', project: 'shop', timestamp: at }),
  monitorEvent(10, 'token_usage', { model: 'claude-opus-5-5', ...tokens }),
  monitorEvent(11, 'session_metrics', { totalSessions: 1, totalMessages: 2, totalToolUsage: 3, longestSession: '00:01:02' }),
  monitorEvent(12, 'activity_pattern', { hourCounts: { '0': 1, '23': 2 } }),
  monitorEvent(13, 'model_distribution', { modelUsage: { 'claude-opus-5-5': tokens } }),
  monitorEvent(14, 'todo_progress', { sessionId: SESSION, completed: 1, inProgress: 1, pending: 2, abandoned: false }),
  monitorEvent(15, 'file_change', {
    sessionId: SESSION,
    fileHash: '3f2a9c0d1e4b5a67',
    version: 2,
    linesAdded: 3,
    linesRemoved: 1,
    linesModified: 1,
    timestamp: at,
  }),
  monitorEvent(16, 'project_activity', { projectPath: 'shop', sessionId: SESSION, isActive: true }),
];

async function serve(given: Parameters<typeof createTestApp>[0] = {}) {
  const { app, deps } = createTestApp({ sourceKeys: fixedKeys(KEYS), ...given });
  const server = await startServer(app, '127.0.0.1', 0);
  onTestFinished(async () => {
    deps.hub.close();
    await server.close();
  });
  const post = async (body: string | Buffer, headers: Record<string, string>) => {
    const response = await fetch(`${server.url}/events`, { method: 'POST', body: new Uint8Array(Buffer.from(body)), headers });
    return { status: response.status, headers: response.headers, body: (await response.json()) as Record<string, unknown> };
  };
  const signed = (body: string | Buffer, source = 'laptop', key: KeyObject = privateKey) =>
    post(body, { 'x-source-id': source, 'x-signature': sign(null, Buffer.from(body), key).toString('base64') });
  return { url: server.url, deps, post, signed };
}

const EVENT = JSON.stringify(someEvent(1));

describe("VibeTea's monitor", () => {
  test('sends a batch of all its types, which is taken in, listed and streamed; the same again changes nothing', async () => {
    const { url, signed, deps } = await serve();
    const stream = await fetch(`${url}/api/stream`);
    const body = JSON.stringify(MONITOR_BATCH);
    expect(await signed(body)).toMatchObject({ status: 202, body: { accepted: 16, duplicates: 0, rejected: [] } });
    if (stream.body === null) throw new Error('no body');
    const messages = (await readMessages(stream.body, 17)).filter(({ event }) => event === 'event');
    const told = messages.map(({ data }): { id: string; payload: object } => JSON.parse(data ?? ''));
    expect(told.map(({ id }) => id)).toEqual(MONITOR_BATCH.map(({ id }) => id));
    for (const { payload } of told)
      expect(Object.entries(payload).filter(([name, value]) => name === 'type' || value === null)).toEqual([]);
    const before = deps.store.newest(100, {});
    expect(await signed(body)).toMatchObject({ status: 202, body: { accepted: 0, duplicates: 16 } });
    expect(deps.store.newest(100, {})).toEqual(before);
  });

  const good = sign(null, Buffer.from(EVENT), privateKey).toString('base64');

  test.each([
    ['missing_source', 401, EVENT, { 'x-signature': good }],
    ['missing_source', 401, EVENT, { 'x-source-id': '', 'x-signature': good }],
    ['missing_signature', 401, EVENT, { 'x-source-id': 'laptop' }],
    ['missing_signature', 401, EVENT, { 'x-source-id': 'laptop', 'x-signature': '' }],
    ['unknown_source', 401, EVENT, { 'x-source-id': 'other', 'x-signature': good }],
    ['unknown_source', 401, EVENT, { 'x-source-id': '__proto__', 'x-signature': good }],
    ['server_error', 401, EVENT, { 'x-source-id': 'broken', 'x-signature': good }],
    ['invalid_encoding', 401, EVENT, { 'x-source-id': 'laptop', 'x-signature': '!' }],
    ['invalid_signature', 401, EVENT, { 'x-source-id': 'laptop', 'x-signature': good.slice(0, 84) }],
    ['invalid_signature', 401, `${EVENT} `, { 'x-source-id': 'laptop', 'x-signature': good }],
    // Neither rate nor form of what is not signed is looked at.
    ['invalid_signature', 401, 'not json', { 'x-source-id': 'laptop', 'x-signature': good }],
  ] as [string, number, string, Record<string, string>][])('is told %s (%i)', async (code, status, body, headers) => {
    const { post, deps } = await serve();
    expect(await post(body, headers)).toMatchObject({ status, body: { code, error: expect.any(String) } });
    expect(deps.store.count()).toBe(0);
  });

  test('is told invalid_format, source_mismatch, payload_too_large and rate_limited', async () => {
    const { signed } = await serve({ sendRate: 4 });
    expect(await signed('{')).toMatchObject({ status: 400, body: { code: 'invalid_format' } });
    expect(await signed(JSON.stringify(someEvent(1, { source: 'other' })))).toMatchObject({
      status: 400,
      body: { code: 'source_mismatch' },
    });
    expect(await signed(' '.repeat(1024 * 1024 + 1))).toMatchObject({ status: 413, body: { code: 'payload_too_large' } });
    const answers = await Promise.all(Array.from({ length: 8 }, (_, number) => signed(JSON.stringify(someEvent(number)))));
    const limited = answers.find(({ status }) => status === 429);
    expect(limited).toMatchObject({ body: { code: 'rate_limited' } });
    expect(limited?.headers.get('retry-after')).toBe('1');
  });

  test('keeps the good ones of a batch and is told of each bad one', async () => {
    const { signed } = await serve();
    const batch = [someEvent(1), { id: 'x' }, someEvent(2, { source: 'other' }), null, { ...someEvent(3), type: 'nonsense' }, someEvent(4)];
    const { status, body } = await signed(JSON.stringify(batch));
    expect([status, body.accepted]).toEqual([202, 2]);
    expect(body.rejected).toEqual([1, 2, 3, 4].map((index) => ({ index, error: expect.any(String) })));
  });

  test('is told to come again while nothing can be stored', async () => {
    const store = createEventStore(':memory:', 10);
    const { signed } = await serve({
      store: {
        ...store,
        appendBatches: () => {
          throw new Error('database or disk is full');
        },
      },
    });
    expect(await signed(EVENT)).toMatchObject({ status: 503, body: { code: 'store_unavailable' } });
  });
});

test('requests that come together are stored together, and each is told its own', async () => {
  const { signed, deps } = await serve();
  const bodies = [[someEvent(1), someEvent(2)], [someEvent(2), someEvent(3)], [someEvent(1)]];
  const answers = await Promise.all(bodies.map((body) => signed(JSON.stringify(body))));
  expect(answers.reduce((sum, { body }) => sum + Number(body.accepted), 0)).toBe(3);
  expect(answers.reduce((sum, { body }) => sum + Number(body.duplicates), 0)).toBe(2);
  expect(deps.store.count()).toBe(3);
});

describe('a request with many events', () => {
  const many = Array.from({ length: 1001 }, (_, at) => someEvent(at + 1));

  function intakeOn(store: EventStore) {
    const told: number[] = [];
    const observed: number[] = [];
    const hub = { publish: (events: readonly unknown[]) => void told.push(events.length) };
    const observe = ({ accepted }: { accepted: number }) => void observed.push(accepted);
    return { intake: createIngest({ store, hub, now: () => NOW_MS, observe }), told, observed };
  }

  test('is stored a part at a time, with room between them for everything else, and answered once', async () => {
    const store = createEventStore(':memory:', 10_000);
    const { intake, told, observed } = intakeOn(store);
    let turns = 0;
    const count = () => {
      turns += 1;
      if (told.length < 5) setImmediate(count);
    };
    setImmediate(count);
    const [large, small] = await Promise.all([intake.takeEvents([...many, ...many.slice(0, 10)]), intake.takeEvents([someEvent(5000)])]);
    expect(large).toEqual({ accepted: 1001, duplicates: 10, rejected: [] });
    expect(small).toEqual({ accepted: 1, duplicates: 0, rejected: [] });
    expect(told).toEqual([250, 250, 250, 250, 2]);
    expect(observed).toEqual([250, 250, 250, 250, 1, 1]);
    expect(turns).toBeGreaterThanOrEqual(5);
    expect(store.newest(2, {}).map(({ event }) => event.id)).toContain(someEvent(5000).id);
  });

  test('that cannot be stored to its end is refused, and comes again as a whole', async () => {
    const store = createEventStore(':memory:', 10_000);
    let left = 2;
    const failing: EventStore = {
      ...store,
      appendBatches: (...given) => {
        left -= 1;
        if (left < 0) throw new Error('disk full');
        return store.appendBatches(...given);
      },
    };
    const { intake } = intakeOn(failing);
    await expect(intake.takeEvents(many)).rejects.toMatchObject({ code: 'store_unavailable' });
    left = 100;
    expect(await intake.takeEvents(many)).toEqual({ accepted: 501, duplicates: 500, rejected: [] });
    expect(store.count()).toBe(1001);
  });
});

describe('keys', () => {
  const other = generateKeyPairSync('ed25519').publicKey;
  const text = (key: KeyObject) => Buffer.from(String(key.export({ format: 'jwk' }).x), 'base64url').toString('base64');
  const listOf = (source: string, key: string) => JSON.stringify({ keys: [{ source_id: source, public_key: key }] });
  const log = createLog('silent');

  test('of a file are read again when it changes; what cannot be read changes nothing', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'ccmeter-keys-'));
    onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
    const file = join(directory, 'keys.json');
    writeFileSync(file, listOf('laptop', text(publicKey)));
    const keys = await openSourceKeys({ given: new Map(), file }, { log, fetch, fileCheckMs: 5 });
    onTestFinished(() => keys.close());
    expect([keys.required, keys.get('laptop') !== undefined]).toEqual([true, true]);
    writeFileSync(file, listOf('desktop', text(other)));
    await expect.poll(() => keys.get('desktop')).toBeDefined();
    expect(keys.get('laptop')).toBeUndefined();
    writeFileSync(file, 'not json');
    writeFileSync(file, `${listOf('desktop', 'AAAA')}  `);
    await expect.poll(() => keys.get('desktop')).toBe('unusable');
  });

  test('of an address are asked for again; the last good answer stays', async () => {
    let answer = { status: 200, body: listOf('laptop', text(publicKey)) };
    let asked = 0;
    const server = createServer((_, response) => {
      asked += 1;
      response.writeHead(answer.status).end(answer.body);
    }).listen(0, '127.0.0.1');
    onTestFinished(() => {
      server.close();
    });
    await new Promise((resolve) => server.once('listening', resolve));
    const address = server.address();
    const url = `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`;
    const keys = await openSourceKeys({ given: new Map([['given', other]]), url }, { log, fetch, pollMs: 5 });
    onTestFinished(() => keys.close());
    expect([keys.get('laptop') !== undefined, keys.get('given')]).toEqual([true, other]);
    for (const bad of [
      { status: 500, body: '' },
      { status: 200, body: '{"keys":1}' },
      { status: 200, body: ' '.repeat(2_000_000) },
    ]) {
      answer = bad;
      const before = asked;
      await expect.poll(() => asked).toBeGreaterThan(before + 1);
      expect(keys.get('laptop')).toBeDefined();
    }
    answer = { status: 200, body: '{"keys":[]}' };
    await expect.poll(() => keys.get('laptop')).toBeUndefined();
  });

  test('an address that never answered leaves everybody outside', async () => {
    const keys = await openSourceKeys({ given: new Map(), url: 'http://127.0.0.1:1/' }, { log, fetch, pollMs: 60_000 });
    onTestFinished(() => keys.close());
    expect([keys.required, keys.get('laptop')]).toEqual([true, undefined]);
  });

  test.each([
    ['short', 'AAAA'],
    ['not base64', '!'.repeat(44)],
    ['a point that fits every message', Buffer.concat([Buffer.from([1]), Buffer.alloc(31)]).toString('base64')],
    ['the same with its sign', Buffer.concat([Buffer.from([1]), Buffer.alloc(30), Buffer.from([0x80])]).toString('base64')],
  ])('that are %s are none', (_, key) => expect(readPublicKey(key)).toBeUndefined());
});
