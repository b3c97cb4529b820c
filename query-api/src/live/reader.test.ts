import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { createLog } from '../log.ts';
import { createTestApp, NOW_MS, someEvent } from '../testing.ts';
import { createThreadReader } from './reader.ts';
import { createEventStore } from './store.ts';

const never = new AbortController().signal;

function storeWithReader() {
  const directory = mkdtempSync(join(tmpdir(), 'ccmeter-reader-'));
  const path = join(directory, 'events.db');
  const store = createEventStore(path, 1000);
  const reader = createThreadReader(path, createLog('silent'));
  onTestFinished(async () => {
    await reader.close();
    store.close();
    rmSync(directory, { recursive: true, force: true });
  });
  return { store, reader };
}

test('what was stored just now is read by another thread', { timeout: 30_000 }, async () => {
  const { store, reader } = storeWithReader();
  for (let number = 1; number <= 5; number += 1) {
    store.append([someEvent(number)], NOW_MS);
    expect((await reader.ask('newest', [10, {}], never)).map(({ seq }) => seq)).toHaveLength(number);
  }
  expect(await reader.ask('one', ['nobody', NOW_MS], never)).toBeUndefined();
  expect(await reader.ask('one', ['s1', NOW_MS], never)).toMatchObject({ id: 's1', project: 'p1' });
});

test('many questions at once are answered, two at a time, and those whose asker has left are not', { timeout: 30_000 }, async () => {
  const { store, reader } = storeWithReader();
  store.append([someEvent(1)], NOW_MS);
  const leaving = new AbortController();
  const answers = Array.from({ length: 50 }, (_, at) => reader.ask('newest', [1, {}], at % 2 === 0 ? never : leaving.signal));
  const settled = Promise.allSettled(answers);
  leaving.abort();
  const results = await settled;
  expect(results.filter(({ status }) => status === 'fulfilled').length).toBeGreaterThanOrEqual(25);
  expect(results.filter(({ status }) => status === 'rejected').length).toBeGreaterThanOrEqual(23);
  for (const [at, { status }] of results.entries()) if (at % 2 === 0) expect(status).toBe('fulfilled');
});

test('a file that cannot be read is an error in words, and is tried again', { timeout: 30_000 }, async () => {
  const directory = mkdtempSync(join(tmpdir(), 'ccmeter-reader-'));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  const path = join(directory, 'events.db');
  const reader = createThreadReader(path, createLog('silent'));
  onTestFinished(() => reader.close());
  await expect(reader.ask('newest', [1, {}], never)).rejects.toMatchObject({ status: 503, code: 'store_unavailable' });
  const store = createEventStore(path, 1000);
  onTestFinished(() => store.close());
  store.append([someEvent(1)], NOW_MS);
  expect(await reader.ask('newest', [1, {}], never)).toHaveLength(1);
});

test('routes tell of it in the one shape', { timeout: 30_000 }, async () => {
  const reader = createThreadReader('/nowhere/events.db', createLog('silent'));
  onTestFinished(() => reader.close());
  const { app } = createTestApp({ reader });
  for (const path of [
    '/api/events',
    '/api/sessions',
    '/api/sessions/s1',
    '/api/stats',
    '/api/activity?start=0&end=60',
    '/api/stream?stats=true',
  ]) {
    const response = await app.request(path);
    expect([path, response.status, await response.json()]).toEqual([
      path,
      503,
      { error: { code: 'store_unavailable', message: expect.any(String) } },
    ]);
  }
});
