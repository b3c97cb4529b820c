import { readdirSync } from 'node:fs';
import { beforeEach, describe, expect, test } from 'vitest';
import { ConfigError, readConfig } from '../config.ts';
import { LedgerError } from '../ledger/error.ts';
import { Ledger } from '../ledger/ledger.ts';
import type { LoggedSample } from '../ledger/sample-log.ts';
import { responseFact, type Stub, sessionFact, startStub, temporaryDirectory } from '../testing.ts';
import { BackfillError, type BackfillOptions, backfill } from './backfill.ts';
import { runBackfill } from './backfill-command.ts';
import { openChangeLog } from './change-log.ts';
import { readWriteRequest, startCollector } from './testing.ts';
import type { WriteOutcome } from './write-client.ts';

const NOW = Date.parse('2026-03-01T12:05:00.000Z');

let directory: string;
beforeEach(() => {
  const temporary = temporaryDirectory();
  directory = temporary.path;
  return () => temporary[Symbol.dispose]();
});

/** A ledger of thirty responses and one session that is over; gives back how many samples it has. */
function fillLedger(): number {
  const ledger = new Ledger(directory, 'laptop');
  ledger.begin();
  ledger.put(sessionFact({ timeMs: NOW - 7_200_000, lastMs: NOW - 3_600_000, lastMainMs: NOW - 3_600_000 }));
  for (let at = 0; at < 30; at++) ledger.put(responseFact({ key: `response:${at}`, timeMs: NOW - (40 - at) * 60_000 }));
  ledger.commit([]);
  const { samples } = ledger.settle(NOW);
  ledger.close();
  return samples;
}

/** Runs a backfill to a sink that answers as it is told, and gives back what it took. */
async function run(wish: Partial<BackfillOptions> & { answer?: (samples: readonly LoggedSample[], call: number) => WriteOutcome } = {}) {
  const taken: number[] = [];
  let calls = 0;
  const log = openChangeLog(directory);
  const sink = {
    name: 'there',
    shown: 'there',
    async write(samples: readonly LoggedSample[]): Promise<WriteOutcome> {
      calls += 1;
      const outcome = wish.answer?.(samples, calls) ?? { kind: 'ok' };
      if (outcome.kind === 'ok') taken.push(...samples.map(({ seq }) => seq));
      return outcome;
    },
  };
  const { answer: _, ...more } = wish;
  const options = { again: false, onProgress: () => {}, sleep: async () => {}, stopped: new AbortController().signal, batchSamples: 10 };
  try {
    return { result: await backfill({ log, sink, stateDir: directory, ...options, ...more }), taken };
  } catch (error) {
    return { error, taken };
  } finally {
    log.close();
  }
}

const oneTo = (count: number) => Array.from({ length: count }, (_, at) => at + 1);

describe('backfill', () => {
  test('writes every sample once, in order, and begins anew when it was done', async () => {
    const samples = fillLedger();
    for (const round of [1, 2]) {
      const { result, taken } = await run();
      expect(taken, `round ${round}`).toEqual(oneTo(samples));
      expect(result).toEqual({ total: samples, before: 0, written: samples, refused: 0 });
    }
    expect(readdirSync(directory).filter((name) => name.startsWith('backfill'))).toEqual([]);
  });

  test('goes on where it was stopped', async () => {
    const samples = fillLedger();
    const stopping = new AbortController();
    const first = await run({ stopped: stopping.signal, onProgress: ({ written }) => written >= 30 && stopping.abort() });
    expect(first.taken).toEqual(oneTo(30));
    const second = await run();
    expect(second.taken).toEqual(oneTo(samples).slice(30));
    expect(second.result).toEqual({ total: samples, before: 30, written: samples - 30, refused: 0 });
  });

  test('begins at the beginning where that is wanted, or where the place is of another ledger', async () => {
    const samples = fillLedger();
    const stopping = new AbortController();
    const stop = () => run({ stopped: stopping.signal, onProgress: ({ written }) => written >= 30 && stopping.abort() });
    await stop();
    expect((await run({ again: true })).taken).toEqual(oneTo(samples));
  });

  test('is patient with a sink that is away, and gives up with the place kept', async () => {
    const samples = fillLedger();
    const away: WriteOutcome = { kind: 'retry', problem: 'answered 503' };
    const pauses: number[] = [];
    const sleep = async (ms: number) => void pauses.push(ms);
    const patient = await run({ sleep, answer: (_, call) => (call === 3 || call === 4 ? { ...away, afterMs: 7 } : { kind: 'ok' }) });
    expect([patient.taken, pauses]).toEqual([oneTo(samples), [7, 7]]);
    const given = await run({ answer: (_, call) => (call > 2 ? away : { kind: 'ok' }) });
    expect(given.error).toBeInstanceOf(BackfillError);
    expect(given.taken).toEqual(oneTo(20));
    expect((await run()).taken).toEqual(oneTo(samples).slice(20));
  });

  test('leaves out what is refused, and counts it', async () => {
    const samples = fillLedger();
    const bad = new Set([7, 8, 42]);
    const { result, taken } = await run({
      answer: (batch) => (batch.some(({ seq }) => bad.has(seq)) ? { kind: 'refused', problem: 'answered 400' } : { kind: 'ok' }),
    });
    expect(taken).toEqual(oneTo(samples).filter((seq) => !bad.has(seq)));
    expect(result).toMatchObject({ written: samples - 3, refused: 3 });
  });
});

describe('the command', () => {
  const silent = { isTerminal: false, write: () => {} };
  const never = new AbortController().signal;
  const samplesOf = (stub: Stub) =>
    stub.requests.flatMap(({ body }) =>
      readWriteRequest(body).flatMap(({ labels, samples }) => samples.map((one) => ({ ...labels, ...one }))),
    );

  test('writes what the ledger has, as run does, also while an exporter has it open', async () => {
    const samples = fillLedger();
    const stub = await startStub(() => ({ status: 204 }));
    const ledger = new Ledger(directory, 'laptop');
    const said: string[] = [];
    const config = readConfig({ stateDir: directory, remoteWriteUrl: `${stub.url}/write?token=secret` }, { HOME: directory });
    expect(await runBackfill(config, {}, false, { isTerminal: false, write: (text) => void said.push(text) }, never)).toBe(true);
    const written = samplesOf(stub);
    expect(written.length).toBe(samples);
    for (const labels of [
      { __name__: 'ccmeter_tokens_total', kind: 'output', value: 300 },
      { __name__: 'ccmeter_session_duration_seconds_bucket', le: '3600', value: 1 },
      { __name__: 'ccmeter_session_duration_seconds_sum', value: 3600 },
    ])
      expect(written).toContainEqual(expect.objectContaining({ job: 'ccmeter', instance: ledger.instanceId, host: 'laptop', ...labels }));
    expect(said.join('')).toBe(`${stub.url}/write: ${samples} samples written in ${/in ([\d.]+) s/.exec(said.join(''))?.[1]} s\n`);
    ledger.close();
    await stub.close();
  });

  test('writes over OTLP: each sample a point with its own time', async () => {
    const samples = fillLedger();
    const collector = await startCollector();
    process.env.OTEL_EXPORTER_OTLP_ENDPOINT = collector.url;
    const config = readConfig({ stateDir: directory }, { HOME: directory });
    try {
      expect(await runBackfill(config, process.env, false, silent, never)).toBe(true);
    } finally {
      delete process.env.OTEL_EXPORTER_OTLP_ENDPOINT;
    }
    const points = collector.points();
    expect(points.length).toBe(samples);
    const output = points.filter(({ metric, attributes }) => metric === 'ccmeter_tokens_total' && attributes.kind === 'output');
    expect(output.map(({ value }) => value).filter((value, at, all) => value !== all[at - 1])).toEqual(
      Array.from({ length: 31 }, (_, at) => at * 10),
    );
    expect(output.at(-1)?.timeMs).toBe(NOW - 11 * 60_000 + 2);
    expect(points).toContainEqual(
      expect.objectContaining({
        metric: 'ccmeter_session_duration_seconds_bucket',
        attributes: expect.objectContaining({ le: '3600' }),
        value: 1,
      }),
    );
    collector.close();
  });

  test('says what is missing', async () => {
    const config = readConfig({ stateDir: directory, remoteWriteUrl: 'http://127.0.0.1:1' }, { HOME: directory });
    await expect(runBackfill(config, {}, false, silent, never)).rejects.toThrow(LedgerError);
    await expect(runBackfill({ ...config, remoteWriteUrl: undefined }, {}, false, silent, never)).rejects.toThrow(ConfigError);
  });
});
