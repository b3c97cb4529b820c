import { randomBytes } from 'node:crypto';
import { type Context, Hono } from 'hono';
import { deleteCookie, getCookie, setCookie } from 'hono/cookie';
import { type Access, checkFailures, identify, refuseCode } from '../access/access.ts';
import { addressOf, COOKIE } from '../access/guard.ts';
import { LOGIN_SECONDS } from '../access/logins.ts';
import type { Pending, Provider } from '../access/providers.ts';
import { isToken } from '../access/tokens.ts';
import type { User } from '../access/users.ts';
import type { AppEnv, Deps } from '../environment.ts';
import { ApiError } from '../errors.ts';
import { readBody } from './body.ts';
import { loginPage, loginScript, loginStyle, welcomePage } from './login-page.ts';

/** Holds the name of a login under way; Lax, since the way back from a provider comes from another site. */
const PENDING_COOKIE = 'ccmeter_pending';
const PENDING_SECONDS = 600;
const MOST_PENDING = 1000;
const MAX_BODY_BYTES = 16 * 1024;

/** Who is asking, as told to the dashboard. */
export interface Me {
  /** Nobody has to log in here. */
  open: boolean;
  user: { name: string; role: string } | null;
}

/** Logging in and out. These pages hold no data and are there for everybody. */
export function authRoutes({ access, log }: Deps) {
  const pending = createPendingLogins();
  return new Hono<AppEnv>()
    .get('/-/healthy', (c) => c.text('ok\n'))
    .get('/auth/login', (c) => c.html(loginPage(access.providers.map(({ id }) => id))))
    .get('/auth/login.js', (c) => c.body(loginScript, 200, { 'content-type': 'text/javascript; charset=utf-8' }))
    .get('/auth/login.css', (c) => c.body(loginStyle, 200, { 'content-type': 'text/css; charset=utf-8' }))
    .get('/auth/me', async (c) => {
      const user = access.open
        ? undefined
        : await identify(access, {
            authorization: c.req.header('authorization'),
            cookie: getCookie(c, COOKIE),
            address: addressOf(c),
          });
      c.header('cache-control', 'no-store');
      return c.json<Me>({ open: access.open, user: user === undefined ? null : { name: user.name, role: user.role } });
    })
    .post('/auth/exchange', async (c) => {
      checkFailures(access, addressOf(c));
      const secret = await readSecret(c);
      const user = isToken(secret) ? access.tokens.find(secret) : access.logins.takeCode(secret);
      if (user === undefined) throw refuseCode(access, addressOf(c));
      letIn(c, access, user);
      log.info({ user: user.name }, 'logged in');
      return c.body(null, 204);
    })
    .post('/auth/logout', (c) => {
      access.logins.end(getCookie(c, COOKIE) ?? '');
      deleteCookie(c, COOKIE, { path: '/' });
      return c.body(null, 204);
    })
    .get('/auth/with/:id', async (c) => {
      const provider = providerOf(access, c.req.param('id'));
      const begun = await ask(provider.begin(`${baseOf(c, access)}/auth/callback/${provider.id}`));
      setCookie(c, PENDING_COOKIE, pending.put(begun.pending), {
        httpOnly: true,
        sameSite: 'Lax',
        path: '/auth/callback',
        maxAge: PENDING_SECONDS,
        secure: access.secure,
      });
      return c.redirect(begun.url);
    })
    .get('/auth/callback/:id', async (c) => {
      const provider = providerOf(access, c.req.param('id'));
      checkFailures(access, addressOf(c));
      const begun = pending.take(getCookie(c, PENDING_COOKIE) ?? '');
      deleteCookie(c, PENDING_COOKIE, { path: '/auth/callback' });
      if (begun === undefined) throw new ApiError(401, 'login_expired', 'This login was not begun here, or long ago; begin again.');
      const user = await ask(provider.finish(new URL(`${begun.callback}${new URL(c.req.url).search}`), begun));
      if (user === undefined) throw new ApiError(403, 'not_invited', 'You are known there, but may not come in here.');
      letIn(c, access, user);
      log.info({ user: user.name, provider: provider.id }, 'logged in');
      // Not a redirect: one that began on another site would not bring the strict cookie along.
      return c.html(welcomePage);
    });
}

function letIn(c: Context<AppEnv>, access: Access, user: User): void {
  setCookie(c, COOKIE, access.logins.begin(user), {
    httpOnly: true,
    sameSite: 'Strict',
    path: '/',
    maxAge: LOGIN_SECONDS,
    secure: access.secure,
  });
}

function providerOf(access: Access, id: string): Provider {
  const provider = access.providers.find((one) => one.id === id);
  if (provider === undefined) throw new ApiError(404, 'not_found', 'There is no such way to log in here.');
  return provider;
}

async function ask<Answer>(answer: Promise<Answer>): Promise<Answer> {
  try {
    return await answer;
  } catch (cause) {
    throw new ApiError(401, 'login_failed', 'The login did not come to a good end; begin again.', { cause });
  }
}

/** Our own address as the browser knows it. The host has passed the list of allowed ones. */
function baseOf(c: Context<AppEnv>, access: Access): string {
  return access.publicUrl ?? `${access.secure ? 'https' : 'http'}://${c.req.header('host') ?? 'localhost'}`;
}

async function readSecret(c: Context<AppEnv>): Promise<string> {
  if (!/^application\/json\b/i.test(c.req.header('content-type') ?? ''))
    throw new ApiError(415, 'unsupported_type', 'Send JSON, as application/json.');
  const text = new TextDecoder().decode(await readBody(c, MAX_BODY_BYTES));
  const value: unknown = parse(text);
  const code = typeof value === 'object' && value !== null && 'code' in value ? value.code : undefined;
  if (typeof code !== 'string' || code === '' || code.length > 1000)
    throw new ApiError(400, 'invalid_body', 'Send {"code": "…"}, with a login code or a token.');
  return code;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Logins under way, each worth one return, the oldest forgotten first when there are too many. */
function createPendingLogins() {
  const logins = new Map<string, Pending & { untilMs: number }>();
  return {
    put(pending: Pending): string {
      const name = randomBytes(32).toString('base64url');
      if (logins.size >= MOST_PENDING) logins.delete(logins.keys().next().value ?? '');
      logins.set(name, { ...pending, untilMs: performance.now() + PENDING_SECONDS * 1000 });
      return name;
    },
    take(name: string): Pending | undefined {
      const found = logins.get(name);
      logins.delete(name);
      return found !== undefined && found.untilMs > performance.now() ? found : undefined;
    },
  };
}
