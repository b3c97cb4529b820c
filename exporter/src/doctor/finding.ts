import type { Config } from '../config.ts';

/** How something is; `unknown` where it cannot be seen, or is not asked for. */
export type CheckStatus = 'ok' | 'warning' | 'failure' | 'unknown';

/** What was found, and what to do about it. */
export interface Finding {
  status: CheckStatus;
  found: string;
  /** In words, for a person; null where there is nothing to do. */
  remedy: string | null;
}

/** What the doctor looks at. */
export interface Patient {
  config: Config;
  env: Record<string, string | undefined>;
  fetch: typeof fetch;
  /** Milliseconds since 1970. */
  now(): number;
}

/** One look. It may throw: then that is what was found. */
export type Look = (patient: Patient) => Promise<Finding>;

export const ok = (found: string): Finding => ({ status: 'ok', found, remedy: null });
export const unknown = (found: string): Finding => ({ status: 'unknown', found, remedy: null });
export const warning = (found: string, remedy: string): Finding => ({ status: 'warning', found, remedy });
export const failure = (found: string, remedy: string): Finding => ({ status: 'failure', found, remedy });

/** Bytes for a person. */
export function size(bytes: number): string {
  if (bytes < 1000) return `${bytes} bytes`;
  const units = ['kB', 'MB', 'GB', 'TB'];
  let value = bytes / 1000;
  let at = 0;
  for (; value >= 1000 && at < units.length - 1; at++) value /= 1000;
  return `${value < 10 ? value.toFixed(1) : Math.round(value)} ${units[at]}`;
}

/** A count with its noun: `1 transcript`, `2,000 transcripts`. */
export function plural(count: number, noun: string): string {
  return `${count.toLocaleString('en')} ${noun}${count === 1 ? '' : 's'}`;
}

/** What went wrong, in a line. */
export function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? error.cause.message : error.message;
}
