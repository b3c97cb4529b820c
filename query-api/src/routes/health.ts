import { Hono } from 'hono';
import type { AppEnv, Deps } from '../environment.ts';

/** How we are, for people and for programs. */
export interface Health {
  status: 'ok' | 'degraded';
  version: string;
  uptimeSeconds: number;
  prometheus: { reachable: boolean; version: string | null; error: string | null };
  events: { stored: number; clients: number; lastReceivedAt: string | null };
}

/** Health, always 200 while we answer at all, and our own metrics. */
export function healthRoutes(deps: Deps) {
  const startedMs = deps.now();
  return new Hono<AppEnv>()
    .get('/api/health', async (c) => {
      const prometheus = await look(deps, c.req.raw.signal);
      const receivedMs = deps.store.lastReceivedMs();
      return c.json<Health>({
        status: prometheus.reachable ? 'ok' : 'degraded',
        version: deps.version,
        uptimeSeconds: Math.floor((deps.now() - startedMs) / 1000),
        prometheus,
        events: {
          stored: deps.store.count(),
          clients: deps.hub.clients(),
          lastReceivedAt: receivedMs === null ? null : new Date(receivedMs).toISOString(),
        },
      });
    })
    .get('/metrics', async (c) => {
      deps.metrics.storedEvents.set(deps.store.count());
      deps.metrics.streamClients.set(deps.hub.clients());
      return c.body(await deps.metrics.registry.metrics(), 200, { 'content-type': deps.metrics.registry.contentType });
    });
}

async function look(deps: Deps, signal: AbortSignal): Promise<Health['prometheus']> {
  try {
    return { reachable: true, version: await deps.upstream.version(signal), error: null };
  } catch (error) {
    return { reachable: false, version: null, error: error instanceof Error ? error.message : String(error) };
  }
}
