import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { ConfigError } from '../config.ts';
import { type Flags, nameOf, type OptionRow, options } from '../options.ts';

const OPTIONS = Object.fromEntries(
  Object.values(options).map(({ flag, repeatable }: OptionRow) => [
    nameOf(flag).slice(2),
    { type: 'string' as const, multiple: repeatable ?? false },
  ]),
);

/** The options of `run`, checked before a service is made that would not start. */
export function parseRunOptions(args: readonly string[]): Flags {
  try {
    const { values } = parseArgs({ args: [...args], options: OPTIONS, strict: true });
    const flags: Record<string, string | string[]> = {};
    for (const [name, value = []] of Object.entries(values)) {
      flags[name.replace(/-([a-z])/g, (_, letter: string) => letter.toUpperCase())] = Array.isArray(value)
        ? value.map(String)
        : String(value);
    }
    return flags;
  } catch (error) {
    throw new ConfigError(`install-service: ${error instanceof Error ? error.message : error}; options of \`run\` stand after --`);
  }
}

/** The options as they are given to a service, which starts in another directory. */
export function toArguments(flags: Flags): string[] {
  return Object.entries(flags).flatMap(([key, value]: [string, string | string[]]) => {
    const name = `--${key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
    const isPath = key.endsWith('Dir') || key === 'prices';
    return [value].flat().flatMap((text) => [name, isPath ? resolve(text) : text]);
  });
}
