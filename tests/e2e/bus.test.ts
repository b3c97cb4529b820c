import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Broker, type BrokerName, createBroker } from '../tools/brokers.ts';
import { findDebianProgram, optionsFor } from '../tools/debian.ts';
import { getJson, type Part, startApi, until } from '../tools/parts.ts';

interface Listed {
  events: { seq: number; event: { id: string; payload: { sessionId: string } } }[];
}

const NAMES: BrokerName[] = ['nats-server', 'redis-server'];
const brokers = new Map(await Promise.all(NAMES.map(async (name) => [name, await findDebianProgram(name)] as const)));

/** Two processes of the API on one bus: what comes in at one is known to both, whatever happens to the broker. */
describe.each(NAMES)('two processes on %s', (name) => {
  const found = brokers.get(name) ?? { missing: 'not looked for' };
  const options = optionsFor(found);
  const directory = mkdtempSync(join(tmpdir(), 'ccmeter-bus-'));
  let broker: Broker;
  let first: Part;
  let second: Part;
  let number = 0;

  const start = (state: string) =>
    startApi(['--state-dir', join(directory, state), '--bus', broker.url, '--prometheus-url', 'http://127.0.0.1:1']);

  function someEvents(count: number) {
    return Array.from({ length: count }, () => {
      number += 1;
      const id = `evt_${String(number).padStart(20, '0')}`;
      const payload = { sessionId: `s${number % 3}`, project: 'shop' };
      return { id, source: 'laptop', timestamp: new Date().toISOString(), type: 'activity', payload };
    });
  }

  async function post(api: Part, count: number): Promise<void> {
    const response = await fetch(`${api.url}/events`, { method: 'POST', body: JSON.stringify(someEvents(count)) });
    expect(await response.json()).toMatchObject({ accepted: count });
  }

  const idsOf = async (api: Part) => {
    const { events } = await getJson<Listed>(`${api.url}/api/events?limit=1000`);
    return events.toSorted((a, b) => a.seq - b.seq).map(({ event }) => event.id);
  };

  /** What an API has not told the others yet, as its metrics say. */
  const waitingAt = async (api: Part) =>
    Number(/^ccmeter_api_bus_waiting_events (\d+)$/m.exec(await (await fetch(`${api.url}/metrics`)).text())?.[1]);

  const untilNothingWaits = () =>
    until(
      () => Promise.all([waitingAt(first), waitingAt(second)]),
      ([one, other]) => one === 0 && other === 0,
    );

  /** Both know every event, once each. */
  async function untilBothKnow(): Promise<void> {
    for (const api of [first, second]) {
      const ids = await until(
        () => idsOf(api),
        ({ length }) => length >= number,
      );
      expect(new Set(ids).size).toBe(ids.length);
      expect(ids).toHaveLength(number);
    }
  }

  beforeAll(async () => {
    if ('missing' in found) return;
    broker = await createBroker(name, found.path);
    await broker.start();
    [first, second] = await Promise.all([start('first'), start('second')]);
  });

  afterAll(async () => {
    if (!options.skip) {
      await Promise.all([first.stop(), second.stop()]);
      await broker.close();
    }
    rmSync(directory, { recursive: true, force: true });
  });

  test('events come in at either and are streamed by both', options, async () => {
    const stream = await fetch(`${second.url}/api/stream`);
    await post(first, 5);
    await post(second, 3);
    await untilBothKnow();
    let text = '';
    const decoder = new TextDecoder();
    for await (const chunk of stream.body ?? []) {
      text += decoder.decode(chunk, { stream: true });
      if ((text.match(/^event: event$/gm) ?? []).length === 8) break;
    }
    expect(text).toMatch(/^id: [0-9a-f]{12}-\d+$/m);
  });

  test('while the broker is away everything is taken; afterwards all of it arrives, in order', options, async () => {
    await untilNothingWaits();
    await broker.kill();
    for (let round = 0; round < 4; round += 1) await post(first, 10);
    await post(second, 7);
    expect((await idsOf(first)).length).toBe(number - 7);
    expect([await waitingAt(first), await waitingAt(second)]).toEqual([40, 7]);
    await broker.start();
    await untilBothKnow();
    await untilNothingWaits();
    const ofFirst = (await idsOf(second)).filter((id) => Number(id.slice(4)) > 8 && Number(id.slice(4)) <= 48);
    expect(ofFirst).toEqual(ofFirst.toSorted());
  });

  test('a process that was away, or is new, gets what it missed', options, async () => {
    await second.stop();
    await post(first, 20);
    second = await start('second');
    await untilBothKnow();
    await second.stop();
    second = await start('third');
    await untilBothKnow();
  });

  test('who comes from another process with its number is told to ask for everything again', options, async () => {
    const ask = async (id: string) => {
      const response = await fetch(`${second.url}/api/stream`, { headers: { 'last-event-id': id } });
      for await (const chunk of response.body ?? []) return new TextDecoder().decode(chunk);
      return '';
    };
    expect(await ask('0123456789ab-3')).toContain('event: reset');
    const own = /id: ([0-9a-f]{12}-\d+)/.exec(await ask('x-1'))?.[1] ?? '';
    expect(await ask(own)).not.toContain('event: reset');
  });
});
