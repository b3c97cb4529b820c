import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, mkdirSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { claimPort } from '../../deploy/local/processes.ts';
import { until } from './parts.ts';
import { pathOf } from './tools.ts';

const ROOT = join(import.meta.dirname, '..', '..');

/** A collector of a test: our very configuration, with addresses by variables. */
export interface TestCollector {
  /** For OTLP over gRPC and over HTTP. */
  grpcUrl: string;
  httpUrl: string;
  metricsUrl: string;
  /** On the same addresses and the same queue. */
  start(): Promise<void>;
  /** With no chance to tidy up. */
  kill(): Promise<void>;
}

/** Prepares a collector that keeps its queue in a directory; `more` are configurations beside ours. For tests that said `needs('collector')`. */
export async function createCollector(
  directory: string,
  sink: Record<string, string>,
  more: readonly string[] = [],
): Promise<TestCollector> {
  const [grpc = 0, http = 0, health = 0, metrics = 0] = await claimPorts(4);
  mkdirSync(directory, { recursive: true });
  const address = (port: number) => `127.0.0.1:${port}`;
  const env = {
    ...process.env,
    CCMETER_COLLECTOR_GRPC: address(grpc),
    CCMETER_COLLECTOR_HTTP: address(http),
    CCMETER_COLLECTOR_HEALTH: address(health),
    CCMETER_COLLECTOR_METRICS_HOST: '127.0.0.1',
    CCMETER_COLLECTOR_METRICS_PORT: String(metrics),
    CCMETER_COLLECTOR_QUEUE: join(directory, 'queue'),
    CCMETER_COLLECTOR_LOG_LEVEL: 'warn',
    ...sink,
  };
  const args = ['otel-collector-config.yaml', ...more].map((file) => `--config=${join(ROOT, file)}`);
  let child: ReturnType<typeof spawn> | undefined;
  return {
    grpcUrl: `http://${address(grpc)}`,
    httpUrl: `http://${address(http)}`,
    metricsUrl: `http://${address(metrics)}/metrics`,
    async start() {
      const log = openSync(join(directory, 'log'), 'a');
      child = spawn(pathOf('collector'), args, { env, stdio: ['ignore', log, log] });
      closeSync(log);
      await until(
        () =>
          fetch(`http://${address(health)}`).then(
            ({ ok }) => ok,
            () => false,
          ),
        (ok) => ok,
      );
    },
    async kill() {
      if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
      const gone = once(child, 'exit');
      child.kill('SIGKILL');
      await gone;
    },
  };
}

/** Free ports of this machine. */
export async function claimPorts(count: number): Promise<number[]> {
  const ports = new Set<number>();
  while (ports.size < count) ports.add(await claimPort('port', 0));
  return [...ports];
}
