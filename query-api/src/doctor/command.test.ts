import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { expect, test } from 'vitest';

const MAIN = join(import.meta.dirname, '..', 'main.ts');

test('from the command line it says what fails, what to do about it, and ends with 1', async () => {
  // Nobody listens on the first ports.
  const args = ['doctor', '--port', '1', '--prometheus-url', 'http://127.0.0.1:2', '--exporter-url', 'http://127.0.0.1:3'];
  const child = fork(MAIN, args, { stdio: ['ignore', 'pipe', 'pipe', 'ipc'], execArgv: [] });
  if (child.stdout === null) throw new Error('no pipe');
  const [said, [code]] = await Promise.all([text(child.stdout), once(child, 'exit')]);
  expect(code).toBe(1);
  expect(said).toContain('[ FAIL ] The exporter counts: Nothing answers as the exporter at http://127.0.0.1:3');
  expect(said).toContain(
    '[ FAIL ] Events come in: The query API does not answer at http://127.0.0.1:1/api/health; start it with `npm run api`.',
  );
  expect(said).toMatch(/\[ FAIL \] Prometheus answers: .*\(ECONNREFUSED\)\. \([\d.]+ ms\)\n {9}Start it/);
  expect(said).toContain('[  ?   ] Clocks agree: Prometheus cannot be reached.\n');
});
