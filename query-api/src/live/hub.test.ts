import { expect, test } from 'vitest';
import { NOW_MS, readMessages, someEvent } from '../testing.ts';
import { createHub, eventFrame } from './hub.ts';
import type { StoredEvent } from './store.ts';

function stored(seq: number, fresh = true, project = 'p1'): StoredEvent {
  return { seq, fresh, event: someEvent(seq, { project }) };
}

function hubOf(options: Partial<Parameters<typeof createHub>[0]> = {}) {
  return createHub({ latestSeq: () => 7, now: () => NOW_MS, maxClients: 10, historyMs: 1, ...options });
}

const noCut = () => {
  throw new Error('cut');
};

function bodyOf(client: { body: ReadableStream<Uint8Array> } | undefined): ReadableStream<Uint8Array> {
  if (client === undefined) throw new Error('not let in');
  return client.body;
}

test('tells each client what its filter lets through', async () => {
  const hub = hubOf();
  const all = hub.join({}, '', noCut);
  const some = hub.join({ project: ['p2'] }, '', noCut);
  hub.publish([stored(1), stored(2, true, 'p2')]);
  expect((await readMessages(bodyOf(all), 2)).map(({ id }) => id)).toEqual(['1', '2']);
  expect((await readMessages(bodyOf(some), 1)).map(({ id }) => id)).toEqual(['2']);
});

test('tells history once for a batch, with the number to come back with', async () => {
  const hub = hubOf();
  const client = hub.join({}, '', noCut);
  hub.publish([stored(1, false), stored(2, false)]);
  hub.publish([stored(3, false)]);
  expect(await readMessages(bodyOf(client), 1)).toEqual([{ id: '7', event: 'history', data: '{"events":3}' }]);
});

test('gives a sign of life', async () => {
  const hub = hubOf({ heartbeatMs: 5 });
  const client = hub.join({}, '', noCut);
  expect(await readMessages(bodyOf(client), 1)).toEqual([{ id: '7', event: 'heartbeat', data: `{"now":${NOW_MS}}` }]);
  hub.close();
});

test('cuts off who does not read, and only him', async () => {
  let cuts = 0;
  const hub = hubOf({
    maxQueueBytes: 1000,
    onCut: () => {
      cuts += 1;
    },
  });
  const slow = hub.join({}, '', () => {});
  const quick = hub.join({}, '', noCut);
  const reader = bodyOf(quick).getReader();
  for (let seq = 1; seq <= 100; seq += 1) {
    hub.publish([stored(seq)]);
    await reader.read();
  }
  expect([cuts, hub.clients()]).toEqual([1, 1]);
  expect(await bodyOf(slow).getReader().read()).toEqual({ done: true, value: undefined });
});

test('says how much waits for those who do not read', async () => {
  const hub = hubOf();
  const reader = bodyOf(hub.join({}, '', noCut)).getReader();
  hub.join({}, '', noCut);
  await reader.read();
  hub.publish([stored(1)]);
  const one = Buffer.byteLength(eventFrame(stored(1), ''));
  await reader.read();
  expect(hub.waitingBytes()).toBe(one);
  hub.publish([stored(2)]);
  expect(hub.waitingBytes()).toBe(3 * one);
  hub.close();
  expect(hub.waitingBytes()).toBe(0);
});

test('forgets a client that leaves', async () => {
  const hub = hubOf();
  await bodyOf(hub.join({}, '', noCut)).cancel();
  expect(hub.clients()).toBe(0);
  hub.publish([stored(1)]);
});

test('has room for so many and no more, and for nobody once it is closed', () => {
  const hub = hubOf({ maxClients: 1 });
  const first = hub.join({}, '', noCut);
  expect(hub.join({}, '', noCut)).toBeUndefined();
  first?.leave();
  expect(hub.join({}, '', noCut)).toBeDefined();
  hub.close();
  expect([hub.clients(), hub.join({}, '', noCut)]).toEqual([0, undefined]);
});
