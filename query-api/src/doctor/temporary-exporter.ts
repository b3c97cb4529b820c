import { fork } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';

/** An exporter of the self-test's own, on a directory of its own: nothing of a person's is read, and nothing is kept. */
export interface TemporaryExporter {
  /** Where it answers. */
  url: string;
  /** Adds lines to the transcript of the session. */
  write(lines: readonly object[]): void;
  /** Ends it when it has sent what it has. */
  stop(): Promise<void>;
}

export interface TemporaryExporterOptions {
  /** The exporter's `main.ts`. */
  main: string;
  /** Empty and ours; the caller takes it away. */
  directory: string;
  source: string;
  sessionId: string;
  eventsUrl: string;
  /** Ed25519, 32 bytes in base64. */
  privateKey: string;
}

const STOP_MS = 7000;
const POLL_MS = 10;
const MAX_SAID_CHARACTERS = 2000;

/** Starts it and waits until it watches. Throws with what it said where it does not come that far. */
export async function startTemporaryExporter(options: TemporaryExporterOptions, signal: AbortSignal): Promise<TemporaryExporter> {
  const { main, directory, source, sessionId, eventsUrl, privateKey } = options;
  const claudeDir = join(directory, 'claude');
  const project = join(claudeDir, 'projects', `-${source}`);
  mkdirSync(project, { recursive: true, mode: 0o700 });
  const dirs = ['--claude-dir', claudeDir, '--state-dir', join(directory, 'state')];
  const args = ['run', '--port', '0', '--log-level', 'error', '--host', source, '--events-url', eventsUrl, ...dirs];
  // Nothing of our own environment, which may say where telemetry goes.
  const env = { PATH: process.env.PATH, HOME: directory, TMPDIR: directory, CCMETER_PRIVATE_KEY: privateKey };
  const child = fork(main, args, { env, execArgv: [], stdio: ['ignore', 'ignore', 'pipe', 'ipc'] });
  let said = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    said = (said + text).slice(-MAX_SAID_CHARACTERS);
  });
  const gone = once(child, 'exit');
  const stop = async () => {
    child.kill('SIGTERM');
    const late = AbortSignal.timeout(STOP_MS);
    late.addEventListener('abort', () => child.kill('SIGKILL'));
    await gone;
  };
  try {
    const url = await Promise.race([urlOf(child, signal), gone.then(() => Promise.reject(new Error(`it ended: ${said.trim()}`)))]);
    await untilWatching(url, signal);
    const file = join(project, `${sessionId}.jsonl`);
    return { url, write: (lines) => appendFileSync(file, lines.map((line) => `${JSON.stringify(line)}\n`).join('')), stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function urlOf(child: ReturnType<typeof fork>, signal: AbortSignal): Promise<string> {
  const [message]: { url?: unknown }[] = await once(child, 'message', { signal });
  return String(message?.url);
}

async function untilWatching(url: string, signal: AbortSignal): Promise<void> {
  for (;;) {
    const response = await fetch(`${url}/-/ready`, { signal });
    await response.text();
    if (response.ok) return;
    await wait(POLL_MS, undefined, { signal });
  }
}

/** A prompt and its response as Claude Code 2.1 writes them, of a model that nobody pays for. */
export function syntheticLines(sessionId: string, model: string, tokens: { input: number; output: number }, nowMs: number): object[] {
  const envelope = {
    isSidechain: false,
    userType: 'external',
    cwd: `/${model}`,
    sessionId,
    version: '2.1.228',
    timestamp: new Date(nowMs).toISOString(),
  };
  const usage = { input_tokens: tokens.input, cache_creation_input_tokens: 0, cache_read_input_tokens: 0, output_tokens: tokens.output };
  const answer = { id: `msg_${sessionId}`, type: 'message', role: 'assistant', model, content: [{ type: 'text', text: 'Well.' }] };
  return [
    { ...envelope, parentUuid: null, uuid: `${sessionId}-1`, type: 'user', message: { role: 'user', content: 'How are you?' } },
    {
      ...envelope,
      parentUuid: `${sessionId}-1`,
      uuid: `${sessionId}-2`,
      type: 'assistant',
      requestId: `req_${sessionId}`,
      message: { ...answer, stop_reason: 'end_turn', stop_sequence: null, usage },
    },
  ];
}
