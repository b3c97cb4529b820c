import { execFile } from 'node:child_process';
import {
  appendFileSync,
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { promisify } from 'node:util';
import { afterAll, afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createRandom } from '../../deploy/local/demo/random.ts';
import { writeHistory } from '../../deploy/local/demo/tree.ts';
import { scanOnce } from '../../exporter/src/once.ts';
import { assistantLine, transcript } from '../fixtures/lines.ts';
import { needsMounts, needsNamespaces, needsPermissions, withLittleRoom, withoutPower, withWatches } from '../tools/harsh.ts';
import { getJson, type Part, type Status, startExporter, startExporterBy, until } from '../tools/parts.ts';

const MAIN = join(import.meta.dirname, '..', '..', 'exporter', 'src', 'main.ts');
const execute = promisify(execFile);

/** Made once, to find out what this system lets us do. */
const trial = mkdtempSync(join(tmpdir(), 'ccmeter-trial-'));
writeFileSync(join(trial, 'forbidden'), 'x', { mode: 0 });
afterAll(() => rmSync(trial, { recursive: true, force: true }));

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'ccmeter-robust-'));
  mkdirSync(join(directory, 'claude'));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

const claude = () => join(directory, 'claude');
const state = () => join(directory, 'state');
const options = () => ['--claude-dir', claude(), '--state-dir', state()];

/** Where the transcript of a session is. */
const sessionPath = (number: number) =>
  join(claude(), 'projects', `-p${number}`, `5e551011-0000-4000-a000-${String(number).padStart(12, '0')}.jsonl`);

/** Adds responses of ten tokens each to a transcript. */
function append(path: string, ...ids: string[]): void {
  mkdirSync(dirname(path), { recursive: true });
  appendFileSync(path, transcript(ids.map((id) => assistantLine({ messageId: `msg_01${id}`, usage: { output: 10 } }))));
}

function untilTokens(part: Part, wanted: number): Promise<Status> {
  return until(
    () => getJson<Status>(`${part.url}/-/status`),
    ({ phase, tokens }) => phase === 'ready' && tokens === wanted,
  );
}

/** The value of a series on the page, by a part of its text. */
async function shown(part: Part, series: string): Promise<number | undefined> {
  const page = await (await fetch(`${part.url}/metrics`)).text();
  const line = page.split('\n').find((text) => text.includes(series));
  return line === undefined ? undefined : Number(line.split(' ').at(-1));
}

/** Runs the exporter until it ends by itself. */
function exporter(...args: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  return execute(process.execPath, [MAIN, ...args], { timeout: 60_000 }).then(
    ({ stdout, stderr }) => ({ code: 0, stdout, stderr }),
    (error: { code: number; stdout: string; stderr: string }) => error,
  );
}

describe('a state directory that cannot be', () => {
  const cases: [name: string, prepare: () => string, wanted: string][] = [
    ['below /proc', () => '/proc/ccmeter', 'ENOENT'],
    ['below a file', () => join(MAIN, 'state'), 'EEXIST'],
    ['a file', () => MAIN, 'EEXIST'],
    ['with a directory in place of the lock', () => below('ledger.lock'), 'EISDIR'],
  ];
  const below = (name: string) => {
    const path = join(directory, 'state');
    mkdirSync(join(path, name), { recursive: true });
    return path;
  };

  test.each(cases)(
    '%s stops the start at once, with one line that names the option, the value and what is wanted',
    async (_, prepare, wanted) => {
      const path = prepare();
      const { code, stderr } = await exporter('run', '--port', '0', '--claude-dir', join(directory, 'claude'), '--state-dir', path);
      expect(code).toBe(2);
      expect(stderr).toMatch(/^exporter: [^\n]*\n$/);
      expect(stderr).toContain(`--state-dir is ${path}, `);
      expect(stderr).toContain(wanted);
      expect(stderr).toContain('it wants a directory that can be written');
    },
  );
});

test('where the limit of watches is reached it says so, and finds every change by looking', needsNamespaces(), async () => {
  for (let number = 0; number < 40; number++) append(sessionPath(number), `OLD${number}`);
  const part = await startExporterBy(withWatches(10), [...options(), '--log-level', 'silent']);
  await untilTokens(part, 400);
  await until(
    () => shown(part, 'reason="watch_enospc"'),
    (errors) => errors !== undefined,
  );
  expect(await shown(part, 'ccmeter_exporter_watching{')).toBe(0);
  append(sessionPath(39), 'NEW1');
  append(sessionPath(41), 'NEW2');
  await untilTokens(part, 420);
  await part.stop();
});

test('a disk that is full is counted and waited for; then everything is there, once', needsMounts(trial), async () => {
  writeHistory(claude(), Date.now(), createRandom(4), 20);
  mkdirSync(state());
  const full = join(directory, 'full');
  writeFileSync(full, '');
  const part = await startExporterBy(withLittleRoom(state(), 64_000_000, 400_000, full), [...options(), '--log-level', 'silent']);
  await until(
    () => shown(part, 'ccmeter_exporter_read_errors_total{'),
    (errors) => (errors ?? 0) > 0,
  );
  expect(await getJson<Status>(`${part.url}/-/status`)).toMatchObject({ phase: 'scanning', tokens: 0 });
  rmSync(full);
  const { book } = scanOnce([claude()], Date.now(), () => {});
  await untilTokens(part, book.total('ccmeter_tokens_total'));
  append(sessionPath(1), 'LATER');
  await untilTokens(part, book.total('ccmeter_tokens_total') + 10);
  await part.stop();
});

test(
  'what may not be read is counted and left out, and read once it may be',
  needsPermissions(MAIN, join(trial, 'forbidden')),
  async () => {
    for (const number of [1, 2, 3]) append(sessionPath(number), `A${number}`);
    chmodSync(sessionPath(2), 0);
    chmodSync(dirname(sessionPath(3)), 0);
    const part = await startExporterBy(withoutPower(), options());
    await untilTokens(part, 10);
    expect(await shown(part, 'reason="eacces"')).toBeGreaterThanOrEqual(2);
    chmodSync(sessionPath(2), 0o600);
    chmodSync(dirname(sessionPath(3)), 0o700);
    await untilTokens(part, 30);
    append(sessionPath(3), 'B3');
    await untilTokens(part, 40);
    await part.stop();
  },
);

test('files that come and go while it reads are counted as far as they were seen, and nothing else happens', async () => {
  for (let number = 0; number < 20; number++) append(sessionPath(number), `KEPT${number}`);
  const part = await startExporter(options());
  for (let round = 0; round < 40; round++) {
    const path = sessionPath(100 + (round % 5));
    append(path, `GONE${round}`);
    await new Promise((resolve) => setTimeout(resolve, round % 7));
    rmSync(round % 3 === 0 ? dirname(path) : path, { recursive: true });
  }
  append(sessionPath(200), 'LAST');
  const { tokens } = await until(
    () => getJson<Status>(`${part.url}/-/status`),
    ({ phase, tokens: counted }) => phase === 'ready' && counted >= 210,
  );
  expect(tokens % 10).toBe(0);
  expect(tokens).toBeLessThanOrEqual(210 + 400);
  await part.stop();
});

/** Fills a ledger with so many facts that it does not fit into memory, so that it is read from disk again and again. */
function makeLarge(ledger: string): void {
  const database = new DatabaseSync(ledger);
  const add = database.prepare("INSERT INTO facts (key, body, counted, revision) VALUES (?, ?, '[]', 1)");
  database.exec('BEGIN');
  for (let number = 0; number < 12_000; number++) {
    const key = `prompt:${number}`;
    add.run(key, JSON.stringify({ type: 'prompt', key, timeMs: Date.now(), sessionId: 'x'.repeat(2000), settled: true }));
  }
  database.exec('COMMIT');
  database.close();
}

test('a ledger that is damaged while it is used is mended without the exporter ending', async () => {
  writeHistory(claude(), Date.now(), createRandom(4), 10);
  await (await startExporter([...options(), '--log-level', 'silent'])).stop();
  makeLarge(join(state(), 'ledger.db'));
  const part = await startExporter([...options(), '--log-level', 'silent']);
  const tokens = scanOnce([claude()], Date.now(), () => {}).book.total('ccmeter_tokens_total');
  await untilTokens(part, tokens);
  const ledger = join(state(), 'ledger.db');
  // Somebody writes over all of it but the first page.
  const { size } = statSync(ledger);
  writeFileSync(ledger, Buffer.concat([readFileSync(ledger).subarray(0, 4096), Buffer.alloc(size - 4096, 0x5a)]), { flag: 'r+' });
  truncateSync(`${ledger}-wal`, 0);
  for (let at = 0; at < 30; at++) append(sessionPath(at), `AFTER${at}`);
  await until(
    () => getJson<Status>(`${part.url}/-/status`).catch(() => undefined),
    (status) => status?.phase === 'ready' && status.tokens === tokens + 300,
  );
  expect(await shown(part, 'ccmeter_exporter_ledger_repairs_total{')).toBe(1);
  expect(readdirSync(state()).some((name) => name.startsWith('ledger.db.broken-'))).toBe(true);
  await part.stop();
});

test('everything in the state directory is for its owner alone, also where the directory is not', async () => {
  mkdirSync(state(), { mode: 0o755 });
  writeFileSync(join(state(), 'ledger.db'), '', { mode: 0o644 });
  chmodSync(join(state(), 'ledger.db'), 0o644);
  const running = await startExporter(options());
  const modes = readdirSync(state()).map((name) => [name, (statSync(join(state(), name)).mode & 0o777).toString(8)]);
  await running.stop();
  expect(Object.fromEntries(modes)).toMatchObject({ 'ledger.db': '600', 'ledger.db-wal': '600', 'ledger.lock': '600', 'key.pem': '600' });
  for (const [name, mode] of modes) expect(mode, name).toBe('600');
});

test('a second exporter on the same ledger is refused', async () => {
  const running = await startExporter(options());
  const { code, stderr } = await exporter('run', '--port', '0', ...options());
  await running.stop();
  expect([code, stderr]).toEqual([2, `exporter: another exporter is using ${state()}\n`]);
});
