import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { expect, onTestFinished, test } from 'vitest';
import { NOW_MS, someEvent } from '../testing.ts';
import { createEventStore, FRESH_MS, type Missed } from './store.ts';

function at(msAgo: number): { timestamp: string } {
  return { timestamp: new Date(NOW_MS - msAgo).toISOString() };
}

function temporaryFile(): string {
  const directory = mkdtempSync(join(tmpdir(), 'ccmeter-store-'));
  onTestFinished(() => rmSync(directory, { recursive: true }));
  return join(directory, 'deep', 'events.db');
}

function idsOf(missed: Missed): string[] | string {
  return missed.kind === 'gone' ? 'gone' : missed.events.map(({ event }) => event.id.slice(-2));
}

test('keeps each event once, however often it comes', () => {
  const store = createEventStore(':memory:', 100);
  expect(store.append([someEvent(1), someEvent(2), someEvent(1)], NOW_MS)).toMatchObject({ duplicates: 1, pruned: 0 });
  expect(store.append([someEvent(2), someEvent(3)], NOW_MS).stored.map(({ event }) => event)).toEqual([someEvent(3)]);
  expect(store.count()).toBe(3);
});

test('knows after a restart what it knew before', () => {
  const path = temporaryFile();
  const first = createEventStore(path, 100);
  first.append([someEvent(1), someEvent(2)], NOW_MS);
  first.close();
  const second = createEventStore(path, 100);
  onTestFinished(() => second.close());
  expect([second.count(), second.latestSeq(), second.lastReceivedMs()]).toEqual([2, 2, NOW_MS]);
  expect(second.append([someEvent(1)], NOW_MS).duplicates).toBe(1);
  expect(statSync(path).mode & 0o777).toBe(0o600);
});

test('refuses a file of a newer version', () => {
  const path = temporaryFile();
  createEventStore(path, 100).close();
  const database = new DatabaseSync(path);
  database.exec('PRAGMA user_version = 99');
  database.close();
  expect(() => createEventStore(path, 100)).toThrow('was written by a newer version');
});

test('lists by the time of the events, page by page', () => {
  const store = createEventStore(':memory:', 100);
  store.append([someEvent(1, at(3000)), someEvent(2, at(1000)), someEvent(3, at(2000)), someEvent(4, at(2000))], NOW_MS);
  const page = store.newest(2, {});
  expect(page.map(({ seq }) => seq)).toEqual([2, 4]);
  expect(store.newest(9, {}, page.at(-1)?.seq).map(({ seq }) => seq)).toEqual([3, 1]);
});

test('filters by source, type, project and session, any of the values', () => {
  const store = createEventStore(':memory:', 100);
  store.append(
    [someEvent(1, { project: 'a' }), someEvent(2, { project: "b'" }), someEvent(3, { sessionId: 's2' }), someEvent(4, { source: 'other' })],
    NOW_MS,
  );
  const seqs = (filter: Parameters<typeof store.newest>[1]) => store.newest(9, filter).map(({ seq }) => seq);
  expect(seqs({ project: ['a', "b'"] })).toEqual([2, 1]);
  expect(seqs({ session: ['s2'] })).toEqual([3]);
  expect(seqs({ source: ['other'], type: ['activity'] })).toEqual([4]);
  expect(seqs({ type: ['tool'] })).toEqual([]);
});

test('tells who comes back what was fresh, and whether history came in', () => {
  const store = createEventStore(':memory:', 100);
  store.append([someEvent(1), someEvent(2)], NOW_MS);
  expect(store.missedSince(1, 10, {})).toMatchObject({ kind: 'events', history: false });
  store.append([someEvent(3, at(FRESH_MS)), someEvent(4)], NOW_MS);
  const missed = store.missedSince(1, 10, {});
  expect(idsOf(missed)).toEqual(['02', '04']);
  expect(missed).toMatchObject({ history: true });
  expect(store.missedSince(4, 10, {})).toEqual({ kind: 'events', events: [], history: false });
});

test('says that the gap is too large, too old, or from another store', () => {
  const store = createEventStore(':memory:', 3);
  store.append(
    [1, 2, 3].map((number) => someEvent(number, at(2000 - number))),
    NOW_MS,
  );
  expect(store.missedSince(0, 2, {}).kind).toBe('gone');
  expect(store.missedSince(99, 10, {}).kind).toBe('gone');
  store.append([someEvent(4)], NOW_MS);
  expect(store.missedSince(1, 10, {}).kind).toBe('events');
  expect(store.missedSince(0, 10, {}).kind).toBe('gone');
  store.append([someEvent(5)], NOW_MS);
  expect(store.count()).toBe(3);
  expect(store.missedSince(1, 10, {}).kind).toBe('gone');
});

test('the oldest by their own time leave first, so a backfill does not push out today', () => {
  const store = createEventStore(':memory:', 2);
  store.append([someEvent(1), someEvent(2)], NOW_MS);
  const { pruned } = store.append(
    [3, 4, 5].map((number) => someEvent(number, at(86_400_000))),
    NOW_MS,
  );
  expect(pruned).toBe(3);
  expect(store.newest(9, {}).map(({ seq }) => seq)).toEqual([2, 1]);
  expect(idsOf(store.missedSince(0, 10, {}))).toEqual(['01', '02']);
});

test('a time in the future counts as now', () => {
  const store = createEventStore(':memory:', 100);
  store.append([someEvent(1, at(-86_400_000))], NOW_MS);
  store.append([someEvent(2, at(0))], NOW_MS + 1);
  expect(store.newest(9, {}).map(({ seq }) => seq)).toEqual([2, 1]);
});
