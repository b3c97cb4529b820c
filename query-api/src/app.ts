import { type Context, Hono } from 'hono';
import { routePath } from 'hono/route';
import { fairShare } from './access/fair.ts';
import { guard } from './access/guard.ts';
import { neverStored, securityHeaders } from './access/headers.ts';
import { allowHosts } from './access/hosts.ts';
import { ownWritesOnly, sameOriginOnly } from './access/origin.ts';
import type { AppEnv, Deps } from './environment.ts';
import { ApiError, type ErrorBody, toApiError } from './errors.ts';
import { createIngest, type IngestDeps } from './live/ingest.ts';
import { authRoutes } from './routes/auth.ts';
import { unpackedOnly } from './routes/body.ts';
import { docsRoutes } from './routes/docs.ts';
import { doctorRoutes } from './routes/doctor.ts';
import { countReceipt, eventListRoutes, eventRoutes } from './routes/events.ts';
import { healthRoutes } from './routes/health.ts';
import { hookRoutes } from './routes/hooks.ts';
import { panelRoutes } from './routes/panels.ts';
import { prometheusRoutes } from './routes/prometheus.ts';
import { rangeRoutes } from './routes/range.ts';
import { sessionRoutes } from './routes/sessions.ts';
import { sourceRoutes } from './routes/sources.ts';
import { streamRoutes } from './routes/stream.ts';
import { webRoutes } from './routes/web.ts';

export type { Deps } from './environment.ts';

/** The app itself. */
export type App = ReturnType<typeof createApp>;

/** The types of all routes, for `hc`. */
export type AppType = App;

/** The whole API and the dashboard, as one chain of routes. */
export function createApp(deps: Deps) {
  const observe: IngestDeps['observe'] = (receipt) => {
    countReceipt(deps, receipt);
    if (receipt.accepted > 0) deps.onStored?.();
  };
  const intake = createIngest({ ...deps, observe });
  const fair = fairShare(deps);
  const whole: Pick<Hono<AppEnv>, 'routes'> = { routes: [] };
  const app = new Hono<AppEnv>()
    .use(measure(deps))
    .use(securityHeaders)
    .use(allowHosts(deps.allowHosts))
    .use(unpackedOnly)
    .use(ownWritesOnly)
    .use('/api/*', sameOriginOnly)
    .use('/api/*', neverStored)
    .use(guard(deps.access))
    .onError((error, c) => answerError(deps, error, c))
    .notFound((c) => answerError(deps, new ApiError(404, 'not_found', `There is nothing at ${c.req.path}.`), c))
    .route('/', panelRoutes(deps, fair))
    .route('/', rangeRoutes(deps, fair))
    .route('/', prometheusRoutes(deps, fair))
    .route('/', eventListRoutes(deps, fair))
    .route('/', eventRoutes(deps, intake))
    .route('/', hookRoutes(deps, intake))
    .route('/', sessionRoutes(deps, fair))
    .route('/', streamRoutes(deps))
    .route('/', healthRoutes(deps))
    .route('/', doctorRoutes(deps, fair))
    .route('/', sourceRoutes(deps, fair))
    .route('/', docsRoutes(whole, deps.version))
    .route('/', authRoutes(deps))
    .route('/', webRoutes(deps));
  whole.routes = app.routes;
  return app;
}

function measure({ metrics, log }: Deps) {
  return async (c: Context<AppEnv>, next: () => Promise<void>) => {
    const begun = performance.now();
    await next();
    const seconds = (performance.now() - begun) / 1000;
    // The pattern that answered, not the path: paths come from outside and have no end.
    const labels = { method: c.req.method, route: routePath(c), status: String(c.res.status) };
    metrics.requestSeconds.observe(labels, seconds);
    log.debug({ ...labels, seconds }, 'request');
  };
}

function answerError({ metrics, log }: Deps, error: unknown, c: Context<AppEnv>): Response {
  const { status, code, message, retryAfterSeconds } = toApiError(error);
  metrics.refusedRequests.inc({ code });
  if (retryAfterSeconds !== undefined) c.header('retry-after', String(retryAfterSeconds));
  // What was foreseen is counted and told to the asker; with Prometheus away every open dashboard would fill the log.
  if (code === 'internal') log.error({ err: error }, 'request failed');
  else log.debug({ code, message }, 'request refused');
  return c.json<ErrorBody>({ error: { code, message } }, status);
}
