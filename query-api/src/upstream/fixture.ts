import { ApiError } from '../errors.ts';
import type { Moments, RawAnswer, Sample, Series, Upstream } from './prometheus.ts';

/** Recorded answers. A question that nobody recorded has an empty answer, as in a Prometheus without data. */
export interface Recorded {
  instant?(query: string, at: number | undefined): Sample[] | undefined;
  range?(query: string, moments: Moments): Series[] | undefined;
  forward?(path: string, parameters: URLSearchParams): RawAnswer | undefined;
  inspect?(path: string): unknown;
  metricsPage?(): string | undefined;
  /** `null` stands for a Prometheus that cannot be reached. */
  version?: string | null;
}

/** An upstream that answers from memory, for tests and for work on the dashboard without a Prometheus. */
export function createFixture(recorded: Recorded = {}): Upstream {
  const reach = async <Answer>(answer: () => Answer): Promise<Answer> => {
    if (recorded.version === null) throw new ApiError(503, 'prometheus_unreachable', 'Prometheus cannot be reached (fixture).');
    return answer();
  };
  return {
    instant: (query, at) => reach(() => recorded.instant?.(query, at) ?? []),
    range: (query, moments) => reach(() => recorded.range?.(query, moments) ?? []),
    forward: (path, parameters) => reach(() => recorded.forward?.(path, parameters) ?? EMPTY),
    inspect: (path) => reach(() => recorded.inspect?.(path)),
    metricsPage: () => reach(() => recorded.metricsPage?.()),
    version: () => reach(() => recorded.version ?? 'fixture'),
  };
}

const EMPTY: RawAnswer = { status: 200, body: Buffer.from('{"status":"success","data":{"resultType":"vector","result":[]}}') };
