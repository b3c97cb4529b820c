import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { describeMissing, findPrometheus, isUsable } from './find-prometheus.ts';
import { releaseFor } from './releases.ts';

let directory: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'ccmeter-find-'));
});

afterEach(() => rmSync(directory, { recursive: true }));

const SILENT = { isTerminal: false, line: () => {}, progress: () => {} };

function program(path: string, version: string): string {
  mkdirSync(join(path, '..'), { recursive: true });
  writeFileSync(path, `#!/bin/sh\necho "prometheus, version ${version} (branch: x)"\n`);
  chmodSync(path, 0o755);
  return path;
}

function find(path: string) {
  return findPrometheus({ cacheDir: join(directory, 'cache'), yes: false, voice: SILENT, path });
}

test('takes the one on the PATH first', async () => {
  const bin = join(directory, 'bin');
  const path = program(join(bin, 'prometheus'), '2.45.0');
  program(join(directory, 'cache/debian-prometheus/usr/bin/prometheus'), '2.42.0');
  expect(await find(bin)).toEqual({ program: path, version: '2.45.0', from: 'PATH' });
});

test('passes over one that is too old, and takes the cached one', async () => {
  const bin = join(directory, 'bin');
  program(join(bin, 'prometheus'), '2.24.1');
  const cached = program(join(directory, 'cache/debian-prometheus/usr/bin/prometheus'), '2.42.0');
  expect(await find(bin)).toEqual({ program: cached, version: '2.42.0', from: 'cache' });
});

test('without any says what was tried and how to get out', async () => {
  const found = await find(join(directory, 'empty'));
  const text = describeMissing('tried' in found ? found : { tried: [] });
  expect(text).toContain('no prometheus on the PATH');
  expect(text).toContain('not agreed to (--yes does)');
  expect(text).toContain('no Debian package');
  expect(text).toContain('--prometheus-url URL');
});

test.each([
  ['2.38.0', false],
  ['2.39.0', true],
  ['3.0.0', true],
])('%s takes history: %s', (version, usable) => {
  expect(isUsable(version)).toBe(usable);
});

test('downloads only what has a known sum', () => {
  expect(releaseFor('linux', 'x64')?.url).toBe(
    'https://github.com/prometheus/prometheus/releases/download/v3.15.0/prometheus-3.15.0.linux-amd64.tar.gz',
  );
  expect(releaseFor('linux', 's390x')).toBeUndefined();
});
