import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';

/** What one run of a program took. */
export interface Run {
  seconds: number;
  /** Peak resident memory in megabytes, where the system tells. */
  megabytes: number | undefined;
  stderr: string;
}

/** Runs a program to its end, output thrown away, and takes its time and its peak memory. */
export async function measure(program: string, args: readonly string[], env: NodeJS.ProcessEnv = process.env): Promise<Run> {
  const begun = performance.now();
  const child = spawn(program, args, { stdio: ['ignore', 'ignore', 'pipe'], env });
  let megabytes: number | undefined;
  const sampling = setInterval(() => {
    megabytes = Math.max(megabytes ?? 0, peakOf(child.pid) ?? 0) || undefined;
  }, 20);
  let stderr = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  const [code] = await once(child, 'close');
  clearInterval(sampling);
  if (code !== 0) throw new Error(`${program} ended with ${code}: ${stderr}`);
  return { seconds: (performance.now() - begun) / 1000, megabytes, stderr };
}

/** The run in the middle by time, of an odd number of runs. */
export async function median(runs: number, once: () => Promise<Run>): Promise<Run> {
  const all: Run[] = [];
  for (let at = 0; at < runs; at++) all.push(await once());
  const middle = all.sort((a, b) => a.seconds - b.seconds)[Math.floor(runs / 2)];
  if (middle === undefined) throw new Error('median wants at least one run');
  return middle;
}

/** Peak resident memory of a process in megabytes (Linux only). */
export function peakOf(pid: number | undefined): number | undefined {
  try {
    const match = /VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'));
    return match ? Number(match[1]) / 1000 : undefined;
  } catch {
    return undefined;
  }
}

/** The value below which a share of the values lies. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN;
}
