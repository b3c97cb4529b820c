import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findOnPath } from '../../deploy/local/command.ts';
import { unpackDebianPackage } from '../../deploy/local/debian.ts';
import { cacheDir } from '../../deploy/local/options.ts';
import { claimPort } from '../../deploy/local/processes.ts';
import { until } from './parts.ts';
import type { Tool } from './tools.ts';

export type BrokerName = 'nats-server' | 'redis-server';

/** A broker of a test, on a port of its own, with data that outlive a restart. */
export interface Broker {
  url: string;
  start(): Promise<void>;
  /** Ends it with no chance to tidy up. */
  kill(): Promise<void>;
  close(): Promise<void>;
}

/** Finds a broker, or unpacks Debian's package of it into our cache; nothing is installed. */
export async function findBroker(name: BrokerName): Promise<Tool> {
  const installed = findOnPath(name);
  if (installed) return { path: installed };
  const directory = join(cacheDir(process.env), `debian-${name}`);
  const program = () => ['usr/sbin', 'usr/bin'].map((folder) => join(directory, folder, name)).find((path) => existsSync(path));
  const known = program();
  if (known) return { path: known };
  const unpacked = await unpackDebianPackage(name, directory, { dependencies: true });
  const path = program();
  return unpacked.ok && path ? { path } : { missing: `no ${name}: ${unpacked.ok ? 'not in its package' : unpacked.reason}` };
}

export async function createBroker(name: BrokerName, program: string): Promise<Broker> {
  const directory = mkdtempSync(join(tmpdir(), `ccmeter-${name}-`));
  const port = await claimPort('port', 0);
  const options =
    name === 'nats-server'
      ? ['-a', '127.0.0.1', '-p', String(port), '-js', '-sd', directory]
      : ['--bind', '127.0.0.1', '--port', String(port), '--dir', directory, '--appendonly', 'yes', '--appendfsync', 'always', '--save', ''];
  let child: ChildProcess | undefined;
  const kill = async () => {
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const gone = once(child, 'exit');
    child.kill('SIGKILL');
    await gone;
  };
  return {
    url: `${name === 'nats-server' ? 'nats' : 'redis'}://127.0.0.1:${port}`,
    async start() {
      const env = { ...process.env, LD_LIBRARY_PATH: librariesOf(program) };
      child = spawn(program, options, { stdio: 'ignore', env });
      await until(
        () => answers(port),
        (open) => open,
        10_000,
      );
    },
    kill,
    async close() {
      await kill();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

/** Libraries that were unpacked beside the program. */
function librariesOf(program: string): string {
  const libraries = join(program, '..', '..', 'lib');
  if (!existsSync(libraries)) return '';
  return readdirSync(libraries)
    .filter((name) => name.includes('linux-gnu'))
    .map((name) => join(libraries, name))
    .join(':');
}

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    const end = (open: boolean) => {
      socket.destroy();
      resolve(open);
    };
    socket.once('connect', () => end(true)).once('error', () => end(false));
  });
}
