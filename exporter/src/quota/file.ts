import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Health } from '../health.ts';
import { makeStateDir } from '../state-dir.ts';
import { mergeQuota, type Quota, quotaAt, readQuota } from './quota.ts';

/** Beside the ledger: the status line writes it, the exporter reads it. */
const FILE = 'quota.json';

/** What is kept; nothing where there is no file, or none that can be read. */
export function loadQuota(stateDir: string): Quota {
  try {
    // The same form as Claude Code's, so that the same reader makes sure of it.
    return readQuota(JSON.parse(readFileSync(join(stateDir, FILE), 'utf8')));
  } catch {
    return {};
  }
}

/** Keeps what was told and gives back what is known now. The file is replaced as a whole, and only where there is something new. */
export function keepQuota(stateDir: string, told: Quota): Quota {
  const known = loadQuota(stateDir);
  const merged = mergeQuota(known, told);
  if (Object.entries(merged).every(([name, window]) => known[name] === window)) return merged;
  makeStateDir(stateDir);
  const own = join(stateDir, `${FILE}.${process.pid}`);
  const limits = Object.entries(merged).map(([name, { usedRatio, resetMs }]) => [
    name,
    { used_percentage: usedRatio * 100, resets_at: resetMs / 1000 },
  ]);
  writeFileSync(own, JSON.stringify({ rate_limits: Object.fromEntries(limits) }), { mode: 0o600 });
  renameSync(own, join(stateDir, FILE));
  return merged;
}

/** Shows the windows of the subscription as they are now. */
export function showQuota(health: Health, stateDir: string, nowMs: number): void {
  const windows = Object.entries(quotaAt(loadQuota(stateDir), nowMs));
  health.replace(
    'ccmeter_quota_used_ratio',
    windows.map(([window, { usedRatio }]) => ({ labels: { window }, value: usedRatio })),
  );
  health.replace(
    'ccmeter_quota_reset_timestamp_seconds',
    windows.map(([window, { resetMs }]) => ({ labels: { window }, value: resetMs / 1000 })),
  );
}
