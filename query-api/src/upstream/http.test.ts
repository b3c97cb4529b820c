import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import type { Socket } from 'node:net';
import { gzipSync } from 'node:zlib';
import { expect, onTestFinished, test } from 'vitest';
import { createSend } from './http.ts';

async function serverThat(answers: RequestListener): Promise<string> {
  const server = createServer(answers).listen(0, '127.0.0.1');
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  await once(server, 'listening');
  const address = server.address();
  return `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}/x`;
}

const question = (url: string, body: string | null = null) => ({
  url,
  body,
  headers: { 'x-a': 'b' },
  signal: new AbortController().signal,
});
const textOf = ({ body }: { body: Uint8Array }) => new TextDecoder().decode(body);

test('a body is posted, none is a GET, headers go along', async () => {
  const seen: string[] = [];
  const url = await serverThat((request, response) => {
    seen.push(`${request.method} ${request.headers['x-a']} ${request.headers['content-length']}`);
    response.writeHead(418).end('ü');
  });
  const send = createSend(2);
  expect([await send(question(url, 'é')), await send(question(url))].map((answer) => [answer.status, textOf(answer)])).toEqual([
    [418, 'ü'],
    [418, 'ü'],
  ]);
  expect(seen).toEqual(['POST b 2', 'GET b undefined']);
});

test('what comes packed is unpacked', async () => {
  const url = await serverThat((_, response) => response.setHeader('content-encoding', 'gzip').end(gzipSync('hello')));
  expect(textOf(await createSend(1)(question(url)))).toBe('hello');
});

test('a kept connection that was closed in the meantime is nobody else’s business', async () => {
  const known = new Set<Socket>();
  const url = await serverThat((request, response) => {
    if (known.has(request.socket)) request.socket.resetAndDestroy();
    known.add(request.socket);
    response.end('ok');
  });
  const send = createSend(1);
  for (let round = 0; round < 3; round += 1) expect(textOf(await send(question(url)))).toBe('ok');
  expect(known.size).toBe(3);
});

test('an answer that breaks off, or was never packed, is an error', async () => {
  const broken = await serverThat((request, response) => {
    response.writeHead(200, { 'content-length': '100' }).write('half', () => request.socket.destroy());
  });
  await expect(createSend(1)(question(broken))).rejects.toThrow();
  const wrong = await serverThat((_, response) => response.setHeader('content-encoding', 'gzip').end('not packed'));
  await expect(createSend(1)(question(wrong))).rejects.toThrow();
});

test('opens no more connections than it may', async () => {
  const free = Promise.withResolvers<void>();
  const ports = new Set<number | undefined>();
  const url = await serverThat((request, response) => {
    ports.add(request.socket.remotePort);
    void free.promise.then(() => response.end('ok'));
  });
  const send = createSend(2);
  const answers = Array.from({ length: 6 }, () => send(question(url)));
  await expect.poll(() => ports.size).toBe(2);
  free.resolve();
  expect((await Promise.all(answers)).map(textOf)).toEqual(new Array(6).fill('ok'));
  expect(ports.size).toBe(2);
});
