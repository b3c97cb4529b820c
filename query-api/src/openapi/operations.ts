import { toJsonSchema } from '@valibot/to-json-schema';
import { agentEvent } from '../hooks/agents.ts';
import type { answers, ErrorShape } from './answers.ts';
import { SCHEMA_OPTIONS } from './schema.ts';

/** Everything that can go wrong: its status, and when. */
export const errors = {
  invalid_parameter: { status: 400, when: 'A parameter does not fit; the message begins with its name.' },
  invalid_body: { status: 400, when: 'The body ended too early, or is not what is wanted.' },
  invalid_format: { status: 400, when: 'Nothing in the body can be taken.' },
  invalid_hook: { status: 400, when: 'This is not what Claude Code gives to a hook.' },
  invalid_request: { status: 400, when: 'This is not HTTP, or its address cannot be read; on any route.' },
  source_mismatch: { status: 400, when: 'An event speaks of another source than its sender.' },
  missing_source: { status: 401, when: 'X-Source-ID is missing.' },
  missing_signature: { status: 401, when: 'X-Signature is missing.' },
  unknown_source: { status: 401, when: 'There is no key for this source.' },
  server_error: { status: 401, when: 'The key that is kept here for this source is none.' },
  invalid_encoding: { status: 401, when: 'X-Signature is not base64.' },
  invalid_signature: { status: 401, when: 'The signature does not fit the body.' },
  unauthorized: { status: 401, when: 'This needs a token or a login.' },
  invalid_token: { status: 401, when: 'The token is not one of ours, or is over.' },
  invalid_code: { status: 401, when: 'The login code was used, or is over.' },
  login_expired: { status: 401, when: 'The login was not begun here, or long ago.' },
  login_failed: { status: 401, when: 'The login did not come to a good end.' },
  forbidden: { status: 403, when: 'This needs another role.' },
  not_invited: { status: 403, when: 'Known to the provider, but not invited here.' },
  host_not_allowed: { status: 403, when: 'Asked under a name that is not ours.' },
  foreign_origin: { status: 403, when: 'Asked by a page of another site.' },
  not_yours: { status: 403, when: 'Nothing of it may be seen by the one who asks.' },
  not_found: { status: 404, when: 'There is nothing of that name.' },
  unknown_panel: { status: 404, when: 'There is no such question.' },
  unknown_session: { status: 404, when: 'There is no such session.' },
  request_timeout: { status: 408, when: 'The request did not come to its end in time; on any route.' },
  already_running: { status: 409, when: 'A self-test is under way; Retry-After says when to come back.' },
  payload_too_large: { status: 413, when: 'The body is too large.' },
  unsupported_type: { status: 415, when: 'The body is not JSON.' },
  unsupported_encoding: { status: 415, when: 'The body is packed (Content-Encoding).' },
  expectation_failed: { status: 417, when: 'Something else than 100-continue was expected; on any route.' },
  answer_too_large: { status: 422, when: 'The answer of Prometheus is larger than 64 MiB.' },
  too_many_failures: { status: 429, when: 'Too many wrong tokens from this address; Retry-After says when to come back.' },
  rate_limited: { status: 429, when: 'This source sends too often; Retry-After says when to come back.' },
  too_many_requests: { status: 429, when: 'This client asks too often, or too much at once; Retry-After says when to come back.' },
  headers_too_large: { status: 431, when: 'The headers are larger than 16 KiB; on any route.' },
  internal: { status: 500, when: 'A mistake of ours; the log says which.' },
  prometheus_refused: { status: 502, when: 'Prometheus refused the question.' },
  prometheus_unreadable: { status: 502, when: 'What answers is not Prometheus.' },
  prometheus_unreachable: { status: 503, when: 'Prometheus cannot be reached, or is left alone after failing again and again.' },
  busy: { status: 503, when: 'Too many questions wait for Prometheus, or for the file of events.' },
  cancelled: { status: 503, when: 'The asker left.' },
  store_unavailable: { status: 503, when: 'Events cannot be stored, or read, at the moment.' },
  too_many_clients: { status: 503, when: 'Too many streams are open.' },
  prometheus_timeout: { status: 504, when: 'Prometheus did not answer in time.' },
} as const satisfies Record<string, { status: number; when: string }>;

export type ErrorCode = keyof typeof errors;

/** One row of {@link operations}. */
export interface Operation {
  tag: 'Questions' | 'Prometheus' | 'Events' | 'Sessions' | 'Health' | 'Login' | 'About';
  summary: string;
  /** Status and shape of the answer: `none` where its media type says enough, `nothing` where there is no body. */
  answer: { status?: number; shape: keyof typeof answers | 'none' | 'nothing'; media?: string };
  /** What can go wrong beside what can go wrong anywhere. */
  errors?: readonly ErrorCode[];
  errorShape?: ErrorShape;
  /** JSON that the body holds. */
  body?: object;
}

/** Errors that every route can answer with. */
const everywhere = ['host_not_allowed', 'unsupported_encoding', 'internal'] as const satisfies readonly ErrorCode[];

const upstream = [
  'too_many_requests',
  'not_yours',
  'answer_too_large',
  'prometheus_refused',
  'prometheus_unreadable',
  'prometheus_unreachable',
  'busy',
  'cancelled',
  'prometheus_timeout',
] as const satisfies readonly ErrorCode[];

const asked = ['invalid_parameter', ...upstream] as const;

/** Of questions about what is stored. */
const stored = ['invalid_parameter', 'not_yours', 'too_many_requests', 'busy', 'cancelled', 'store_unavailable'] as const;

/** A call of Prometheus' own API. */
function prometheus(summary: string, ...more: ErrorCode[]): Operation {
  return { tag: 'Prometheus', summary, answer: { shape: 'prometheus' }, errors: [...asked, ...more], errorShape: 'PrometheusError' };
}

function page(summary: string, media = 'text/html'): Operation {
  return { tag: 'Login', summary, answer: { shape: 'none', media } };
}

const anEvent = {
  type: 'object',
  required: ['id', 'source', 'timestamp', 'type', 'payload'],
  properties: {
    id: { type: 'string', pattern: '^evt_[A-Za-z0-9]{20}$' },
    source: { type: 'string' },
    timestamp: { type: 'string', format: 'date-time' },
    type: { type: 'string' },
    payload: { type: 'object' },
  },
};

/** Made from the schema that checks it. */
const { $schema: _, ...anAgentEvent } = toJsonSchema(agentEvent, SCHEMA_OPTIONS);

/** Every route, by method and path as the app has it. A route without a row here fails a test, so the document is never short of one. */
export const operations: Readonly<Record<string, Operation>> = {
  'GET /api/panels': { tag: 'Questions', summary: 'The named questions, with unit and labels.', answer: { shape: 'panels' } },
  'GET /api/panels/:id': {
    tag: 'Questions',
    summary: 'The answer to a named question, exact over whole minutes.',
    answer: { shape: 'panel' },
    errors: [...asked, 'unknown_panel'],
  },
  'GET /api/range': { tag: 'Questions', summary: 'Where history begins.', answer: { shape: 'range' }, errors: upstream },
  'GET /api/filter-options': {
    tag: 'Questions',
    summary: 'Label values with requests in a range.',
    answer: { shape: 'filterOptions' },
    errors: asked,
  },
  'GET /api/v1/query': prometheus('PromQL at one moment.'),
  'POST /api/v1/query': prometheus('PromQL at one moment.', 'payload_too_large'),
  'GET /api/v1/query_range': prometheus('PromQL over a range, at most 11,000 points a series.'),
  'POST /api/v1/query_range': prometheus('PromQL over a range, at most 11,000 points a series.', 'payload_too_large'),
  'GET /api/v1/query_exemplars': prometheus('Exemplars of the series in a query.'),
  'POST /api/v1/query_exemplars': prometheus('Exemplars of the series in a query.', 'payload_too_large'),
  'GET /api/v1/series': prometheus('Series that fit a selector.'),
  'POST /api/v1/series': prometheus('Series that fit a selector.', 'payload_too_large'),
  'GET /api/v1/labels': prometheus('Names of labels.'),
  'POST /api/v1/labels': prometheus('Names of labels.', 'payload_too_large'),
  'GET /api/v1/label/:name/values': prometheus('Values of a label.'),
  'GET /api/v1/metadata': prometheus('Types and help of metrics.'),
  'GET /api/v1/rules': prometheus('Recording and alerting rules.'),
  'GET /api/v1/alerts': prometheus('Alerts that are active.'),
  'GET /api/v1/status/buildinfo': prometheus('Version of Prometheus.'),
  'POST /events': {
    tag: 'Events',
    summary: "Takes an event or an array of them, signed or from this machine, as VibeTea's server does.",
    answer: { status: 202, shape: 'receipt' },
    errors: [
      'invalid_format',
      'invalid_body',
      'source_mismatch',
      'missing_source',
      'missing_signature',
      'unknown_source',
      'server_error',
      'invalid_encoding',
      'invalid_signature',
      'foreign_origin',
      'payload_too_large',
      'rate_limited',
      'store_unavailable',
    ],
    errorShape: 'VibeTeaError',
    body: { anyOf: [anEvent, { type: 'array', items: anEvent }] },
  },
  'POST /hooks': {
    tag: 'Events',
    summary: 'Takes what Claude Code gives to a hook; of it only names, hashes and durations are kept.',
    answer: { status: 204, shape: 'nothing' },
    errors: ['invalid_format', 'invalid_hook', 'invalid_body', 'foreign_origin', 'forbidden', 'payload_too_large'],
    body: {
      type: 'object',
      required: ['hook_event_name', 'session_id'],
      properties: { hook_event_name: { type: 'string' }, session_id: { type: 'string' } },
    },
  },
  'POST /api/agent-events': {
    tag: 'Events',
    summary: 'Takes an event of another agent, or an array of them.',
    answer: { status: 202, shape: 'receipt' },
    errors: ['invalid_format', 'invalid_body', 'foreign_origin', 'forbidden', 'payload_too_large', 'store_unavailable'],
    body: { anyOf: [anAgentEvent, { type: 'array', items: anAgentEvent }] },
  },
  'GET /api/events': {
    tag: 'Events',
    summary: 'Events, newest first.',
    answer: { shape: 'events' },
    errors: stored,
  },
  'GET /api/stream': {
    tag: 'Events',
    summary: 'Events as they come: server-sent events.',
    answer: { shape: 'none', media: 'text/event-stream' },
    errors: ['invalid_parameter', 'not_yours', 'too_many_clients', 'busy', 'cancelled', 'store_unavailable'],
  },
  'GET /api/sessions': {
    tag: 'Sessions',
    summary: 'Sessions, page by page.',
    answer: { shape: 'sessions' },
    errors: stored,
  },
  'GET /api/sessions/:id': {
    tag: 'Sessions',
    summary: 'One session: tokens and cost by model, tools, files, todos, and its events.',
    answer: { shape: 'session' },
    errors: [...stored, 'unknown_session'],
  },
  'GET /api/activity': {
    tag: 'Sessions',
    summary: 'How many sessions were at work at once, and in how many files.',
    answer: { shape: 'activity' },
    errors: stored,
  },
  'GET /api/stats': {
    tag: 'Sessions',
    summary: 'Tools, errors and cost over all sessions that the asker may see.',
    answer: { shape: 'stats' },
    errors: stored,
  },
  'GET /api/sources': {
    tag: 'Questions',
    summary: "The last day as we counted it, and as Claude Code's own telemetry has it.",
    answer: { shape: 'sources' },
    errors: upstream,
  },
  'GET /api/health': { tag: 'Health', summary: 'How we are; always 200 while we answer.', answer: { shape: 'health' } },
  'GET /api/doctor': {
    tag: 'Health',
    summary: 'Every hop of the pipeline: its state, latency, and a remedy in words.',
    answer: { shape: 'doctor' },
    errors: ['too_many_requests', 'not_yours'],
  },
  'GET /api/prometheus': {
    tag: 'Health',
    summary: 'What Prometheus says of itself: version, retention, series, storage, memory, reload.',
    answer: { shape: 'prometheusFacts' },
    errors: [
      'too_many_requests',
      'not_yours',
      'prometheus_unreachable',
      'prometheus_unreadable',
      'prometheus_refused',
      'prometheus_timeout',
    ],
  },
  'POST /api/doctor/self-test': {
    tag: 'Health',
    summary:
      'Sends a session of its own through every hop, and a sample to Prometheus, and takes the session out again. Wants the role admin.',
    answer: { shape: 'doctor' },
    errors: ['invalid_parameter', 'foreign_origin', 'not_yours', 'already_running', 'too_many_requests', 'cancelled'],
  },
  'GET /metrics': {
    tag: 'Health',
    summary: 'Our own metrics for Prometheus.',
    answer: { shape: 'none', media: 'text/plain; version=0.0.4' },
  },
  'GET /-/healthy': { tag: 'Health', summary: 'A sign of life, for everybody.', answer: { shape: 'none', media: 'text/plain' } },
  'GET /auth/login': page('Where to log in.'),
  'GET /auth/login.js': page('The script of that page.', 'text/javascript'),
  'GET /auth/login.css': page('The look of that page.', 'text/css'),
  'GET /auth/me': { tag: 'Login', summary: 'Who is asking.', answer: { shape: 'me' }, errors: ['invalid_token', 'too_many_failures'] },
  'POST /auth/exchange': {
    tag: 'Login',
    summary: 'A login code or a token for a cookie.',
    answer: { status: 204, shape: 'nothing' },
    errors: ['invalid_body', 'invalid_code', 'foreign_origin', 'payload_too_large', 'unsupported_type', 'too_many_failures'],
    body: { type: 'object', required: ['code'], properties: { code: { type: 'string' } } },
  },
  'POST /auth/logout': {
    tag: 'Login',
    summary: 'Ends the login of this browser.',
    answer: { status: 204, shape: 'nothing' },
    errors: ['foreign_origin'],
  },
  'GET /auth/with/:id': {
    tag: 'Login',
    summary: 'Off to a provider (OpenID Connect, GitHub).',
    answer: { status: 302, shape: 'nothing' },
    errors: ['not_found', 'login_failed'],
  },
  'GET /auth/callback/:id': {
    tag: 'Login',
    summary: 'Back from a provider.',
    answer: { shape: 'none', media: 'text/html' },
    errors: ['not_found', 'login_expired', 'login_failed', 'not_invited', 'too_many_failures'],
  },
  'GET /api/openapi.json': { tag: 'About', summary: 'This document.', answer: { shape: 'none', media: 'application/json' } },
  'GET /api/docs': { tag: 'About', summary: 'This document as a page.', answer: { shape: 'none', media: 'text/html' } },
  'GET /api/docs/style.css': { tag: 'About', summary: 'The look of that page.', answer: { shape: 'none', media: 'text/css' } },
};

/** Said before any route is looked at, and therefore in the one shape whatever the route's own is. */
export const beforeRoutes: ReadonlySet<ErrorCode> = new Set([
  ...['host_not_allowed', 'foreign_origin', 'unsupported_encoding', 'unauthorized', 'invalid_token', 'forbidden', 'too_many_failures'],
] as const);

/** Where nobody has to say who they are. */
const PUBLIC = /^\/(auth|-)\//;

/** Routes under /api refuse pages of other sites. */
export function errorsOf(path: string, operation: Operation): ErrorCode[] {
  const foreign: ErrorCode[] = path.startsWith('/api/') ? ['foreign_origin'] : [];
  const closed: ErrorCode[] = PUBLIC.test(path) ? [] : ['unauthorized', 'invalid_token', 'forbidden', 'too_many_failures'];
  return [...new Set<ErrorCode>([...(operation.errors ?? []), ...foreign, ...closed, ...everywhere])];
}
