import { hc } from 'hono/client';
import type { AppType } from './app.ts';

export type { Check, Diagnosis } from './doctor/checks.ts';
export type { ErrorBody } from './errors.ts';
export type { StreamMessages } from './live/hub.ts';
export type { Receipt } from './live/ingest.ts';
export type { SessionDetail, SessionSummary, UsageSummary } from './live/session-questions.ts';
export type { SessionState, ToolSummary } from './live/session-rows.ts';
export type { Activity, Stats } from './live/stats.ts';
export type { PanelSeries } from './promql/buckets.ts';
export type { QuestionId } from './promql/queries.ts';
export type { ListedEvent } from './routes/events.ts';
export type { Health } from './routes/health.ts';
export type { PanelAnswer, PanelDescription } from './routes/panels.ts';
export type { SessionAnswer, SessionsAnswer } from './routes/sessions.ts';
export type { SourceNumber, Sources } from './routes/sources.ts';
export type { PrometheusFacts } from './upstream/facts.ts';

/** A typed client of the API: the only door for the web. `baseUrl` is where the API is, such as the page's own origin. */
export function createApiClient(baseUrl: string, fetcher?: typeof fetch) {
  return hc<AppType>(baseUrl, fetcher === undefined ? {} : { fetch: fetcher });
}

export type ApiClient = ReturnType<typeof createApiClient>;
