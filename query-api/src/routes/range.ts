import { Hono, type MiddlewareHandler } from 'hono';
import { upstreamFor } from '../access/fair.ts';
import type { AppEnv, Deps } from '../environment.ts';
import { FILTER_LABELS, filterOptionsQuery, historyStartQuery } from '../promql/queries.ts';
import type { Sample } from '../upstream/prometheus.ts';
import { query, rangeQuery, readRange } from './params.ts';

/** What there is to choose from: where history begins, and which label values a range has. */
export function rangeRoutes(deps: Deps, fair: MiddlewareHandler<AppEnv>) {
  return new Hono<AppEnv>()
    .use('/api/range', fair)
    .use('/api/filter-options', fair)
    .get('/api/range', async (c) => {
      const [sample] = await upstreamFor(deps, c).instant(historyStartQuery(), undefined, c.req.raw.signal);
      const first = sample === undefined || !Number.isFinite(sample.value) ? null : Math.floor(sample.value / 60) * 60;
      return c.json({ first, now: Math.floor(deps.now() / 1000) });
    })
    .get('/api/filter-options', query(rangeQuery), async (c) => {
      const given = c.req.valid('query');
      const { start, end } = readRange(given.start, given.end);
      const samples = await upstreamFor(deps, c).instant(filterOptionsQuery(end - start), end, c.req.raw.signal);
      const [host, project, model] = FILTER_LABELS.map((label) => valuesOf(samples, label));
      return c.json({ host: host ?? [], project: project ?? [], model: model ?? [] });
    });
}

function valuesOf(samples: readonly Sample[], label: string): string[] {
  return [...new Set(samples.flatMap(({ labels }) => labels[label] ?? []))].sort();
}
