import { getConnInfo } from '@hono/node-server/conninfo';
import type { Context, MiddlewareHandler } from 'hono';
import { getCookie } from 'hono/cookie';
import type { AppEnv } from '../environment.ts';
import { ApiError } from '../errors.ts';
import { type Access, identify } from './access.ts';
import { allows, type Role } from './users.ts';

/** The cookie of a browser that is logged in. */
export const COOKIE = 'ccmeter_login';

/** Where events come in: they may bring a signature instead of a token, which the route looks at. */
const SIGNED = ['/events'];
const INGEST = ['/hooks', '/api/agent-events'];
/** What does something to the pipeline itself. */
const ADMIN = ['/api/doctor/self-test'];
/** Pages without data, by which somebody can log in, and a sign of life. */
const PUBLIC = /^\/(auth|assets)\/|^\/-\/healthy$|^\/(favicon|icon-|apple-touch-icon|manifest\.webmanifest$|sw\.js$)/;

/**
 * Finds out who asks, and refuses who may not. Where access is open everybody is let through. The dashboard's own files are no secret,
 * but its pages lead to the login first.
 */
export function guard(access: Access): MiddlewareHandler<AppEnv> {
  return async (c, next) => {
    if (access.open) return next();
    const { path } = c.req;
    if (PUBLIC.test(path)) return next();
    const user = await identify(access, {
      authorization: c.req.header('authorization'),
      cookie: getCookie(c, COOKIE),
      address: addressOf(c),
    });
    if (user !== undefined) c.set('user', user);
    if (SIGNED.includes(path)) return next();
    const role = user?.role;
    const needed = neededRole(path);
    if (role !== undefined && allows(role, needed)) return next();
    if (role !== undefined) throw new ApiError(403, 'forbidden', `This needs the role ${needed}; yours is ${role}.`);
    if (isPage(c)) return c.redirect('/auth/login');
    c.header('www-authenticate', 'Bearer realm="ccmeter"');
    throw new ApiError(401, 'unauthorized', 'This needs a token (Authorization: Bearer …) or a login.');
  };
}

/** Where a request comes from; requests that came over no socket come from here. */
export function addressOf(c: Context<AppEnv>): string {
  return c.env?.incoming === undefined ? 'here' : (getConnInfo(c).remote.address ?? 'unknown');
}

/** Who may ask a path where access is not open, in words: a role, everybody, or a signature in place of a role. */
export function whoMayAsk(path: string): string {
  if (PUBLIC.test(path)) return 'everybody';
  return SIGNED.includes(path) ? 'signature or ingest' : neededRole(path);
}

/** True where a request comes over a socket from this machine, by the address of the socket: headers of proxies are not believed. */
export function isFromHere(c: Context<AppEnv>): boolean {
  return c.env?.incoming !== undefined && /^(?:::1|(?:::ffff:)?127\.\d{1,3}\.\d{1,3}\.\d{1,3})$/.test(addressOf(c));
}

function neededRole(path: string): Role {
  return ADMIN.includes(path) ? 'admin' : INGEST.includes(path) ? 'ingest' : 'read';
}

function isPage(c: Context<AppEnv>): boolean {
  return c.req.method === 'GET' && !/^\/(api|metrics)(\/|$)/.test(c.req.path) && (c.req.header('accept') ?? '').includes('text/html');
}
