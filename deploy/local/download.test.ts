import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { fetchRelease } from './download.ts';

let directory: string;
let server: Server;
let archive: Buffer;

beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), 'ccmeter-download-'));
  mkdirSync(join(directory, 'made/lamp-1'), { recursive: true });
  writeFileSync(join(directory, 'made/lamp-1/lamp'), 'light');
  execFileSync('tar', ['-czf', join(directory, 'lamp.tar.gz'), '-C', join(directory, 'made'), 'lamp-1']);
  archive = readFileSync(join(directory, 'lamp.tar.gz'));
  server = createServer((request, response) => response.writeHead(request.url === '/lamp.tar.gz' ? 200 : 404).end(archive));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
});

afterEach(() => {
  server.close();
  rmSync(directory, { recursive: true });
});

function fetchLamp(change: { sha256?: string; file?: string } = {}) {
  const address = server.address();
  const port = typeof address === 'object' ? address?.port : 0;
  const sha256 = change.sha256 ?? createHash('sha256').update(archive).digest('hex');
  const url = `http://127.0.0.1:${port}/${change.file ?? 'lamp.tar.gz'}`;
  return fetchRelease({ version: '1', url, sha256, folder: 'lamp-1' }, join(directory, 'cache/lamp'), () => {});
}

test('unpacks what has the pinned sum', async () => {
  expect(await fetchLamp()).toEqual({ ok: true });
  expect(readFileSync(join(directory, 'cache/lamp/lamp'), 'utf8')).toBe('light');
});

test('throws away what has another', async () => {
  expect(await fetchLamp({ sha256: '0'.repeat(64) })).toMatchObject({ ok: false, reason: expect.stringContaining('not the pinned 0000') });
  expect(existsSync(join(directory, 'cache/lamp'))).toBe(false);
  expect(readdirSync(join(directory, 'cache'))).toEqual([]);
});

test('says what the server said', async () => {
  expect(await fetchLamp({ file: 'none.tar.gz' })).toEqual({ ok: false, reason: 'HTTP 404' });
});
