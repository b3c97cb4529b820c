import { expect, test } from 'vitest';
import { Health } from '../health.ts';
import { Ledger } from '../ledger/ledger.ts';
import { createLog } from '../log.ts';
import { responseFact, startStub, temporaryDirectory } from '../testing.ts';
import { createHistory } from './history.ts';

const NOW = Date.parse('2026-03-01T12:05:00.000Z');

function createWriter(directory: string, url: string) {
  const ledger = new Ledger(directory, 'laptop');
  ledger.begin();
  for (let at = 0; at < 30; at++) ledger.put(responseFact({ key: `response:${at}`, timeMs: NOW - (40 - at) * 60_000 }));
  ledger.commit([]);
  const { samples } = ledger.settle(NOW);
  const health = new Health(NOW);
  const options = {
    url,
    headers: { 'x-scope-orgid': 'harbour' },
    sink: 'here',
    ledger,
    health,
    log: createLog('silent'),
    fetch,
    now: () => NOW,
  };
  return { ledger, health, samples, start: () => createHistory(options) };
}

/** A block of literals leaves the bytes as they are, so names and labels can be found in it. */
function has(body: Buffer, text: string): boolean {
  return body.includes(text);
}

test('the whole change log goes out, and the sink is remembered to have it', async () => {
  using directory = temporaryDirectory();
  const stub = await startStub(() => ({ status: 204 }));
  const { ledger, samples, start } = createWriter(directory.path, stub.url);
  const history = start();
  expect(ledger.pendingSamples('here')).toBe(samples);
  await history.flush(5000);
  await history.close();
  expect(ledger.pendingSamples('here')).toBe(0);
  expect(ledger.pendingSamples('another')).toBe(samples);
  expect(stub.requests[0]?.headers).toMatchObject({ 'content-encoding': 'snappy', 'x-scope-orgid': 'harbour' });
  for (const text of ['ccmeter_tokens_total', 'claude-opus-5', ledger.instanceId])
    expect(has(stub.requests[0]?.body ?? Buffer.alloc(0), text)).toBe(true);
  ledger.close();
  await stub.close();
});

test('a database that is away gets everything when it is back', async () => {
  using directory = temporaryDirectory();
  let away = true;
  const stub = await startStub(() => ({ status: away ? 503 : 204 }));
  const { ledger, samples, start } = createWriter(directory.path, stub.url);
  const history = start();
  await stub.until(() => stub.requests.length >= 2);
  expect(ledger.pendingSamples('here')).toBe(samples);
  away = false;
  await expect.poll(() => ledger.pendingSamples('here'), { timeout: 10_000 }).toBe(0);
  await history.close();
  ledger.close();
  await stub.close();
});

test('samples that will never be taken are found, counted and left out, not tried for ever', async () => {
  using directory = temporaryDirectory();
  const stub = await startStub((body) => ({ status: has(body, 'ccmeter_requests_total') ? 400 : 204 }));
  const { ledger, health, start } = createWriter(directory.path, stub.url);
  const history = start();
  await expect.poll(() => ledger.pendingSamples('here'), { timeout: 10_000 }).toBe(0);
  await history.close();
  const requests = [...ledger.book.all()].filter(({ metric }) => metric === 'ccmeter_requests_total');
  const lost = ledger.samplesFor('another', 10_000).filter(({ seriesId }) => requests.some(({ id }) => id === seriesId));
  expect(lost.length).toBeGreaterThan(10);
  expect(health.value('ccmeter_exporter_refused_samples_total', { sink: 'remote_write' })).toBe(lost.length);
  ledger.close();
  await stub.close();
});
