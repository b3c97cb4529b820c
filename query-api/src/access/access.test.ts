import { createHash } from 'node:crypto';
import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createLocalJWKSet, exportJWK, generateKeyPair, SignJWT, UnsecuredJWT } from 'jose';
import { describe, expect, onTestFinished, test } from 'vitest';
import { runCommand } from '../commands.ts';
import { readConfig } from '../config.ts';
import { createLog } from '../log.ts';
import { createTestApp, NOW_MS, openToAll, someEvent } from '../testing.ts';
import type { Access } from './access.ts';
import { createJwtReader } from './jwt.ts';
import { LOGIN_SECONDS, openLogins } from './logins.ts';
import { openAccess } from './open.ts';
import { createGitHubProvider, createOidcProvider, isAllowed } from './providers.ts';
import { createBuckets } from './rate.ts';
import { addToken, listTokens, openTokens, removeToken } from './tokens.ts';
import type { Role } from './users.ts';

const log = createLog('silent');

function temporaryDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), 'ccmeter-access-'));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
}

/** An app for users only, with a token of each role. */
function guarded(given: Partial<Access> = {}) {
  const file = join(temporaryDirectory(), 'tokens.json');
  const token = { read: '', ingest: '', admin: '' };
  for (const role of ['read', 'ingest', 'admin'] as const) token[role] = addToken(file, `${role}er`, role, new Date(NOW_MS));
  const tokens = openTokens(file, log, 5);
  onTestFinished(() => tokens.close());
  const access = openToAll({ open: false, tokens, ...given });
  const { app, deps } = createTestApp({ access });
  const ask = (path: string, headers: Record<string, string> = {}, init: RequestInit = {}) => app.request(path, { ...init, headers });
  const as = (role: Role, path: string, init: RequestInit = {}) => ask(path, { authorization: `Bearer ${token[role]}` }, init);
  const post = (path: string, body: unknown, headers: Record<string, string> = {}) =>
    ask(path, { 'content-type': 'application/json', ...headers }, { method: 'POST', body: JSON.stringify(body) });
  return { access, app, deps, file, token, ask, as, post };
}

describe('an address that others can reach', () => {
  const start = async (...args: string[]) => openAccess(readConfig(args, {}), {}, log);

  test.each(['0.0.0.0', '::', '192.0.2.1'])('%s wants users', async (listen) => {
    await expect(start('--listen', listen, '--state-dir', temporaryDirectory())).rejects.toThrow('--listen:');
  });

  test('is fine with a token, an issuer of people or an issuer of tokens', async () => {
    const directory = temporaryDirectory();
    addToken(join(directory, 'api', 'tokens.json'), 'grafana', 'read', new Date());
    const secrets = { CCMETER_API_OIDC_CLIENT_SECRET: 's' };
    const oidc = ['--oidc-issuer', 'https://id.test', '--oidc-client-id', 'c', '--login-allow', '*@example.com'];
    const jwt = ['--jwks-url', 'https://id.test/keys', '--jwt-issuer', 'i', '--jwt-audience', 'a'];
    for (const [args, state] of [
      [[], directory],
      [oidc, temporaryDirectory()],
      [jwt, temporaryDirectory()],
    ] as const) {
      const access = await openAccess(readConfig(['--listen', '0.0.0.0', '--state-dir', state, ...args], {}), secrets, log);
      expect(access.open).toBe(false);
      access.tokens.close();
      access.logins.close();
    }
  });

  test.each([
    [['--oidc-issuer', 'https://id.test', '--oidc-client-id', 'c', '--login-allow', '*'], 'CCMETER_API_OIDC_CLIENT_SECRET'],
    [['--github-client-id', 'c', '--login-allow', '*'], 'CCMETER_API_GITHUB_CLIENT_SECRET'],
    [['--jwks-url', 'https://id.test/keys'], '--jwt-issuer'],
    [['--oidc-issuer', 'http://id.test'], '--oidc-issuer'],
    [['--access', 'users'], '--access'],
  ])('%j is refused with a word about %s', async (args, word) => {
    await expect(start('--state-dir', temporaryDirectory(), ...args)).rejects.toThrow(word);
  });

  test('on loopback is open', async () => {
    const access = await start('--state-dir', temporaryDirectory());
    expect(access.open).toBe(true);
    access.tokens.close();
    access.logins.close();
  });
});

describe('roles', () => {
  test.each([
    ['/api/panels', 200, 403, 200],
    ['/api/events', 200, 403, 200],
    ['/api/sessions', 200, 403, 200],
    ['/api/stream', 200, 403, 200],
    ['/metrics', 200, 403, 200],
    ['/api/nothing', 404, 403, 404],
  ] as const)('%s: read %i, ingest %i, admin %i, nobody 401', async (path, read, ingest, admin) => {
    const { as, ask, deps } = guarded();
    expect((await as('read', path)).status).toBe(read);
    expect((await as('ingest', path)).status).toBe(ingest);
    expect((await as('admin', path)).status).toBe(admin);
    const nobody = await ask(path);
    expect([nobody.status, nobody.headers.get('www-authenticate')]).toEqual([401, 'Bearer realm="ccmeter"']);
    deps.hub.close();
  });

  test.each(['/events', '/hooks', '/api/agent-events'])('%s is for those who send', async (path) => {
    const { as, post } = guarded();
    const agent = { session_id: 's', agent_type: 'a', event_type: 'activity', hook_event_name: 'Stop' };
    const body =
      path === '/events' ? someEvent(1) : path === '/hooks' ? agent : { session_id: 's', agent_type: 'a', event_type: 'activity' };
    const init = { method: 'POST', body: JSON.stringify(body) };
    expect((await post(path, body)).status).toBe(401);
    expect((await as('read', path, init)).status).toBe(path === '/events' ? 401 : 403);
    expect((await as('ingest', path, init)).status).toBeLessThan(300);
    expect((await as('admin', path, init)).status).toBeLessThan(300);
  });

  test('pages lead to the login; what holds no data is there for everybody', async () => {
    const { ask } = guarded();
    const page = await ask('/', { accept: 'text/html' });
    expect([page.status, page.headers.get('location')]).toEqual([302, '/auth/login']);
    for (const path of ['/auth/login', '/auth/login.js', '/auth/login.css', '/auth/me', '/-/healthy'])
      expect((await ask(path)).status).toBe(200);
  });
});

describe('tokens', () => {
  test('are kept as hashes, in a file for their owner alone, and are gone once taken away', async () => {
    const { file, token, as, access } = guarded();
    expect(readFileSync(file, 'utf8')).not.toContain(token.read.slice(4));
    expect(readFileSync(file, 'utf8')).toContain(createHash('sha256').update(token.read).digest('hex'));
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(removeToken(file, 'reader')).toBe(true);
    await expect.poll(() => access.tokens.count()).toBe(2);
    expect((await as('read', '/api/panels')).status).toBe(401);
    expect((await as('admin', '/api/panels')).status).toBe(200);
  });

  test('of a file that others can read are refused', () => {
    const file = join(temporaryDirectory(), 'tokens.json');
    addToken(file, 'one', 'read', new Date());
    chmodSync(file, 0o640);
    expect(() => openTokens(file, log)).toThrow('chmod 600');
  });

  test.each(['Basic abc', 'bearer', 'Bearer', 'Bearer a b', 'Token x', 'Bearer ccm_x', 'Bearer a.b.c', `Bearer ${'x'.repeat(9000)}`])(
    '%j is none',
    async (authorization) => {
      const { ask } = guarded();
      expect((await ask('/api/panels', { authorization })).status).toBe(401);
    },
  );

  test('that are wrong too often close the door to that address, and to it alone, for a while', async () => {
    let nowMs = 0;
    const { ask, token } = guarded({ failures: createBuckets({ burst: 3, perSecond: 1, clock: () => nowMs }) });
    for (let round = 0; round < 3; round += 1) expect((await ask('/api/panels', { authorization: 'Bearer ccm_wrong' })).status).toBe(401);
    const right = { authorization: `Bearer ${token.read}` };
    const blocked = await ask('/api/panels', right);
    expect([blocked.status, blocked.headers.get('retry-after')]).toEqual([429, '1']);
    nowMs = 1000;
    expect((await ask('/api/panels', right)).status).toBe(200);
  });

  test('are made, listed and taken away by commands', async () => {
    const directory = temporaryDirectory();
    const said: string[] = [];
    const command = (...args: string[]) => runCommand([...args, '--state-dir', directory], {}, (line) => said.push(line));
    expect(await command('token', 'add', 'grafana', '--role', 'read')).toBe(true);
    expect(said[0]).toMatch(/^ccm_[\w-]{43}$/);
    expect(listTokens(join(directory, 'api', 'tokens.json'))).toMatchObject([{ name: 'grafana', role: 'read' }]);
    await expect(command('token', 'add', 'grafana', '--role', 'read')).rejects.toThrow('already');
    await expect(command('token', 'add', 'x y', '--role', 'read')).rejects.toThrow('a name wants');
    await expect(command('token', 'add', 'x', '--role', 'root')).rejects.toThrow('--role');
    await command('token', 'list');
    expect(said[1]).toMatch(/^grafana\tread\t/);
    await command('token', 'remove', 'grafana');
    await expect(command('token', 'remove', 'grafana')).rejects.toThrow('no token');
    expect(await runCommand(['--port', '1'], {}, () => {})).toBe(false);
  });
});

describe('a browser', () => {
  const cookieOf = (response: Response) => response.headers.getSetCookie()[0] ?? '';

  test('logs in once by a code, goes on by a cookie that no script reads, and logs out', async () => {
    const { access, ask, post } = guarded();
    const code = access.logins.createCode({ name: 'ada', role: 'read' });
    const response = await post('/auth/exchange', { code });
    expect(response.status).toBe(204);
    expect(cookieOf(response)).toMatch(/^ccmeter_login=[\w-]{43}; Max-Age=604800; Path=\/; HttpOnly; SameSite=Strict$/);
    expect((await post('/auth/exchange', { code })).status).toBe(401);
    const cookie = cookieOf(response).split(';')[0] ?? '';
    expect((await ask('/api/panels', { cookie })).status).toBe(200);
    expect(await (await ask('/auth/me', { cookie })).json()).toEqual({ open: false, user: { name: 'ada', role: 'read' } });
    expect((await post('/auth/logout', {}, { cookie })).status).toBe(204);
    expect((await ask('/api/panels', { cookie })).status).toBe(401);
  });

  test('may log in by a token; on an encrypted connection the cookie stays on such', async () => {
    const { post, token } = guarded({ secure: true });
    expect(cookieOf(await post('/auth/exchange', { code: token.read }))).toContain('; Secure');
  });

  test('is not let in by a code or a login that is too old', () => {
    let nowMs = 0;
    const logins = openLogins(':memory:', () => nowMs);
    const code = logins.createCode({ name: 'ada', role: 'read' });
    const login = logins.begin({ name: 'ada', role: 'read' });
    nowMs = 301_000;
    expect(logins.takeCode(code)).toBeUndefined();
    expect(logins.find(login)).toEqual({ name: 'ada', role: 'read' });
    nowMs = LOGIN_SECONDS * 1000;
    expect(logins.find(login)).toBeUndefined();
  });

  test('guessing codes is stopped', async () => {
    const { post } = guarded();
    const answers = [];
    for (let round = 0; round < 12; round += 1) answers.push((await post('/auth/exchange', { code: `guess${round}` })).status);
    expect(answers).toEqual([...Array(10).fill(401), 429, 429]);
  });

  test.each([
    ['a form', { 'content-type': 'text/plain' }, 415],
    ['another site', { 'content-type': 'application/json', 'sec-fetch-site': 'cross-site' }, 403],
    ['another port', { 'content-type': 'application/json', origin: 'http://localhost:1', host: 'localhost' }, 403],
  ])('of %s cannot log in here', async (_, headers, status) => {
    const { access, ask } = guarded();
    const code = access.logins.createCode({ name: 'ada', role: 'read' });
    const response = await ask('/auth/exchange', headers, { method: 'POST', body: JSON.stringify({ code }) });
    expect([response.status, response.headers.getSetCookie()]).toEqual([status, []]);
    expect(access.logins.takeCode(code)).toBeDefined();
  });

  test('is given the code in the part of an address that is never sent', async () => {
    const said: string[] = [];
    await runCommand(['login', '--url', 'https://meter.test/', '--state-dir', temporaryDirectory()], {}, (line) => said.push(line));
    expect(said[0]).toMatch(/^https:\/\/meter\.test\/auth\/login#[\w-]{43}$/);
  });
});

describe('threat: JWT confusion: tokens of an issuer', async () => {
  const { publicKey, privateKey } = await generateKeyPair('RS256', { extractable: true });
  const jwk = { ...(await exportJWK(publicKey)), kid: 'k', alg: 'RS256' };
  const jwt = createJwtReader(
    { jwksUrl: 'https://id.test', issuer: 'https://id.test', audience: 'ccmeter' },
    createLocalJWKSet({ keys: [jwk] }),
  );
  const build = (claims: Record<string, unknown> = {}) =>
    new SignJWT(claims).setSubject('ci').setIssuer('https://id.test').setAudience('ccmeter').setExpirationTime('5m');
  const header = { alg: 'RS256', kid: 'k' };
  const other = await generateKeyPair('RS256');
  const shared = new TextEncoder().encode(JSON.stringify(jwk));

  test('are taken with issuer, audience, subject, time and signature', async () => {
    const { ask } = guarded({ jwt });
    const token = await build().setProtectedHeader(header).sign(privateKey);
    expect((await ask('/api/panels', { authorization: `Bearer ${token}` })).status).toBe(200);
    expect((await ask('/metrics', { authorization: `Bearer ${token}` })).status).toBe(200);
    expect(await jwt(await build({ ccmeter_role: 'ingest' }).setProtectedHeader(header).sign(privateKey))).toEqual({
      name: 'ci',
      role: 'ingest',
    });
  });

  test('signed by a shared secret are none, even where a secret is among the keys', async () => {
    const secret = Buffer.alloc(32, 7);
    const careless = createJwtReader({ jwksUrl: 'https://id.test', issuer: 'https://id.test', audience: 'ccmeter' }, async () => secret);
    expect(await careless(await build().setProtectedHeader({ alg: 'HS256' }).sign(secret))).toBeUndefined();
  });

  test.each([
    ['another issuer', () => build().setIssuer('https://evil.test').setProtectedHeader(header).sign(privateKey)],
    ['another audience', () => build().setAudience('other').setProtectedHeader(header).sign(privateKey)],
    ['an old one', () => build().setExpirationTime('-5m').setProtectedHeader(header).sign(privateKey)],
    [
      'no end',
      () =>
        new SignJWT({}).setSubject('ci').setIssuer('https://id.test').setAudience('ccmeter').setProtectedHeader(header).sign(privateKey),
    ],
    [
      'no subject',
      () =>
        new SignJWT({})
          .setIssuer('https://id.test')
          .setAudience('ccmeter')
          .setExpirationTime('5m')
          .setProtectedHeader(header)
          .sign(privateKey),
    ],
    ['another key', () => build().setProtectedHeader(header).sign(other.privateKey)],
    ['a shared secret made of the public key', () => build().setProtectedHeader({ alg: 'HS256', kid: 'k' }).sign(shared)],
    [
      'no signature',
      async () =>
        new UnsecuredJWT({}).setSubject('ci').setIssuer('https://id.test').setAudience('ccmeter').setExpirationTime('5m').encode(),
    ],
    ['a role that there is not', () => build({ ccmeter_role: 'root' }).setProtectedHeader(header).sign(privateKey)],
  ])('with %s are none', async (_, make) => {
    expect(await jwt(await make())).toBeUndefined();
  });
});

describe('a provider', () => {
  /** OpenID Connect and GitHub's OAuth in one, as far as a login needs them. */
  async function startProvider(claims: Record<string, unknown>) {
    const { publicKey, privateKey } = await generateKeyPair('RS256', { extractable: true });
    const jwk = { ...(await exportJWK(publicKey)), kid: 'k', alg: 'RS256', use: 'sig' };
    let nonce = '';
    let challenge = '';
    const server = createServer(async (request, response) => {
      const url = new URL(request.url ?? '', issuer);
      const json = (value: unknown, status = 200) =>
        response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(value));
      if (url.pathname === '/.well-known/openid-configuration')
        return json({
          issuer,
          authorization_endpoint: `${issuer}/authorize`,
          token_endpoint: `${issuer}/token`,
          jwks_uri: `${issuer}/keys`,
          id_token_signing_alg_values_supported: ['RS256'],
        });
      if (url.pathname === '/keys') return json({ keys: [jwk] });
      if (url.pathname === '/api/v3/user') return json({ login: 'Ada' });
      let body = '';
      for await (const chunk of request) body += chunk;
      const form = new URLSearchParams(body);
      const verified =
        createHash('sha256')
          .update(form.get('code_verifier') ?? '')
          .digest('base64url') === challenge;
      if (form.get('code') !== 'good' || !verified) return json({ error: 'invalid_grant' }, 400);
      const token = new SignJWT({ nonce, ...claims })
        .setProtectedHeader({ alg: 'RS256', kid: 'k' })
        .setIssuer(issuer)
        .setAudience(typeof claims.aud === 'string' ? claims.aud : 'client')
        .setIssuedAt()
        .setExpirationTime('5m');
      return json({ access_token: 'a', token_type: 'bearer', ...(nonce === '' ? {} : { id_token: await token.sign(privateKey) }) });
    }).listen(0, '127.0.0.1');
    onTestFinished(() => {
      server.close();
    });
    await new Promise((resolve) => server.once('listening', resolve));
    const address = server.address();
    const issuer = `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`;
    /** What the person's browser does there: it is sent on with a code. */
    const agree = (location: string, code = 'good') => {
      const asked = new URL(location).searchParams;
      nonce = asked.get('nonce') ?? '';
      challenge = asked.get('code_challenge') ?? '';
      expect(asked.get('code_challenge_method')).toBe('S256');
      return new URL(`${asked.get('redirect_uri')}?code=${code}&state=${asked.get('state')}`);
    };
    return { issuer, agree };
  }

  const common = { clientId: 'client', clientSecret: 'secret', allow: ['ada@example.com', 'ada'], role: 'read' as const };

  async function logIn(id: 'oidc' | 'github', claims: Record<string, unknown>, change: (url: URL) => void = () => {}, code = 'good') {
    const { issuer, agree } = await startProvider(claims);
    const provider =
      id === 'oidc'
        ? createOidcProvider({ issuer, ...common })
        : createGitHubProvider({ url: issuer, apiUrl: `${issuer}/api/v3`, ...common });
    const { ask } = guarded({ providers: [provider] });
    const begun = await ask(`/auth/with/${id}`, { host: 'localhost' });
    expect(begun.status).toBe(302);
    const cookie = begun.headers.getSetCookie()[0] ?? '';
    expect(cookie).toContain('HttpOnly; SameSite=Lax');
    const back = agree(begun.headers.get('location') ?? '', code);
    change(back);
    const headers = { host: 'localhost', cookie: cookie.split(';')[0] ?? '', 'sec-fetch-site': 'cross-site' };
    const finished = await ask(`${back.pathname}${back.search}`, headers);
    return { ask, finished, again: () => ask(`${back.pathname}${back.search}`, headers) };
  }

  const ada = { sub: '1', email: 'Ada@Example.com', email_verified: true };

  test.each(['oidc', 'github'] as const)('%s says who somebody is, once', async (id) => {
    const { ask, finished, again } = await logIn(id, ada);
    expect(finished.status).toBe(200);
    const cookie = finished.headers.getSetCookie().find((one) => one.startsWith('ccmeter_login=')) ?? '';
    expect(cookie).toContain('HttpOnly; SameSite=Strict');
    expect((await ask('/api/panels', { cookie: cookie.split(';')[0] ?? '' })).status).toBe(200);
    expect((await again()).status).toBe(401);
  });

  test.each([
    ['somebody else', { ...ada, email: 'eve@example.com' }, 403],
    ['an address that was not verified', { ...ada, email_verified: false }, 403],
    ['an answer to another question', { ...ada, nonce: 'other' }, 401],
    ['an answer for another client', { ...ada, aud: 'other' }, 401],
  ])('lets nobody in with %s', async (_, claims, status) => {
    const { finished } = await logIn('oidc', claims as Record<string, unknown>);
    expect([finished.status, finished.headers.getSetCookie().some((one) => one.startsWith('ccmeter_login='))]).toEqual([status, false]);
  });

  test.each([
    ['another state', (url: URL) => url.searchParams.set('state', 'x'), 'good'],
    ['an error', (url: URL) => url.searchParams.set('error', 'access_denied'), 'good'],
    ['a code that is not good', () => {}, 'bad'],
  ] as [string, (url: URL) => void, string][])('lets nobody in with %s', async (_, change, code) => {
    const { finished } = await logIn('oidc', ada, change, code);
    expect(await finished.json()).toMatchObject({ error: { code: 'login_failed' } });
  });

  test('that there is not is not found', async () => {
    const { ask } = guarded();
    expect((await ask('/auth/with/oidc')).status).toBe(404);
    expect((await ask('/auth/callback/github')).status).toBe(404);
  });

  test.each([
    [['*'], 'x', true],
    [['ada'], 'ada', true],
    [['ada'], 'adam', false],
    [['*@example.com'], 'ada@example.com', true],
    [['*@example.com'], 'ada@example.com.evil.test', false],
    [['*@example.com'], '"a@example.com"@evil.test', false],
    [['*@example.com'], 'example.com', false],
    [[], 'ada', false],
  ])('%j and %s: %s', (allow, name, allowed) => expect(isAllowed(allow, name)).toBe(allowed));
});
