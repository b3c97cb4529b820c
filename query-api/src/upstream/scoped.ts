import { ApiError } from '../errors.ts';
import { enforce, everythingIn, type Scope } from '../promql/scope.ts';
import type { RawAnswer, Upstream } from './prometheus.ts';

/** The same Prometheus for somebody who may see a part of it: every question is rewritten before it goes there, whoever wrote it. */
export function scopeUpstream(upstream: Upstream, scope: Scope): Upstream {
  return {
    instant: (query, at, signal) => upstream.instant(enforce(query, scope), at, signal),
    range: (query, moments, signal) => upstream.range(enforce(query, scope), moments, signal),
    forward: async (path, parameters, signal) => {
      const empty = EMPTY[path];
      if (empty !== undefined) return without(empty);
      return upstream.forward(path, scopeParameters(path, parameters, scope), signal);
    },
    version: (signal) => upstream.version(signal),
    inspect: aboutItself,
    metricsPage: aboutItself,
  };
}

function aboutItself(): Promise<never> {
  return Promise.reject(new ApiError(403, 'not_yours', 'What Prometheus says of itself is for those who may see all of it.'));
}

/** Rules and alerts have the labels that somebody wrote into them, so nobody can tell whose they are. */
const EMPTY: Readonly<Record<string, object | undefined>> = { rules: { groups: [] }, alerts: { alerts: [] } };

function without(data: object): RawAnswer {
  const warnings = ['rules and alerts are shown only to those who may see every series'];
  return { status: 200, body: Buffer.from(JSON.stringify({ status: 'success', data, warnings })) };
}

function scopeParameters(path: string, parameters: URLSearchParams, scope: Scope): URLSearchParams {
  const scoped = new URLSearchParams(parameters);
  switch (path.startsWith('label/') ? 'labels' : path) {
    case 'query':
    case 'query_range':
    case 'query_exemplars':
      scoped.set('query', enforce(parameters.get('query') ?? '', scope));
      return scoped;
    case 'series':
    case 'labels': {
      const selectors = parameters.getAll('match[]');
      scoped.delete('match[]');
      for (const selector of selectors.length === 0 ? [everythingIn(scope)] : selectors.map((one) => enforce(one, scope)))
        scoped.append('match[]', selector);
      return scoped;
    }
    // Names, units and help of metrics, and the version: nothing of anybody's.
    case 'metadata':
    case 'status/buildinfo':
      return scoped;
    default:
      throw new ApiError(403, 'not_yours', `/api/v1/${path} cannot be limited to what you may see.`);
  }
}
