import type { Context } from 'hono';
import type { AppEnv, Deps } from '../environment.ts';
import { ApiError } from '../errors.ts';
import { scopeOf } from './fair.ts';

/** What of events and sessions somebody may see; both absent where there is no limit. */
export interface Narrowed {
  source?: readonly string[] | undefined;
  project?: readonly string[] | undefined;
}

/** The labels that events and sessions carry, by what they call them. */
const NAMES: Readonly<Record<string, keyof Narrowed>> = { host: 'source', project: 'project' };

/**
 * A filter of events or sessions, held to what the one who asks may see. A scope with a label that these do not have cannot be held,
 * so they are not shown at all.
 */
export function narrow<Filter extends Narrowed>(deps: Deps, c: Context<AppEnv>, filter: Filter): Filter {
  const scope = scopeOf(deps, c);
  if (scope === undefined) return filter;
  const narrowed: Narrowed = {};
  for (const [label, allowed] of Object.entries(scope)) {
    const name = NAMES[label];
    if (name === undefined) throw new ApiError(403, 'not_yours', `You may see only some values of ${label}, which events do not carry.`);
    narrowed[name] = filter[name]?.filter((value) => allowed.includes(value)) ?? allowed;
  }
  return { ...filter, ...narrowed };
}
