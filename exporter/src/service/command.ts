import { realpathSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { ConfigError, readConfig } from '../config.ts';
import type { Flags } from '../options.ts';
import { installService, realHands, uninstallService } from './install.ts';
import { parseRunOptions, toArguments } from './run-options.ts';
import { describeService, type Service } from './unit.ts';

/** The command line as commander gives it. */
export interface ServiceFlags {
  env?: string[];
  show?: boolean;
}

const hands = realHands((text) => process.stdout.write(text));

export function install(args: readonly string[], { env = [], show = false }: ServiceFlags): void {
  const flags = parseRunOptions(args);
  const { stateDir } = readConfig(flags, process.env);
  installService(describe(flags, env), stateDir, show, hands);
}

export function uninstall({ show = false }: ServiceFlags): void {
  uninstallService(describe({}, []), show, hands);
}

function describe(flags: Flags, env: readonly string[]): Service {
  const { claudeDirs, stateDir } = readConfig(flags, process.env);
  const plan = {
    node: process.execPath,
    // Where the program really is: a link to it may change or go.
    script: realpathSync(join(import.meta.dirname, '..', 'main.ts')),
    args: toArguments(flags),
    environment: Object.fromEntries(env.map(readVariable)),
    home: homedir(),
    claudeDirs,
    stateDir,
  };
  const service = describeService(process.platform, plan, process.getuid?.() ?? 0);
  if (service === undefined)
    throw new ConfigError(`install-service knows systemd, launchd and the tasks of Windows; this is ${process.platform}`);
  return service;
}

function readVariable(text: string): [string, string] {
  const [, name, value] = /^([A-Z][A-Z0-9_]*)=([^\n]*)$/.exec(text) ?? [];
  if (name === undefined || value === undefined) throw new ConfigError(`--env is ${text}; it wants NAME=value`);
  return [name, value];
}
