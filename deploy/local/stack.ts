import { hostname } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { openBrowser } from './browser.ts';
import { describeMissing, findPrometheus } from './find-prometheus.ts';
import { createLogFile } from './log-file.ts';
import { cacheDir, type Options } from './options.ts';
import { createPart, type Part, untilListening } from './part.ts';
import { claimPort, commandLineOf, endProcess, isGone } from './processes.ts';
import { createPrometheus, stopOrphan } from './prometheus.ts';
import { Trouble, type Voice } from './say.ts';
import type { State } from './state.ts';
import { describeFindings, describeScan, readStatus, type Status } from './status.ts';
import { ensureWebBuild } from './web-build.ts';

/** A running stack. */
export interface Stack {
  url: string;
  stop(): Promise<void>;
}

const ROOT = join(import.meta.dirname, '..', '..');
const POLL_MS = 200;
/** The exporter flushes for up to 5 s; a little more before it is forced. */
const STOP_PATIENCE_MS = 8000;

interface Ports {
  api: number;
  exporter: number;
  prometheus: number;
}

/** What a start goes by. */
export interface StackPlan {
  options: Options;
  state: State;
  voice: Voice;
  /** Ends the start early. */
  stopped: AbortSignal;
  /** See `Variant` in start.ts. */
  prepare?: ((state: State, voice: Voice) => string[]) | undefined;
}

/** Starts the parts in the order in which they need each other, and says what was found. */
export async function startStack(plan: StackPlan): Promise<Stack> {
  const parts: Part[] = [];
  let stopping: Promise<void> | undefined;
  const stop = (): Promise<void> => {
    stopping ??= stopAll(parts, plan.state);
    return stopping;
  };
  // Also in the middle of a start, when a part is still being waited for.
  plan.stopped.addEventListener('abort', () => void stop());
  try {
    return { url: await startParts(plan, parts), stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function stopAll(parts: Part[], state: State): Promise<void> {
  for (const part of parts.toReversed()) await part.stop();
  state.close();
}

async function startParts(plan: StackPlan, parts: Part[]): Promise<string> {
  const { state, voice, stopped } = plan;
  await stopLeftOvers(state, voice);
  const ports = await claimPorts(plan.options);
  const options = plan.prepare ? { ...plan.options, claudeDirs: plan.prepare(state, voice) } : plan.options;
  const webDir = await ensureWebBuild(ROOT, voice);
  const begin = async (part: Part): Promise<void> => {
    stopped.throwIfAborted();
    parts.push(part);
    await part.start();
    stopped.throwIfAborted();
  };

  const prometheus = await resolvePrometheus(options, state, voice, ports.prometheus, begin);
  const exporterUrl = `http://127.0.0.1:${ports.exporter}`;
  const url = `http://127.0.0.1:${ports.api}`;
  const source = hostname();
  await begin(
    ourPart('exporter', 'exporter/src/start.js', plan, [
      'run',
      ...options.claudeDirs.flatMap((directory) => ['--claude-dir', directory]),
      ...['--state-dir', state.path('exporter'), '--port', String(ports.exporter), '--host', source, '--events-url', `${url}/events`],
      ...(prometheus.dataId ? ['--remote-write-url', `${prometheus.url}/api/v1/write`, '--remote-write-id', prometheus.dataId] : []),
    ]),
  );
  const first = await untilAnswering(exporterUrl, stopped);
  await begin(
    ourPart('query-api', 'query-api/src/main.ts', plan, [
      ...[
        '--port',
        String(ports.api),
        '--prometheus-url',
        prometheus.url,
        '--state-dir',
        state.directory,
        '--web-dir',
        webDir,
        '--exporter-url',
        exporterUrl,
      ],
      // Only what our exporter signed is taken, also from this machine.
      ...(first.publicKey ? ['--source-key', `${source}=${first.publicKey}`] : []),
    ]),
  );
  state.announce({ url, processes: [process.pid, ...parts.flatMap((part) => part.pid() ?? [])] });
  await tellProgress(url, exporterUrl, prometheus.dataId !== undefined, plan);
  return url;
}

/** What a killed start left behind: node parts leave by themselves when their channel ends; they are given time, then made to. */
async function stopLeftOvers(state: State, voice: Voice): Promise<void> {
  await stopOrphan(state.path('prometheus'), (text) => voice.line(text));
  for (const pid of state.leftOver?.processes ?? []) {
    if (!(await commandLineOf(pid)).includes(state.directory) || (await isGone(pid, STOP_PATIENCE_MS))) continue;
    await endProcess(pid, STOP_PATIENCE_MS);
  }
}

async function claimPorts(options: Options): Promise<Ports> {
  return {
    api: await claimPort('--port', options.port),
    exporter: await claimPort('--exporter-port', options.exporterPort),
    prometheus: options.prometheusUrl ? 0 : await claimPort('--prometheus-port', options.prometheusPort),
  };
}

async function resolvePrometheus(
  options: Options,
  state: State,
  voice: Voice,
  port: number,
  begin: (part: Part) => Promise<void>,
): Promise<{ url: string; dataId: string | undefined }> {
  if (options.prometheusUrl) return { url: options.prometheusUrl, dataId: await checkGiven(options.prometheusUrl, voice) };
  const found = await findPrometheus({ cacheDir: cacheDir(process.env), yes: options.yes, voice });
  if ('tried' in found) {
    voice.line(describeMissing(found));
    return { url: `http://127.0.0.1:${port}`, dataId: undefined };
  }
  const prometheus = createPrometheus({
    program: found.program,
    directory: state.path('prometheus'),
    port,
    log: createLogFile(state.path('logs', 'prometheus.log')),
    say: (text) => voice.line(text),
  });
  await begin(prometheus.part);
  voice.line(`Prometheus ${found.version} (${found.from}) on ${prometheus.url}`);
  return prometheus;
}

/** A Prometheus of the user: it must answer and take samples. Its address names its data. */
async function checkGiven(url: string, voice: Voice): Promise<string> {
  const wants = 'start it with --web.enable-remote-write-receiver and out_of_order_time_window in its configuration';
  const response = await fetch(`${url}/api/v1/write`, { method: 'POST', signal: AbortSignal.timeout(5000) }).catch(() => undefined);
  if (!response) voice.line(`--prometheus-url ${url}: nobody answers there yet; what is counted is kept and written when somebody does.`);
  else if (response.status === 404) voice.line(`--prometheus-url ${url}: it does not take samples; ${wants}.`);
  return url;
}

/** Much is made and forgotten at the start, and V8 keeps the room that it took: a fifth of the memory, for no time that could be measured. */
const SMALL_YOUNG_SPACE = '--max-semi-space-size=4';

function ourPart(name: string, script: string, { state, voice }: StackPlan, args: string[]): Part {
  return createPart({
    name,
    program: process.execPath,
    args: [SMALL_YOUNG_SPACE, join(ROOT, script), ...args],
    channel: true,
    log: createLogFile(state.path('logs', `${name}.log`)),
    untilUp: untilListening,
    stopPatienceMs: STOP_PATIENCE_MS,
    say: (text) => voice.line(text),
  });
}

async function untilAnswering(exporterUrl: string, stopped: AbortSignal): Promise<Status> {
  for (;;) {
    stopped.throwIfAborted();
    const status = await readStatus(exporterUrl);
    if (status) return status;
    await sleep(POLL_MS);
  }
}

async function tellProgress(url: string, exporterUrl: string, writes: boolean, { options, voice, stopped }: StackPlan): Promise<void> {
  const scanned = await follow(exporterUrl, stopped, voice, (status) => (status.phase === 'ready' ? undefined : describeScan(status)));
  voice.line(`\n  ${url}\n`);
  voice.line(scanned.sessions > 0 ? describeFindings(scanned) : describeNothing(scanned));
  if (options.open) openBrowser(url, voice);
  if (!writes || scanned.sessions === 0) return;
  const before = performance.now();
  await follow(exporterUrl, stopped, voice, ({ pendingSamples }) =>
    pendingSamples === 0 ? undefined : `Writing history to Prometheus: ${pendingSamples.toLocaleString('en')} samples left`,
  );
  const seconds = (performance.now() - before) / 1000;
  voice.line(seconds < 1 ? 'History is in Prometheus.' : `History is in Prometheus after ${seconds.toFixed(0)} s.`);
}

/** Shows what the exporter is at until there is nothing more to show. */
async function follow(
  exporterUrl: string,
  stopped: AbortSignal,
  voice: Voice,
  describe: (status: Status) => string | undefined,
): Promise<Status> {
  for (;;) {
    const status = await untilAnswering(exporterUrl, stopped);
    const text = describe(status);
    if (text === undefined) return status;
    voice.progress(text);
    await sleep(POLL_MS);
  }
}

function describeNothing(status: Status): string {
  const where = status.claudeDirs.length > 0 ? status.claudeDirs.join(', ') : '~/.claude';
  return [
    `No sessions of Claude Code in ${where}.`,
    'Use Claude Code on this machine and they appear here by themselves; or give a directory with --claude-dir DIR;',
    'or look at made-up data with: npm run demo',
  ].join('\n');
}

/** Runs a stack until it is told to stop; gives back the exit code. */
export async function runUntilStopped(start: (stopped: AbortSignal) => Promise<Stack>, voice: Voice): Promise<number> {
  const stopping = new AbortController();
  const asked = Promise.withResolvers<void>();
  const ask = (): void => {
    if (!stopping.signal.aborted) voice.line('\nStopping …');
    stopping.abort();
    asked.resolve();
  };
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(name, ask);
  whenNpmIsGone(ask);
  try {
    const stack = await start(stopping.signal);
    if (!stopping.signal.aborted) voice.line('Ctrl-C stops everything.');
    await asked.promise;
    await stack.stop();
    return 0;
  } catch (error) {
    if (stopping.signal.aborted) return 0;
    if (!(error instanceof Trouble)) throw error;
    voice.line(error.message);
    return 1;
  }
}

const PARENT_CHECK_MS = 500;

/** A signal sent to npm alone ends npm and the shell below it, and does not reach us; that our parent is gone does. */
function whenNpmIsGone(leave: () => void): void {
  const parent = process.ppid;
  if (!process.env.npm_lifecycle_event || parent === 1) return;
  setInterval(() => process.ppid !== parent && leave(), PARENT_CHECK_MS).unref();
}
