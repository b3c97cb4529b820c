import { type ChildProcess, fork, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';

const ROOT = join(import.meta.dirname, '..', '..');

/** A part of the stack that a test has started: the exporter or the query API as a process of its own. */
export interface Part {
  url: string;
  /** Ends it as Ctrl-C does, and waits until it is gone. */
  stop(): Promise<void>;
  /** Ends it with no chance to tidy up. */
  kill(): Promise<void>;
}

/** Starts the exporter and waits until it listens. */
export function startExporter(options: readonly string[], environment: NodeJS.ProcessEnv = {}): Promise<Part> {
  return startPart('exporter/src/main.ts', ['run', '--port', '0', '--log-level', 'warn', ...options], environment);
}

/** Starts the exporter by way of another program, which is to become it. */
export function startExporterBy([program = '', ...before]: readonly string[], options: readonly string[]): Promise<Part> {
  const args = [...before, process.execPath, join(ROOT, 'exporter/src/main.ts'), 'run', '--port', '0', '--log-level', 'warn', ...options];
  return toPart(spawn(program, args, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] }));
}

/** Starts the query API and waits until it listens. */
export function startApi(options: readonly string[]): Promise<Part> {
  return startPart('query-api/src/main.ts', ['--port', '0', '--log-level', 'warn', ...options], {});
}

function startPart(script: string, args: readonly string[], environment: NodeJS.ProcessEnv): Promise<Part> {
  return toPart(
    fork(join(ROOT, script), args, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'], env: { ...process.env, ...environment } }),
  );
}

async function toPart(child: ChildProcess): Promise<Part> {
  const url = await untilListening(child);
  const end = async (signal: NodeJS.Signals) => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const gone = once(child, 'exit');
    child.kill(signal);
    await gone;
  };
  return { url, stop: () => end('SIGTERM'), kill: () => end('SIGKILL') };
}

function untilListening(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    child.once('message', (message: { type: string; url: string }) => resolve(message.url));
    child.once('exit', (code) => reject(new Error(`ended with ${code} before it listened`)));
  });
}

/** What `/-/status` of the exporter says. */
export interface Status {
  phase: 'scanning' | 'ready';
  sessions: number;
  tokens: number;
  historyStartMs: number | null;
  pendingSamples: number;
  outboxEvents: number;
  host: string;
  publicKey: string;
}

/** Asks until the answer is as wanted; gives up after a while with the last answer. */
export async function until<Answer>(ask: () => Promise<Answer>, wanted: (answer: Answer) => boolean, limitMs = 60_000): Promise<Answer> {
  const deadline = performance.now() + limitMs;
  for (;;) {
    const answer = await ask();
    if (wanted(answer)) return answer;
    if (performance.now() > deadline) throw new Error(`not so within ${limitMs} ms; last: ${JSON.stringify(answer)?.slice(0, 1000)}`);
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
}

export async function getJson<Body>(url: string): Promise<Body> {
  const response = await fetch(url);
  if (!response.ok) throw new Error(`${url} answered ${response.status}: ${await response.text()}`);
  return (await response.json()) as Body;
}

/** Waits until the exporter has read everything and Prometheus has all of it. */
export function untilWritten(exporter: Part): Promise<Status> {
  return until(
    () => getJson<Status>(`${exporter.url}/-/status`),
    ({ phase, pendingSamples }) => phase === 'ready' && pendingSamples === 0,
  );
}
