import { execFileSync, spawnSync } from 'node:child_process';
import { generateKeyPairSync, randomBytes, sign } from 'node:crypto';
import { once } from 'node:events';
import { copyFileSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { Agent, request } from 'node:https';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect as connectTls } from 'node:tls';
import { gzipSync } from 'node:zlib';
import pino from 'pino';
import { describe, expect, onTestFinished, test } from 'vitest';
import { startServer } from '../server.ts';
import { createTestApp, NOW_MS, openToAll, someEvent } from '../testing.ts';
import { openLogins } from './logins.ts';
import { fixedKeys, readPublicKey } from './source-keys.ts';
import { addToken, openTokens } from './tokens.ts';

/**
 * What somebody could try against events, users and sockets, one `describe` a threat; the rest is in `threats.test.ts` above, and who may come in
 * in `access.test.ts`. Each fails where its defence is taken away.
 */

async function serve(given: Parameters<typeof createTestApp>[0] = {}) {
  const { app, deps } = createTestApp(given);
  const server = await startServer(app, '127.0.0.1', 0);
  onTestFinished(async () => {
    deps.hub.close();
    await server.close();
  });
  return { url: server.url, port: Number(new URL(server.url).port), deps, app };
}

function temporaryDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), 'ccmeter-threats-'));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
}

/** What comes back for these bytes until the other side closes. */
async function exchange(port: number, bytes: string): Promise<string> {
  const socket = connect(port, '127.0.0.1');
  socket.write(bytes);
  let text = '';
  for await (const chunk of socket.setEncoding('latin1')) text += chunk;
  return text;
}

describe('threat: event forgery, replay: an event that somebody else wrote, or sends again', () => {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519');
  const body = JSON.stringify([someEvent(1), someEvent(2)]);
  const signature = sign(null, Buffer.from(body), privateKey);
  const appWithKey = () => createTestApp({ sourceKeys: fixedKeys(new Map([['laptop', publicKey]])), sendRate: 10_000 });
  const post = (app: ReturnType<typeof appWithKey>['app'], sent: Uint8Array, signed: Uint8Array) =>
    app.request('/events', {
      method: 'POST',
      body: new Uint8Array(sent),
      headers: { 'x-source-id': 'laptop', 'x-signature': Buffer.from(signed).toString('base64') },
    });

  test('one bit anywhere in the body or the signature is noticed', async () => {
    const { app, deps } = appWithKey();
    for (let at = 0; at < body.length; at += 7) {
      const changed = Buffer.from(body);
      changed[at] = (changed[at] ?? 0) ^ (1 << (at % 8));
      expect((await post(app, changed, signature)).status).toBe(401);
    }
    for (let at = 0; at < signature.length; at += 1) {
      const changed = Buffer.from(signature);
      changed[at] = (changed[at] ?? 0) ^ (1 << (at % 8));
      expect((await post(app, Buffer.from(body), changed)).status).toBe(401);
    }
    expect(deps.store.count()).toBe(0);
  });

  test.each([
    ['order 1', '0100000000000000000000000000000000000000000000000000000000000000'],
    ['order 1, with the sign', '0100000000000000000000000000000000000000000000000000000000000080'],
    ['order 2', 'ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f'],
    ['order 4', '0000000000000000000000000000000000000000000000000000000000000000'],
    ['order 8', '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05'],
    ['order 8, in its other form', 'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa'],
  ])('a point of %s is no key: one signature would fit many messages', (_, hex) => {
    expect(readPublicKey(Buffer.from(hex, 'hex').toString('base64'))).toBeUndefined();
  });

  test('another form of the same signature is none (malleability)', async () => {
    const order = 2n ** 252n + 27742317777372353535851937790883648493n;
    const half = BigInt(`0x${Buffer.from(signature.subarray(32)).reverse().toString('hex')}`) + order;
    const other = Buffer.concat([signature.subarray(0, 32), Buffer.from(half.toString(16).padStart(64, '0'), 'hex').reverse()]);
    expect((await post(appWithKey().app, Buffer.from(body), other)).status).toBe(401);
  });

  test('the same batch again, whole or in part, changes nothing', async () => {
    const { app, deps } = appWithKey();
    for (let round = 0; round < 5; round += 1) expect((await post(app, Buffer.from(body), signature)).status).toBe(202);
    const part = JSON.stringify(someEvent(2));
    await post(app, Buffer.from(part), sign(null, Buffer.from(part), privateKey));
    expect(deps.store.count()).toBe(2);
  });
});

describe('threat: decompression bomb: a packed body that is far larger than it looks', () => {
  test.each(['gzip', 'br', 'deflate', 'zstd', 'gzip, identity', 'x'])('%s is refused on every route that takes one', async (encoding) => {
    const { url } = await serve();
    for (const path of ['/events', '/hooks', '/api/agent-events', '/auth/exchange', '/api/v1/query']) {
      const body = new Uint8Array(gzipSync(Buffer.alloc(100_000)));
      const response = await fetch(`${url}${path}`, { method: 'POST', headers: { 'content-encoding': encoding }, body });
      expect([response.status, await response.text()]).toEqual([415, expect.stringContaining('unsupported_encoding')]);
    }
  });
});

describe('threat: decompression bomb: a body without end', () => {
  test.each([
    ['/events', 1],
    ['/hooks', 8],
    ['/api/agent-events', 1],
    ['/auth/exchange', 1],
  ])('%s reads no more than it takes', async (path, mebibytes) => {
    const { port } = await serve();
    const socket = connect(port, '127.0.0.1');
    socket.on('error', () => {});
    socket.write(`POST ${path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n`);
    let answer = '';
    socket.setEncoding('latin1').on('data', (chunk) => {
      answer += chunk;
    });
    const chunk = Buffer.alloc(64 * 1024, ' ');
    let open = true;
    socket.once('close', () => {
      open = false;
    });
    let sent = 0;
    // As fast as it is taken, and without an end.
    while (open && answer === '' && sent < 64 * 16) {
      sent += 1;
      if (!socket.write(`10000\r\n${chunk.toString('latin1')}\r\n`))
        await Promise.race([once(socket, 'drain'), once(socket, 'close')]).catch(() => {});
      await new Promise(setImmediate);
    }
    // The answer may be lost with the connection, since bytes were under way to a socket that was closed.
    expect(answer).toMatch(/^(HTTP\/1\.1 413 |$)/);
    // What it takes, and what fits between two sockets.
    expect(sent / 16).toBeLessThan(mebibytes + 16);
    socket.destroy();
  });
});

describe('threat: header injection, request smuggling: bytes that two servers would read differently', () => {
  const GET = 'GET /api/panels HTTP/1.1\r\nHost: localhost\r\n';
  const POST = 'POST /events HTTP/1.1\r\nHost: localhost\r\n';
  test.each([
    `${POST}Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
    `${POST}Content-Length: 5\r\nContent-Length: 6\r\n\r\nabcdef`,
    `${POST}Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n`,
    `${POST}Content-Length : 5\r\n\r\nabcde`,
    `${GET}X-A: b\rX-C: d\r\n\r\n`,
    `${GET}X-A: b\0\r\n\r\n`,
    `${GET} folded: yes\r\n\r\n`,
    `GET /api/panels HTTP/1.1\nHost: localhost\n\n`,
  ])('%j is refused', async (bytes) => {
    const { port } = await serve();
    expect(await exchange(port, bytes)).toMatch(/^HTTP\/1\.1 400 /);
  });

  test('no header of an answer holds what a request said', async () => {
    const { app } = createTestApp({ access: openToAll({ open: false }) });
    for (const path of ['/?x=%0d%0aSet-Cookie:%20a=b', '/auth/with/%0d%0aSet-Cookie:%20a=b', '/api/%0d%0ax']) {
      const response = await app.request(path, { headers: { accept: 'text/html', 'x-request-id': 'canary' } });
      expect(JSON.stringify([...response.headers])).not.toMatch(/canary|a=b/);
    }
  });
});

describe('threat: slowloris: a client that takes its time, and many headers', () => {
  test('headers larger than 16 KiB are refused', async () => {
    const { port } = await serve();
    expect(await exchange(port, `GET / HTTP/1.1\r\nHost: localhost\r\nX: ${'x'.repeat(20_000)}\r\n\r\n`)).toMatch(/^HTTP\/1\.1 431 /);
  });

  test('who does not come to the end of a request is cut off', async () => {
    const { app, deps } = createTestApp();
    const server = await startServer(app, '127.0.0.1', 0, undefined, {
      headersTimeout: 50,
      requestTimeout: 100,
      connectionsCheckingInterval: 10,
    });
    onTestFinished(async () => {
      deps.hub.close();
      await server.close();
    });
    const port = Number(new URL(server.url).port);
    expect(await exchange(port, 'GET / HTTP/1.1\r\nHost: local')).toMatch(/^(HTTP\/1\.1 408 |$)/);
    expect(await exchange(port, 'POST /events HTTP/1.1\r\nHost: localhost\r\nContent-Length: 99\r\n\r\n{')).toMatch(
      /^(HTTP\/1\.1 4\d\d |$)/,
    );
  });
});

describe('threat: prototype pollution, ReDoS: names that mean something to JavaScript', () => {
  const hostile = ['__proto__', 'constructor', 'toString', 'hasOwnProperty'];

  test('stay data', async () => {
    const { app, deps } = createTestApp();
    const body = `[{"id":"evt_${'p'.repeat(20)}","source":"x","timestamp":"2026-11-21T12:00:00Z","type":"activity_pattern",
      "payload":{"hourCounts":{"__proto__":1,"constructor":2}},"__proto__":{"polluted":1}},
      ${hostile.map((name) => `{"id":"evt_${name.padEnd(20, 'x').replaceAll('_', 'y')}","source":"x","timestamp":"2026-11-21T12:00:00Z","type":"${name}","payload":{}}`).join(',')}]`;
    const headers = { 'content-type': 'application/json' };
    const incoming = { url: '/', headersDistinct: { host: ['localhost'] }, socket: { remoteAddress: '127.0.0.1' } };
    const response = await app.request('/events', { method: 'POST', body, headers }, { incoming });
    expect(await response.json()).toMatchObject({ accepted: 1, rejected: hostile.map((_, index) => ({ index: index + 1 })) });
    expect(({} as Record<string, unknown>).polluted).toBeUndefined();
    expect(JSON.stringify(deps.store.newest(1, {})[0]?.event.payload)).toBe('{"hourCounts":{"__proto__":1,"constructor":2}}');
    for (const name of hostile) {
      expect((await app.request(`/api/sessions/${name}`)).status).toBe(404);
      expect((await app.request(`/api/sessions?project=${name}`)).status).toBe(200);
      expect(
        (await app.request('/hooks', { method: 'POST', body: JSON.stringify({ hook_event_name: name, session_id: 's' }) })).status,
      ).toBe(204);
    }
  });
});

describe('threat: token in URL, logs, history; secrets in files', () => {
  test('files with secrets are for their owner alone and hold hashes only', () => {
    const directory = temporaryDirectory();
    const token = addToken(join(directory, 'api', 'tokens.json'), 'one', 'read', new Date());
    const logins = openLogins(join(directory, 'api', 'logins.db'), () => NOW_MS);
    const code = logins.createCode({ name: 'ada', role: 'read' });
    logins.close();
    expect(statSync(join(directory, 'api')).mode & 0o777).toBe(0o700);
    for (const name of ['tokens.json', 'logins.db']) {
      expect(statSync(join(directory, 'api', name)).mode & 0o777).toBe(0o600);
      const bytes = readFileSync(join(directory, 'api', name), 'latin1');
      for (const secret of [token, token.slice(4), code]) expect(bytes).not.toContain(secret);
    }
  });

  test('no token, code, cookie or signature is logged or told in metrics', async () => {
    const lines: string[] = [];
    const log = pino({ level: 'trace' }, { write: (line: string) => void lines.push(line) });
    const directory = temporaryDirectory();
    const token = addToken(join(directory, 'tokens.json'), 'one', 'read', new Date());
    const tokens = openTokens(join(directory, 'tokens.json'), log);
    onTestFinished(() => tokens.close());
    const access = openToAll({ open: false, tokens });
    const { app, deps } = createTestApp({ access, log });
    const secrets = [
      token,
      access.logins.createCode({ name: 'a', role: 'read' }),
      `ccm_${randomBytes(32).toString('base64url')}`,
      'c2lnbmF0dXJl',
    ];
    const json = { 'content-type': 'application/json' };
    for (const secret of secrets) {
      await app.request('/api/panels', { headers: { authorization: `Bearer ${secret}` } });
      await app.request('/auth/exchange', { method: 'POST', headers: json, body: JSON.stringify({ code: secret }) });
      await app.request(`/auth/login?code=${secret}`, { headers: { cookie: `ccmeter_login=${secret}` } });
      await app.request('/events', { method: 'POST', headers: { 'x-source-id': 'a', 'x-signature': secret }, body: secret });
    }
    const told = lines.join('') + (await deps.metrics.registry.metrics());
    expect(lines.length).toBeGreaterThan(4);
    for (const secret of secrets) expect(told).not.toContain(secret);
  });

  test('pages say to tell no other page where somebody came from', async () => {
    const response = await createTestApp().app.request('/auth/login');
    expect(response.headers.get('referrer-policy')).toBe('no-referrer');
    expect(response.headers.get('content-security-policy')).toContain("default-src 'self'");
    expect(await response.text()).not.toMatch(/<script>|<style>|\sstyle=|\son[a-z]+=/);
  });
});

describe('somebody who listens on the line', () => {
  const program = 'openssl';
  const openssl = spawnSync(program, ['version']).status === 0;

  test.skipIf(!openssl)('hears TLS 1.2 or newer only; a new certificate is taken without a restart', async () => {
    const directory = temporaryDirectory();
    const files = { cert: join(directory, 'cert.pem'), key: join(directory, 'key.pem') };
    const write = (name: string) => {
      const made = { cert: join(directory, `${name}.cert`), key: join(directory, `${name}.key`) };
      const wanted = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2', '-subj', `/CN=${name}`];
      execFileSync(program, ['req', '-x509', ...wanted, '-keyout', made.key, '-out', made.cert], { stdio: 'ignore' });
      copyFileSync(made.key, files.key);
      copyFileSync(made.cert, files.cert);
    };
    write('one.test');
    const { app, deps } = createTestApp();
    const server = await startServer(app, '127.0.0.1', 0, { files, log: deps.log, checkMs: 5 });
    onTestFinished(async () => {
      deps.hub.close();
      await server.close();
    });
    expect(server.url).toMatch(/^https:/);
    const port = Number(new URL(server.url).port);
    const nameShown = () =>
      new Promise<string>((resolve, reject) => {
        const socket = connectTls({ port, host: '127.0.0.1', rejectUnauthorized: false }, () => {
          resolve(String(socket.getPeerCertificate().subject.CN));
          socket.destroy();
        });
        socket.on('error', reject);
      });
    expect(await nameShown()).toBe('one.test');
    const agent = new Agent({ rejectUnauthorized: false });
    const [response] = await once(request(`${server.url}/api/panels`, { agent, headers: { host: 'localhost' } }).end(), 'response');
    expect(response.statusCode).toBe(200);
    response.resume();
    agent.destroy();
    write('two.test');
    await expect.poll(nameShown).toBe('two.test');
    const old = connectTls({ port, host: '127.0.0.1', rejectUnauthorized: false, maxVersion: 'TLSv1.1', minVersion: 'TLSv1' });
    await once(old, 'error');
  });
});
