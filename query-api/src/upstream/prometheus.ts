import { ApiError } from '../errors.ts';
import { createBreaker } from './breaker.ts';
import { createGate } from './gate.ts';
import { createSend, type Send } from './http.ts';
import { createKeep, isKeepable } from './keep.ts';
import { createShare } from './share.ts';

/** One series of an instant answer. */
export interface Sample {
  labels: Record<string, string>;
  value: number;
}

/** One series of a range answer: seconds since 1970, value. */
export interface Series {
  labels: Record<string, string>;
  points: [seconds: number, value: number][];
}

/** Moments of a range query, in seconds since 1970; both ends count. */
export interface Moments {
  start: number;
  end: number;
  step: number;
}

/** An answer as it came, for those who speak Prometheus themselves. */
export interface RawAnswer {
  status: number;
  body: Uint8Array<ArrayBuffer>;
}

/** Whoever answers PromQL. Everything throws ApiError; `signal` ends the question with its asker. */
export interface Upstream {
  /** The answer at a moment (seconds since 1970), or at Prometheus' own now. */
  instant(query: string, at: number | undefined, signal: AbortSignal): Promise<Sample[]>;
  range(query: string, moments: Moments, signal: AbortSignal): Promise<Series[]>;
  /** Passes a call of the HTTP API on; `path` is what follows `/api/v1/`. */
  forward(path: string, parameters: URLSearchParams, signal: AbortSignal): Promise<RawAnswer>;
  /** Its version, or null where it does not say. */
  version(signal: AbortSignal): Promise<string | null>;
  /** The data of a quick question about Prometheus itself, past line and cache; undefined where it does not know that path. */
  inspect(path: string, signal: AbortSignal): Promise<unknown>;
  /** Its page of metrics about itself, past line and cache; undefined where it has none. */
  metricsPage(signal: AbortSignal): Promise<string | undefined>;
}

/** What came of a question. */
export type UpstreamResult = 'ok' | 'refused' | 'busy' | 'unreachable' | 'timeout' | 'cancelled';

/** How things stand between us and Prometheus. */
export interface UpstreamState {
  /** Questions that it is working on, and that wait for their turn. */
  inside: number;
  waiting: number;
  /** It failed again and again and is left alone. */
  resting: boolean;
}

interface PrometheusOptions {
  url: string;
  timeoutMs: number;
  send?: Send;
  /** Headers that every question carries. */
  headers?(): Record<string, string>;
  /** Milliseconds since 1970; on it hangs what is past. */
  now?(): number;
  /** False while older events come in: then nothing is kept, since what is past changes. */
  isSettled?(): boolean;
  /** Told of each answer that was at hand. */
  onKept?(): void;
  /** Told of each question: how long it took and what came of it. */
  observe?(result: UpstreamResult, seconds: number): void;
}

/** Questions under way at once, and in line behind them: a few open dashboards. */
const AT_ONCE = 16;
const IN_LINE = 200;

/** Health must be quick, whatever queries may take. */
const INSPECT_TIMEOUT_MS = 2000;

/** Calls that can be posted, so that no address becomes too long. The others are asked by GET. */
const POSTED: ReadonlySet<string> = new Set(['query', 'query_range', 'series', 'labels', 'query_exemplars']);

/** One HTTP request. */
interface Question {
  /** Below `/api/v1/`, or with a slash at its beginning from the root. */
  path: string;
  parameters: URLSearchParams;
  timeoutMs: number;
}

/** Asks a Prometheus, or what speaks its API, over kept-alive connections. */
export function createPrometheus(options: PrometheusOptions): Upstream & { state(): UpstreamState } {
  const gate = createGate(AT_ONCE, IN_LINE);
  const send = options.send ?? createSend(AT_ONCE);
  const share = createShare<RawAnswer>();
  const keep = createKeep<RawAnswer>(() => performance.now());
  const breaker = createBreaker({ clock: () => performance.now() });
  const now = options.now ?? Date.now;
  const isSettled = options.isSettled ?? (() => true);

  async function forward(path: string, parameters: URLSearchParams, signal: AbortSignal): Promise<RawAnswer> {
    const key = `${path}?${parameters}`;
    const keepable = isSettled() && isKeepable(path, parameters, now());
    const kept = keepable ? keep.get(key) : undefined;
    if (kept !== undefined) {
      options.onKept?.();
      return kept;
    }
    const question = { path, parameters, timeoutMs: options.timeoutMs };
    const answer = await share
      .ask(key, signal, (until) => guarded(question, until))
      .catch((cause: unknown) => {
        throw signal.aborted ? explain('cancelled', question, cause) : cause;
      });
    if (keepable && isSettled() && answer.status === 200) keep.put(key, answer, answer.body.length);
    return answer;
  }

  /** Through the breaker, and in line. */
  async function guarded(question: Question, signal: AbortSignal): Promise<RawAnswer> {
    const waitMs = breaker.waitMs();
    if (waitMs > 0) throw restUntil(waitMs);
    return ask(send, options, question, signal, breaker.tell, (work, until) => gate.pass(until, work));
  }

  function look(path: string, signal: AbortSignal): Promise<RawAnswer> {
    const question = { path, parameters: new URLSearchParams(), timeoutMs: INSPECT_TIMEOUT_MS };
    // Past the gate: health must not wait behind what it is to judge. What it finds may open the breaker for the others.
    const tell = (answered: boolean | undefined) => (answered === true ? breaker.tell(true) : undefined);
    return ask(send, options, question, signal, tell, (work) => work());
  }

  async function inspect(path: string, signal: AbortSignal): Promise<unknown> {
    const answer = await look(path, signal);
    return answer.status === 404 ? undefined : readData(answer);
  }

  return {
    async instant(text, at, signal) {
      const parameters = new URLSearchParams({ query: text, ...(at === undefined ? {} : { time: String(at) }) });
      return readVector(readData(await forward('query', parameters, signal)));
    },
    async range(text, { start, end, step }, signal) {
      const parameters = new URLSearchParams({ query: text, start: String(start), end: String(end), step: String(step) });
      return readMatrix(readData(await forward('query_range', parameters, signal)));
    },
    forward,
    state: () => ({ ...gate.counts(), resting: breaker.isOpen() }),
    async version(signal) {
      // Some that speak the query API have no build information: they are there nevertheless.
      const data = await inspect('status/buildinfo', signal);
      return isRecord(data) && typeof data.version === 'string' ? data.version : null;
    },
    inspect,
    async metricsPage(signal) {
      const { status, body } = await look('/metrics', signal);
      return status === 200 ? new TextDecoder().decode(body) : undefined;
    },
  };
}

type Run = (work: () => Promise<RawAnswer>, until: AbortSignal) => Promise<RawAnswer>;
type Tell = (answered: boolean | undefined) => void;

async function ask(
  send: Send,
  options: PrometheusOptions,
  question: Question,
  signal: AbortSignal,
  tell: Tell,
  run: Run,
): Promise<RawAnswer> {
  const begun = performance.now();
  const timeout = AbortSignal.timeout(question.timeoutMs);
  const until = AbortSignal.any([signal, timeout]);
  const note = (result: UpstreamResult) => {
    options.observe?.(result, (performance.now() - begun) / 1000);
    tell(result === 'ok' || result === 'refused' ? true : result === 'cancelled' || result === 'busy' ? undefined : false);
  };
  try {
    const answer = await run(() => askBy(send, options, question, until), until);
    note(isGateway(answer) ? 'unreachable' : answer.status < 400 ? 'ok' : 'refused');
    return answer;
  } catch (cause) {
    const result = resultOf(cause, signal, timeout);
    note(result);
    throw cause instanceof ApiError ? cause : explain(result, question, cause);
  }
}

function resultOf(cause: unknown, signal: AbortSignal, timeout: AbortSignal): UpstreamResult {
  if (cause instanceof ApiError) return cause.code === 'busy' ? 'busy' : 'refused';
  return signal.aborted ? 'cancelled' : timeout.aborted ? 'timeout' : 'unreachable';
}

/** What a proxy says in place of a Prometheus that is gone, or Prometheus itself while it starts: a server error that is not JSON. */
function isGateway({ status, body }: RawAnswer): boolean {
  return status >= 502 && body[0] !== 0x7b;
}

/** Nothing of the asker's headers is passed on. */
function askBy(send: Send, options: PrometheusOptions, { path, parameters }: Question, signal: AbortSignal): Promise<RawAnswer> {
  const text = String(parameters);
  const posted = POSTED.has(path);
  const url = `${options.url}${path.startsWith('/') ? '' : '/api/v1/'}${path}${posted || text === '' ? '' : `?${text}`}`;
  return send({ url, body: posted ? text : null, headers: options.headers?.() ?? {}, signal });
}

function restUntil(waitMs: number): ApiError {
  const seconds = Math.max(1, Math.ceil(waitMs / 1000));
  const message = `Prometheus could not be reached again and again; it is tried again in ${seconds} s.`;
  return new ApiError(503, 'prometheus_unreachable', message, { retryAfterSeconds: seconds });
}

function explain(result: UpstreamResult, { timeoutMs }: Question, cause: unknown): ApiError {
  if (result === 'cancelled') return new ApiError(503, 'cancelled', 'The asker left before the answer came.', { cause });
  const late = `Prometheus did not answer within ${timeoutMs / 1000} seconds.`;
  if (result === 'timeout') return new ApiError(504, 'prometheus_timeout', late, { cause });
  return new ApiError(503, 'prometheus_unreachable', `Prometheus cannot be reached (${reasonOf(cause)}).`, { cause });
}

/** The code of a socket error (`ECONNREFUSED`); the address stays in the log. */
function reasonOf(error: unknown): string {
  if (error instanceof Error && 'code' in error && typeof error.code === 'string') return error.code;
  return error instanceof Error ? error.message : 'unknown reason';
}

function readData(answer: RawAnswer): unknown {
  const body = parseJson(answer.body);
  if (isRecord(body) && body.status === 'success') return body.data;
  if (isRecord(body) && typeof body.error === 'string') throw refusal(answer.status, body.error);
  // While it starts, or behind a proxy that cannot reach it, plain text comes instead.
  if (answer.status >= 500) throw new ApiError(503, 'prometheus_unreachable', `Prometheus is not ready (status ${answer.status}).`);
  throw new ApiError(502, 'prometheus_unreadable', `What answers there is not Prometheus (status ${answer.status}).`);
}

function refusal(status: number, message: string): ApiError {
  if (status === 503) return new ApiError(504, 'prometheus_timeout', `Prometheus gave up: ${message}`);
  return new ApiError(502, 'prometheus_refused', `Prometheus refused the question: ${message}`);
}

function parseJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(bytes));
  } catch {
    return undefined;
  }
}

function readVector(data: unknown): Sample[] {
  return readResult(data, 'vector').map((series) => ({ labels: readLabels(series.metric), value: readPoint(series.value)[1] }));
}

function readMatrix(data: unknown): Series[] {
  return readResult(data, 'matrix').map((series) => {
    if (!Array.isArray(series.values)) throw unreadable();
    return { labels: readLabels(series.metric), points: series.values.map(readPoint) };
  });
}

function readResult(data: unknown, type: 'vector' | 'matrix'): Record<string, unknown>[] {
  if (!isRecord(data) || data.resultType !== type || !Array.isArray(data.result) || !data.result.every(isRecord)) throw unreadable();
  return data.result;
}

function readLabels(metric: unknown): Record<string, string> {
  if (!isRecord(metric)) throw unreadable();
  const labels: Record<string, string> = Object.create(null);
  for (const [name, value] of Object.entries(metric)) labels[name] = String(value);
  return labels;
}

function readPoint(point: unknown): [number, number] {
  if (!Array.isArray(point) || typeof point[0] !== 'number' || typeof point[1] !== 'string') throw unreadable();
  return [point[0], Number(point[1])];
}

function unreadable(): ApiError {
  return new ApiError(502, 'prometheus_unreadable', 'The answer of Prometheus has an unknown shape.');
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
