import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findOnPath, isProgram, run } from '../../deploy/local/command.ts';
import { cacheDir } from '../../deploy/local/options.ts';
import type { Tool } from '../tools/tools.ts';

/**
 * Builds the OpenTelemetry Collector of `builder.yaml` from Go modules into our cache: `node tests/collector/build.ts`. It takes Go 1.25 and
 * on two cores about three minutes, so `npm test` does not do it by itself; it uses what is there.
 */
const MANIFEST = join(import.meta.dirname, 'builder.yaml');
const BUILD_TIMEOUT_MS = 3_600_000;

/** The version in the manifest, which is that of the image in compose.yaml. */
function collectorVersion(): string {
  const version = /^ {2}version: (\S+)$/m.exec(readFileSync(MANIFEST, 'utf8'))?.[1];
  if (version === undefined) throw new Error(`${MANIFEST} names no version`);
  return version;
}

function cached(cache: string): string {
  return join(cache, `otelcol-${collectorVersion()}`, 'otelcol-ccmeter');
}

/** The one given by CCMETER_TEST_COLLECTOR, else the one in our cache. */
export function findCollector(cache: string): Tool {
  const path = [process.env.CCMETER_TEST_COLLECTOR ?? '', cached(cache)].find(isProgram);
  return path ? { path } : { missing: 'no OpenTelemetry Collector: `node tests/collector/build.ts` builds one with Go' };
}

/** Quietly, beside whatever else the machine does. */
async function build(cache: string): Promise<void> {
  const go = findOnPath('go');
  if (go === undefined) throw new Error('there is no go on the PATH');
  const work = mkdtempSync(join(tmpdir(), 'ccmeter-collector-'));
  try {
    copyFileSync(MANIFEST, join(work, 'builder.yaml'));
    const settings = ['GOFLAGS=-p=1 -buildvcs=false', 'CGO_ENABLED=0', 'nice', '-n', '15'];
    const builder = [go, 'run', `go.opentelemetry.io/collector/cmd/builder@v${collectorVersion()}`, '--config=builder.yaml'];
    const built = await run('env', [...settings, ...builder], { cwd: work, timeoutMs: BUILD_TIMEOUT_MS });
    if (built.code !== 0) throw new Error(`the build failed:\n${built.stderr || built.stdout}`);
    mkdirSync(join(cached(cache), '..'), { recursive: true });
    copyFileSync(join(work, 'dist', 'otelcol-ccmeter'), cached(cache));
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

if (import.meta.main) {
  const cache = cacheDir(process.env);
  if ('missing' in findCollector(cache)) await build(cache);
  process.stdout.write(`${cached(cache)}\n`);
}
