import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createLogFile } from './log-file.ts';
import { createPart, type Part, untilListening } from './part.ts';
import { isAlive } from './processes.ts';

let directory: string;
let said: string[];
let heard: Map<string, () => void>;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'ccmeter-part-'));
  said = [];
  heard = new Map();
});

afterEach(() => rmSync(directory, { recursive: true }));

function part(script: string): Part {
  return createPart({
    name: 'lamp',
    program: process.execPath,
    args: ['-e', script],
    channel: true,
    log: createLogFile(join(directory, 'log')),
    untilUp: untilListening,
    stopPatienceMs: 5000,
    say(text) {
      said.push(text);
      heard.get(text)?.();
    },
  });
}

function untilSaid(text: string): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  heard.set(text, resolve);
  return promise;
}

const RUNS = "process.send({ type: 'listening' }); setInterval(() => {}, 1000);";

test('runs until it is stopped, and then is gone', async () => {
  const lamp = part(RUNS);
  await lamp.start();
  const pid = lamp.pid() ?? 0;
  expect(isAlive(pid)).toBe(true);
  await lamp.stop();
  expect(isAlive(pid)).toBe(false);
  expect(said).toEqual([]);
});

test('is started again when it is killed', async () => {
  const lamp = part(RUNS);
  await lamp.start();
  const first = lamp.pid() ?? 0;
  const back = untilSaid('lamp is back');
  process.kill(first, 'SIGKILL');
  await back;
  expect(said[0]).toBe('lamp ended unexpectedly (SIGKILL); it is started again in 0.5 s');
  expect(lamp.pid()).not.toBe(first);
  await lamp.stop();
});

test('shows what it said when it does not come up', async () => {
  const lamp = part("console.error('no oil in the lamp'); process.exit(3)");
  await expect(lamp.start()).rejects.toThrow('lamp did not start (exit code 3).\n  no oil in the lamp');
});

test('says so when the program is not there', async () => {
  const lamp = createPart({
    name: 'lamp',
    program: join(directory, 'none'),
    args: [],
    channel: false,
    log: createLogFile(join(directory, 'log')),
    untilUp: untilListening,
    stopPatienceMs: 100,
    say: () => {},
  });
  await expect(lamp.start()).rejects.toThrow('lamp did not start');
});
