import { chmodSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { findOnPath, isProgram, run } from '../../deploy/local/command.ts';
import { unpackDebianPackage } from '../../deploy/local/debian.ts';
import type { Tool } from './tools.ts';

const NAMES = ['chromium', 'chromium-browser', 'google-chrome-stable', 'google-chrome'];

/** Options with which everything that Chromium would ask of the world on its own account is off. */
export const CHROMIUM_QUIETLY = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** A Chromium on the PATH, else the Debian package with every library that is missing, unpacked into our cache and run from there. */
export async function findChromium(cacheDir: string): Promise<Tool> {
  const installed = NAMES.map((name) => findOnPath(name)).find((path) => path !== undefined);
  if (installed) return { path: installed };
  const root = join(cacheDir, 'debian-chromium');
  const launcher = join(root, 'run-chromium');
  if (isProgram(launcher)) return { path: launcher };
  const unpacked = await unpackDebianPackage('chromium', root, { dependencies: true });
  if (!unpacked.ok) return { missing: `no Chromium: ${unpacked.reason}` };
  writeLauncher(root, launcher);
  const tried = await run(launcher, ['--version'], { timeoutMs: 30_000 });
  return tried.code === 0 ? { path: launcher } : { missing: `no Chromium: the unpacked one does not run: ${tried.stderr.trim()}` };
}

/** Libraries, fonts and the program are where they would be in the system, below our directory. */
function writeLauncher(root: string, launcher: string): void {
  const triplet = readdirSync(join(root, 'usr', 'lib')).find((name) => name.endsWith('-linux-gnu')) ?? '';
  const libraries = ['usr/lib', 'lib'].map((directory) => join(root, directory, triplet)).join(':');
  writeFileSync(
    launcher,
    `#!/bin/sh
export LD_LIBRARY_PATH='${libraries}'
export FONTCONFIG_SYSROOT='${root}'
exec '${root}/usr/lib/chromium/chromium' "$@"
`,
  );
  chmodSync(launcher, 0o755);
}
