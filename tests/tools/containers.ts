import { chmodSync, mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { StartedNetwork, StartedTestContainer } from 'testcontainers';
import { claimPorts, type TestCollector } from './collector.ts';
import { serviceOf } from './compose.ts';
import { until } from './parts.ts';
import type { TestPrometheus } from './prometheus.ts';

const ROOT = join(import.meta.dirname, '..', '..');
const STARTUP_MS = 120_000;

/** Containers of the images of compose.yaml, with its commands and our configurations, in a network of their own. */
export interface TestContainers {
  prometheus: TestPrometheus;
  collector: TestCollector;
  close(): Promise<void>;
}

/** Starts Prometheus and prepares a collector that keeps its queue in a directory. For tests that said `needs('images')`. */
export async function startContainers(directory: string): Promise<TestContainers> {
  // The container that tidies up after a test that died wants an image of its own and the socket of Docker; we close what we open.
  process.env.TESTCONTAINERS_RYUK_DISABLED = 'true';
  const { Network } = await import('testcontainers');
  const network = await new Network().start();
  const prometheus = await startPrometheus(network);
  const collector = await prepareCollector(network, directory);
  return {
    prometheus,
    collector,
    async close() {
      await collector.remove();
      await prometheus.close();
      await network.stop();
    },
  };
}

async function startPrometheus(network: StartedNetwork): Promise<TestPrometheus> {
  const [port = 0] = await claimPorts(1);
  const container = await startService('prometheus', network, { 9090: port }, {});
  const url = `http://127.0.0.1:${port}`;
  const isReady = () => answers(`${url}/-/ready`);
  await until(isReady, (ready) => ready, STARTUP_MS);
  const handle = await handleOf(container);
  return {
    url,
    dataId: container.getId(),
    stop: () => handle.stop(),
    async start() {
      await handle.start();
      await until(isReady, (ready) => ready, STARTUP_MS);
    },
    close: async () => void (await container.stop()),
  };
}

async function prepareCollector(network: StartedNetwork, directory: string): Promise<TestCollector & { remove(): Promise<void> }> {
  const [grpc = 0, http = 0, health = 0, metrics = 0] = await claimPorts(4);
  // The collector is another user there.
  mkdirSync(directory, { recursive: true });
  chmodSync(directory, 0o777);
  const isHealthy = () => answers(`http://127.0.0.1:${health}`);
  let container: StartedTestContainer | undefined;
  let handle: Handle | undefined;
  return {
    grpcUrl: `http://127.0.0.1:${grpc}`,
    httpUrl: `http://127.0.0.1:${http}`,
    metricsUrl: `http://127.0.0.1:${metrics}/metrics`,
    async start() {
      if (handle !== undefined) await handle.start();
      else {
        const ports = { 4317: grpc, 4318: http, 13133: health, 8888: metrics };
        container = await startService('collector', network, ports, { '/var/lib/otelcol': directory });
        handle = await handleOf(container);
      }
      await until(isHealthy, (healthy) => healthy, STARTUP_MS);
    },
    kill: async () => void (await handle?.kill()),
    remove: async () => void (await container?.stop()),
  };
}

/** A container as compose.yaml describes it: image, user, command, environment and files; ports and data are the test's own. */
async function startService(
  name: string,
  network: StartedNetwork,
  ports: Record<number, number>,
  directories: Record<string, string>,
): Promise<StartedTestContainer> {
  const { GenericContainer, Wait } = await import('testcontainers');
  const { image, user, command = [], environment = {}, volumes = [] } = serviceOf(name);
  const files = volumes.flatMap((volume) => {
    const [source = '', target = ''] = volume.split(':');
    return source.startsWith('./') ? [{ source: resolve(ROOT, source), target, mode: 'ro' as const }] : [];
  });
  const data = Object.entries(directories).map(([target, source]) => ({ source, target, mode: 'rw' as const }));
  const container = new GenericContainer(image)
    .withNetwork(network)
    .withNetworkAliases(name)
    .withCommand(command)
    .withEnvironment(environment)
    .withBindMounts([...files, ...data])
    .withExposedPorts(...Object.entries(ports).map(([inside, host]) => ({ container: Number(inside), host })))
    // What both say; whether they answer is asked from outside, since one image has nothing in it that could ask.
    .withWaitStrategy(Wait.forLogMessage(/ready to receive web requests|Everything is ready/))
    .withStartupTimeout(STARTUP_MS);
  return (user === undefined ? container : container.withUser(user)).start();
}

interface Handle {
  start(): Promise<void>;
  stop(): Promise<void>;
  kill(): Promise<void>;
}

/** Testcontainers can start a container once; what a test does to it afterwards is said to the engine itself. */
async function handleOf(container: StartedTestContainer): Promise<Handle> {
  const { getContainerRuntimeClient } = await import('testcontainers');
  const engine = (await getContainerRuntimeClient()).container.getById(container.getId());
  return {
    start: async () => void (await engine.start()),
    stop: async () => void (await engine.stop()),
    kill: async () => void (await engine.kill()),
  };
}

async function answers(url: string): Promise<boolean> {
  return fetch(url).then(
    ({ ok }) => ok,
    () => false,
  );
}
