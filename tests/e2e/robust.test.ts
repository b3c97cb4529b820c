import { execFile } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { startExporter } from '../tools/parts.ts';

const MAIN = join(import.meta.dirname, '..', '..', 'exporter', 'src', 'main.ts');
const execute = promisify(execFile);

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'ccmeter-robust-'));
  mkdirSync(join(directory, 'claude'));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

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

test('everything in the state directory is for its owner alone, also where the directory is not', async () => {
  const state = join(directory, 'state');
  mkdirSync(state, { mode: 0o755 });
  writeFileSync(join(state, 'ledger.db'), '', { mode: 0o644 });
  chmodSync(join(state, 'ledger.db'), 0o644);
  const running = await startExporter(['--claude-dir', join(directory, 'claude'), '--state-dir', state]);
  const modes = readdirSync(state).map((name) => [name, (statSync(join(state, name)).mode & 0o777).toString(8)]);
  await running.stop();
  expect(Object.fromEntries(modes)).toMatchObject({ 'ledger.db': '600', 'ledger.db-wal': '600', 'ledger.lock': '600', 'key.pem': '600' });
  for (const [name, mode] of modes) expect(mode, name).toBe('600');
});

test('a second exporter on the same ledger is refused', async () => {
  const options = ['--claude-dir', join(directory, 'claude'), '--state-dir', join(directory, 'state')];
  const running = await startExporter(options);
  const { code, stderr } = await exporter('run', '--port', '0', ...options);
  await running.stop();
  expect([code, stderr]).toEqual([2, `exporter: another exporter is using ${join(directory, 'state')}\n`]);
});
