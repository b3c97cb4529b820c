import { once } from 'node:events';
import { createServer } from 'node:net';
import { expect, test } from 'vitest';
import { claimPort, commandLineOf, isAlive } from './processes.ts';

test('finds a free port for 0', async () => {
  expect(await claimPort('--port', 0)).toBeGreaterThan(1023);
});

test('says who holds a port and which option chooses another', async () => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' ? address?.port : 0;
  await expect(claimPort('--port', port ?? 0)).rejects.toThrow(
    new RegExp(`^Port ${port} is taken( by .*process ${process.pid}\\))?\\. Stop that program or choose another port with --port\\.$`),
  );
  server.close();
});

test('knows itself', async () => {
  expect(isAlive(process.pid)).toBe(true);
  expect(await commandLineOf(process.pid)).toContain('node');
});
