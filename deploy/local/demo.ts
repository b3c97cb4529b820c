import { rmSync } from 'node:fs';
import { growLive } from './demo/live.ts';
import { writeQuota } from './demo/quota.ts';
import { createRandom } from './demo/random.ts';
import { DEMO_DAYS, writeHistory } from './demo/tree.ts';
import type { Options } from './options.ts';
import { start } from './start.ts';

const SEED = 20_261_120;

/** `npm run demo`: the stack on a made-up `.claude` directory, fresh at each start, in which a session keeps growing. */
export function startDemo(args: readonly string[]): Promise<number> {
  return start(args, {
    adjust: (options: Options) => ({ ...options, stateDir: `${options.stateDir}-demo` }),
    prepare(state, voice) {
      for (const name of ['claude', 'exporter', 'api', 'prometheus']) rmSync(state.path(name), { recursive: true, force: true });
      voice.line(`Making up ${DEMO_DAYS} days of sessions …`);
      writeHistory(state.path('claude'), Date.now(), createRandom(SEED));
      writeQuota(state.path('exporter'), Date.now());
      return [state.path('claude')];
    },
    onRunning: (state, signal) => void growLive(state.path('claude'), createRandom(SEED + 1), signal),
  });
}

if (import.meta.main) process.exit(await startDemo(process.argv.slice(2)));
