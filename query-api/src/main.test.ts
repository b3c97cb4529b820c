import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { expect, onTestFinished, test } from 'vitest';

const MAIN = join(import.meta.dirname, 'main.ts');

function temporaryDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), 'ccmeter-api-'));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
}

function start(args: string[]): ChildProcess {
  const child = fork(MAIN, args, { stdio: ['ignore', 'pipe', 'pipe', 'ipc'], execArgv: [] });
  onTestFinished(() => {
    child.kill('SIGKILL');
  });
  return child;
}

async function endOf(child: ChildProcess): Promise<{ code: unknown; errors: string }> {
  if (child.stderr === null) throw new Error('no pipe');
  // `close` does not come once the channel has been closed from here, so the ends are awaited one by one.
  const [[code], errors] = await Promise.all([once(child, 'exit'), text(child.stderr)]);
  return { code, errors };
}

async function listening(child: ChildProcess): Promise<string> {
  const [message] = await once(child, 'message');
  expect(message).toEqual({ type: 'listening', url: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+$/) });
  return message.url;
}

test('says where it listens, answers, and stops at a signal with streams open', async () => {
  const child = start(['--port', '0', '--state-dir', temporaryDirectory()]);
  const url = await listening(child);
  expect((await fetch(`${url}/api/health`)).status).toBe(200);
  const stream = await fetch(`${url}/api/stream`);
  const end = endOf(child);
  child.kill('SIGTERM');
  expect((await end).code).toBe(0);
  expect(await stream.text()).toContain('heartbeat');
});

test('ends with the process that started it', async () => {
  const child = start(['--port', '0', '--state-dir', temporaryDirectory()]);
  await listening(child);
  const end = endOf(child);
  child.disconnect();
  expect((await end).code).toBe(0);
});

test('wrong configuration is one line and status 2', async () => {
  expect(await endOf(start(['--port', 'x']))).toEqual({
    code: 2,
    errors: 'query-api: --port: got "x", wanted a whole number from 0 to 65535\n',
  });
});

test('a port in use is one line and status 2', async () => {
  const other = createServer().listen(0, '127.0.0.1');
  onTestFinished(() => {
    other.close();
  });
  await once(other, 'listening');
  const address = other.address();
  const port = typeof address === 'object' ? String(address?.port) : '';
  expect(await endOf(start(['--port', port, '--state-dir', temporaryDirectory()]))).toEqual({
    code: 2,
    errors: `query-api: --port: ${port} on 127.0.0.1 is in use, wanted a free port; 0 takes any\n`,
  });
});

test('a state directory that is none is one line and status 2', async () => {
  const file = join(temporaryDirectory(), 'file');
  writeFileSync(file, '');
  const { code, errors } = await endOf(start(['--port', '0', '--state-dir', file]));
  expect(code).toBe(2);
  expect(errors).toMatch(/^query-api: --state-dir: .* cannot be used \(.*\), wanted a directory that can be written\n$/);
});

test('--help lists every option and ends well', async () => {
  const child = start(['--help']);
  if (child.stdout === null) throw new Error('no pipe');
  const [{ code }, help] = await Promise.all([endOf(child), text(child.stdout)]);
  expect(code).toBe(0);
  expect(help).toContain('--prometheus-url <URL>');
});
