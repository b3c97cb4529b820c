import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { claimPort } from '../../deploy/local/processes.ts';
import { environmentOf } from './debian.ts';
import { until } from './parts.ts';

export type BrokerName = 'nats-server' | 'redis-server';

/** A broker of a test, on a port of its own, with data that outlive a restart. */
export interface Broker {
  url: string;
  start(): Promise<void>;
  /** Ends it with no chance to tidy up. */
  kill(): Promise<void>;
  close(): Promise<void>;
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
      child = spawn(program, options, { stdio: 'ignore', env: environmentOf(program) });
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
