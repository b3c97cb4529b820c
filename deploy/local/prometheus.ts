import { randomUUID } from 'node:crypto';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { LogFile } from './log-file.ts';
import { createPart, type Part } from './part.ts';
import { commandLineOf, endProcess } from './processes.ts';

/** Where and how Prometheus runs. */
export interface PrometheusPlan {
  program: string;
  directory: string;
  port: number;
  log: LogFile;
  /** Options beside ours, such as a receiver that only version 3 has. */
  more?: readonly string[];
  say(text: string): void;
}

/** A Prometheus of ours: the part, where it is, and the name of its data. */
export interface Prometheus {
  part: Part;
  url: string;
  /** Changes when the data are new, so that the exporter writes everything again. */
  dataId: string;
}

/** Days in which anything may have happened that is still to be written. */
const HISTORY_DAYS = 3650;
/**
 * Hours in a block before blocks are joined. With the usual 2 a year of history begins as thousands of blocks; with many more,
 * samples that were written late would stay long in the out-of-order head, which is slow to replay. Measured on 19 months, 72,583 samples: 17
 * blocks after joining, ready again in 70 ms.
 */
const BLOCK_HOURS = 24;
/** Replaying the log of a long head, and compacting before the end, take their time. */
const STOP_PATIENCE_MS = 30_000;

const CONFIGURATION = `# Written by ccmeter at each start. Nothing is scraped: the exporter writes past and present with their own times.
global: {}
storage:
  tsdb:
    out_of_order_time_window: ${HISTORY_DAYS}d
`;

/** Prepares Prometheus on 127.0.0.1. */
export function createPrometheus(plan: PrometheusPlan): Prometheus {
  const data = join(plan.directory, 'data');
  const configuration = join(plan.directory, 'prometheus.yml');
  const pidFile = pidFileIn(plan.directory);
  mkdirSync(data, { recursive: true, mode: 0o700 });
  writeFileSync(configuration, CONFIGURATION);
  const url = `http://127.0.0.1:${plan.port}`;
  const part = createPart({
    name: 'Prometheus',
    program: plan.program,
    args: [...prometheusArguments({ configuration, data, port: plan.port }), ...(plan.more ?? [])],
    channel: false,
    log: plan.log,
    untilUp: (_child, signal) => untilReady(url, signal),
    stopPatienceMs: STOP_PATIENCE_MS,
    onStarted: (pid) => writeFileSync(pidFile, `${pid}\n`),
    say: plan.say,
  });
  const stop = async (): Promise<void> => {
    await part.stop();
    rmSync(pidFile, { force: true });
  };
  return { part: { ...part, stop }, url, dataId: readDataId(join(data, 'ccmeter-data-id')) };
}

/** The command line: loopback only, no page of another site may read it, no admin or lifecycle API, bounded queries. */
function prometheusArguments(plan: { configuration: string; data: string; port: number }): string[] {
  return [
    `--config.file=${plan.configuration}`,
    `--storage.tsdb.path=${plan.data}`,
    '--storage.tsdb.retention.time=10y',
    `--storage.tsdb.min-block-duration=${BLOCK_HOURS}h`,
    `--web.listen-address=127.0.0.1:${plan.port}`,
    '--web.enable-remote-write-receiver',
    '--web.cors.origin=^$',
    '--web.max-connections=256',
    '--query.timeout=30s',
    '--query.max-concurrency=8',
    '--query.max-samples=20000000',
    '--log.level=warn',
  ];
}

/** Stops a Prometheus that a killed start left behind on the same data. */
export async function stopOrphan(directory: string, say: (text: string) => void): Promise<void> {
  const pid = Number(readOr(pidFileIn(directory), ''));
  if (!Number.isSafeInteger(pid) || pid <= 1) return;
  // The number may belong to somebody else by now: only a process that was given our data is ours.
  if (!(await commandLineOf(pid)).includes(`--storage.tsdb.path=${join(directory, 'data')}`)) return;
  say('Stopping the Prometheus that an earlier start left behind …');
  await endProcess(pid, STOP_PATIENCE_MS);
}

function pidFileIn(directory: string): string {
  return join(directory, 'prometheus.pid');
}

function readDataId(path: string): string {
  const known = readOr(path, '').trim();
  if (known !== '') return known;
  const id = randomUUID();
  writeFileSync(path, `${id}\n`);
  return id;
}

function readOr(path: string, otherwise: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return otherwise;
  }
}

async function untilReady(url: string, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    const response = await fetch(`${url}/-/ready`, { signal }).catch(() => undefined);
    await response?.body?.cancel();
    if (response?.ok) return;
    await sleep(50, undefined, { signal }).catch(() => {});
  }
}
