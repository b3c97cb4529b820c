import { Hono, type MiddlewareHandler } from 'hono';
import { scopeOf } from '../access/fair.ts';
import { type Diagnosis, examine } from '../doctor/checks.ts';
import type { AppEnv, Deps } from '../environment.ts';
import { ApiError } from '../errors.ts';

/** Every hop of the pipeline with its state, latency and a remedy in words. */
export function doctorRoutes(deps: Deps, fair: MiddlewareHandler<AppEnv>) {
  return new Hono<AppEnv>().get('/api/doctor', fair, async (c) => {
    if (scopeOf(deps, c) !== undefined) throw new ApiError(403, 'not_yours', 'How the pipeline is, is for those who may see all of it.');
    const events = async () => ({ stored: deps.store.count(), lastReceivedMs: deps.store.lastReceivedMs() });
    const { upstream, exporterUrl, now } = deps;
    return c.json<Diagnosis>(await examine({ upstream, exporterUrl, fetch, now, events }, c.req.raw.signal));
  });
}
