import { createPublicKey, verify } from 'node:crypto';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { Health } from '../health.ts';
import { Ledger } from '../ledger/ledger.ts';
import { createLog } from '../log.ts';
import { responseFact, type Stub, startStub, temporaryDirectory } from '../testing.ts';
import { createSender } from './sender.ts';
import { loadSigner } from './sign.ts';

const NOW = Date.parse('2026-03-01T12:05:00.000Z');

/** A ledger with so many events waiting, one for each response, and a sender for them. */
function createOutbox(directory: string, events: number) {
  const ledger = new Ledger(join(directory, 'state'), 'laptop');
  ledger.begin();
  for (let at = 0; at < events; at++)
    ledger.put(responseFact({ key: `response:${at}`, timeMs: NOW - events + at, sessionId: `s${at % 3}` }));
  ledger.commit([]);
  ledger.settle(NOW);
  const signer = loadSigner({ file: join(directory, 'key.pem'), variable: undefined });
  const health = new Health(NOW);
  const start = (url: string) => createSender({ url, source: 'laptop', signer, ledger, health, log: createLog('silent'), fetch });
  const results = (result: 'sent' | 'rejected') => health.value('ccmeter_exporter_events_total', { result });
  return { ledger, signer, start, results };
}

function eventsOf(stub: Stub): { id: string; timestamp: string }[] {
  return stub.requests.flatMap(({ body }) => JSON.parse(body.toString()));
}

test('the outbox goes out oldest first, each event once, signed over the bytes as sent', async () => {
  using directory = temporaryDirectory();
  const { ledger, signer, start, results } = createOutbox(directory.path, 5000);
  const stub = await startStub(() => ({ status: 202 }));
  const sender = start(stub.url);
  await stub.until(() => eventsOf(stub).length === 5000);
  await sender.flush(5000);
  await sender.close();
  expect(stub.requests.length).toBeGreaterThan(2);
  const events = eventsOf(stub);
  expect(new Set(events.map(({ id }) => id)).size).toBe(5000);
  expect(events.map(({ timestamp }) => timestamp)).toEqual(events.map(({ timestamp }) => timestamp).sort());
  const key = createPublicKey({
    key: { kty: 'OKP', crv: 'Ed25519', x: Buffer.from(signer.publicKey, 'base64').toString('base64url') },
    format: 'jwk',
  });
  for (const { headers, body } of stub.requests) {
    expect(headers['x-source-id']).toBe('laptop');
    expect(verify(null, body, key, Buffer.from(String(headers['x-signature']), 'base64'))).toBe(true);
  }
  expect([ledger.outboxSize, results('sent')]).toEqual([0, 5000]);
  ledger.close();
  await stub.close();
});

test('while the API is away events wait, also over a restart; then every event arrives once and in order', async () => {
  using directory = temporaryDirectory();
  const { ledger, start } = createOutbox(directory.path, 300);
  const away = await startStub(() => ({ status: 503 }));
  const first = start(away.url);
  await away.until(() => away.requests.length >= 2);
  await first.close();
  expect(ledger.outboxSize).toBe(300);
  const port = Number(new URL(away.url).port);
  await away.close();

  const back = await startStub(() => ({ status: 202 }), port);
  const second = start(back.url);
  await back.until(() => eventsOf(back).length >= 300);
  await second.flush(5000);
  await second.close();
  const times = eventsOf(back).map(({ timestamp }) => timestamp);
  expect(times).toEqual([...times].sort());
  expect(new Set(eventsOf(back).map(({ id }) => id)).size).toBe(300);
  expect(ledger.outboxSize).toBe(0);
  ledger.close();
  await back.close();
});

test('an event that the API will never take is found, counted and left out; the others arrive', async () => {
  using directory = temporaryDirectory();
  const { ledger, start, results } = createOutbox(directory.path, 20);
  const bad = JSON.parse(ledger.outbox(8).at(-1)?.body ?? '').id;
  const taken: string[] = [];
  const stub = await startStub((body) => {
    const ids = JSON.parse(body.toString()).map(({ id }: { id: string }) => id);
    if (ids.includes(bad)) return { status: 400 };
    taken.push(...ids);
    return { status: 202 };
  });
  const sender = start(stub.url);
  await stub.until(() => taken.length === 19);
  await sender.flush(5000);
  await sender.close();
  expect(taken).not.toContain(bad);
  expect([results('sent'), results('rejected'), ledger.outboxSize]).toEqual([19, 1, 0]);
  ledger.close();
  await stub.close();
});

test('an API that asks for a pause gets it', async () => {
  using directory = temporaryDirectory();
  const { ledger, start } = createOutbox(directory.path, 1);
  let asked = 0;
  const stub = await startStub(() => {
    asked += 1;
    return asked === 1 ? { status: 429, headers: { 'retry-after': '1' } } : { status: 202 };
  });
  const begun = performance.now();
  const sender = start(stub.url);
  await stub.until(() => stub.requests.length === 2);
  expect(performance.now() - begun).toBeGreaterThan(900);
  await sender.flush(5000);
  await sender.close();
  ledger.close();
  await stub.close();
});
