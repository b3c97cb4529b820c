import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, onTestFinished, test, vi } from 'vitest';
import { createSender } from '../../exporter/src/emit/sender.ts';
import { loadSigner } from '../../exporter/src/emit/sign.ts';
import { Health } from '../../exporter/src/health.ts';
import { Ledger } from '../../exporter/src/ledger/ledger.ts';
import { createLog } from '../../exporter/src/log.ts';
import { responseFact, sessionFact } from '../../exporter/src/testing.ts';
import { fixedKeys, readPublicKey } from '../../query-api/src/access/source-keys.ts';
import { createTestApp, readMessages } from '../../query-api/src/testing.ts';

/** The exporter's own outbox and sender on one side, the query API's own route, store and stream on the other, and a network that fails. */

const SESSIONS = 3;

afterEach(() => void vi.useRealTimers());

/** What the network does with a request: it is not there, something answers in its place, the answer is lost, or all is well. */
type Network = 'refused' | 'unavailable' | 'answer lost' | 'well';

function createWorld() {
  vi.useFakeTimers({
    toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'Date'],
    now: Date.parse('2026-03-01T12:00:00Z'),
  });
  const directory = mkdtempSync(join(tmpdir(), 'ccmeter-outage-'));
  const ledger = new Ledger(join(directory, 'state'), 'laptop');
  const signer = loadSigner({ file: join(directory, 'key.pem'), variable: undefined });
  const key = readPublicKey(signer.publicKey);
  if (key === undefined) throw new Error('no key');
  const { app, deps } = createTestApp({ now: Date.now, sourceKeys: fixedKeys(new Map([['laptop', key]])), sendRate: 10_000 });
  const network = { is: 'well' as Network, attempts: 0 };
  const fetch = async (url: unknown, init?: RequestInit): Promise<Response> => {
    network.attempts += 1;
    if (network.is === 'refused') throw new TypeError('fetch failed');
    if (network.is === 'unavailable') return new Response('<h1>502</h1>', { status: 502 });
    const response = await app.request(new Request(String(url), init));
    if (network.is === 'answer lost') throw new TypeError('terminated');
    return response;
  };
  const health = new Health(Date.now());
  const options = { url: 'http://localhost/events', source: 'laptop', signer, ledger, health, log: createLog('silent') };
  const sender = createSender({ ...options, fetch: fetch as typeof globalThis.fetch });
  onTestFinished(async () => {
    vi.useRealTimers();
    await sender.close();
    ledger.close();
    rmSync(directory, { recursive: true, force: true });
  });
  let responses = 0;
  /** One more response in every session, each in its own second. */
  const work = () => {
    ledger.begin();
    for (let session = 0; session < SESSIONS; session += 1) {
      responses += 1;
      const sessionId = `s${session}`;
      const timeMs = Date.now() - 1000 * (session + 1);
      ledger.put(
        sessionFact({
          sessionId,
          key: `session:${sessionId}`,
          timeMs: Date.parse('2026-03-01T11:59:00Z'),
          lastMs: timeMs,
          lastMainMs: timeMs,
        }),
      );
      ledger.put(responseFact({ key: `response:${responses}`, timeMs, sessionId }));
    }
    ledger.commit([]);
    ledger.settle(Date.now());
    sender.notify();
  };
  return { app, deps, ledger, health, sender, network, work, responses: () => responses };
}

/** Lets time pass, with work every minute. */
async function pass(world: ReturnType<typeof createWorld>, minutes: number, network: Network): Promise<void> {
  world.network.is = network;
  for (let minute = 0; minute < minutes; minute += 1) {
    world.work();
    for (let second = 0; second < 60; second += 1) {
      await vi.advanceTimersByTimeAsync(1000);
      // The API stores what came in one turn of the loop in one go.
      await new Promise(setImmediate);
    }
  }
}

test('the API is away for an hour and comes back: every event arrives once, in order in each session', { timeout: 120_000 }, async () => {
  const world = createWorld();
  const { app, deps, ledger, network } = world;
  await pass(world, 2, 'well');
  expect(ledger.outboxSize).toBe(0);
  const stream = await app.request('/api/stream?type=usage');
  if (stream.body === null) throw new Error('no stream');
  const heard = readMessages(stream.body, Number.POSITIVE_INFINITY);
  const before = network.attempts;

  await pass(world, 30, 'refused');
  await pass(world, 30, 'unavailable');
  // Once a minute at most, with its quarter more or less, after a few quick tries: who is away is not hammered on when it comes back.
  expect(network.attempts - before).toBeGreaterThan(45);
  expect(network.attempts - before).toBeLessThan(100);
  expect(ledger.outboxSize).toBeGreaterThanOrEqual(60 * SESSIONS);

  // It is back, but its answers do not arrive: the same is sent again and again, and stored once.
  await pass(world, 3, 'answer lost');
  await pass(world, 2, 'well');
  expect(ledger.outboxSize).toBe(0);

  const events = deps.store.questions().prepare("SELECT seq, id, session, at_ms FROM events WHERE type = 'usage' ORDER BY seq").all();
  expect(events).toHaveLength(world.responses());
  expect(new Set(events.map(({ id }) => id)).size).toBe(world.responses());
  for (let session = 0; session < SESSIONS; session += 1) {
    const times = events.filter((event) => event.session === `s${session}`).map(({ at_ms: at }) => Number(at));
    expect(times).toHaveLength(world.responses() / SESSIONS);
    expect(times).toEqual(times.toSorted((a, b) => a - b));
  }
  for (let session = 0; session < SESSIONS; session += 1) {
    const { session: known } = (await (await app.request(`/api/sessions/s${session}`)).json()) as { session: { requests: number } };
    expect(known.requests).toBe(world.responses() / SESSIONS);
  }
  expect(world.health.value('ccmeter_exporter_events_total', { result: 'rejected' })).toBe(0);

  // Who listened all the time was told what is young one by one, each once, and that there is history.
  vi.useRealTimers();
  deps.hub.close();
  const messages = await heard;
  const told = messages.filter(({ event }) => event === 'event').map(({ id }) => Number(id));
  expect(told).toEqual([...new Set(told)].toSorted((a, b) => a - b));
  expect(told.length).toBeGreaterThan(15 * SESSIONS);
  expect(messages.some(({ event }) => event === 'history')).toBe(true);
});
