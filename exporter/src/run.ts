import type { Config } from './config.ts';
import { keyPlaceOf } from './emit/key-commands.ts';
import { createSender } from './emit/sender.ts';
import { loadSigner } from './emit/sign.ts';
import { Health } from './health.ts';
import { Ledger } from './ledger/ledger.ts';
import { describeRepair } from './ledger/recovery.ts';
import { createLog } from './log.ts';
import { createHistory } from './meter/history.ts';
import { createLocalTime, systemTimeZone } from './meter/local-time.ts';
import type { createOtlp, OtlpOptions } from './meter/otlp.ts';
import type { OtlpSettings } from './meter/otlp-settings.ts';
import { collectFamilies, SESSION_INFO_MS } from './meter/points.ts';
import { createPriceBook, NANO_USD } from './price/cost.ts';
import { showQuota } from './quota/file.ts';
import { Scanner } from './scan.ts';
import { serve } from './serve.ts';
import { VERSION } from './version.ts';
import { keepWatching, pauseBetweenSweeps, type Watching } from './watch/watching.ts';

/** Gauges and the exporter's health are written so often. */
const TICK_MS = 30_000;

const WRITE_SOON_MS = 1000;

/** The history of years is through in less, where a collector is there. */
const FLUSH_MS = 60_000;

/** What is left to do when the process ends is given up after this. */
const CLOSE_MS = 5000;

/** An exporter that counts, serves and sends. */
export interface Running {
  url: string;
  /** Resolves when all that was there at the start is counted. */
  scanned: Promise<void>;
  /** Resolves when the ledger has broken: the exporter has to be closed and started anew, which mends it. */
  broken: Promise<void>;
  /** Somebody has found the ledger broken. */
  onBroken(error: unknown): void;
  close(): Promise<void>;
}

/** Counts, serves and sends until `close` is called. */
export async function run(config: Config, otlp: OtlpSettings | undefined): Promise<Running> {
  const log = createLog(config.logLevel);
  const now = Date.now;
  const health = new Health(now());
  const ledger = new Ledger(config.stateDir, config.host, createLocalTime(systemTimeZone()), createPriceBook(config.prices), config.names);
  // Somebody takes them: then a first history of 7 GB of transcripts waits whole, in 350 MB.
  if (config.eventsUrl !== undefined) ledger.maxOutboxEvents = 1_000_000;
  if (ledger.repricing !== undefined)
    log.warn({ ...ledger.repricing }, 'prices have changed: what costs more is counted again, what costs less stays counted');
  for (const repair of ledger.repairs) {
    health.add('ccmeter_exporter_ledger_repairs_total', { reason: repair.damage });
    log.warn(repair, describeRepair(repair));
  }
  const signer = loadSigner(keyPlaceOf(config, process.env));
  const broken = Promise.withResolvers<void>();
  let isBroken = false;
  const onBroken = (error: unknown) => {
    if (!isBroken) log.error({ problem: String(error) }, 'the ledger is broken; starting anew to mend it');
    isBroken = true;
    // However it is closed now, it is to be looked through when it is opened.
    ledger.mayBeBehind = true;
    broken.resolve();
  };
  const scanner = new Scanner({ claudeDirs: config.claudeDirs, ledger, health, log, now, onBroken });
  const families = () => {
    refreshHealth(health, ledger);
    showQuota(health, config.stateDir, now());
    return collectFamilies(ledger.host, ledger.shownBook, ledger.sessionsSince(now() - SESSION_INFO_MS), health, now(), ledger.names);
  };

  const isReady = () => scanner.progress().phase === 'ready';
  const server = await serve({
    families,
    listen: config.listen,
    port: config.port,
    version: VERSION,
    isReady,
    status: () => ({ ...scanner.progress(), ...describe(config, ledger, signer.publicKey) }),
  }).catch((error: unknown) => {
    ledger.close();
    throw error;
  });
  const pushed = otlp && (await createOtlpLazily({ ...otlp, families, ledger, health, log, now, isReady }));
  const history =
    config.remoteWriteUrl === undefined
      ? undefined
      : createHistory({
          url: config.remoteWriteUrl,
          headers: config.remoteWriteHeaders,
          sink: sinkName(config),
          ledger,
          health,
          log,
          fetch,
          now,
        });
  const sender =
    config.eventsUrl === undefined
      ? undefined
      : createSender({ url: config.eventsUrl, source: ledger.host, signer, ledger, health, log, fetch });

  // Gauges follow a change within a second; many changes are one write. Never before the history: a database whose first sample is of
  // today takes all older ones out of order, which makes it slow.
  let writingNow: NodeJS.Timeout | undefined;
  const writeSoon = () => {
    if (history === undefined) return;
    writingNow ??= setTimeout(() => {
      writingNow = undefined;
      if (scanner.progress().phase !== 'ready' || ledger.pendingSamples(sinkName(config)) > 0) writeSoon();
      else void history.writeNow(families());
    }, WRITE_SOON_MS);
  };
  scanner.onSettled = () => {
    history?.notify();
    pushed?.notify();
    sender?.notify();
    writeSoon();
  };
  let timer: NodeJS.Timeout | undefined;
  let sweeping: NodeJS.Timeout | undefined;
  let lastSweepMs = 0;
  let watching: Watching | undefined;
  const scanned = start();

  async function start(): Promise<void> {
    await scanner.sweep();
    if (scanner.closed) return;
    log.info(scanner.progress(), 'ready');
    void pushed?.flush(FLUSH_MS);
    watching = keepWatching({
      claudeDirs: config.claudeDirs,
      onChange: (path) => scanner.look(path),
      // Changes between the scan and the first watch would be seen by nobody else before the next sweep.
      onReady: () => void sweep(),
      health,
      log,
    });
    timer = setInterval(writeSoon, TICK_MS);
  }

  /** Looks for changes that nobody told of, now and then again. */
  async function sweep(): Promise<void> {
    clearTimeout(sweeping);
    const begun = performance.now();
    await scanner.sweep();
    if (scanner.closed) return;
    clearTimeout(sweeping);
    const sweepMs = performance.now() - begun;
    // One that had much to read says nothing of how long the looking takes.
    const pauseMs = pauseBetweenSweeps(Math.min(sweepMs, lastSweepMs), watching?.isComplete() ?? false);
    lastSweepMs = sweepMs;
    sweeping = setTimeout(() => void sweep(), pauseMs);
  }

  return {
    url: server.url,
    scanned,
    broken: broken.promise,
    onBroken,
    async close() {
      clearInterval(timer);
      clearTimeout(sweeping);
      clearTimeout(writingNow);
      await watching?.close();
      await scanner.close();
      // From a broken ledger nothing more can be sent.
      await Promise.allSettled([history?.flush(CLOSE_MS), sender?.flush(CLOSE_MS)]);
      await Promise.allSettled([history?.close(), sender?.close(), pushed?.close(CLOSE_MS), server.close()]);
      ledger.close();
    },
  };
}

/** The OpenTelemetry packages take a third of a second to load, so only those who send OTLP load them. */
async function createOtlpLazily(options: OtlpOptions): Promise<ReturnType<typeof createOtlp>> {
  const otlp = await import('./meter/otlp.ts');
  return otlp.createOtlp(options);
}

function sinkName(config: Config): string {
  return `${config.remoteWriteUrl} ${config.remoteWriteId}`;
}

function refreshHealth(health: Health, ledger: Ledger): void {
  health.set('ccmeter_exporter_build_info', { version: VERSION }, 1);
  const excess = Object.entries(ledger.costExcess).map(([model, nano]) => ({ labels: { model }, value: nano / NANO_USD }));
  health.replace('ccmeter_cost_excess_usd', excess);
  for (const [metric, size] of ledger.book.sizes()) health.set('ccmeter_exporter_series', { metric }, size);
  for (const { label, limit, admitted, folded } of ledger.book.bounds.fill()) {
    health.set('ccmeter_exporter_label_values', { label }, admitted);
    health.set('ccmeter_exporter_label_values_limit', { label }, limit);
    health.set('ccmeter_exporter_folded_values_total', { label }, folded);
  }
  health.set('ccmeter_exporter_outbox_events', {}, ledger.outboxSize);
  const dropped = ledger.droppedEvents;
  if (dropped > 0) health.set('ccmeter_exporter_events_total', { result: 'dropped' }, dropped);
  const { historyStartMs } = ledger;
  if (historyStartMs !== undefined) health.set('ccmeter_history_start_timestamp_seconds', {}, historyStartMs / 1000);
}

function describe(config: Config, ledger: Ledger, publicKey: string): Record<string, unknown> {
  return {
    sessions: ledger.book.total('ccmeter_sessions_total'),
    tokens: ledger.book.total('ccmeter_tokens_total'),
    historyStartMs: ledger.historyStartMs ?? null,
    pendingSamples: config.remoteWriteUrl === undefined ? 0 : ledger.pendingSamples(sinkName(config)),
    outboxEvents: ledger.outboxSize,
    claudeDirs: config.claudeDirs,
    instanceId: ledger.instanceId,
    host: ledger.host,
    publicKey,
  };
}
