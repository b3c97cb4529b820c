import { chmodSync, mkdirSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';

const OTHERS = 0o077;

/** Reads a file that only its owner may read; undefined where there is none. Throws where others may look into it. */
export function readPrivateFile(path: string): string | undefined {
  const mode = statSync(path, { throwIfNoEntry: false })?.mode;
  if (mode === undefined) return undefined;
  if (process.platform !== 'win32' && (mode & OTHERS) !== 0)
    throw new Error(`${path} can be read by others (mode ${(mode & 0o777).toString(8)}); chmod 600 closes it`);
  return readFileSync(path, 'utf8');
}

/** Writes it whole or not at all: beside it first, then into its place. */
export function writePrivateFile(path: string, text: string): void {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  const beside = `${path}.${process.pid}.new`;
  writeFileSync(beside, text, { mode: 0o600 });
  chmodSync(beside, 0o600);
  renameSync(beside, path);
}
