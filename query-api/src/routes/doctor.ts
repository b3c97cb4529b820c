import { type Context, Hono, type MiddlewareHandler } from 'hono';
import { scopeOf } from '../access/fair.ts';
import { type Diagnosis, examine } from '../doctor/checks.ts';
import type { AppEnv, Deps } from '../environment.ts';
import { ApiError } from '../errors.ts';
import { askFacts, type PrometheusFacts } from '../upstream/facts.ts';
import { query, selfTestQuery } from './params.ts';

/** Every hop of the pipeline with its state, latency and a remedy in words, and what Prometheus says of itself. */
export function doctorRoutes(deps: Deps, fair: MiddlewareHandler<AppEnv>) {
  const ownersOnly = (c: Context<AppEnv>) => {
    if (scopeOf(deps, c) !== undefined) throw new ApiError(403, 'not_yours', 'How the pipeline is, is for those who may see all of it.');
  };
  return new Hono<AppEnv>()
    .get('/api/prometheus', fair, async (c) => {
      ownersOnly(c);
      return c.json<PrometheusFacts>(await askFacts(deps.upstream, c.req.raw.signal));
    })
    .get('/api/doctor', fair, async (c) => {
      ownersOnly(c);
      const events = async () => ({ stored: deps.store.count(), lastReceivedMs: deps.store.lastReceivedMs() });
      const { upstream, exporterUrl, now } = deps;
      return c.json<Diagnosis>(await examine({ upstream, exporterUrl, fetch, now, events }, c.req.raw.signal));
    })
    .post('/api/doctor/self-test', fair, query(selfTestQuery), async (c) => {
      ownersOnly(c);
      return c.json<Diagnosis>(await deps.selfTest({ write: c.req.valid('query').write !== 'false' }, c.req.raw.signal));
    });
}
