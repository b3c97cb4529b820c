import { type Context, Hono, type MiddlewareHandler } from 'hono';
import type { ContentfulStatusCode } from 'hono/utils/http-status';
import { describeRoute, resolver, uniqueSymbol } from 'hono-openapi';
import * as v from 'valibot';
import { upstreamFor } from '../access/fair.ts';
import type { AppEnv, Deps } from '../environment.ts';
import { ApiError, toApiError } from '../errors.ts';
import { SCHEMA_OPTIONS } from '../openapi/schema.ts';
import { readBody } from './body.ts';
import { labelName, parameters, pick } from './prometheus-parameters.ts';

const MAX_FORM_BYTES = 64 * 1024;

type Schema = (typeof parameters)[keyof typeof parameters];

/** Prometheus' own HTTP API, checked and passed through, in its shape also for errors, so that its clients can use it. */
export function prometheusRoutes(deps: Deps, fair: MiddlewareHandler<AppEnv>) {
  const ask = (path: string, schema: Schema) => async (c: Context<AppEnv>) => pass(deps, c, path, await readParameters(c, schema));
  return new Hono<AppEnv>()
    .onError((error, c) => answerAsPrometheus(deps, error, c))
    .use('/api/v1/*', fair)
    .get('/api/v1/query', takes(parameters.query), ask('query', parameters.query))
    .post('/api/v1/query', takesForm(parameters.query), ask('query', parameters.query))
    .get('/api/v1/query_range', takes(parameters.query_range), ask('query_range', parameters.query_range))
    .post('/api/v1/query_range', takesForm(parameters.query_range), ask('query_range', parameters.query_range))
    .get('/api/v1/query_exemplars', takes(parameters.query_exemplars), ask('query_exemplars', parameters.query_exemplars))
    .post('/api/v1/query_exemplars', takesForm(parameters.query_exemplars), ask('query_exemplars', parameters.query_exemplars))
    .get('/api/v1/series', takes(parameters.series), ask('series', parameters.series))
    .post('/api/v1/series', takesForm(parameters.series), ask('series', parameters.series))
    .get('/api/v1/labels', takes(parameters.labels), ask('labels', parameters.labels))
    .post('/api/v1/labels', takesForm(parameters.labels), ask('labels', parameters.labels))
    .get('/api/v1/label/:name/values', takes(parameters.labels), async (c) => {
      const name = check(labelName, c.req.param('name'), 'name');
      return pass(deps, c, `label/${name}/values`, await readParameters(c, parameters.labels));
    })
    .get('/api/v1/metadata', takes(parameters.metadata), ask('metadata', parameters.metadata))
    .get('/api/v1/rules', takes(parameters.rules), ask('rules', parameters.rules))
    .get('/api/v1/alerts', ask('alerts', parameters.none))
    .get('/api/v1/status/buildinfo', ask('status/buildinfo', parameters.none));
}

/** Tells the OpenAPI document what the query string may hold; {@link readParameters} checks it by the same schema. */
function takes(schema: Schema): MiddlewareHandler<AppEnv> {
  const middleware: MiddlewareHandler<AppEnv> = (_, next) => next();
  return Object.assign(middleware, { [uniqueSymbol]: { target: 'query', ...resolver(schema, { options: SCHEMA_OPTIONS }) } });
}

/** The same for a form. */
function takesForm(schema: Schema): MiddlewareHandler {
  const content = { 'application/x-www-form-urlencoded': { schema: resolver(schema, { options: SCHEMA_OPTIONS }) } };
  return describeRoute({ requestBody: { required: true, content } });
}

/** As in Prometheus, what stands in the form counts before what stands in the address. */
async function readParameters(c: Context<AppEnv>, schema: Schema): Promise<URLSearchParams> {
  const posted = c.req.method === 'POST';
  const given = new URLSearchParams(posted ? new TextDecoder().decode(await readBody(c, MAX_FORM_BYTES)) : '');
  for (const [name, value] of new URL(c.req.url).searchParams) given.append(name, value);
  const checked = check(schema, pick(schema, given), 'query');
  const list = Object.entries<string | string[] | undefined>(checked);
  return new URLSearchParams(list.flatMap(([name, value]) => [value ?? []].flat().map((one): [string, string] => [name, one])));
}

function check<Checked extends v.GenericSchema>(schema: Checked, given: unknown, name: string): v.InferOutput<Checked> {
  const result = v.safeParse(schema, given, { abortEarly: true });
  if (result.success) return result.output;
  const [issue] = result.issues;
  const parameter = issue.path?.[0]?.key ?? name;
  const message = issue.message.includes('received undefined') ? 'is missing' : issue.message;
  throw new ApiError(400, 'invalid_parameter', `invalid parameter ${JSON.stringify(parameter)}: ${message}`);
}

async function pass(deps: Deps, c: Context<AppEnv>, path: string, given: URLSearchParams): Promise<Response> {
  const { status, body } = await upstreamFor(deps, c).forward(path, given, c.req.raw.signal);
  // What a proxy before Prometheus has to say is of no use to programs that want JSON, and none of our business to show to browsers.
  if (body[0] !== 0x7b || !isStatus(status))
    throw new ApiError(status >= 500 ? 503 : 502, 'prometheus_unreachable', `Prometheus is not ready or not there (status ${status})`);
  return c.body(body, status, { 'content-type': 'application/json' });
}

/** Those with which Prometheus sends JSON: an answer, or an error. */
function isStatus(status: number): status is ContentfulStatusCode {
  return status === 200 || (status >= 400 && status <= 599);
}

/** An error in the shape and with the types of Prometheus (web/api/v1/api.go). */
function answerAsPrometheus({ metrics, log }: Deps, cause: unknown, c: Context<AppEnv>): Response {
  const { status, code, message, retryAfterSeconds } = toApiError(cause);
  metrics.refusedRequests.inc({ code });
  if (code === 'internal') log.error({ err: cause }, 'request failed');
  if (retryAfterSeconds !== undefined) c.header('retry-after', String(retryAfterSeconds));
  return c.json({ status: 'error', errorType: errorTypeOf(status), error: message }, status);
}

function errorTypeOf(status: number): string {
  if (status === 429) return 'too_many_requests';
  if (status === 504) return 'timeout';
  if (status === 500) return 'internal';
  if (status >= 500) return 'unavailable';
  return status === 422 ? 'execution' : 'bad_data';
}
