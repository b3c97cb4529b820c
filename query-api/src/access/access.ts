import { ApiError } from '../errors.ts';
import type { JwtReader } from './jwt.ts';
import type { Logins } from './logins.ts';
import type { Provider } from './providers.ts';
import type { Buckets } from './rate.ts';
import { isToken, type Tokens } from './tokens.ts';
import type { User } from './users.ts';

/** Who may do what. */
export interface Access {
  /** Whoever reaches us may do everything: we listen on loopback, and nobody asked for more. */
  open: boolean;
  tokens: Tokens;
  logins: Logins;
  jwt: JwtReader | undefined;
  providers: readonly Provider[];
  /** Wrong credentials that one address may show. */
  failures: Buckets;
  /** The address under which browsers know us, where it is not the one they ask. */
  publicUrl: string | undefined;
  /** Cookies are for encrypted connections only. */
  secure: boolean;
}

/** What a request shows of who sends it. */
export interface Credentials {
  authorization: string | undefined;
  cookie: string | undefined;
  /** Where it comes from. Headers of proxies are not believed. */
  address: string;
}

/** Wrong tries that one address may make at once, and in how many seconds one of them is forgotten. */
export const FAILURES = { burst: 10, perSecond: 1 / 30 } as const;

/** Who sends this. Undefined where nothing is shown; an error where something wrong is, and soon no answer to more of it. */
export async function identify(access: Access, { authorization, cookie, address }: Credentials): Promise<User | undefined> {
  if (authorization === undefined && cookie === undefined) return undefined;
  const blocked = access.failures.wait(address);
  if (blocked > 0) throw tooManyFailures(blocked);
  const user = authorization === undefined ? access.logins.find(cookie ?? '') : await readBearer(access, authorization);
  if (user !== undefined) return user;
  // A login that has run out is nothing to be blamed for.
  if (authorization === undefined) return undefined;
  access.failures.take(address);
  throw new ApiError(401, 'invalid_token', 'This token is not known here, or is no longer valid.');
}

/** Counts a wrong try at something else than a token. */
export function refuseCode(access: Access, address: string): ApiError {
  access.failures.take(address);
  return new ApiError(401, 'invalid_code', 'This code or token is not known here, or has been used.');
}

/** Throws while an address has tried too often. */
export function checkFailures(access: Access, address: string): void {
  const blocked = access.failures.wait(address);
  if (blocked > 0) throw tooManyFailures(blocked);
}

function tooManyFailures(retryAfterSeconds: number): ApiError {
  return new ApiError(429, 'too_many_failures', 'Too many wrong tries come from this address; wait a little.', { retryAfterSeconds });
}

/** Only `Bearer`, once, in its one form. */
async function readBearer({ tokens, jwt }: Access, authorization: string): Promise<User | undefined> {
  const [, token] = /^Bearer ([A-Za-z0-9._~+/=-]{1,8192})$/i.exec(authorization) ?? [];
  if (token === undefined) return undefined;
  return isToken(token) ? tokens.find(token) : jwt?.(token);
}
