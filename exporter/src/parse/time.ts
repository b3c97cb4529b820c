import { COLON, readDigits } from './json-bytes.ts';

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

/** A time as Claude Code writes it, between two places: read without making text of it. Anything else is left to {@link readTime}. */
export function readIsoTime(bytes: Buffer, from: number, to: number): number | undefined {
  if (to - from !== ISO_BYTES || bytes[from + 10] !== LETTER_T || bytes[from + 23] !== LETTER_Z || bytes[from + 19] !== POINT) {
    return readTime(bytes.toString('utf8', from, to));
  }
  const year = readDigits(bytes, from, from + 4) ?? Number.NaN;
  const month = readDigits(bytes, from + 5, from + 7) ?? Number.NaN;
  const day = readDigits(bytes, from + 8, from + 10) ?? Number.NaN;
  const hour = readDigits(bytes, from + 11, from + 13) ?? Number.NaN;
  const minute = readDigits(bytes, from + 14, from + 16) ?? Number.NaN;
  const second = readDigits(bytes, from + 17, from + 19) ?? Number.NaN;
  const ms = readDigits(bytes, from + 20, from + 23) ?? Number.NaN;
  const isUsual = month >= 1 && month <= 12 && day >= 1 && day <= 28 && hour < 24 && minute < 60 && second < 60 && ms >= 0 && year >= 1970;
  if (!isUsual || bytes[from + 4] !== DASH || bytes[from + 7] !== DASH || bytes[from + 13] !== COLON || bytes[from + 16] !== COLON) {
    return readTime(bytes.toString('utf8', from, to));
  }
  return readTimeMs(((daysBefore(year, month, day) * 24 + hour) * 60 + minute) * 60_000 + second * 1000 + ms);
}

const ISO_BYTES = '2026-01-01T00:00:00.000Z'.length;
const LETTER_T = 0x54;
const LETTER_Z = 0x5a;
const POINT = 0x2e;
const DASH = 0x2d;

/** Days since 1970-01-01. Years begin in March here, so that the leap day is the last. */
function daysBefore(year: number, month: number, day: number): number {
  const marchYear = month > 2 ? year : year - 1;
  const marchMonth = (month + 9) % 12;
  const leapDays = Math.floor(marchYear / 4) - Math.floor(marchYear / 100) + Math.floor(marchYear / 400);
  return marchYear * 365 + leapDays + Math.floor((marchMonth * 153 + 2) / 5) + day - 719_469;
}
