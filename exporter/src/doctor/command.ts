import type { Config } from '../config.ts';
import type { Flags } from '../options.ts';
import { type Diagnosis, examine } from './examine.ts';
import { listOptions, type OptionInForce } from './options-in-force.ts';

const SIGNS = { ok: '  ok  ', warning: ' warn ', failure: ' FAIL ', unknown: '  --  ' } as const;

/** `exporter doctor`: prints what was found, for a person or as JSON. False where something fails. */
export async function runDoctor(
  config: Config,
  flags: Flags & { json?: boolean },
  env: Record<string, string | undefined>,
  print: (line: string) => void,
): Promise<boolean> {
  const diagnosis = await examine({ config, env, fetch, now: Date.now });
  const options = listOptions(flags, env);
  if (flags.json) print(JSON.stringify({ ...diagnosis, options }, null, 2));
  else for (const line of linesOf(diagnosis, options)) print(line);
  return diagnosis.status !== 'failure';
}

/** A look a line, with the remedy under it, and then the options. */
function linesOf({ checks }: Diagnosis, options: readonly OptionInForce[]): string[] {
  const looks = checks.flatMap(({ title, status, latencyMs, found, remedy }) => [
    `[${SIGNS[status]}] ${title}: ${found} (${latencyMs} ms)`,
    ...(remedy === null ? [] : [`         ${remedy}`]),
  ]);
  const width = Math.max(...options.map(({ name }) => name.length));
  return [...looks, '', ...options.map(({ name, value, from }) => `${name.padEnd(width)}  ${value}  (${from})`)];
}
