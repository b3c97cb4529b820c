import { Hono, type MiddlewareHandler } from 'hono';
import { upstreamFor } from '../access/fair.ts';
import type { AppEnv, Deps } from '../environment.ts';
import { nativeQuery, ownQuery, SHARED_NUMBERS, type SharedNumber } from '../promql/native.ts';

/** One number as both sources have it; null where a source has no series of it. */
export interface SourceNumber {
  name: SharedNumber;
  own: number | null;
  native: number | null;
}

/** What the numbers are made from, over the last day: our transcripts, Claude Code's own telemetry, or both. Times are seconds since 1970. */
export interface Sources {
  start: number;
  end: number;
  numbers: SourceNumber[];
}

const DAY_SECONDS = 86_400;

/** Both sources side by side. */
export function sourceRoutes(deps: Deps, fair: MiddlewareHandler<AppEnv>) {
  return new Hono<AppEnv>().get('/api/sources', fair, async (c) => {
    const upstream = upstreamFor(deps, c);
    const end = Math.ceil(deps.now() / 60_000) * 60;
    const ask = async (query: string) => (await upstream.instant(query, end, c.req.raw.signal))[0]?.value ?? null;
    const numbers = await Promise.all(
      SHARED_NUMBERS.map(async (name): Promise<SourceNumber> => {
        const [own, native] = await Promise.all([ask(ownQuery(name, {}, DAY_SECONDS)), ask(nativeQuery(name, DAY_SECONDS))]);
        return { name, own, native };
      }),
    );
    return c.json<Sources>({ start: end - DAY_SECONDS, end, numbers });
  });
}
