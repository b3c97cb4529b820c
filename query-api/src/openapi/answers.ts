import * as v from 'valibot';

/** Shapes of answers, as the document tells them; a test holds real answers against them. */

const count = v.pipe(v.number(), v.integer(), v.minValue(0));
const seconds = v.pipe(v.number(), v.description('Seconds since 1970.'));
const labels = v.record(v.string(), v.string());
const at = v.pipe(v.string(), v.isoTimestamp());
const numbers = v.strictObject({ last24Hours: v.number(), today: v.number(), month: v.number() });

const state = v.picklist(['working', 'waiting', 'idle', 'over']);

const sessionSummary = {
  id: v.string(),
  source: v.string(),
  project: v.nullable(v.string()),
  state,
  firstAt: at,
  lastAt: at,
  models: v.array(v.string()),
  requests: count,
  tokens: count,
  kinds: v.strictObject({ input: count, output: count, cacheRead: count, cacheWrite5m: count, cacheWrite1h: count }),
  costUsd: v.pipe(v.number(), v.description('US dollars at the list price of the day.')),
  unpricedRequests: count,
  toolCalls: count,
  failures: count,
  blocked: count,
  lines: v.strictObject({ added: count, removed: count }),
  todos: v.nullable(v.strictObject({ completed: count, inProgress: count, pending: count, abandoned: v.boolean() })),
};

const tool = v.strictObject({
  tool: v.string(),
  started: count,
  finished: count,
  failed: count,
  rejected: count,
  blocked: count,
  averageSeconds: v.nullable(v.number()),
  timed: count,
});

const named = v.array(v.strictObject({ name: v.string(), count }));
const errors = v.array(v.strictObject({ category: v.string(), count }));

const event = v.looseObject({ id: v.string(), source: v.string(), timestamp: at, type: v.string(), payload: v.looseObject({}) });
const listedEvents = v.array(v.strictObject({ seq: count, event }));

const kind = v.picklist(['added', 'quantile', 'now', 'seen']);

export const answers = {
  panels: v.strictObject({
    panels: v.array(v.strictObject({ id: v.string(), kind, help: v.string(), unit: v.string(), labels: v.array(v.string()) })),
  }),
  panel: v.strictObject({
    id: v.string(),
    unit: v.string(),
    start: seconds,
    end: seconds,
    step: v.nullable(v.number()),
    query: v.optional(v.pipe(v.string(), v.description('The PromQL that was asked.'))),
    series: v.array(
      v.strictObject({
        labels,
        value: v.pipe(v.number(), v.description('Over the whole range.')),
        points: v.pipe(
          v.nullable(v.array(v.strictTuple([v.number(), v.number()]))),
          v.description('Start of each bucket in seconds since 1970, and what was added in it.'),
        ),
      }),
    ),
  }),
  range: v.strictObject({ first: v.nullable(seconds), now: seconds }),
  filterOptions: v.strictObject({ host: v.array(v.string()), project: v.array(v.string()), model: v.array(v.string()) }),
  events: v.strictObject({ events: listedEvents }),
  receipt: v.looseObject({
    accepted: count,
    duplicates: count,
    rejected: v.array(v.strictObject({ index: count, error: v.string() })),
  }),
  sessions: v.strictObject({ sessions: v.array(v.strictObject(sessionSummary)), next: v.nullable(v.string()) }),
  session: v.strictObject({
    session: v.strictObject({
      ...sessionSummary,
      usage: v.array(
        v.strictObject({
          model: v.string(),
          agent: v.picklist(['main', 'subagent']),
          requests: count,
          inputTokens: count,
          outputTokens: count,
          cacheReadTokens: count,
          cacheWrite5mTokens: count,
          cacheWrite1hTokens: count,
          costUsd: v.number(),
          unpricedRequests: count,
          unfinishedRequests: count,
        }),
      ),
      tools: v.array(tool),
      errors,
      subagents: named,
      skills: named,
      files: v.array(v.strictObject({ hash: v.string(), versions: count, linesAdded: count, linesRemoved: count, linesModified: count })),
    }),
    timeline: listedEvents,
  }),
  activity: v.strictObject({
    peak: v.nullable(v.strictObject({ at, sessions: count })),
    files: v.strictObject({ changed: count, versions: count }),
  }),
  stats: v.strictObject({
    tools: v.array(tool),
    errors,
    calls: v.strictObject({ finished: count, failed: count, rejected: count, blocked: count }),
    sessions: v.record(state, count),
    costUsd: numbers,
    tokens: numbers,
  }),
  health: v.strictObject({
    status: v.picklist(['ok', 'degraded']),
    version: v.string(),
    uptimeSeconds: count,
    prometheus: v.strictObject({ reachable: v.boolean(), version: v.nullable(v.string()), error: v.nullable(v.string()) }),
    events: v.strictObject({ stored: count, clients: count, lastReceivedAt: v.nullable(at) }),
  }),
  doctor: v.strictObject({
    status: v.picklist(['ok', 'warning', 'failure']),
    checkedAt: at,
    checks: v.array(
      v.strictObject({
        id: v.string(),
        title: v.string(),
        status: v.picklist(['ok', 'warning', 'failure', 'unknown']),
        latencyMs: v.nullable(v.number()),
        found: v.string(),
        remedy: v.nullable(v.string()),
      }),
    ),
  }),
  prometheusFacts: v.strictObject({
    version: v.nullable(v.string()),
    startedAt: v.nullable(at),
    retention: v.nullable(v.string()),
    head: v.strictObject({ series: v.nullable(count), appendedSamples: v.nullable(v.number()) }),
    storageBytes: v.nullable(v.number()),
    memoryBytes: v.nullable(v.number()),
    reload: v.strictObject({ ok: v.nullable(v.boolean()), at: v.nullable(at) }),
    corruptions: v.nullable(count),
    largest: v.array(v.strictObject({ name: v.string(), series: count })),
  }),
  sources: v.strictObject({
    start: seconds,
    end: seconds,
    numbers: v.array(v.strictObject({ name: v.string(), own: v.nullable(v.number()), native: v.nullable(v.number()) })),
  }),
  me: v.strictObject({ open: v.boolean(), user: v.nullable(v.strictObject({ name: v.string(), role: v.string() })) }),
  prometheus: v.looseObject({ status: v.literal('success') }),
} satisfies Record<string, v.GenericSchema>;

/** Shapes of errors. */
export const errorShapes = {
  Error: v.strictObject({ error: v.strictObject({ code: v.string(), message: v.string() }) }),
  PrometheusError: v.looseObject({ status: v.literal('error'), errorType: v.string(), error: v.string() }),
  VibeTeaError: v.strictObject({ error: v.string(), code: v.string() }),
} satisfies Record<string, v.GenericSchema>;

export type ErrorShape = keyof typeof errorShapes;

/** True for what has the shape of that name. */
export function hasShape(name: ErrorShape, value: unknown): boolean {
  return v.is(errorShapes[name], value);
}
