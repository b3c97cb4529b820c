import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { findOnPath } from '../../deploy/local/command.ts';
import { unpackDebianPackage } from '../../deploy/local/debian.ts';
import { cacheDir } from '../../deploy/local/options.ts';
import type { Tool } from './tools.ts';

/** Finds a program on the PATH, or unpacks Debian's package of the same name into our cache; nothing is installed. */
export async function findDebianProgram(name: string): Promise<Tool> {
  const installed = findOnPath(name);
  if (installed) return { path: installed };
  const directory = join(cacheDir(process.env), `debian-${name}`);
  const program = () => ['usr/sbin', 'usr/bin'].map((folder) => join(directory, folder, name)).find((path) => existsSync(path));
  const known = program();
  if (known) return { path: known };
  const unpacked = await unpackDebianPackage(name, directory, { dependencies: true });
  const path = program();
  return unpacked.ok && path ? { path } : { missing: `no ${name}: ${unpacked.ok ? 'not in its package' : unpacked.reason}` };
}

/** Options for a test that needs it: skipped, with the reason, where it is missing. */
export function optionsFor(tool: Tool): { skip: boolean; meta: { skipReason?: string } } {
  return 'missing' in tool ? { skip: true, meta: { skipReason: tool.missing } } : { skip: false, meta: {} };
}

/** The environment in which it runs: with the libraries that were unpacked beside it. */
export function environmentOf(program: string): NodeJS.ProcessEnv {
  const libraries = join(program, '..', '..', 'lib');
  const found = existsSync(libraries) ? readdirSync(libraries).filter((name) => name.includes('linux-gnu')) : [];
  return { ...process.env, LD_LIBRARY_PATH: found.map((name) => join(libraries, name)).join(':') };
}
