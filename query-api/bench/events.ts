import { type ChildProcess, fork } from 'node:child_process';
import { generateKeyPairSync, sign, verify } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const MAIN = join(import.meta.dirname, '..', 'src', 'main.ts');
const CLIENTS = join(import.meta.dirname, 'stream-clients.ts');

/** Benches of events in and out, by name: each gives back the lines to print. */
export const eventBenches: Record<string, () => Promise<string[]>> = { ingest, stream, idle, paused };

const { publicKey, privateKey } = generateKeyPairSync('ed25519');
const KEY = Buffer.from(String(publicKey.export({ format: 'jwk' }).x), 'base64url').toString('base64');

interface Api {
  port: number;
  /** Seconds of processor time so far. */
  cpuSeconds(): number;
  /** Resident memory in megabytes. */
  megabytes(): number;
  stop(): Promise<void>;
}

async function startApi(...more: string[]): Promise<Api> {
  const directory = mkdtempSync(join(tmpdir(), 'ccmeter-bench-'));
  const args = [
    '--port',
    '0',
    '--state-dir',
    directory,
    '--log-level',
    'warn',
    '--send-rate',
    '100000',
    '--prometheus-url',
    'http://127.0.0.1:1',
    ...more,
  ];
  const child = fork(MAIN, args, { execArgv: [] });
  const [message] = await once(child, 'message');
  const { pid } = child;
  return {
    port: Number(new URL(message.url).port),
    cpuSeconds() {
      const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
      return (Number(fields[11]) + Number(fields[12])) / 100;
    },
    megabytes: () => Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1000,
    async stop() {
      await end(child);
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

async function end(child: ChildProcess): Promise<void> {
  const gone = once(child, 'exit');
  child.disconnect();
  await gone;
}

const CHECKS = 10_000;

let numbers = 0;

function someEvent(project = 'shop') {
  numbers += 1;
  const payload = { sessionId: `s${numbers % 50}`, project };
  return {
    id: `evt_${String(numbers).padStart(20, '0')}`,
    source: 'laptop',
    timestamp: new Date().toISOString(),
    type: 'activity',
    payload,
  };
}

/** A signed request, as bytes. */
function request(port: number, events: unknown): Buffer {
  const body = Buffer.from(JSON.stringify(events));
  const head = [
    'POST /events HTTP/1.1',
    `Host: 127.0.0.1:${port}`,
    'Content-Type: application/json',
    'X-Source-ID: laptop',
    `X-Signature: ${sign(null, body, privateKey).toString('base64')}`,
    `Content-Length: ${body.length}`,
  ];
  return Buffer.concat([Buffer.from(`${head.join('\r\n')}\r\n\r\n`), body]);
}

/** Sends requests over kept connections, one after the other on each. Wrong answers throw. */
async function sendAll(port: number, requests: readonly Buffer[], connections: number): Promise<void> {
  let next = 0;
  const one = async () => {
    const socket = connect(port, '127.0.0.1').setNoDelay().setEncoding('latin1');
    const answers = socket[Symbol.asyncIterator]();
    for (let bytes = requests[next++]; bytes !== undefined; bytes = requests[next++]) {
      socket.write(bytes);
      let answer = '';
      while (!isWhole(answer)) answer += (await answers.next()).value;
      if (!answer.startsWith('HTTP/1.1 202')) throw new Error(answer);
    }
    socket.destroy();
  };
  await Promise.all(Array.from({ length: connections }, one));
}

function isWhole(answer: string): boolean {
  const end = answer.indexOf('\r\n\r\n');
  return end !== -1 && answer.length >= end + 4 + Number(/content-length: (\d+)/i.exec(answer)?.[1] ?? 0);
}

/** Signed events, verified and stored, on one core: by the processor time of the API, since who sends them needs a core as well. */
async function ingest(): Promise<string[]> {
  const api = await startApi('--source-key', `laptop=${KEY}`);
  const lines = [`the check of a signature alone, in this process: ${checksPerSecond().toLocaleString('en')}/s`];
  await sendAll(
    api.port,
    Array.from({ length: 2000 }, () => request(api.port, someEvent())),
    32,
  );
  for (const [size, count] of [
    [1, 20_000],
    [10, 4000],
    [100, 1000],
  ] as const) {
    const requests = Array.from({ length: count }, () =>
      request(
        api.port,
        Array.from({ length: size }, () => someEvent()),
      ),
    );
    const [begun, cpu] = [performance.now(), api.cpuSeconds()];
    await sendAll(api.port, requests, 32);
    const [seconds, cpuSeconds] = [(performance.now() - begun) / 1000, api.cpuSeconds() - cpu];
    const perCore = Math.round((size * count) / cpuSeconds).toLocaleString('en');
    const perSecond = Math.round((size * count) / seconds).toLocaleString('en');
    lines.push(
      `${String(size).padStart(3)} a request: ${perCore.padStart(7)} events/s on one core (${perSecond} by the clock) (bar: 5,000)`,
    );
  }
  await api.stop();
  return lines;
}

/** What no server can be faster than on one core of this machine. */
function checksPerSecond(): number {
  const body = Buffer.from(JSON.stringify(someEvent()));
  const signature = sign(null, body, privateKey);
  const begun = performance.now();
  for (let count = 0; count < CHECKS; count += 1) verify(null, body, publicKey, signature);
  return Math.round(CHECKS / ((performance.now() - begun) / 1000));
}

interface Clients {
  /** Latencies in milliseconds and how many events were seen since the last question. */
  report(): Promise<{ p50: number; p99: number; events: number }>;
  stop(): Promise<void>;
}

async function startClients(port: number, count: number): Promise<Clients> {
  const child = fork(CLIENTS, [String(port), String(count)], { execArgv: [] });
  await once(child, 'message');
  return {
    async report() {
      child.send('report');
      const [message] = await once(child, 'message');
      return message;
    },
    stop: () => end(child),
  };
}

/** So many single events a second, each with the time at which it is sent. */
async function sendEvents(port: number, perSecond: number, seconds: number): Promise<void> {
  const begun = performance.now();
  const socket = connect(port, '127.0.0.1').setNoDelay().resume();
  for (let sent = 0; sent < perSecond * seconds; sent += 1) {
    const due = begun + (sent / perSecond) * 1000;
    if (due > performance.now()) await new Promise((resolve) => setTimeout(resolve, due - performance.now()));
    socket.write(request(port, someEvent(String(performance.timeOrigin + performance.now()))));
  }
  await new Promise((resolve) => setTimeout(resolve, 500));
  socket.destroy();
}

/** 1,000 open streams, 100 events a second. */
async function stream(): Promise<string[]> {
  const api = await startApi('--source-key', `laptop=${KEY}`);
  const clients = await startClients(api.port, 1000);
  await sendEvents(api.port, 100, 3);
  await clients.report();
  const cpu = api.cpuSeconds();
  await sendEvents(api.port, 100, 10);
  const { p50, p99, events } = await clients.report();
  const share = Math.round(((api.cpuSeconds() - cpu) / 10.5) * 100);
  await clients.stop();
  await api.stop();
  return [
    `1,000 clients, 100 events/s: p50 ${p50.toFixed(1)} ms, p99 ${p99.toFixed(1)} ms from sending to the client (bar: p99 250 ms)`,
    `${events.toLocaleString('en')} of 1,000,000 events arrived, ${share} % of a core`,
  ];
}

/** Memory with 10,000 streams on which nothing happens. */
async function idle(): Promise<string[]> {
  const api = await startApi();
  const before = api.megabytes();
  const clients = await startClients(api.port, 9990);
  const after = api.megabytes();
  await clients.stop();
  await api.stop();
  return [`9,990 idle clients: ${after.toFixed(0)} MB, ${before.toFixed(0)} MB without (bar: 450 MB)`];
}

/** One client that does not read, under a flood that others do read. */
async function paused(): Promise<string[]> {
  const api = await startApi('--source-key', `laptop=${KEY}`);
  const clients = await startClients(api.port, 50);
  const lazy = connect(api.port, '127.0.0.1').pause();
  lazy.write('GET /api/stream HTTP/1.1\r\nHost: localhost\r\n\r\n');
  let cut = false;
  lazy
    .on('error', () => {})
    .once('close', () => {
      cut = true;
    });
  const before = api.megabytes();
  const batch = () =>
    request(
      api.port,
      Array.from({ length: 200 }, () => someEvent(String(performance.timeOrigin + performance.now()))),
    );
  for (let round = 0; round < 200; round += 1) await sendAll(api.port, [batch()], 1);
  await new Promise((resolve) => setTimeout(resolve, 500));
  const { p99, events } = await clients.report();
  const after = api.megabytes();
  lazy.resume();
  await new Promise((resolve) => setTimeout(resolve, 200));
  await clients.stop();
  await api.stop();
  return [
    `40,000 events to 50 readers and one who does not read: ${events.toLocaleString('en')} of 2,000,000 arrived, p99 ${p99.toFixed(0)} ms`,
    `memory ${before.toFixed(0)} MB before, ${after.toFixed(0)} MB after; who did not read was ${cut ? 'cut off' : 'NOT cut off'}`,
  ];
}
