import type { LabelName, UnitName } from '@ccmeter/exporter/contract';
import { Hono, type MiddlewareHandler } from 'hono';
import { upstreamFor } from '../access/fair.ts';
import type { AppEnv, Deps } from '../environment.ts';
import { ApiError } from '../errors.ts';
import { bucketsOf, type PanelSeries, quantilesOf, type Range, seriesOf, totalsOf } from '../promql/buckets.ts';
import {
  type Asked,
  addedQuery,
  isQuestionId,
  nowQuery,
  type Question,
  type QuestionId,
  quantileQuery,
  questions,
  seenQuery,
  unitOf,
} from '../promql/queries.ts';
import type { Upstream } from '../upstream/prometheus.ts';
import { checkPoints, type PanelQuery, panelQuery, query, readAsked, readQuantile, readRange, refuseRange } from './params.ts';

/** A question as it is listed. */
export interface PanelDescription {
  id: QuestionId;
  /** `added`: over a range. `quantile`: the same, of sizes. `seen`: what there was in a range. `now`: how things stand, without a range. */
  kind: Question['kind'];
  help: string;
  unit: UnitName;
  /** What it can be grouped and filtered by. */
  labels: readonly LabelName[];
}

/** The answer to a question. Times are seconds since 1970; `end` is not in the range. */
export interface PanelAnswer {
  id: QuestionId;
  unit: UnitName;
  start: number;
  end: number;
  step: number | null;
  series: PanelSeries[];
  /** The PromQL that was asked: at `end`, or with a step at the end of each bucket. */
  query: string;
}

/** The named questions. */
export function panelRoutes(deps: Deps, fair: MiddlewareHandler<AppEnv>) {
  return new Hono<AppEnv>()
    .get('/api/panels', (c) => c.json({ panels: describeAll() }))
    .use('/api/panels/:id', fair)
    .get('/api/panels/:id', query(panelQuery), async (c) => {
      const id = c.req.param('id');
      if (!isQuestionId(id))
        throw new ApiError(404, 'unknown_panel', `There is no question ${JSON.stringify(id)}; GET /api/panels lists them.`);
      const question: Question = questions[id];
      const rest = await answer({ upstream: upstreamFor(deps, c), now: deps.now }, question, c.req.valid('query'), c.req.raw.signal);
      return c.json<PanelAnswer>({ id, unit: unitOf(question), ...rest });
    });
}

function describeAll(): PanelDescription[] {
  const all: [string, Question][] = Object.entries(questions);
  return all.flatMap(([id, question]) =>
    isQuestionId(id) ? [{ id, kind: question.kind, help: question.help, unit: unitOf(question), labels: question.labels }] : [],
  );
}

type Rest = Omit<PanelAnswer, 'id' | 'unit'>;

type Source = Pick<Deps, 'upstream' | 'now'>;

async function answer(deps: Source, question: Question, given: PanelQuery, signal: AbortSignal): Promise<Rest> {
  const asked = readAsked(question, given);
  const quantile = readQuantile(question, given);
  if (question.kind === 'now') {
    refuseRange(given);
    return answerNow(deps, question, asked, signal);
  }
  const range = readRange(given.start, given.end);
  const step = given.step ?? null;
  if (step !== null) checkPoints(range, step);
  const build = (seconds: number) => {
    if (question.kind === 'seen') return seenQuery(question, asked, seconds);
    return quantile === null ? addedQuery(question, asked, seconds) : quantileQuery(question, asked, seconds, quantile);
  };
  const query = build(step ?? range.end - range.start);
  const series = await (question.kind !== 'added'
    ? quantiles(deps.upstream, question, asked, range, step, build, signal)
    : step === null
      ? totals(deps.upstream, question, asked, range, signal)
      : buckets(deps.upstream, question, asked, range, step, build, signal));
  return { ...range, step, series, query };
}

async function answerNow(deps: Source, question: Question, asked: Asked, signal: AbortSignal): Promise<Rest> {
  // At Prometheus' own now: its clock wrote the samples.
  const query = nowQuery(question, asked);
  const samples = await deps.upstream.instant(query, undefined, signal);
  const now = Math.floor(deps.now() / 1000);
  return { start: now, end: now, step: null, series: totalsOf(samples, asked.by, unitOf(question)), query };
}

async function totals(upstream: Upstream, question: Question, asked: Asked, range: Range, signal: AbortSignal): Promise<PanelSeries[]> {
  const samples = await upstream.instant(addedQuery(question, asked, range.end - range.start), range.end, signal);
  return totalsOf(samples, asked.by, unitOf(question));
}

type Build = (seconds: number) => string;

async function buckets(
  upstream: Upstream,
  question: Question,
  asked: Asked,
  range: Range,
  step: number,
  build: Build,
  signal: AbortSignal,
): Promise<PanelSeries[]> {
  const [series, cut] = await cutUp(upstream, range, step, build, signal);
  return seriesOf(range, step, series, cut, asked.by, unitOf(question));
}

/** What does not add up, so that the whole and each bucket are asked for by themselves. */
async function quantiles(
  upstream: Upstream,
  question: Question,
  asked: Asked,
  range: Range,
  step: number | null,
  build: Build,
  signal: AbortSignal,
): Promise<PanelSeries[]> {
  const [samples, [series, cut]] = await Promise.all([
    upstream.instant(build(range.end - range.start), range.end, signal),
    step === null ? ([[], []] as const) : cutUp(upstream, range, step, build, signal),
  ]);
  return quantilesOf(range, step, samples, series, cut, asked.by, unitOf(question));
}

/** Asks for the whole buckets, and for the one that the end of the range cuts short. */
function cutUp(upstream: Upstream, range: Range, step: number, build: Build, signal: AbortSignal) {
  const { whole, cutSeconds } = bucketsOf(range, step);
  return Promise.all([
    whole === null ? [] : upstream.range(build(step), whole, signal),
    cutSeconds === 0 ? [] : upstream.instant(build(cutSeconds), range.end, signal),
  ]);
}
