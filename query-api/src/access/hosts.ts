import type { MiddlewareHandler } from 'hono';
import type { AppEnv } from '../environment.ts';
import { ApiError } from '../errors.ts';

const LOOPBACK = ['localhost', '127.0.0.1', '[::1]'] as const;

/**
 * Refuses requests for a host that is not ours, before anything else looks at them. A page of another site that makes its own name
 * point to 127.0.0.1 (DNS rebinding) would otherwise read everything, since for the browser it is the same origin.
 */
export function allowHosts(names: readonly string[]): MiddlewareHandler<AppEnv> {
  const allowed = new Set<string>([...LOOPBACK, ...names]);
  return async (c, next) => {
    const hosts = hostsOf(c.req.raw, c.env?.incoming);
    if (hosts.length === 0 || !hosts.every((host) => allowed.has(nameOf(host)))) {
      throw new ApiError(403, 'host_not_allowed', 'This name is not one of ours; --allow-host adds names.');
    }
    await next();
  };
}

/** Every host that the request names: all Host headers, and the target where it is a whole URL. */
function hostsOf(request: Request, incoming: AppEnv['Bindings']['incoming']): string[] {
  if (incoming === undefined) return [request.headers.get('host') ?? new URL(request.url).host];
  const target = incoming.url ?? '';
  const fromTarget = target.startsWith('/') ? [] : [URL.canParse(target) ? new URL(target).host : ''];
  return [...(incoming.headersDistinct.host ?? []), ...fromTarget];
}

/** The name without port, in lower case. */
function nameOf(host: string): string {
  return host.replace(/:\d{1,5}$/, '').toLowerCase();
}
