import { readObject, type Unusable } from './readable.ts';

/** Claude Code keeps transcripts for so many days after their last change where settings.json says nothing. */
export const DEFAULT_RETENTION_DAYS = 30;

const DAY_MS = 24 * 3600_000;

/** Bytes that will be deleted within so many days are at risk. */
const RISK_DAYS = 7;

/** Reads `cleanupPeriodDays` of a settings.json; the default where it is not a number of days. */
export function readRetentionDays(text: string): { days: number } | Unusable {
  const settings = readObject(text);
  if ('unusable' in settings) return settings;
  const days = settings.object.cleanupPeriodDays;
  return { days: typeof days === 'number' && days >= 0 && Number.isFinite(days) ? days : DEFAULT_RETENTION_DAYS };
}

/** A transcript on disk, with the days that its directory keeps it. */
export interface KeptFile {
  modifiedMs: number;
  bytes: number;
  days: number;
}

export interface Retention {
  /** When the first of them will be deleted, milliseconds since 1970; undefined where there are none. */
  deletionMs: number | undefined;
  /** Bytes that will be deleted within 7 days. */
  atRiskBytes: number;
  /** The shortest time that is kept, in milliseconds. */
  retentionMs: number;
}

/** When transcripts will be deleted. Claude Code goes by the time at which the file was last changed. */
export function retentionOf(files: readonly KeptFile[], days: readonly number[], nowMs: number): Retention {
  let deletionMs: number | undefined;
  let atRiskBytes = 0;
  for (const file of files) {
    const goneMs = file.modifiedMs + file.days * DAY_MS;
    if (deletionMs === undefined || goneMs < deletionMs) deletionMs = goneMs;
    if (goneMs <= nowMs + RISK_DAYS * DAY_MS) atRiskBytes += file.bytes;
  }
  return { deletionMs, atRiskBytes, retentionMs: (days.length === 0 ? DEFAULT_RETENTION_DAYS : Math.min(...days)) * DAY_MS };
}
