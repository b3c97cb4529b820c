import { type Check, type Finding, failure, unknown } from './checks.ts';

/** Longest that one hop may take. */
const HOP_MS = 10_000;
const POLL_MS = 10;

/** What was found at a hop, and how long it took where that is not the time of looking. */
export type Found = Finding & { latencyMs?: number };

/** One hop after the other. */
export interface Hops {
  checks: Check[];
  /** Behind a hop that failed nothing is tried. `remedy` is for what `look` does not foresee. */
  pass(id: string, title: string, remedy: string, look: (signal: AbortSignal) => Promise<Found>): Promise<void>;
  /** A hop that is not there, and why. */
  leaveOut(id: string, title: string, why: string): void;
}

export function createHops(signal: AbortSignal): Hops {
  const checks: Check[] = [];
  let failed: string | undefined;
  const leaveOut: Hops['leaveOut'] = (id, title, why) => void checks.push({ id, title, ...unknown(why), latencyMs: null });
  return {
    checks,
    leaveOut,
    async pass(id, title, remedy, look) {
      if (failed !== undefined) return leaveOut(id, title, `Not tried, since this failed before: ${failed}.`);
      const begun = performance.now();
      const {
        status,
        found,
        remedy: advice,
        latencyMs = performance.now() - begun,
      }: Found = await look(AbortSignal.any([signal, AbortSignal.timeout(HOP_MS)])).catch((cause: unknown) =>
        failure(wordsFor(cause), remedy),
      );
      checks.push({ id, title, status, latencyMs: Math.round(latencyMs * 10) / 10, found, remedy: advice });
      if (status === 'failure') failed = title;
    },
  };
}

function wordsFor(cause: unknown): string {
  if (!(cause instanceof Error)) return String(cause);
  if (cause.name === 'TimeoutError') return `It was not so within ${HOP_MS / 1000} s.`;
  return cause.cause instanceof Error ? `${cause.message} (${cause.cause.message})` : cause.message;
}

/** Looks again and again until it is so. */
export async function until(isSo: () => boolean | Promise<boolean>, signal: AbortSignal): Promise<void> {
  while (!(await isSo())) {
    signal.throwIfAborted();
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}
