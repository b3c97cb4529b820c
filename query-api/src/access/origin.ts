import type { Context, MiddlewareHandler } from 'hono';
import type { AppEnv } from '../environment.ts';
import { ApiError } from '../errors.ts';

/**
 * Refuses what a page of another site (or of another port of this machine) makes a browser send. Answers could not be read there, as we
 * send no CORS headers, but events could be forged and Prometheus kept busy. Programs that are no browsers send neither header.
 */
export const sameOriginOnly: MiddlewareHandler<AppEnv> = async (c, next) => {
  if (isForeignSite(c) || isForeignOrigin(c)) throw refuse();
  await next();
};

/** The same for whatever may change something, on every route. Reading is left to the routes: a login comes back from another site. */
export const ownWritesOnly: MiddlewareHandler<AppEnv> = async (c, next) => {
  const reads = c.req.method === 'GET' || c.req.method === 'HEAD';
  if (!reads && (isForeignSite(c) || isForeignOrigin(c))) throw refuse();
  await next();
};

function isForeignSite(c: Context<AppEnv>): boolean {
  const site = c.req.header('sec-fetch-site');
  return site !== undefined && site !== 'same-origin' && site !== 'none';
}

function isForeignOrigin(c: Context<AppEnv>): boolean {
  const origin = c.req.header('origin');
  return origin !== undefined && c.req.method !== 'GET' && !(URL.canParse(origin) && new URL(origin).host === c.req.header('host'));
}

function refuse(): ApiError {
  return new ApiError(403, 'foreign_origin', 'Only our own pages may ask this from a browser.');
}
