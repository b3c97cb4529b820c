import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { isIP } from 'node:net';
import { join } from 'node:path';
import { withGuests } from './access/guest-keys.ts';
import { openAccess } from './access/open.ts';
import { openSourceKeys } from './access/source-keys.ts';
import { type App, createApp } from './app.ts';
import { runCommand } from './commands.ts';
import { type Config, ConfigError, isHelp, readConfig } from './config.ts';
import { readWishes, runDoctor } from './doctor/command.ts';
import { createSelfTest } from './doctor/self-test.ts';
import { openBus } from './live/bus/bus.ts';
import { createRelay } from './live/bus/relay.ts';
import { createHub } from './live/hub.ts';
import { createThreadReader } from './live/reader.ts';
import { startSnapshots } from './live/snapshots.ts';
import { createEventStore, type EventStore } from './live/store.ts';
import { createLog, type Logger } from './log.ts';
import { addQueueGauges, addUpstreamGauges, createMetrics } from './metrics.ts';
import { createWebFiles } from './routes/web-files.ts';
import { type RunningServer, startServer } from './server.ts';
import { readTls } from './tls.ts';
import { openCredentials, scopesOf } from './upstream/options.ts';
import { createPrometheus, type UpstreamResult } from './upstream/prometheus.ts';

try {
  const args = process.argv.slice(2);
  if (args[0] === 'doctor') await doctor(args.slice(1));
  else if (!(await runCommand(args, process.env, (line) => process.stdout.write(`${line}\n`)))) await run(readConfig(args, process.env));
} catch (error) {
  if (!isHelp(error)) fail(error);
}

/** Ends with status 1 where something fails. */
async function doctor(args: readonly string[]): Promise<void> {
  const { wishes, rest } = readWishes(args);
  const well = await runDoctor(readConfig(rest, process.env), process.env, wishes, (line) => process.stdout.write(`${line}\n`));
  process.exitCode = well ? 0 : 1;
}

async function run(config: Config): Promise<void> {
  const log = createLog(config.logLevel);
  const headers = openCredentials(config, process.env);
  const scopes = scopesOf(config.scopes);
  const metrics = createMetrics(true);
  const sourceKeys = withGuests(await openKeys(config, log));
  const store = openStore(config);
  const reader = createThreadReader(eventFile(config), log);
  const access = await openAccess(config, process.env, log);
  const bus = config.bus === '' ? undefined : await openBus(config.bus, log);
  const hub = createHub({
    idPrefix: bus === undefined ? '' : `${nameOf(store)}-`,
    latestSeq: store.latestSeq,
    maxClients: config.maxStreams,
    now: Date.now,
    onCut: () => metrics.cutStreamClients.inc(),
    onFrames: (frames) => metrics.streamFrames.inc(frames),
  });
  const tellReach = createReachLog(log);
  const upstream = createPrometheus({
    url: config.prometheusUrl,
    timeoutMs: config.queryTimeoutSeconds * 1000,
    headers,
    isSettled: () => Date.now() - (store.lastReceivedMs() ?? 0) > SETTLED_MS,
    onKept: () => metrics.keptAnswers.inc(),
    observe: (result, seconds) => {
      metrics.upstreamSeconds.observe({ result }, seconds);
      tellReach(result);
    },
  });
  addUpstreamGauges(metrics.registry, upstream.state);
  const relay = bus && createRelay({ bus, store, hub, log, now: Date.now, random: Math.random });
  addQueueGauges(metrics.registry, { streamBytes: hub.waitingBytes, busEvents: relay?.waitingEvents });
  const app: App = createApp({
    onStored: () => relay?.notify(),
    upstream,
    store,
    reader,
    hub,
    metrics,
    log,
    web: createWebFiles(config.webDirectory),
    access,
    allowHosts: namesOf(config),
    scopes,
    exporterUrl: config.exporterUrl,
    queryRate: config.queryRate,
    sourceKeys,
    sendRate: config.sendRate,
    selfTest: (options, signal) => selfTest(options, signal),
    version: readVersion(),
    now: Date.now,
    random: Math.random,
  });
  const exporterMain = exporterBeside();
  const selfTest = createSelfTest({
    app,
    store,
    access,
    guests: sourceKeys,
    exporterMain,
    writeUrl: writeUrlOf(config),
    headers,
    now: Date.now,
  });
  const server = await listen(app, config, log);
  const stopSnapshots = startSnapshots({
    reader,
    hub,
    latestSeq: store.latestSeq,
    now: Date.now,
  });
  const { url } = server;
  log.info({ url, prometheus: config.prometheusUrl, storedEvents: store.count() }, 'listening');
  process.send?.({ type: 'listening', url });
  onStop(async () => {
    log.info('stopping');
    stopSnapshots();
    hub.close();
    await server.close();
    await relay?.close();
    sourceKeys.close();
    access.tokens.close();
    access.logins.close();
    await reader.close();
    store.close();
  });
}

/** The exporter of the same checkout; an image of the query API has none. */
function exporterBeside(): string | undefined {
  const path = join(import.meta.dirname, '..', '..', 'exporter', 'src', 'main.ts');
  return existsSync(path) ? path : undefined;
}

/** Where samples are written; empty for nowhere. */
function writeUrlOf({ prometheusUrl, prometheusWriteUrl }: Config): string {
  return prometheusWriteUrl === 'none' ? '' : prometheusWriteUrl || `${prometheusUrl}/api/v1/write`;
}

/** After the last event it takes the exporter this long at most to have written all that belongs to it. */
const SETTLED_MS = 60_000;

/** Logs when Prometheus is lost and when it is back, once each. */
function createReachLog(log: Logger): (result: UpstreamResult) => void {
  let reachable = true;
  return (result) => {
    const now = result === 'unreachable' ? false : result === 'ok' ? true : reachable;
    if (now !== reachable) log[now ? 'info' : 'warn'](now ? 'Prometheus is back' : 'Prometheus cannot be reached');
    reachable = now;
  };
}

async function openKeys(config: Config, log: Logger) {
  const given = new Map(config.sourceKeys.map(({ source, key }) => [source, key]));
  const file = config.sourceKeysFile || undefined;
  try {
    return await openSourceKeys({ given, file, url: config.sourceKeysUrl || undefined }, { log, fetch });
  } catch (cause) {
    throw new ConfigError(
      `--source-keys-file: ${file} cannot be used (${messageOf(cause)}), wanted {"keys":[{"source_id","public_key"}]}`,
      {
        cause,
      },
    );
  }
}

function eventFile(config: Config): string {
  return join(config.stateDirectory, 'api', 'events.db');
}

function openStore(config: Config) {
  const path = eventFile(config);
  try {
    return createEventStore(path, { events: config.eventsKept, days: config.keepDays, bytes: config.keepMegabytes * 1_000_000 });
  } catch (cause) {
    throw new ConfigError(`--state-dir: ${path} cannot be used (${messageOf(cause)}), wanted a directory that can be written`, { cause });
  }
}

async function listen(app: App, config: Config, log: Logger): Promise<RunningServer> {
  const tls = tlsOf(config);
  try {
    return await startServer(app, config.listen, config.port, tls && { files: tls, log }, { maxStreams: config.maxStreams });
  } catch (cause) {
    const inUse = cause instanceof Error && 'code' in cause && cause.code === 'EADDRINUSE';
    const problem = inUse ? 'is in use' : `cannot be listened on (${messageOf(cause)})`;
    throw new ConfigError(`--port: ${config.port} on ${config.listen} ${problem}, wanted a free port; 0 takes any`, { cause });
  }
}

function tlsOf({ tlsCert: cert, tlsKey: key }: Config) {
  if (cert === '' && key === '') return undefined;
  if (cert === '' || key === '') throw new ConfigError('--tls-cert: wants --tls-key beside it, and the other way round');
  try {
    readTls({ cert, key });
  } catch (cause) {
    throw new ConfigError(`--tls-cert: ${messageOf(cause)}, wanted a certificate and its key in PEM`, { cause });
  }
  return { cert, key };
}

/** A name of this store that no other has: ids of events begin with it where several processes tell theirs. */
function nameOf(store: EventStore): string {
  const name = store.position('name') ?? randomBytes(6).toString('hex');
  store.setPosition('name', name);
  return name;
}

/** The names under which we may be asked for: those given, and what follows from the other options. */
function namesOf(config: Config): string[] {
  const fromUrl = config.publicUrl === '' ? [] : [new URL(config.publicUrl).hostname];
  const listened = isIP(config.listen) === 6 ? `[${config.listen}]` : config.listen;
  return [...config.allowHosts, ...fromUrl, ...(['0.0.0.0', '[::]'].includes(listened) ? [] : [listened])];
}

/** Once, whatever asks first: a signal, or the end of the process that started us. */
function onStop(stop: () => Promise<void>): void {
  let stopping = false;
  const once = async () => {
    if (stopping) return;
    stopping = true;
    await stop();
    process.exit(0);
  };
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, once);
  if (process.channel !== undefined) process.on('disconnect', once);
}

function readVersion(): string {
  const text: unknown = JSON.parse(readFileSync(join(import.meta.dirname, '..', 'package.json'), 'utf8'));
  return typeof text === 'object' && text !== null && 'version' in text ? String(text.version) : 'unknown';
}

function fail(error: unknown): void {
  process.stderr.write(`query-api: ${messageOf(error)}\n`);
  if (!(error instanceof ConfigError) && error instanceof Error) process.stderr.write(`${error.stack}\n`);
  process.exitCode = error instanceof ConfigError ? 2 : 1;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
