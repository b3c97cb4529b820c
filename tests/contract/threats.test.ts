import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { createTestApp, openToAll, someEvent } from '../../query-api/src/testing.ts';

/**
 * Everything that somebody could try and that we know a defence against. Each has tests that fail where the defence is taken away, with
 * `threat: <name>` in their titles; those of no other place stand here.
 */
const THREATS = [
  'DNS rebinding',
  'CORS',
  'web sites that read Prometheus',
  'CSRF',
  'token in URL, logs, history',
  'SSRF',
  'PromQL injection',
  'query DoS',
  'XSS',
  'path traversal',
  'JWT confusion',
  'IP allow-list bypass',
  'timing of token compare',
  'event forgery, replay',
  'header injection, request smuggling',
  'slowloris',
  'decompression bomb',
  'prototype pollution, ReDoS',
  '/metrics leaks',
  'secrets in files',
  'supply chain',
  'container escape',
];

const ROOT = join(import.meta.dirname, '..', '..');
const read = (path: string) => readFileSync(join(ROOT, path), 'utf8');
const files = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard'], { cwd: ROOT, encoding: 'utf8' }).split('\n');

test('every threat has a test of its name', () => {
  const titles = files.filter((path) => /\.test\.tsx?$/.test(path)).flatMap((path) => read(path).match(/threat: [^\n]*/g) ?? []);
  expect(THREATS.filter((threat) => !titles.some((title) => title.includes(threat)))).toEqual([]);
});

describe('threat: IP allow-list bypass: somebody from elsewhere who says to come from here', () => {
  const from = (remoteAddress: string) => ({ incoming: { url: '/', headersDistinct: { host: ['localhost'] }, socket: { remoteAddress } } });
  const send = (path: string, remoteAddress: string, headers: Record<string, string> = {}) =>
    createTestApp().app.request(path, { method: 'POST', body: JSON.stringify(someEvent(1)), headers }, from(remoteAddress));

  test.each([
    ...['10.0.0.1', '::ffff:10.0.0.1', '::ffff:a00:1', '2001:db8::1', 'fe80::1%lo', '127.0.0.1.evil.test', '1270.0.0.1', '0x7f.1', ''],
    ...['::127.0.0.1', '::ffff:1270.0.0.1', '0.0.0.0', '::', '64:ff9b::7f00:1'],
  ])('%j may send nothing, whatever headers say', async (address) => {
    const headers = { 'x-forwarded-for': '127.0.0.1', 'x-real-ip': '127.0.0.1', forwarded: 'for=127.0.0.1', 'x-client-ip': '::1' };
    for (const path of ['/events', '/hooks', '/api/agent-events'])
      expect([401, 403]).toContain((await send(path, address, headers)).status);
  });

  test.each(['127.0.0.1', '127.1.2.3', '::1', '::ffff:127.0.0.1'])('%s is this machine', async (address) => {
    expect((await send('/events', address)).status).toBe(202);
  });
});

describe('threat: timing of token compare: how long a wrong token takes tells nothing of a right one', () => {
  test('tokens are compared as hashes of one length, in constant time, all of them', () => {
    const source = read('query-api/src/access/tokens.ts');
    expect(source).toMatch(/for \(const entry of entries\) if \(timingSafeEqual\(Buffer\.from\(entry\.sha256, 'hex'\), digest\)\)/);
    // Cookies and codes are found by their hash, which is no comparison that somebody could time.
    expect(read('query-api/src/access/logins.ts')).toMatch(/get\.get\(hash\(cookie\)/);
    expect(read('query-api/src/access/logins.ts')).toMatch(/take\.get\(hash\(code\)/);
  });
});

describe('threat: /metrics leaks: a page that everybody can read', () => {
  test('wants a user wherever the API does', async () => {
    const { app } = createTestApp({ access: openToAll({ open: false }) });
    for (const path of ['/metrics', '/api/health', '/api/doctor', '/api/openapi.json']) expect((await app.request(path)).status).toBe(401);
  });

  test('names no project, machine, session, user or path that was asked for', async () => {
    const { app, deps } = createTestApp();
    deps.store.append([someEvent(1, { project: 'canary-project', sessionId: 'canary-session', source: 'canary-source' })], Date.now());
    for (const path of ['/api/sessions/canary-session', '/canary-path', '/api/panels/canary', '/api/events?project=canary-project'])
      await (await app.request(path, { headers: { 'user-agent': 'canary' } })).text();
    const page = await (await app.request('/metrics')).text();
    expect(page).toContain('ccmeter_api_stored_events 1');
    expect(page).not.toContain('canary');
  });
});

/** Programs of other platforms that tools of ours bring along have no hash where the file was written on this one. */
interface Locked {
  integrity?: string;
  link?: boolean;
  optional?: boolean;
  dev?: boolean;
}

describe('threat: supply chain: code of others that comes in by itself', () => {
  test('packages are held by their hashes, and few of them may run a script when they are installed', () => {
    const lock: { packages: Record<string, Locked> } = JSON.parse(read('package-lock.json'));
    const loose = Object.entries(lock.packages).filter(
      ([path, { integrity, link, optional, dev }]) =>
        path.includes('node_modules/') && link !== true && !(optional && dev) && !/^sha512-/.test(integrity ?? ''),
    );
    expect(loose.map(([path]) => path)).toEqual([]);
    const { allowScripts }: { allowScripts: Record<string, boolean> } = JSON.parse(read('package.json'));
    expect(Object.keys(allowScripts).filter((name) => allowScripts[name])).toEqual(['node']);
    const installs = read('deploy/docker/Dockerfile').match(/npm ci [^\n&]*/g) ?? [];
    expect(installs.length).toBeGreaterThan(2);
    for (const install of installs) expect(install).toContain('--ignore-scripts');
  });

  test('actions are pinned by commit', () => {
    const uses = files
      .filter((path) => /^(\.github|deploy\/action)\/.*\.ya?ml$/.test(path))
      .flatMap((path) => [...read(path).matchAll(/uses:\s*(\S+)/g)].map(([, name = '']) => name));
    expect(uses.filter((name) => !name.startsWith('./') && !/@[0-9a-f]{40}$/.test(name))).toEqual([]);
    expect(uses.length).toBeGreaterThan(0);
  });

  test('a downloaded Prometheus has the sum that is written down', () => {
    expect(read('deploy/local/download.ts')).toContain('sha256');
    expect([...read('deploy/local/releases.ts').matchAll(/sha256: '[0-9a-f]{64}'/g)].length).toBeGreaterThanOrEqual(4);
  });
});
