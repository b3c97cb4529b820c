import type { Event, EventType, PayloadOf } from '@ccmeter/exporter/contract';
import { type Access, FAILURES } from './access/access.ts';
import { openLogins } from './access/logins.ts';
import { createBuckets } from './access/rate.ts';
import { fixedKeys } from './access/source-keys.ts';
import { createApp } from './app.ts';
import type { Deps } from './environment.ts';
import { createHub, type HubOptions } from './live/hub.ts';
import { createLocalReader } from './live/reader.ts';
import { createEventStore } from './live/store.ts';
import { createLog } from './log.ts';
import { createMetrics } from './metrics.ts';
import { createFixture } from './upstream/fixture.ts';

/** The time at which tests happen. */
export const NOW_MS = Date.parse('2026-11-21T12:00:30.000Z');

/** The whole app in memory, with any part replaced. */
export function createTestApp(given: Partial<Deps> = {}, hubOptions: Partial<HubOptions> = {}) {
  const now = given.now ?? (() => NOW_MS);
  const store = given.store ?? createEventStore(':memory:', 1000);
  const hub = given.hub ?? createHub({ latestSeq: store.latestSeq, now, maxClients: 1000, historyMs: 1, ...hubOptions });
  const deps: Deps = {
    upstream: createFixture(),
    metrics: createMetrics(),
    web: { get: () => undefined },
    log: createLog('silent'),
    access: openToAll(),
    allowHosts: [],
    scopes: new Map(),
    exporterUrl: '',
    queryRate: 10_000,
    sourceKeys: fixedKeys(new Map()),
    sendRate: 100,
    selfTest: async () => ({ status: 'ok', checkedAt: new Date(now()).toISOString(), checks: [] }),
    version: '0.0.0-test',
    random: () => 0,
    ...given,
    now,
    store,
    reader: given.reader ?? createLocalReader(store.questions()),
    hub,
  };
  return { app: createApp(deps), deps };
}

/** Access as it is on loopback. */
export function openToAll(given: Partial<Access> = {}): Access {
  return {
    open: true,
    tokens: { find: () => undefined, count: () => 0, close: () => {} },
    logins: openLogins(':memory:', () => NOW_MS),
    jwt: undefined,
    providers: [],
    failures: createBuckets({ ...FAILURES, clock: () => 0 }),
    publicUrl: undefined,
    secure: false,
    ...given,
  };
}

/** An event; `number` makes the id, so equal numbers are equal ids. */
export function someEvent(
  number: number,
  given: Partial<Omit<Event, 'type' | 'payload'>> & { project?: string; sessionId?: string } = {},
): Event {
  return {
    ...eventOf('activity', number, { sessionId: given.sessionId ?? 's1', project: given.project ?? 'p1' }),
    ...(given.source === undefined ? {} : { source: given.source }),
    ...(given.timestamp === undefined ? {} : { timestamp: given.timestamp }),
  };
}

/** An event of any type, one second before the test's now. */
export function eventOf<Type extends EventType>(type: Type, number: number, payload: PayloadOf<Type>) {
  return {
    id: `evt_${String(number).padStart(20, '0')}`,
    source: 'laptop',
    timestamp: new Date(NOW_MS - 1000).toISOString(),
    type,
    payload,
  };
}

/** Reads server-sent events from a stream until `count` messages have come. */
export async function readMessages(
  body: ReadableStream<Uint8Array>,
  count: number,
): Promise<{ id?: string; event?: string; data?: string }[]> {
  const decoder = new TextDecoder();
  let text = '';
  const messages = () =>
    text
      .split('\n\n')
      .slice(0, -1)
      .map(readMessage)
      .filter(({ event }) => event !== undefined);
  for await (const chunk of body) {
    text += decoder.decode(chunk, { stream: true });
    if (messages().length >= count) break;
  }
  return messages();
}

function readMessage(block: string): { id?: string; event?: string; data?: string } {
  return Object.fromEntries(block.split('\n').map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 2)]));
}
