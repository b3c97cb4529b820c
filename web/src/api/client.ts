import { parseEvent } from '@ccmeter/exporter/contract';
import {
  type Activity,
  createApiClient,
  type Diagnosis,
  type Health,
  type ListedEvent,
  type PanelAnswer,
  type PrometheusFacts,
  type QuestionId,
  type SessionAnswer,
  type SessionDetail,
  type SessionSummary,
  type Sources,
} from '@ccmeter/query-api/client';
import { faces } from '../texts/shell.ts';

export type {
  Activity,
  Diagnosis,
  Health,
  PanelAnswer,
  PrometheusFacts,
  QuestionId,
  SessionAnswer,
  SessionDetail,
  SessionSummary,
  Sources,
};
export type StoredEvent = ListedEvent;

type Client = ReturnType<typeof createApiClient>;
export type PanelQuery = Parameters<Client['api']['panels'][':id']['$get']>[0]['query'];
export type SessionQuery = Parameters<Client['api']['sessions']['$get']>[0]['query'];
type ActivityQuery = Parameters<Client['api']['activity']['$get']>[0]['query'];
export type FilterOptions = Awaited<ReturnType<Api['filterOptions']>>;
/** Which events; a name that is absent means all. */
export type EventFilter = { [Name in 'source' | 'type' | 'project' | 'session']?: string[] };
export type Api = ReturnType<typeof createApi>;

/** Something went wrong between us and the numbers; the message is for people. */
class ApiError extends Error {
  readonly code: string;

  constructor(code: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/** What the views ask of the query API at `baseUrl`. The gallery and tests hand in their own `fetch`. */
export function createApi(baseUrl: string, fetchAnswer: typeof fetch = fetch) {
  const { api } = createApiClient(baseUrl, (input: RequestInfo | URL, options?: RequestInit) => reach(() => fetchAnswer(input, options)));
  return {
    panel: async (id: QuestionId, query: PanelQuery, signal?: AbortSignal) =>
      (await ok(await api.panels[':id'].$get({ param: { id }, query }, { init: during(signal) }))).json(),
    range: async (signal?: AbortSignal) => (await ok(await api.range.$get({}, { init: during(signal) }))).json(),
    filterOptions: async (start: number, end: number, signal?: AbortSignal) =>
      (await ok(await api['filter-options'].$get({ query: { start: `${start}`, end: `${end}` } }, { init: during(signal) }))).json(),
    sessions: async (query: SessionQuery, signal?: AbortSignal) =>
      (await ok(await api.sessions.$get({ query }, { init: during(signal) }))).json(),
    activity: async (query: ActivityQuery, signal?: AbortSignal): Promise<Activity> =>
      (await ok(await api.activity.$get({ query }, { init: during(signal) }))).json(),
    /** One session and its newest events; `before` goes on where the last page ended. */
    session: async (id: string, limit: number, before: number | null, signal?: AbortSignal): Promise<SessionAnswer> => {
      const page = before === null ? {} : { before: String(before) };
      const asked = { param: { id: encodeURIComponent(id) }, query: { limit: String(limit), ...page } };
      const { session, timeline } = await (await ok(await api.sessions[':id'].$get(asked, { init: during(signal) }))).json();
      return { session, timeline: readListed(timeline) };
    },
    /** Prometheus' own answers, for the PromQL view. Errors come as Prometheus words them. */
    prometheus: async (
      path: 'query' | 'query_range' | `label/${string}/values`,
      parameters: Record<string, string>,
      signal?: AbortSignal,
    ): Promise<unknown> => {
      const response = await reach(() =>
        fetchAnswer(new URL(`/api/v1/${path}?${new URLSearchParams(parameters)}`, baseUrl), during(signal)),
      );
      const body: unknown = await response.json().catch(() => null);
      if (isObject(body) && body.status === 'success') return body.data;
      const message = isObject(body) && typeof body.error === 'string' ? body.error : faces.status(response.status);
      throw new ApiError(`http_${response.status}`, message);
    },
    prometheusFacts: async (signal?: AbortSignal): Promise<PrometheusFacts> =>
      (await ok(await api.prometheus.$get({}, { init: during(signal) }))).json(),
    /** Events older than one of them, newest first. */
    eventsBefore: async (seq: number, limit: number, filter: EventFilter, signal?: AbortSignal): Promise<StoredEvent[]> => {
      const asked = { query: { ...filter, before: String(seq), limit: String(limit) } };
      return readListed((await (await ok(await api.events.$get(asked, { init: during(signal) }))).json()).events);
    },
    /** Sends a session of its own through every hop. */
    selfTest: async (): Promise<Diagnosis> => (await ok(await api.doctor['self-test'].$post({ query: {} }))).json(),
    sources: async (signal?: AbortSignal): Promise<Sources> => (await ok(await api.sources.$get({}, { init: during(signal) }))).json(),
    doctor: async (signal?: AbortSignal) => (await ok(await api.doctor.$get({}, { init: during(signal) }))).json(),
    health: async (signal?: AbortSignal) => (await ok(await api.health.$get({}, { init: during(signal) }))).json(),
  };
}

/** Events are read as those of the stream are: what we do not know is left out. */
function readListed(listed: readonly { seq: number; event: unknown }[]): StoredEvent[] {
  return listed.flatMap(({ seq, event }) => {
    const read = parseEvent(event);
    return 'error' in read ? [] : [{ seq, event: read }];
  });
}

function during(signal: AbortSignal | undefined): RequestInit {
  return signal ? { signal } : {};
}

async function reach(send: () => Promise<Response>): Promise<Response> {
  try {
    return await send();
  } catch (cause) {
    if (cause instanceof DOMException && cause.name === 'AbortError') throw cause;
    throw new ApiError('unreachable', faces.unreachable, { cause });
  }
}

/** Lets a good answer pass and throws any other as an {@link ApiError}; what has no error shape (a proxy's page) is told by its status. */
async function ok<Answer extends { ok: boolean; status: number; json(): Promise<unknown> }>(response: Answer): Promise<Answer> {
  if (response.ok) return response;
  const body: unknown = await response.json().catch(() => null);
  const error = isObject(body) && isObject(body.error) ? body.error : {};
  const message = typeof error.message === 'string' ? error.message : faces.status(response.status);
  throw new ApiError(typeof error.code === 'string' ? error.code : `http_${response.status}`, message);
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
