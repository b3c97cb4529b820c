import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { run } from './command.ts';
import { Trouble } from './say.ts';

/** Whether a process is there. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}

/** The command line of a process, or nothing when it is gone or not ours to see. */
export async function commandLineOf(pid: number): Promise<string> {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').trim();
  } catch {
    return (await run('ps', ['-ww', '-o', 'command=', '-p', String(pid)])).stdout.trim();
  }
}

/** Ends a process: asks, waits, then forces. */
export async function endProcess(pid: number, patienceMs: number): Promise<void> {
  signal(pid, 'SIGTERM');
  if (await isGone(pid, patienceMs)) return;
  signal(pid, 'SIGKILL');
  await isGone(pid, 5000);
}

/** Waits until a process is gone; false when it still is there after the time. */
export async function isGone(pid: number, patienceMs: number): Promise<boolean> {
  const until = Date.now() + patienceMs;
  while (isAlive(pid)) {
    if (Date.now() > until) return false;
    await sleep(50);
  }
  return true;
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch {
    // Gone already.
  }
}

/** Gives back the port, or a free one for 0. Throws {@link Trouble} naming the option, and who holds the port where that can be seen. */
export async function claimPort(option: string, port: number): Promise<number> {
  const free = await tryPort(port);
  if (free !== undefined) return free;
  const holder = await holderOf(port);
  throw new Trouble(`Port ${port} is taken${holder ? ` by ${holder}` : ''}. Stop that program or choose another port with ${option}.`);
}

function tryPort(port: number): Promise<number | undefined> {
  const { promise, resolve } = Promise.withResolvers<number | undefined>();
  const server = createServer();
  server.once('error', () => resolve(undefined));
  server.listen({ port, host: '127.0.0.1' }, () => {
    const address = server.address();
    server.close(() => resolve(address && typeof address === 'object' ? address.port : undefined));
  });
  return promise;
}

const LISTENING = '0A';

/** Who listens on a port, as "name (process 123)"; Linux only. */
async function holderOf(port: number): Promise<string | undefined> {
  const sockets = new Set(['/proc/net/tcp', '/proc/net/tcp6'].flatMap((table) => socketsOn(table, port)));
  for (const pid of sockets.size === 0 ? [] : processIds()) {
    if (!descriptorsOf(pid).some((target) => sockets.has(target))) continue;
    return `${(await commandLineOf(pid)).split(' ').slice(0, 2).join(' ')} (process ${pid})`;
  }
  return undefined;
}

function socketsOn(table: string, port: number): string[] {
  const suffix = `:${port.toString(16).toUpperCase().padStart(4, '0')}`;
  const rows = orNone(() => readFileSync(table, 'utf8').split('\n')).map((row) => row.trim().split(/\s+/));
  return rows.filter((row) => row[1]?.endsWith(suffix) && row[3] === LISTENING).map((row) => `socket:[${row[9]}]`);
}

function processIds(): number[] {
  return orNone(() => readdirSync('/proc'))
    .map(Number)
    .filter(Number.isSafeInteger);
}

function descriptorsOf(pid: number): string[] {
  return orNone(() => readdirSync(`/proc/${pid}/fd`)).flatMap((name) => orNone(() => [readlinkSync(`/proc/${pid}/fd/${name}`)]));
}

function orNone(read: () => string[]): string[] {
  try {
    return read();
  } catch {
    return [];
  }
}
