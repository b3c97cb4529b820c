import { mkdirSync, statSync } from 'node:fs';
import { dirname } from 'node:path';

/**
 * Makes a directory where it is missing, for its owner alone, and what is missing above it. One level at a time: below /proc, where
 * nothing can be made, Node's own recursive mkdir never ends.
 *
 * @throws NodeJS.ErrnoException
 */
export function makeStateDir(directory: string): void {
  if (isDirectory(directory)) return;
  const above = dirname(directory);
  if (above !== directory) makeStateDir(above);
  try {
    mkdirSync(directory, { mode: 0o700 });
  } catch (error) {
    // Somebody else has just made it.
    if (!isDirectory(directory)) throw error;
  }
}

function isDirectory(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
}
