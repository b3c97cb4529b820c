import { execFileSync, fork } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { cardinality } from './cardinality.ts';
import { history } from './history.ts';
import { measure, median, quantile } from './measure.ts';
import { page } from './page.ts';

const MAIN = join(import.meta.dirname, '..', 'src', 'start.js');
/** As the script `exporter` of package.json starts it. */
const AS_NPM_RUN = ['--max-semi-space-size=4'];
const ROOT = join(import.meta.dirname, '..', '..');

/** Every bench, by name: gives back the lines to print. */
export const benches: Record<string, () => Promise<string[]>> = { scan, live, page, history, cardinality };

/** Where real transcripts are, if anywhere. */
function transcriptsDir(): string | undefined {
  return [process.env.CCMETER_BENCH_DIR, join(ROOT, '..', 'shared', 'data', 'corpus')].find((dir) => dir !== undefined && existsSync(dir));
}

/** A cold scan with all trackers, a process from start to end, beside `cat` and, where `npx` has it, ccusage on the same files. */
async function scan(): Promise<string[]> {
  const dir = transcriptsDir();
  if (dir === undefined) return ['no transcripts: name a directory with CCMETER_BENCH_DIR'];
  const files = transcriptsBelow(dir);
  const megabytes = files.reduce((sum, path) => sum + statSync(path).size, 0) / 1e6;
  const row = (name: string, seconds: number, memory: number | undefined) =>
    `${name.padEnd(24)} ${seconds.toFixed(2).padStart(7)} s ${(megabytes / seconds).toFixed(0).padStart(6)} MB/s ${memory === undefined ? '' : `${memory.toFixed(0).padStart(6)} MB peak`}`;
  const cat = await median(3, () => measure('cat', files));
  const ours = await median(3, () => measure(process.execPath, [...AS_NPM_RUN, MAIN, 'once', '--claude-dir', dir]));
  const lines = [
    `${files.length} transcripts, ${megabytes.toFixed(0)} MB`,
    row('cat', cat.seconds, undefined),
    row('ccmeter once', ours.seconds, ours.megabytes),
    `ccmeter / cat            ${(ours.seconds / cat.seconds).toFixed(1)}`,
  ];
  const ccusage = findCcusage();
  if (ccusage === undefined) return [...lines, 'ccusage is not installed: put it on the PATH to compare'];
  const roots = configDirsBelow(dir).join(',');
  const peer = await median(3, () => measure(ccusage, ['daily', '--offline', '--json'], { ...process.env, CLAUDE_CONFIG_DIR: roots }));
  return [
    ...lines,
    row('ccusage', peer.seconds, peer.megabytes),
    `ccmeter / ccusage        ${(ours.seconds / peer.seconds).toFixed(2)} (bar: 0.75)`,
  ];
}

function findCcusage(): string | undefined {
  try {
    return execFileSync('which', ['ccusage'], { encoding: 'utf8' }).trim() || undefined;
  } catch {
    return undefined;
  }
}

function transcriptsBelow(dir: string): string[] {
  return readdirSync(dir, { recursive: true, encoding: 'utf8' })
    .filter((path) => /(?:^|\/)(?:[0-9a-f-]{36}|agent-[^/]*)\.jsonl$/.test(path))
    .map((path) => join(dir, path));
}

function configDirsBelow(dir: string): string[] {
  return readdirSync(dir, { recursive: true, withFileTypes: true, encoding: 'utf8' })
    .filter((entry) => entry.isDirectory() && entry.name === 'projects')
    .map((entry) => entry.parentPath);
}

/** From an append to the value on `/metrics`, asked again and again, in a directory that is otherwise still. */
async function live(): Promise<string[]> {
  const directory = mkdtempSync(join(tmpdir(), 'ccmeter-bench-'));
  const path = join(directory, 'claude', 'projects', '-bench', '5e551011-0000-4000-a000-000000000001.jsonl');
  mkdirSync(dirname(path), { recursive: true });
  appendFileSync(path, line(0));
  const args = [
    'run',
    '--port',
    '0',
    '--log-level',
    'silent',
    '--claude-dir',
    join(directory, 'claude'),
    '--state-dir',
    join(directory, 'state'),
  ];
  const exporter = fork(MAIN, args, { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
  try {
    const [{ url }] = (await once(exporter, 'message')) as [{ url: string }];
    await untilRequests(url, 1);
    const delays: number[] = [];
    for (let round = 1; round <= 200; round++) {
      const begun = performance.now();
      appendFileSync(path, line(round));
      await untilRequests(url, round + 1);
      delays.push(performance.now() - begun);
      // Uneven pauses, some of them shorter than what a watcher puts together.
      await setTimeout((round * 37) % 150);
    }
    return [
      `append to /metrics, 200 appends: p50 ${quantile(delays, 0.5).toFixed(1)} ms, p99 ${quantile(delays, 0.99).toFixed(1)} ms (bar: p99 50 ms)`,
    ];
  } finally {
    exporter.kill();
    await once(exporter, 'exit');
    rmSync(directory, { recursive: true, force: true });
  }
}

async function untilRequests(url: string, wanted: number): Promise<void> {
  for (;;) {
    const page = await (await fetch(`${url}/metrics`)).text();
    if (Number(/^ccmeter_requests_total{.*} (\d+)$/m.exec(page)?.[1]) >= wanted) return;
  }
}

function line(number: number): string {
  const message = {
    id: `msg_01BENCH${number}`,
    model: 'claude-opus-5',
    stop_reason: 'end_turn',
    usage: { input_tokens: 1, output_tokens: 1 },
  };
  return `${JSON.stringify({ cwd: '/bench', message, type: 'assistant', uuid: `u${number}`, timestamp: new Date().toISOString() })}\n`;
}
