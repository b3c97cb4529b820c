import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findOnPath } from '../../deploy/local/command.ts';
import { unpackDebianPackage } from '../../deploy/local/debian.ts';
import { cacheDir } from '../../deploy/local/options.ts';
import { claimPort } from '../../deploy/local/processes.ts';
import { until } from './parts.ts';
import type { TestPrometheus } from './prometheus.ts';
import { pathOf, type Tool } from './tools.ts';

const NAME = 'victoria-metrics';

/** Finds VictoriaMetrics, or unpacks Debian's package of it into our cache; nothing is installed. */
export async function findVictoriaMetrics(): Promise<Tool> {
  const installed = findOnPath(NAME);
  if (installed) return { path: installed };
  const directory = join(cacheDir(process.env), `debian-${NAME}`);
  const program = join(directory, 'usr', 'bin', NAME);
  if (existsSync(program)) return { path: program };
  const unpacked = await unpackDebianPackage(NAME, directory, { dependencies: false });
  return unpacked.ok && existsSync(program)
    ? { path: program }
    : { missing: `no VictoriaMetrics: ${unpacked.ok ? 'not in its package' : unpacked.reason}` };
}

/** Starts a VictoriaMetrics, as deploy/scale.md says. For tests that said `needs('victoriametrics')`. */
export async function startVictoriaMetrics(): Promise<TestPrometheus> {
  const directory = mkdtempSync(join(tmpdir(), 'ccmeter-victoria-metrics-'));
  const port = await claimPort('port', 0);
  const url = `http://127.0.0.1:${port}`;
  const args = [
    `-httpListenAddr=127.0.0.1:${port}`,
    `-storageDataPath=${directory}`,
    // Its own is one month, and older samples are dropped without a word.
    '-retentionPeriod=10y',
    // What was written just now is not answered for 30 s otherwise.
    '-search.latencyOffset=0s',
    // Answers are kept for a while, too, and history comes late.
    '-search.disableCache',
  ];
  let child: ChildProcess | undefined;
  const start = async (): Promise<void> => {
    child = spawn(pathOf('victoriametrics'), args, { stdio: 'ignore' });
    await until(
      () =>
        fetch(`${url}/health`).then(
          ({ ok }) => ok,
          () => false,
        ),
      (healthy) => healthy,
    );
  };
  const stop = async (): Promise<void> => {
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const gone = once(child, 'exit');
    child.kill('SIGTERM');
    await gone;
  };
  await start();
  return {
    url,
    dataId: directory,
    start,
    stop,
    async close() {
      await stop();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}
