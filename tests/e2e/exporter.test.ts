import { execFile } from 'node:child_process';
import {
  appendFileSync,
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createRandom } from '../../deploy/local/demo/random.ts';
import { writeHistory } from '../../deploy/local/demo/tree.ts';
import { scanOnce } from '../../exporter/src/once.ts';
import { assistantLine, transcript } from '../fixtures/lines.ts';
import { readLedger } from '../tools/ledger.ts';
import { getJson, type Status, startExporter, until } from '../tools/parts.ts';
import { needs, pathOf } from '../tools/tools.ts';

const MAIN = join(import.meta.dirname, '..', '..', 'exporter', 'src', 'main.ts');
const run = promisify(execFile);

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'ccmeter-exporter-'));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

async function once(claudeDir: string, ...more: string[]): Promise<string> {
  const { stdout } = await run(process.execPath, [MAIN, 'once', '--claude-dir', claudeDir, ...more], { maxBuffer: 1e9 });
  return stdout;
}

/** Sums of a metric on a page, by the values of some of its labels. */
function sums(page: string, metric: string, ...labels: string[]): Map<string, number> {
  const found = new Map<string, number>();
  for (const [, text = '', value] of page.matchAll(new RegExp(`^${metric}{(.*)} (\\S+)$`, 'gm'))) {
    const key = labels.map((label) => new RegExp(`(?:^|,)${label}="((?:[^"\\\\]|\\\\.)*)"`).exec(text)?.[1] ?? '').join(' ');
    found.set(key, (found.get(key) ?? 0) + Number(value));
  }
  return found;
}

/** The independent count: `by_model.best` is input, output, cache reads, cache writes of each model. */
interface IndependentCount {
  by_model: { best: Record<string, [number, number, number, number]> };
}

describe('on real transcripts', () => {
  const options = needs('corpus');

  test('every token count equals the independent count', options, async () => {
    const corpus = pathOf('corpus');
    const count: IndependentCount = JSON.parse(readFileSync(join(corpus, '..', 'STATS.json'), 'utf8'));
    const tokens = sums(await once(corpus), 'ccmeter_tokens_total', 'model', 'kind');
    const of = (model: string, kind: string) => tokens.get(`${model} ${kind}`) ?? 0;
    const models = new Set([...tokens.keys()].map((key) => key.split(' ')[0] ?? ''));
    const ours = [...models].map((model) => [
      model,
      [of(model, 'input'), of(model, 'output'), of(model, 'cache_read'), of(model, 'cache_write_5m') + of(model, 'cache_write_1h')],
    ]);
    expect(Object.fromEntries(ours)).toEqual(count.by_model.best);
  });

  test('killed again and again during the first scan, it counts the same in the end', options, async () => {
    await killAndCompare(pathOf('corpus'), 6);
  });
});

test('the same on made-up transcripts: killed at random moments, nothing is lost and nothing counted twice', async () => {
  const claudeDir = join(directory, 'claude');
  writeHistory(claudeDir, Date.now(), createRandom(7), 90);
  await killAndCompare(claudeDir, 4);
});

async function killAndCompare(claudeDir: string, rounds: number): Promise<void> {
  const stateDir = join(directory, 'state');
  const options = ['--claude-dir', claudeDir, '--state-dir', stateDir];
  const random = createRandom(rounds);
  for (let round = 0; round < rounds; round++) {
    const exporter = await startExporter(options);
    const part = random.next();
    // Not a moment in time but a place in the work, so that a fast machine is tried as hard as a slow one.
    await until(
      () => getJson<Status & { bytes: number; bytesRead: number }>(`${exporter.url}/-/status`),
      ({ phase, bytes, bytesRead }) => phase === 'ready' || bytesRead >= part * bytes,
    );
    await exporter.kill();
  }
  const exporter = await startExporter(options);
  await until(
    () => getJson<Status>(`${exporter.url}/-/status`),
    ({ phase }) => phase === 'ready',
  );
  await exporter.stop();
  const { book } = scanOnce([claudeDir], Date.now(), () => {});
  const ledger = readLedger(stateDir);
  for (const metric of [
    'ccmeter_tokens_total',
    'ccmeter_cost_usd_total',
    'ccmeter_requests_total',
    'ccmeter_sessions_total',
    'ccmeter_messages_total',
  ] as const) {
    expect(ledger.total(metric), metric).toBe(book.total(metric));
    expect(ledger.added(metric, 0, Date.now() + 60_000), `change log of ${metric}`).toBe(book.total(metric));
  }
}

test('files that move, are cut, copied or deleted change nothing that was counted', async () => {
  const folder = join(directory, 'claude', 'projects', '-home-someone-harbour');
  const path = (number: number) => join(folder, `5e551011-0000-4000-a000-00000000000${number}.jsonl`);
  const lines = Array.from({ length: 4 }, (_, at) => transcript([assistantLine({ messageId: `msg_01FILE${at}`, usage: { output: 10 } })]));
  const stateDir = join(directory, 'state');
  const options = ['--claude-dir', join(directory, 'claude'), '--state-dir', stateDir];
  const tokens = (wanted: number) =>
    until(
      async () => readLedger(stateDir).total('ccmeter_tokens_total'),
      (total) => total === wanted,
    );
  mkdirSync(folder, { recursive: true });
  let exporter = await startExporter(options);

  writeFileSync(path(1), lines.slice(0, 2).join(''));
  await tokens(20);
  renameSync(path(1), path(2));
  appendFileSync(path(2), lines[2] ?? '');
  await tokens(30);
  copyFileSync(path(2), path(3));
  // The last line is taken back, as Claude Code does after a broken stream, and another one written.
  writeFileSync(path(2), lines.slice(0, 2).join(''));
  appendFileSync(path(2), lines[3] ?? '');
  await tokens(40);
  await exporter.stop();

  rmSync(folder, { recursive: true });
  exporter = await startExporter(options);
  await until(
    () => getJson<Status>(`${exporter.url}/-/status`),
    ({ phase, tokens: shown }) => phase === 'ready' && shown === 40,
  );
  mkdirSync(folder, { recursive: true });
  writeFileSync(path(4), lines.join(''));
  writeFileSync(path(5), transcript([assistantLine({ usage: { output: 2 } })]));
  await tokens(42);
  await exporter.stop();
});

test.each(['prometheus', 'openmetrics'])('the page in %s format says the same', async (format) => {
  const claudeDir = join(directory, 'claude');
  writeHistory(claudeDir, Date.now(), createRandom(3), 20);
  const { book } = scanOnce([claudeDir], Date.now(), () => {});
  const tokens = sums(await once(claudeDir, '--format', format), 'ccmeter_tokens_total');
  expect(tokens.get('')).toBe(book.total('ccmeter_tokens_total'));
});

test('a recount agrees with the ledger, says what is gone and what is not counted yet', async () => {
  const claudeDir = join(directory, 'claude');
  const stateDir = join(directory, 'state');
  const check = () => run(process.execPath, [MAIN, 'check', '--claude-dir', claudeDir, '--state-dir', stateDir]);
  const rows = (text: string) => [...text.matchAll(/^ *([\d,]+) {2}/gm)].map(([, count = '']) => Number(count.replaceAll(',', '')));
  writeHistory(claudeDir, Date.now(), createRandom(3), 10);
  await expect(check()).rejects.toMatchObject({ code: 2, stderr: expect.stringContaining('where there is no ledger') });
  const exporter = await startExporter(['--claude-dir', claudeDir, '--state-dir', stateDir]);
  await until(
    () => getJson<Status>(`${exporter.url}/-/status`),
    ({ phase }) => phase === 'ready',
  );
  const [same = 0, ...others] = rows((await check()).stdout);
  expect(same).toBeGreaterThan(50);
  expect(others).toEqual([0, 0, 0]);
  await exporter.stop();

  const [first = ''] = readdirSync(claudeDir, { recursive: true, encoding: 'utf8' }).filter((path) => path.endsWith('.jsonl'));
  rmSync(join(claudeDir, first));
  writeFileSync(join(claudeDir, 'projects', `${createRandom(1).uuid()}.jsonl`), transcript([assistantLine()]));
  const failed = await check().catch((error: { code: number; stdout: string }) => error);
  expect(failed).toMatchObject({ code: 1 });
  const [, gone = 0, missing, grown] = rows(failed.stdout);
  expect(gone).toBeGreaterThan(0);
  expect([missing, grown]).toEqual([1, 0]);
});

test('promtool finds nothing to say about the page', needs('promtool'), async () => {
  const claudeDir = join(directory, 'claude');
  writeHistory(claudeDir, Date.now(), createRandom(3), 20);
  const checking = run(pathOf('promtool'), ['check', 'metrics']);
  checking.child.stdin?.end(await once(claudeDir));
  expect(await checking).toEqual({ stdout: '', stderr: '' });
});

test.each([
  [['--port', '99999999'], '--port is 99999999; it wants a number from 0 to 65535'],
  [['--claude-dir', '/nowhere/at/all'], '--claude-dir is /nowhere/at/all, which does not exist'],
  [['--listen', '0.0.0.0'], '--listen is 0.0.0.0; the exporter serves this machine only'],
  [['--events-url', 'ftp://x'], '--events-url is ftp://x; it wants an http or https URL'],
])('a wrong option stops the start with one line: %s', async (args, message) => {
  const failed = run(process.execPath, [MAIN, 'run', '--state-dir', join(directory, 'state'), ...args]);
  await expect(failed).rejects.toMatchObject({ code: 2, stderr: expect.stringContaining(message) });
  await expect(failed).rejects.toMatchObject({ stderr: expect.stringMatching(/^[^\n]*\n$/) });
});
