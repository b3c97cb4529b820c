import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isProgram } from '../../deploy/local/command.ts';
import { claimPort } from '../../deploy/local/processes.ts';
import { until } from './parts.ts';
import type { Tool } from './tools.ts';
import { startVictoriaMetrics } from './victoria-metrics.ts';

/** A database that speaks Prometheus' query API, with what has to be said to those who write to it and ask it. */
export interface TestUpstream {
  /** What `--prometheus-url` takes. */
  url: string;
  writeUrl: string;
  /** Headers that it wants of everybody. */
  headers: Record<string, string>;
  /** The same as options of the query API. */
  options: string[];
  /** What it cannot do, by the names of Grafana's calls. */
  unlike: readonly string[];
  close(): Promise<void>;
}

/**
 * One given by an environment variable: these are not packaged, and take some minutes to build, in a copy of their module from the proxy
 * (`go build -mod=mod ./cmd/mimir`; `go build -mod=mod -tags slicelabels ./cmd/thanos`, which falls over its labels without the tag).
 */
export function findGiven(name: string, variable: string): Tool {
  const given = process.env[variable] ?? '';
  if (given === '') return { missing: `no ${name}: give one with ${variable}=/path` };
  return isProgram(given) ? { path: given } : { missing: `no ${name}: ${variable}=${given} is not a program` };
}

/** Errors are in their own words and kinds, and some calls are not known. */
const NO_EXEMPLARS = ['exemplars'];

export async function openVictoriaMetrics(): Promise<TestUpstream> {
  const { url, close } = await startVictoriaMetrics();
  const unlike = [...NO_EXEMPLARS, 'metadata', 'metadata of one metric', 'rules', 'alerts', 'which Prometheus it is'];
  return { url, writeUrl: `${url}/api/v1/write`, headers: {}, options: [], unlike, close };
}

/** Receive and Query, as two processes. */
export async function openThanos(program: string): Promise<TestUpstream> {
  const directory = mkdtempSync(join(tmpdir(), 'ccmeter-thanos-'));
  const [write, grpc, http, query, queryGrpc] = await claimAll(5);
  const receive = start(program, [
    ...['receive', '--label=replica="1"', `--tsdb.path=${directory}`, '--tsdb.retention=3650d', '--tsdb.out-of-order.time-window=3650d'],
    ...[`--remote-write.address=${write}`, `--grpc-address=${grpc}`, `--http-address=${http}`, `--receive.local-endpoint=${grpc}`],
  ]);
  // Query looks for stores when it starts, and seldom afterwards.
  await untilOk(`http://${http}/-/ready`);
  const asked = start(program, [
    ...['query', `--endpoint=${grpc}`, `--http-address=${query}`, `--grpc-address=${queryGrpc}`, '--query.replica-label=replica'],
  ]);
  const url = `http://${query}`;
  await untilOk(`${url}/-/ready`);
  await untilSays(`${url}/api/v1/stores`, 'receive');
  return {
    url,
    writeUrl: `http://${write}/api/v1/receive`,
    headers: {},
    options: [],
    unlike: [...NO_EXEMPLARS, 'metadata', 'metadata of one metric', 'rules', 'alerts'],
    async close() {
      await end(asked);
      await end(receive);
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

const TENANT = 'team-a';

/** All of Mimir in one process, with tenants and its path before the API. */
export async function openMimir(program: string): Promise<TestUpstream> {
  const directory = mkdtempSync(join(tmpdir(), 'ccmeter-mimir-'));
  const [http, grpc, gossip] = await claimAll(3);
  const portOf = (address = '') => address.split(':')[1] ?? '';
  for (const name of ['data', 'blocks', 'compactor', 'rules']) mkdirSync(join(directory, name));
  const configuration = {
    multitenancy_enabled: true,
    target: 'all',
    server: {
      http_listen_address: '127.0.0.1',
      http_listen_port: Number(portOf(http)),
      grpc_listen_address: '127.0.0.1',
      grpc_listen_port: Number(portOf(grpc)),
      log_level: 'warn',
    },
    common: { storage: { backend: 'filesystem', filesystem: { dir: join(directory, 'data') } } },
    blocks_storage: {
      filesystem: { dir: join(directory, 'blocks') },
      bucket_store: { sync_dir: join(directory, 'sync') },
      tsdb: { dir: join(directory, 'tsdb'), retention_period: '87600h' },
    },
    compactor: { data_dir: join(directory, 'compactor'), sharding_ring: { kvstore: { store: 'inmemory' }, instance_addr: '127.0.0.1' } },
    distributor: { ring: { kvstore: { store: 'inmemory' }, instance_addr: '127.0.0.1' } },
    ingester: { ring: { kvstore: { store: 'inmemory' }, instance_addr: '127.0.0.1', replication_factor: 1 } },
    store_gateway: { sharding_ring: { kvstore: { store: 'inmemory' }, instance_addr: '127.0.0.1', replication_factor: 1 } },
    frontend: { address: '127.0.0.1' },
    query_scheduler: { ring: { kvstore: { store: 'inmemory' }, instance_addr: '127.0.0.1' } },
    ruler: { ring: { kvstore: { store: 'inmemory' }, instance_addr: '127.0.0.1' } },
    ruler_storage: { filesystem: { dir: join(directory, 'rules') } },
    memberlist: { bind_port: Number(portOf(gossip)), bind_addr: ['127.0.0.1'] },
    usage_stats: { enabled: false },
    // History comes with its own times, long ago, and is asked for where it is: with the ingesters.
    limits: {
      out_of_order_time_window: '87600h',
      query_ingesters_within: '0s',
      ingestion_rate: 1_000_000,
      ingestion_burst_size: 10_000_000,
    },
  };
  const file = join(directory, 'mimir.yaml');
  // JSON is YAML.
  writeFileSync(file, JSON.stringify(configuration));
  const mimir = start(program, [`-config.file=${file}`]);
  await untilOk(`http://${http}/ready`);
  const headers = { 'x-scope-orgid': TENANT };
  return {
    url: `http://${http}/prometheus`,
    writeUrl: `http://${http}/api/v1/push`,
    headers,
    options: ['--prometheus-tenant', TENANT],
    unlike: [...NO_EXEMPLARS, 'metadata', 'metadata of one metric', 'rules', 'alerts'],
    async close() {
      await end(mimir);
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

async function claimAll(count: number): Promise<string[]> {
  const ports = new Set<number>();
  while (ports.size < count) ports.add(await claimPort('port', 0));
  return [...ports].map((port) => `127.0.0.1:${port}`);
}

function start(program: string, args: readonly string[]): ChildProcess {
  return spawn(program, args, { stdio: ['ignore', 'ignore', process.env.CCMETER_TEST_VERBOSE ? 'inherit' : 'ignore'] });
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, 'exit');
  child.kill('SIGTERM');
  const late = setTimeout(() => child.kill('SIGKILL'), 20_000);
  await gone;
  clearTimeout(late);
}

function untilOk(url: string): Promise<unknown> {
  return until(
    () =>
      fetch(url).then(
        ({ ok }) => ok,
        () => false,
      ),
    (isOk) => isOk,
    120_000,
  );
}

function untilSays(url: string, word: string): Promise<unknown> {
  return until(
    () =>
      fetch(url).then(
        (response) => response.text(),
        () => '',
      ),
    (text) => text.includes(word),
    120_000,
  );
}
