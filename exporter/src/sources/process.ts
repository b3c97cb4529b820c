import { readFileSync } from 'node:fs';
import { uptime } from 'node:os';

/** A session is written down a little after its process began; a process that began later than this has taken over the number. */
const TOLERANCE_MS = 10_000;

/** Linux counts process times in hundredths of a second. */
const TICKS_PER_SECOND = 100;

/** Tells whether a process of this machine runs and began no later than the session that names it. */
export function isRunning(pid: number, startedMs: number): boolean {
  const bootMs = Date.now() - uptime() * 1000;
  if (startedMs < bootMs - TOLERANCE_MS || !exists(pid)) return false;
  const begunMs = begin(pid, bootMs);
  return begunMs === undefined || begunMs <= startedMs + TOLERANCE_MS;
}

function exists(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // A process of somebody else may not be signalled, but it is there.
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}

/** When a process began, as far as the system tells: field 22 of `/proc/<pid>/stat`, after the name in brackets. */
function begin(pid: number, bootMs: number): number | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const ticks = Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19]);
    return Number.isFinite(ticks) ? bootMs + (ticks / TICKS_PER_SECOND) * 1000 : undefined;
  } catch {
    return undefined;
  }
}
