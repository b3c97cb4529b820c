import { type EventType, events, type LabelName } from '@ccmeter/exporter/contract';
import { validator } from 'hono-openapi';
import * as v from 'valibot';
import { badParameter } from '../errors.ts';
import type { EventFilter } from '../live/store.ts';
import { MAX_REPLAY } from '../live/stream.ts';
import { SCHEMA_OPTIONS } from '../openapi/schema.ts';
import type { Range } from '../promql/buckets.ts';
import { MAX_POINTS } from '../promql/guard.ts';
import type { Asked, Filters, Question } from '../promql/queries.ts';

const MINUTE_SECONDS = 60;

/** Longest range: PromQL durations end at 292 years. */
const MAX_RANGE_SECONDS = 100 * 365 * 86_400;

/** Most values of one filter, so that a query stays far below the length that Prometheus and proxies take. */
const MAX_FILTER_VALUES = 100;
const MAX_VALUE_CHARACTERS = 1024;

const text = v.pipe(v.string(), v.maxLength(MAX_VALUE_CHARACTERS, `is longer than ${MAX_VALUE_CHARACTERS} characters`));

/** A filter: once, or several times for any of the values. */
export const filter = v.optional(
  v.union([text, v.pipe(v.array(text), v.maxLength(MAX_FILTER_VALUES, `has more than ${MAX_FILTER_VALUES} values`))]),
);

const RFC_3339 = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d{1,9})?(Z|[+-]\d{2}:\d{2})$/;

/** Seconds since 1970, from a number of them or from RFC 3339. */
export const time = v.pipe(
  v.string(),
  v.transform((given) =>
    RFC_3339.test(given) ? Date.parse(given) / 1000 : /^\d{1,11}(\.\d{1,9})?$/.test(given) ? Number(given) : Number.NaN,
  ),
  v.number('wants seconds since 1970, or RFC 3339 such as 2026-01-31T12:00:00Z'),
);

const step = v.pipe(
  v.string(),
  v.regex(/^\d{1,9}$/, 'wants seconds, a multiple of 60'),
  v.transform(Number),
  v.check((seconds) => seconds > 0 && seconds % MINUTE_SECONDS === 0, 'wants seconds, a multiple of 60'),
);

export function wholeNumber(least: number, most: number) {
  const wanted = `wants a whole number from ${least} to ${most}`;
  return v.pipe(
    v.string(),
    v.regex(/^\d{1,15}$/, wanted),
    v.transform(Number),
    v.check((value) => value >= least && value <= most, wanted),
  );
}

const labelFilters = {
  host: filter,
  project: filter,
  model: filter,
  agent: filter,
  kind: filter,
  role: filter,
  state: filter,
  tool: filter,
  result: filter,
  category: filter,
  agent_type: filter,
  skill: filter,
  change: filter,
  language: filter,
};

const quantile = v.pipe(
  v.string(),
  v.regex(/^0\.\d{1,4}$/, 'wants a part of one, such as 0.95'),
  v.transform(Number),
  v.check((part) => part > 0, 'wants a part of one, such as 0.95'),
);

/** `start` and `end` are needed by questions over a range and may be left out by those about now. */
export const panelQuery = v.strictObject({
  start: v.optional(time),
  end: v.optional(time),
  step: v.optional(step),
  /** Of questions about sizes: the median without it. */
  quantile: v.optional(quantile),
  by: v.optional(v.string()),
  ...labelFilters,
});

export const rangeQuery = v.strictObject({ start: time, end: time });

const eventFilters = { source: filter, type: filter, project: filter, session: filter };

export const eventsQuery = v.strictObject({
  limit: v.optional(wholeNumber(1, 1000)),
  before: v.optional(wholeNumber(1, Number.MAX_SAFE_INTEGER)),
  ...eventFilters,
});

export const streamQuery = v.strictObject({
  replay: v.optional(wholeNumber(0, MAX_REPLAY)),
  lastEventId: v.optional(v.string()),
  stats: v.optional(v.picklist(['true', 'false'], 'wants true or false')),
  ...eventFilters,
});

/** `write=false`: nothing is written to Prometheus. */
export const selfTestQuery = v.strictObject({ write: v.optional(v.picklist(['true', 'false'], 'wants true or false')) });

/** Reads the query string by a schema, which the OpenAPI document tells; the first thing that does not fit becomes the one error, with the name of the parameter. */
export function query<Schema extends v.GenericSchema>(schema: Schema) {
  return validator(
    'query',
    schema,
    (result) => {
      if (result.success) return;
      const [issue] = result.error;
      const name = issue?.path?.map((part) => String(typeof part === 'object' ? part.key : part)).join('.') ?? 'query';
      throw badParameter(name, explain(issue?.message ?? ''));
    },
    { options: SCHEMA_OPTIONS },
  );
}

/** valibot's own words for a name that is missing or not known, in ours. */
function explain(message: string): string {
  if (message.includes('Expected never')) return 'is not a parameter here';
  if (message.includes('received undefined')) return 'is missing';
  return message.startsWith('Invalid') ? 'does not fit, or was given twice' : message;
}

/** The range in whole minutes around what was asked for. */
export function readRange(start: number | undefined, end: number | undefined): Range {
  if (start === undefined) throw badParameter('start', 'is missing');
  if (end === undefined) throw badParameter('end', 'is missing');
  if (start >= end) throw badParameter('end', 'must be later than start');
  const range = { start: Math.floor(start / MINUTE_SECONDS) * MINUTE_SECONDS, end: Math.ceil(end / MINUTE_SECONDS) * MINUTE_SECONDS };
  if (range.end - range.start > MAX_RANGE_SECONDS) throw badParameter('start', 'is more than 100 years before end');
  return range;
}

/** Refuses a range for a question that has none. */
export function refuseRange(given: { start?: number | undefined; end?: number | undefined; step?: number | undefined }): void {
  for (const name of ['start', 'end', 'step'] as const) {
    if (given[name] !== undefined) throw badParameter(name, 'this question is about now and takes no range');
  }
}

/** Refuses more points than Prometheus gives. */
export function checkPoints(range: Range, stepSeconds: number): void {
  const points = Math.ceil((range.end - range.start) / stepSeconds);
  if (points <= MAX_POINTS) return;
  const least = Math.ceil((range.end - range.start) / MAX_POINTS / MINUTE_SECONDS) * MINUTE_SECONDS;
  throw badParameter('step', `makes ${points} points over this range, at most ${MAX_POINTS} are given; ${least} would do`);
}

/** The quantile that is asked for; null for questions that are not about sizes. */
export function readQuantile(question: Question, given: { quantile?: number | undefined }): number | null {
  if (question.kind === 'quantile') return given.quantile ?? MEDIAN;
  if (given.quantile !== undefined) throw badParameter('quantile', 'this question is not about sizes');
  return null;
}

const MEDIAN = 0.5;

/** The parameters of a question, read. */
export type PanelQuery = v.InferOutput<typeof panelQuery>;

/** Grouping and filters of a question; labels that it does not have are refused, since ignoring them would give a wrong number. */
export function readAsked(question: Question, given: PanelQuery): Asked {
  const known = question.labels.join(', ');
  const by = [...new Set((given.by ?? '').split(',').filter((name) => name !== ''))].map((name) => {
    const label = question.labels.find((one) => one === name);
    if (label === undefined) throw badParameter('by', `${JSON.stringify(name)} is not a label of this question; it has ${known}`);
    return label;
  });
  const filters: { [Name in LabelName]?: string[] } = {};
  for (const name of Object.keys(labelFilters) as (keyof typeof labelFilters)[]) {
    if (given[name] === undefined) continue;
    if (!question.labels.includes(name)) throw badParameter(name, `is not a label of this question; it has ${known}`);
    filters[name] = [given[name]].flat();
  }
  return { by, filters: filters satisfies Filters };
}

/** The filter of events, from the parameters of a list or a stream. */
export function readEventFilter(given: { [Name in keyof typeof eventFilters]?: string | string[] | undefined }): EventFilter {
  const list = (value: string | string[] | undefined) => (value === undefined ? undefined : [value].flat());
  const type = list(given.type);
  const unknown = type?.find((name) => !isEventType(name));
  if (unknown !== undefined)
    throw badParameter('type', `${JSON.stringify(unknown)} is not an event type; known are ${Object.keys(events).join(', ')}`);
  return { source: list(given.source), type, project: list(given.project), session: list(given.session) };
}

function isEventType(name: string): name is EventType {
  return Object.hasOwn(events, name);
}
