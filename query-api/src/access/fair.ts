import { getConnInfo } from '@hono/node-server/conninfo';
import type { Context, MiddlewareHandler } from 'hono';
import type { AppEnv, Deps } from '../environment.ts';
import { ApiError } from '../errors.ts';
import type { Scope } from '../promql/scope.ts';
import { createGate, type Gate } from '../upstream/gate.ts';
import type { Upstream } from '../upstream/prometheus.ts';
import { scopeUpstream } from '../upstream/scoped.ts';
import { createBuckets } from './rate.ts';

/** How many seconds' worth of questions somebody may ask at once: opening a dashboard asks for all its panels. */
const BURST_SECONDS = 4;

/** Questions of one client that may be under way or wait. */
const UNDER_WAY = 64;

/** Of these, how many at once: less than Prometheus is asked in all, so that one with dear questions leaves room for the others. */
const AT_ONCE = 12;

/** The name under which limits of everybody stand. */
const EVERYBODY = '*';

/** Limits how often one client asks Prometheus, and how much of it at once: 429 with the time after which it is worth asking again. */
export function fairShare(deps: Deps): MiddlewareHandler<AppEnv> {
  const buckets = createBuckets({ perSecond: deps.queryRate, burst: deps.queryRate * BURST_SECONDS, clock: () => performance.now() });
  const lanes = new Map<string, { gate: Gate; inside: number }>();
  return async (c, next) => {
    const name = clientOf(c);
    const taken = buckets.take(name);
    if (!taken.ok) throw tooMany(`At most ${deps.queryRate} questions a second are taken from you.`, taken.retryAfterSeconds);
    const lane = lanes.get(name) ?? { gate: createGate(AT_ONCE, UNDER_WAY), inside: 0 };
    if (lane.inside >= UNDER_WAY) throw tooMany(`${UNDER_WAY} of your questions are under way; wait for one of them.`, 1);
    lanes.set(name, lane);
    lane.inside += 1;
    try {
      await lane.gate.pass(c.req.raw.signal, next);
    } catch (cause) {
      throw c.req.raw.signal.aborted ? new ApiError(503, 'cancelled', 'The asker left before the answer came.', { cause }) : cause;
    } finally {
      lane.inside -= 1;
      if (lane.inside === 0) lanes.delete(name);
    }
  };
}

/** Prometheus, as far as the one who asks may see it. */
export function upstreamFor(deps: Deps, c: Context<AppEnv>): Upstream {
  const scope = scopeOf(deps, c);
  return scope === undefined ? deps.upstream : scopeUpstream(deps.upstream, scope);
}

/** The label values that the one who asks may see; undefined where there is no limit. */
export function scopeOf(deps: Deps, c: Context<AppEnv>): Scope | undefined {
  const user = c.get('user')?.name;
  const everybody = deps.scopes.get(EVERYBODY);
  const own = user === undefined ? undefined : deps.scopes.get(user);
  if (everybody === undefined || own === undefined) return own ?? everybody;
  // What both name has to be allowed by both.
  const both = Object.keys(own).filter((label) => Object.hasOwn(everybody, label));
  const narrowed = both.map((label) => [label, narrow(own[label] ?? [], everybody[label] ?? [])]);
  return { ...everybody, ...own, ...Object.fromEntries(narrowed) };
}

function narrow(own: readonly string[], everybody: readonly string[]): readonly string[] {
  const values = own.filter((value) => everybody.includes(value));
  if (values.length === 0) throw new ApiError(403, 'not_yours', 'Nothing is left of what you may see.');
  return values;
}

/** The user, else the address. Headers of proxies are not believed: anybody can write them. */
function clientOf(c: Context<AppEnv>): string {
  const user = c.get('user')?.name;
  if (user !== undefined) return `user ${user}`;
  return c.env?.incoming === undefined ? 'here' : (getConnInfo(c).remote.address ?? 'unknown');
}

function tooMany(message: string, retryAfterSeconds: number): ApiError {
  return new ApiError(429, 'too_many_requests', message, { retryAfterSeconds });
}
