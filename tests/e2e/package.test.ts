import { execFileSync } from 'node:child_process';
import { globSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { publint } from 'publint';
import { formatMessage } from 'publint/utils';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { makePackage } from '../../deploy/package.ts';

const ROOT = join(import.meta.dirname, '..', '..');
const directory = mkdtempSync(join(tmpdir(), 'ccmeter-package-'));
const installed = join(directory, 'installed');
const program = join(installed, 'node_modules', '@ccmeter', 'exporter', 'src', 'main.js');
const run = (...args: string[]) =>
  execFileSync(process.execPath, [program, ...args], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });

beforeAll(() => {
  const source = join(directory, 'source');
  makePackage(source);
  const npm = (args: string[], cwd: string) => execFileSync('npm', args, { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
  const tarball = npm(['pack', '--silent'], source).trim();
  mkdirSync(installed);
  writeFileSync(join(installed, 'package.json'), '{"private":true}');
  npm(['install', join(source, tarball), '--ignore-scripts', '--prefer-offline', '--no-audit', '--no-fund'], installed);
});

afterAll(() => rmSync(directory, { recursive: true, force: true }));

test('the packed exporter, installed elsewhere, gives the page that the repository gives', () => {
  const claudeDir = join(ROOT, 'tests/fixtures/transcripts/subagents/claude');
  const ours = execFileSync(process.execPath, [join(ROOT, 'exporter/src/main.ts'), 'once', '--claude-dir', claudeDir, '--host', 'h'], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  expect(run('once', '--claude-dir', claudeDir, '--host', 'h')).toBe(ours);
  expect(ours).toContain('ccmeter_tokens_total{');
});

test('a service starts the installed program', () => {
  expect(run('install-service', '--show')).toContain(program);
});

test('others may import the catalogue', () => {
  const script = "import('@ccmeter/exporter/contract').then(({ metrics }) => console.log(metrics.ccmeter_tokens_total.unit))";
  expect(execFileSync(process.execPath, ['-e', script], { cwd: installed, encoding: 'utf8' })).toBe('token\n');
});

test('publint has nothing to say', async () => {
  const { messages, pkg } = await publint({
    pkgDir: join(installed, 'node_modules', '@ccmeter', 'exporter'),
    level: 'suggestion',
    pack: false,
  });
  expect(messages.map((message) => formatMessage(message, pkg, { color: false }))).toEqual([]);
});

test('only what is needed is in it', () => {
  const { files, private: secret } = JSON.parse(readFileSync(join(directory, 'source', 'package.json'), 'utf8'));
  expect(files).toEqual(['src', 'METRICS.md']);
  expect(secret).toBeUndefined();
  expect(globSync('**/*{testing,.test}.js', { cwd: join(directory, 'source') })).toEqual([]);
});
