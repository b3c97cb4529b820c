import { execFile } from 'node:child_process';
import { chmodSync, mkdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';
import { temporaryDirectory } from './testing.ts';

const MAIN = join(import.meta.dirname, 'main.ts');
const execute = promisify(execFile);

/** Runs the exporter to its end. */
async function exporter(
  args: readonly string[],
  env: Record<string, string> = {},
): Promise<{ code: number; stdout: string; stderr: string }> {
  const options = { env: { PATH: process.env.PATH ?? '', HOME: '/nonexistent', ...env } };
  return execute(process.execPath, [MAIN, ...args], options).then(
    ({ stdout, stderr }) => ({ code: 0, stdout, stderr }),
    (error: { code: number; stdout: string; stderr: string }) => error,
  );
}

const COMMANDS = [
  'run',
  'once',
  'check',
  'ledger',
  'backfill',
  'doctor',
  'init',
  'export-key',
  'install-service',
  'uninstall-service',
  'telemetry-env',
];

describe('the command line', { timeout: 60_000 }, () => {
  test.each(COMMANDS)('%s --help says what each option is by default, and how it ends', async (command) => {
    const { code, stdout } = await exporter([command, '--help']);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^Usage: exporter /);
    expect(stdout).toContain('Exit codes: 0 ');
  });

  test('the help names every command', async () => {
    const { code, stdout } = await exporter(['--help']);
    expect(code).toBe(0);
    for (const command of COMMANDS) expect(stdout).toMatch(new RegExp(`^  ${command} `, 'm'));
  });

  test.each([
    [['run', '--prot', '1'], '--port'],
    [['once', '--clade-dir', 'x'], '--claude-dir'],
    [['onec'], 'once'],
    [['init', '--forse'], '--force'],
  ])('a word that does not exist ends with 2 and the nearest one: %s', async (args, nearest) => {
    const { code, stdout, stderr } = await exporter(args);
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toContain(`Did you mean ${nearest}?`);
    expect(stderr.split('\n').length).toBeLessThan(6);
  });

  test('init makes the key once and prints what the query API wants; export-key prints the key and nothing else', async () => {
    using directory = temporaryDirectory();
    const state = ['--state-dir', join(directory.path, 'state')];
    const missing = await exporter(['export-key', ...state]);
    expect([missing.code, missing.stdout]).toEqual([1, '']);
    expect(missing.stderr).toContain('exporter init');

    const made = await exporter(['init', '--host', 'laptop', ...state]);
    expect([made.code, made.stdout]).toEqual([0, expect.stringMatching(/^laptop=[\w+/]{43}=\n$/)]);
    expect(statSync(join(directory.path, 'state', 'key.pem')).mode & 0o777).toBe(0o600);
    expect((await exporter(['init', '--host', 'laptop', ...state])).stdout).toBe(made.stdout);

    const key = await exporter(['export-key', ...state]);
    expect(key).toEqual({ code: 0, stdout: expect.stringMatching(/^[\w+/]{43}=\n$/), stderr: '' });
    const open = await exporter(['export-key', '--public', ...state]);
    expect(made.stdout).toBe(`laptop=${open.stdout}`);

    // The key of a variable is the same key, wherever the state is.
    const elsewhere = ['export-key', '--public', '--state-dir', join(directory.path, 'other')];
    expect((await exporter(elsewhere, { CCMETER_PRIVATE_KEY: key.stdout })).stdout).toBe(open.stdout);
    expect(await exporter(elsewhere, { CCMETER_PRIVATE_KEY: 'oops' })).toMatchObject({ code: 1, stdout: '' });

    const renewed = await exporter(['init', '--force', '--host', 'laptop', ...state]);
    expect(renewed.stdout).not.toBe(made.stdout);
  });

  test('doctor ends with 1 where something fails, and prints the same as JSON', async () => {
    using directory = temporaryDirectory();
    mkdirSync(join(directory.path, 'claude'));
    const args = [
      'doctor',
      '--json',
      '--port',
      '0',
      '--claude-dir',
      join(directory.path, 'claude'),
      '--state-dir',
      join(directory.path, 'state'),
    ];
    const well = await exporter(args);
    const report: unknown = JSON.parse(well.stdout);
    expect([well.code, report]).toEqual([
      0,
      expect.objectContaining({
        status: 'warning',
        checks: expect.arrayContaining([expect.objectContaining({ id: 'files', status: 'warning', latencyMs: expect.any(Number) })]),
        options: expect.arrayContaining([{ name: '--port', value: '0', from: '--port' }]),
      }),
    ]);
    const ill = await exporter(args.slice(0, 1).concat(args.slice(2)), { CCMETER_PRIVATE_KEY: 'oops' });
    expect([ill.code, ill.stdout]).toEqual([
      1,
      expect.stringMatching(/^\[ FAIL \] There is a key: CCMETER_PRIVATE_KEY holds no key.*\n {9}The exporter does not start/m),
    ]);
  });

  test('run does not start with a key in the variable that is none, and says so in a line', async () => {
    using directory = temporaryDirectory();
    mkdirSync(join(directory.path, 'claude'));
    const args = ['run', '--claude-dir', join(directory.path, 'claude'), '--state-dir', join(directory.path, 'state'), '--port', '0'];
    const { code, stderr } = await exporter(args, { CCMETER_PRIVATE_KEY: 'oops' });
    expect([code, stderr]).toEqual([1, expect.stringMatching(/^exporter: CCMETER_PRIVATE_KEY holds no key[^\n]*\n$/)]);
  });

  test('a key that others can read is refused in a line', async () => {
    using directory = temporaryDirectory();
    await exporter(['init', '--state-dir', directory.path]);
    const file = join(directory.path, 'key.pem');
    chmodSync(file, 0o644);
    const { code, stdout, stderr } = await exporter(['export-key', '--state-dir', directory.path]);
    expect([code, stdout, stderr]).toEqual([1, '', expect.stringMatching(/^[^\n]*mode 0600[^\n]*\n$/)]);
  });
});
