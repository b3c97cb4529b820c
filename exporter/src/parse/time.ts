/** Claude Code did not exist before, and nobody will read these lines after: a clock that says so is wrong. */
export const EARLIEST_MS = Date.parse('2024-01-01');
const LATEST_MS = Date.parse('2100-01-01');

/** A time as text, in milliseconds since 1970, or undefined where it is none that Claude Code can have seen. */
export function readTime(value: unknown): number | undefined {
  return typeof value === 'string' ? readTimeMs(Date.parse(value)) : undefined;
}

/** Milliseconds since 1970 as a number, or undefined where it is not a time that Claude Code can have seen. */
export function readTimeMs(value: unknown): number | undefined {
  return typeof value === 'number' && value >= EARLIEST_MS && value < LATEST_MS ? Math.trunc(value) : undefined;
}
