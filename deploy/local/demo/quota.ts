import { keepQuota } from '../../../exporter/src/quota/file.ts';

const HOUR_MS = 3_600_000;

/** What Claude Code would have told its status line: a subscription whose windows are partly used. */
export function writeQuota(exporterDir: string, nowMs: number): void {
  keepQuota(exporterDir, {
    five_hour: { usedRatio: 0.46, resetMs: nowMs + 2 * HOUR_MS },
    seven_day: { usedRatio: 0.71, resetMs: nowMs + 46 * HOUR_MS },
  });
}
