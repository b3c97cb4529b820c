import { type Options, readOptions, USAGE } from './options.ts';
import { createVoice, messageOf, Trouble, type Voice } from './say.ts';
import { runUntilStopped, startStack } from './stack.ts';
import { openState, type State } from './state.ts';

/** What makes the demo another start. */
export interface Variant {
  adjust(options: Options): Options;
  /** Runs when the state is ours and nothing of an earlier start is left; gives back the Claude Code directories. */
  prepare(state: State, voice: Voice): string[];
  onRunning(state: State, stopped: AbortSignal): void;
}

/** `npm start`: the local stack. Resolves with the exit code once it has been stopped. */
export async function start(args: readonly string[], variant?: Variant): Promise<number> {
  const voice = createVoice();
  if (args.includes('--help') || args.includes('-h')) {
    voice.line(USAGE);
    return 0;
  }
  try {
    const options = readOptions(args);
    return await runOn(variant?.adjust(options) ?? options, voice, variant);
  } catch (error) {
    voice.line(error instanceof Trouble ? error.message : `ccmeter stopped by a mistake of its own: ${messageOf(error)}`);
    return 1;
  }
}

async function runOn(options: Options, voice: Voice, variant: Variant | undefined): Promise<number> {
  const state = openState(options.stateDir);
  if ('held' in state) {
    voice.line(`ccmeter already runs on ${options.stateDir}${state.running ? `:\n\n  ${state.running.url}\n` : ' and is just starting.'}`);
    return 0;
  }
  return runUntilStopped(async (stopped) => {
    const stack = await startStack({ options, state, voice, stopped, prepare: variant?.prepare });
    variant?.onRunning(state, stopped);
    return stack;
  }, voice);
}

if (import.meta.main) process.exit(await start(process.argv.slice(2)));
