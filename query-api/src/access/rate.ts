/** Token buckets, one for each name. */
export interface Buckets {
  /** Takes one token; where there is none: the whole seconds after which there is one again. */
  take(name: string): { ok: true } | { ok: false; retryAfterSeconds: number };
  /** The whole seconds after which there is a token, 0 where there is one; takes none. */
  wait(name: string): number;
  /** How many names are known, for tests and metrics. */
  size(): number;
}

export interface BucketOptions {
  perSecond: number;
  burst: number;
  /** Milliseconds of a clock that never goes back. */
  clock(): number;
  maxNames?: number;
}

/** A bucket that has been full for long is the same as none. Names come from outside, so their number is bounded. */
const MAX_NAMES = 10_000;

export function createBuckets({ perSecond, burst, clock, maxNames = MAX_NAMES }: BucketOptions): Buckets {
  const buckets = new Map<string, { tokens: number; atMs: number }>();

  function bucketOf(name: string, nowMs: number): { tokens: number; atMs: number } {
    const known = buckets.get(name);
    if (known === undefined) return { tokens: burst, atMs: nowMs };
    return { tokens: Math.min(burst, known.tokens + ((nowMs - known.atMs) / 1000) * perSecond), atMs: nowMs };
  }

  return {
    take(name) {
      const bucket = bucketOf(name, clock());
      const ok = bucket.tokens >= 1;
      if (ok) bucket.tokens -= 1;
      // Set anew, so that the names stand in the order of their last use and the first is the one to forget.
      buckets.delete(name);
      if (buckets.size >= maxNames) buckets.delete(buckets.keys().next().value ?? '');
      buckets.set(name, bucket);
      return ok ? { ok } : { ok, retryAfterSeconds: Math.max(1, Math.ceil((1 - bucket.tokens) / perSecond)) };
    },
    wait(name) {
      const { tokens } = bucketOf(name, clock());
      return tokens >= 1 ? 0 : Math.max(1, Math.ceil((1 - tokens) / perSecond));
    },
    size: () => buckets.size,
  };
}
