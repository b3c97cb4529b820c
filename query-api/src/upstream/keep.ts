/** Answers kept for a moment, at most so many bytes of them. */
export interface Keep<Answer> {
  get(key: string): Answer | undefined;
  put(key: string, answer: Answer, bytes: number): void;
}

/** How long an answer is kept. */
const KEPT_MS = 5000;

const MAX_BYTES = 32 * 1024 * 1024;

/** The oldest leave first. */
export function createKeep<Answer>(clock: () => number, keptMs = KEPT_MS, maxBytes = MAX_BYTES): Keep<Answer> {
  const kept = new Map<string, { answer: Answer; bytes: number; untilMs: number }>();
  let total = 0;

  function drop(key: string): void {
    total -= kept.get(key)?.bytes ?? 0;
    kept.delete(key);
  }

  return {
    get(key) {
      const found = kept.get(key);
      if (found === undefined || found.untilMs > clock()) return found?.answer;
      drop(key);
      return undefined;
    },
    put(key, answer, bytes) {
      drop(key);
      if (bytes > maxBytes) return;
      kept.set(key, { answer, bytes, untilMs: clock() + keptMs });
      total += bytes;
      // In the order in which they were put, so the first is the oldest.
      for (const [oldest] of kept) {
        if (total <= maxBytes) break;
        drop(oldest);
      }
    },
  };
}

/** What ended this long ago is no longer counted: the exporter writes within seconds, and hours late only after a pause. */
const PAST_SECONDS = 3600;

/** Answers that say nothing of what was counted. */
const WITHOUT_COUNTS: ReadonlySet<string> = new Set(['metadata', 'status/buildinfo']);

/** The parameter that says how far a question reaches. */
const ENDS: Readonly<Record<string, string>> = { query: 'time', query_range: 'end', series: 'end', labels: 'end' };

/**
 * True for a question whose answer can be kept without showing anything stale: what ended an hour ago or earlier, and what has no counts in it.
 * A query that looks elsewhere than at its own moment (`@`, an offset into the future) never is.
 */
export function isKeepable(path: string, parameters: URLSearchParams, nowMs: number): boolean {
  if (WITHOUT_COUNTS.has(path)) return true;
  const end = parameters.get(path.startsWith('label/') ? 'end' : (ENDS[path] ?? ''));
  if (end === null || /@|\boffset\b\s*[^\d\s]/i.test(parameters.get('query') ?? '')) return false;
  return readTime(end) <= nowMs / 1000 - PAST_SECONDS;
}

/** Seconds since 1970 of a number of them or of RFC 3339, or NaN. */
export function readTime(text: string): number {
  if (/^[+-]?\d{1,15}(\.\d{0,15})?([eE][+-]?\d{1,2})?$/.test(text)) return Number(text);
  return RFC_3339.test(text) ? Date.parse(text) / 1000 : Number.NaN;
}

const RFC_3339 = /^\d{4}-\d{2}-\d{2}[Tt]\d{2}:\d{2}:\d{2}(\.\d{1,9})?([Zz]|[+-]\d{2}:\d{2})$/;
