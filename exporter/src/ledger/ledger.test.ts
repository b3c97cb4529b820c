import { statSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { expect, test } from 'vitest';
import { parseEvent } from '../contract/index.ts';
import { responseFact, SESSION, temporaryDirectory } from '../testing.ts';
import type { SessionFact } from '../track/fact.ts';
import { LedgerError } from './error.ts';
import { Ledger } from './ledger.ts';

const NOW = Date.parse('2026-03-01T12:05:00.000Z');

const session: SessionFact = {
  type: 'session',
  key: `session:${SESSION}`,
  sessionId: SESSION,
  timeMs: NOW - 300_000,
  lastMs: NOW - 60_000,
  lastMainMs: 0,
  project: 'harbour',
  projectRank: 2,
  projectMs: 0,
  begun: true,
  model: 'claude-opus-5',
  branch: 'main',
  version: '2.1.200',
  turnOpen: true,
  toldOpen: false,
  ended: false,
  durationMs: 0,
  settled: false,
};

function count(ledger: Ledger, ...facts: Parameters<Ledger['put']>[0][]): void {
  ledger.begin();
  for (const fact of facts) ledger.put(fact);
  ledger.commit([]);
}

test('what was committed is there after a restart, also what was not counted yet', () => {
  using directory = temporaryDirectory();
  const first = new Ledger(directory.path, 'laptop');
  count(first, session, responseFact());
  const { instanceId } = first;
  first.close();

  const second = new Ledger(directory.path, 'another-name');
  expect(second.instanceId).toBe(instanceId);
  expect(second.host).toBe('laptop');
  expect(second.book.total('ccmeter_tokens_total')).toBe(0);
  second.settle(NOW);
  expect(second.book.total('ccmeter_tokens_total')).toBe(10);
  second.close();

  const third = new Ledger(directory.path, 'laptop');
  expect(third.book.total('ccmeter_tokens_total')).toBe(10);
  expect(third.settle(NOW)).toEqual({ samples: 0, events: 0 });
  third.close();
});

test('a transaction that is given up leaves nothing behind', () => {
  using directory = temporaryDirectory();
  const ledger = new Ledger(directory.path, 'laptop');
  ledger.begin();
  ledger.put(responseFact());
  ledger.addFile('/a.jsonl', { dev: 1, ino: 1, offset: 5, tail: 0 });
  ledger.rollback();
  expect(ledger.get(responseFact().key)).toBeUndefined();
  expect([ledger.file('/a.jsonl'), ledger.fileAt(1, 1)]).toEqual([undefined, undefined]);
  expect(ledger.settle(NOW)).toEqual({ samples: 0, events: 0 });
  ledger.close();
});

test('totals beyond what a number can hold stand still, and the ledger can be opened again', () => {
  using directory = temporaryDirectory();
  const model = 'claude-opus-4-1-20250805';
  const tokens = { input: 2 ** 40 - 1, output: 2 ** 40 - 1, cacheRead: 0, write5m: 0, write1h: 0 };
  const ledger = new Ledger(directory.path, 'lantern');
  for (const at of [1, 2, 3]) {
    count(ledger, responseFact({ key: `response:${at}`, model, tokens }));
    ledger.settle(Date.parse('2026-03-02'));
  }
  ledger.close();
  const again = new Ledger(directory.path, 'lantern');
  expect(again.book.total('ccmeter_cost_usd_total')).toBe(Number.MAX_SAFE_INTEGER);
  expect(again.book.total('ccmeter_tokens_total')).toBe(6 * (2 ** 40 - 1));
  expect(again.samplesFor('anywhere', 1000).length).toBeGreaterThan(0);
  again.close();
});

test('a second exporter is refused while the first one lives', () => {
  using directory = temporaryDirectory();
  const first = new Ledger(directory.path, 'laptop');
  expect(() => new Ledger(directory.path, 'laptop')).toThrow(LedgerError);
  first.close();
  new Ledger(directory.path, 'laptop').close();
});

test('a ledger of a later version is refused, not guessed at', () => {
  using directory = temporaryDirectory();
  new Ledger(directory.path, 'laptop').close();
  const database = new DatabaseSync(join(directory.path, 'ledger.db'));
  database.exec("UPDATE meta SET value = '999' WHERE key = 'schema_version'");
  database.close();
  expect(() => new Ledger(directory.path, 'laptop')).toThrow(/later version/);
});

test('the directory is for its owner alone', () => {
  using directory = temporaryDirectory();
  const path = join(directory.path, 'state');
  new Ledger(path, 'laptop').close();
  expect(statSync(path).mode & 0o777).toBe(0o700);
});

test('every sink gets the whole change log, from where it left off', () => {
  using directory = temporaryDirectory();
  const ledger = new Ledger(directory.path, 'laptop');
  count(ledger, session, responseFact());
  const { samples } = ledger.settle(NOW);
  const [first, second] = ledger.samplesFor('a', 2);
  expect(ledger.pendingSamples('a')).toBe(samples);
  ledger.acknowledge('a', second?.seq ?? 0);
  expect(ledger.pendingSamples('a')).toBe(samples - 2);
  expect(ledger.pendingSamples('b')).toBe(samples);
  expect(ledger.samplesFor('b', 1)).toEqual([first]);
  ledger.close();
});

test('events that wait are events of the contract, and their ids do not depend on when they are made', () => {
  const ids = [0, 1].map(() => {
    using directory = temporaryDirectory();
    const ledger = new Ledger(directory.path, 'laptop');
    count(ledger, session, responseFact());
    ledger.settle(NOW);
    const events = ledger.outbox(10).map(({ body }) => JSON.parse(body));
    for (const event of events) expect(parseEvent(event)).toEqual(event);
    expect(events.map(({ type }) => type)).toEqual(['session', 'project_activity', 'usage', 'agent']);
    ledger.close();
    return events.map(({ id }) => id);
  });
  expect(ids[0]).toEqual(ids[1]);
});

test('events that nobody takes are bounded: the oldest are dropped, and counted', () => {
  using directory = temporaryDirectory();
  const ledger = new Ledger(directory.path, 'laptop');
  ledger.maxOutboxEvents = 5;
  count(ledger, ...Array.from({ length: 8 }, (_, at) => responseFact({ key: `response:${at}`, timeMs: NOW - 1000 + at })));
  ledger.settle(NOW);
  const left = ledger.outbox(100);
  expect([left.length, ledger.outboxSize]).toEqual([5, 5]);
  expect(ledger.droppedEvents).toBeGreaterThanOrEqual(3);
  const times = left.map(({ body }) => JSON.parse(body).timestamp);
  expect(times.at(-1)).toBe(new Date(NOW - 993).toISOString());
  ledger.removeEvents(left[1]?.seq ?? 0);
  expect(ledger.outboxSize).toBe(3);
  ledger.removeEvents(Number.MAX_SAFE_INTEGER);
  expect(ledger.outboxSize).toBe(0);
  ledger.close();
});

test('that a session was active is told only where nothing else is told of it', () => {
  using directory = temporaryDirectory();
  const ledger = new Ledger(directory.path, 'laptop');
  const told = () => {
    const types = ledger.outbox(100).map(({ body }) => JSON.parse(body).type);
    ledger.removeEvents(Number.MAX_SAFE_INTEGER);
    return types;
  };
  const goOn = (ms: number) => ({ ...(ledger.get(session.key) as SessionFact), lastMs: NOW + ms });
  count(ledger, session);
  ledger.settle(NOW);
  told();
  count(ledger, goOn(1), responseFact());
  ledger.settle(NOW + 10);
  expect(told()).toEqual(['usage']);
  count(ledger, goOn(2));
  ledger.settle(NOW + 20);
  expect(told()).toEqual(['activity']);
  ledger.close();
});

test('a session that falls silent ends, and goes on with its next line', () => {
  using directory = temporaryDirectory();
  const ledger = new Ledger(directory.path, 'laptop');
  const actions = () => {
    const events = ledger.outbox(100).map(({ body }) => JSON.parse(body));
    ledger.removeEvents(Number.MAX_SAFE_INTEGER);
    return events.flatMap(({ type, payload }) => (type === 'session' ? payload.action : []));
  };
  count(ledger, session);
  ledger.settle(NOW);
  expect(actions()).toEqual(['started']);
  ledger.settle(NOW + 40 * 60_000);
  expect(actions()).toEqual(['ended']);
  const known = ledger.get(session.key) as SessionFact;
  count(ledger, { ...known, lastMs: NOW + 50 * 60_000 });
  ledger.settle(NOW + 50 * 60_000);
  expect(actions()).toEqual(['started']);
  expect(ledger.book.total('ccmeter_sessions_total')).toBe(1);
  ledger.close();
});

test('a file keeps its number when it is renamed', () => {
  using directory = temporaryDirectory();
  const ledger = new Ledger(directory.path, 'laptop');
  const file = ledger.addFile('/a.jsonl', { dev: 1, ino: 1, offset: 5, tail: 9 });
  ledger.renameFile(file, '/b.jsonl');
  ledger.close();
  const again = new Ledger(directory.path, 'laptop');
  expect(again.file('/a.jsonl')).toBeUndefined();
  expect(again.fileAt(1, 1)).toBe(again.file('/b.jsonl'));
  expect(again.file('/b.jsonl')).toMatchObject({ id: file.id, position: { offset: 5, tail: 9 } });
  again.close();
});
