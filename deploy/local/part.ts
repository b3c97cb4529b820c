import { type ChildProcess, spawn } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import type { LogFile } from './log-file.ts';
import { isAlive } from './processes.ts';
import { Trouble } from './say.ts';

/** How a part of the stack is started and watched. */
export interface PartPlan {
  name: string;
  program: string;
  args: readonly string[];
  /** A channel over which the child says `{type:'listening'}`, and by whose end it knows that we are gone. */
  channel: boolean;
  log: LogFile;
  /** Resolves once the part does its work; the signal ends the wait when the part ends. */
  untilUp(child: ChildProcess, signal: AbortSignal): Promise<void>;
  /** How long it may take to stop before it is forced. */
  stopPatienceMs: number;
  onStarted?(pid: number): void;
  say(text: string): void;
}

/** A part of the stack: started again with backoff when it ends unasked. */
export interface Part {
  name: string;
  pid(): number | undefined;
  /** First start: throws {@link Trouble} with the last lines the part wrote when it does not come up. */
  start(): Promise<void>;
  stop(): Promise<void>;
}

const FIRST_WAIT_MS = 500;
const LONGEST_WAIT_MS = 30_000;
/** A part that ran this long was well; the next wait is short again. */
const WELL_AFTER_MS = 60_000;

/** A part's last line may be a whole record of a log. */
const MAX_REASON_CHARACTERS = 300;

/** Makes a part; nothing runs before `start`. */
export function createPart(plan: PartPlan): Part {
  const stopping = new AbortController();
  let child: ChildProcess | undefined;
  let startedAt = 0;
  let waitMs = FIRST_WAIT_MS;

  async function launch(): Promise<void> {
    startedAt = Date.now();
    child = spawnPart(plan);
    const ended = new AbortController();
    child.once('close', () => ended.abort());
    if (child.pid) plan.onStarted?.(child.pid);
    await plan.untilUp(child, AbortSignal.any([ended.signal, stopping.signal]));
    if (ended.signal.aborted || child.exitCode !== null || child.signalCode !== null) throw new Trouble(describeEnd(plan, child));
  }

  async function keepUp(): Promise<void> {
    while (!stopping.signal.aborted && child) {
      await ending(child);
      if (stopping.signal.aborted) return;
      if (Date.now() - startedAt > WELL_AFTER_MS) waitMs = FIRST_WAIT_MS;
      plan.say(`${plan.name} ended unexpectedly (${howEnded(child)}); it is started again in ${waitMs / 1000} s`);
      const reason = plan.log.lastLines().at(-1);
      if (reason) plan.say(`  its last words: ${reason.slice(0, MAX_REASON_CHARACTERS)}`);
      await sleep(waitMs, undefined, { signal: stopping.signal }).catch(() => {});
      waitMs = Math.min(waitMs * 2, LONGEST_WAIT_MS);
      if (stopping.signal.aborted) return;
      await launch().then(
        () => plan.say(`${plan.name} is back`),
        () => {},
      );
    }
  }

  return {
    name: plan.name,
    pid: () => child?.pid,
    async start() {
      await launch();
      void keepUp();
    },
    async stop() {
      stopping.abort();
      if (!child?.pid || !isAlive(child.pid)) return;
      const end = ending(child);
      child.kill('SIGTERM');
      const forced = setTimeout(() => child?.kill('SIGKILL'), plan.stopPatienceMs);
      await end;
      clearTimeout(forced);
    },
  };
}

function spawnPart(plan: PartPlan): ChildProcess {
  const child = spawn(plan.program, plan.args, {
    stdio: ['ignore', 'pipe', 'pipe', ...(plan.channel ? (['ipc'] as const) : [])],
    // A group of its own: Ctrl-C reaches us alone, and we stop the parts in their order.
    detached: true,
  });
  for (const stream of [child.stdout, child.stderr]) stream?.setEncoding('utf8').on('data', (text: string) => plan.log.write(text));
  child.once('error', (error) => plan.log.write(`${error.message}\n`));
  return child;
}

function ending(child: ChildProcess): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) resolve();
  else child.once('exit', () => resolve());
  return promise;
}

function howEnded(child: ChildProcess): string {
  return child.signalCode ?? `exit code ${child.exitCode}`;
}

function describeEnd(plan: PartPlan, child: ChildProcess): string {
  const lines = plan.log.lastLines().map((line) => `  ${line}`);
  return [`${plan.name} did not start (${howEnded(child)}).`, ...lines].join('\n');
}

/** Waits for the child to say over its channel that it listens. */
export function untilListening(child: ChildProcess, signal: AbortSignal): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  signal.addEventListener('abort', () => resolve());
  child.on('message', (message: unknown) => {
    if (typeof message === 'object' && message !== null && 'type' in message && message.type === 'listening') resolve();
  });
  return promise;
}
