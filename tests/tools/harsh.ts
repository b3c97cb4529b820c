import { spawnSync } from 'node:child_process';

/** Options for `test`: skipped, with the reason, where this system cannot be made harsh enough. */
export interface HarshOptions {
  skip: boolean;
  meta: { skipReason?: string };
}

function wanting(missing: string | undefined): HarshOptions {
  return missing === undefined ? { skip: false, meta: {} } : { skip: true, meta: { skipReason: missing } };
}

function can([program = '', ...args]: readonly string[]): boolean {
  return spawnSync(program, args, { stdio: 'ignore', timeout: 10_000 }).status === 0;
}

/** A program that runs what follows it with so many watches of files at the most: in a user namespace, where the limit is our own. */
export function withWatches(limit: number): string[] {
  return ['unshare', '-U', '-r', 'sh', '-c', `echo ${limit} > /proc/sys/user/max_inotify_watches && exec "$0" "$@"`];
}

/** For tests with {@link withWatches}. */
export function needsNamespaces(): HarshOptions {
  return wanting(can([...withWatches(10), 'true']) ? undefined : 'no user namespaces');
}

/**
 * A program that runs what follows it with a file system of so many bytes at a directory, all but `freeBytes` of it full until the file
 * `fullFile` is taken away. Nobody else sees that file system, and it goes with the program.
 */
export function withLittleRoom(directory: string, bytes: number, freeBytes: number, fullFile: string): string[] {
  const filler = `${directory}/filler`;
  const script = [
    `mount -t tmpfs -o size=${bytes},mode=700 none '${directory}'`,
    `head -c ${bytes - freeBytes} /dev/zero > '${filler}'`,
    `{ while [ -e '${fullFile}' ]; do sleep 0.1; done; rm '${filler}'; } &`,
    'exec "$0" "$@"',
  ];
  return ['unshare', ...(process.getuid?.() === 0 ? ['-m'] : ['-U', '-r', '-m']), 'sh', '-c', script.join('\n')];
}

/** For tests with {@link withLittleRoom}. */
export function needsMounts(directory: string): HarshOptions {
  return wanting(can([...withLittleRoom(directory, 65_536, 32_768, '/nonexistent'), 'true']) ? undefined : 'no mounts of our own');
}

/** A program that runs what follows it without the power to read what it may not: root may read everything otherwise. */
export function withoutPower(): string[] {
  if (process.getuid?.() !== 0) return ['env'];
  return ['setpriv', '--inh-caps=-all', '--bounding-set=-dac_override,-dac_read_search'];
}

/** For tests with {@link withoutPower}: what may not be read must not be readable then. */
export function needsPermissions(script: string, forbidden: string): HarshOptions {
  const isHarsh = can([...withoutPower(), 'test', '-r', script]) && !can([...withoutPower(), 'cat', forbidden]);
  return wanting(isHarsh ? undefined : 'no way to give up the power of root');
}
