import * as v from 'valibot';
import { MAX_POINTS, objectionTo, readDuration, readPromql } from '../promql/guard.ts';
import { readTime } from '../upstream/keep.ts';

/** Most `match[]` of one question. */
const MAX_SELECTORS = 50;
const MAX_CHARACTERS = 1024;

const query = v.pipe(
  v.string(),
  v.rawCheck(({ dataset, addIssue }) => {
    const objection = dataset.typed ? objectionTo(dataset.value) : undefined;
    if (objection !== undefined) addIssue({ message: objection });
  }),
  v.description('PromQL, at most 10,000 characters.'),
);

const selector = v.pipe(
  v.string(),
  v.rawCheck(({ dataset, addIssue }) => {
    const { tree, objection } = dataset.typed ? readPromql(dataset.value) : {};
    if (objection !== undefined) addIssue({ message: objection });
    if (tree !== undefined && tree.topNode.firstChild?.name !== 'VectorSelector') addIssue({ message: 'wants a series selector' });
  }),
);

const selectors = v.pipe(
  v.array(selector),
  v.maxLength(MAX_SELECTORS, `at most ${MAX_SELECTORS} selectors are taken`),
  v.description('Series selectors: whatever fits one of them.'),
);

const time = v.pipe(
  v.string(),
  v.check((text) => !Number.isNaN(readTime(text)), 'cannot be parsed to a valid timestamp'),
  v.description('Seconds since 1970, or RFC 3339.'),
);

const duration = v.pipe(
  v.string(),
  v.check((text) => readDuration(text) > 0, 'wants a duration above zero, such as 30s or 1h30m'),
  v.description('Seconds, or a duration such as 1h30m.'),
);

const count = v.pipe(v.string(), v.regex(/^\d{1,9}$/, 'wants a whole number'));
const text = v.pipe(v.string(), v.maxLength(MAX_CHARACTERS, `is longer than ${MAX_CHARACTERS} characters`));
const texts = v.pipe(v.array(text), v.maxLength(MAX_SELECTORS, `at most ${MAX_SELECTORS} are taken`));

const evaluation = {
  query,
  timeout: v.optional(duration),
  limit: v.optional(count),
  lookback_delta: v.optional(duration),
  stats: v.optional(text),
};

const matching = { start: v.optional(time), end: v.optional(time), limit: v.optional(count) };

/** What each call of Prometheus' HTTP API reads. Anything else is left behind, so that what was checked is what is asked. */
export const parameters = {
  query: v.object({ ...evaluation, time: v.optional(time) }),
  query_range: v.pipe(
    v.object({ ...evaluation, start: time, end: time, step: duration }),
    v.forward(
      v.check(({ start, end }) => readTime(end) >= readTime(start), 'end timestamp must not be before start time'),
      ['end'],
    ),
    v.forward(
      v.check(
        ({ start, end, step }) => pointsOf(start, end, step) <= MAX_POINTS,
        `exceeded maximum resolution of ${MAX_POINTS} points per timeseries`,
      ),
      ['step'],
    ),
  ),
  query_exemplars: v.object({ query, start: v.optional(time), end: v.optional(time) }),
  series: v.object({ ...matching, 'match[]': v.pipe(selectors, v.minLength(1, 'no match[] parameter provided')) }),
  labels: v.object({ ...matching, 'match[]': v.optional(selectors) }),
  metadata: v.object({ metric: v.optional(text), limit: v.optional(count), limit_per_metric: v.optional(count) }),
  rules: v.object({
    type: v.optional(v.picklist(['alert', 'record'], 'wants alert or record')),
    'rule_name[]': v.optional(texts),
    'rule_group[]': v.optional(texts),
    'file[]': v.optional(texts),
    exclude_alerts: v.optional(v.picklist(['true', 'false'], 'wants true or false')),
    'match[]': v.optional(selectors),
    group_limit: v.optional(count),
    group_next_token: v.optional(text),
  }),
  none: v.object({}),
};

function pointsOf(start: string, end: string, step: string): number {
  return Math.floor((readTime(end) - readTime(start)) / readDuration(step)) + 1;
}

/** Names of labels, also in the form in which Prometheus 3 takes any others (`U__…`). As part of an address it can be nothing but a name. */
export const labelName = v.pipe(
  v.string(),
  v.regex(/^[a-zA-Z_][a-zA-Z0-9_]*$/, 'wants the name of a label'),
  v.maxLength(MAX_CHARACTERS, `is longer than ${MAX_CHARACTERS} characters`),
);

/** The given values of the parameters that a schema knows: all of those that are lists, the first of the others; an empty one counts as none. */
export function pick(schema: { entries: object }, given: URLSearchParams): Record<string, string | string[]> {
  const picked: Record<string, string | string[]> = Object.create(null);
  for (const name of Object.keys(schema.entries)) {
    const values = given.getAll(name);
    if (name.endsWith('[]')) {
      if (values.length > 0) picked[name] = values;
    } else if (values[0] !== undefined && (values[0] !== '' || name === 'query')) picked[name] = values[0];
  }
  return picked;
}
