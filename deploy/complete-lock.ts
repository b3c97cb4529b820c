import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * `npm run lock`: completes package-lock.json. npm leaves out an optional package for another platform when the registry in use does not
 * have it, and then refuses the lock file with `npm ci`. The names say for which platform each one is, so nobody else loads it.
 */

interface Entry {
  version?: string;
  optionalDependencies?: Record<string, string>;
  [field: string]: unknown;
}

const SYSTEMS = ['darwin', 'linux', 'win32', 'android', 'freebsd', 'netbsd', 'openbsd', 'sunos', 'aix', 'openharmony'];
const PROCESSORS = ['arm64', 'x64', 'ia32', 'ppc64', 'riscv64', 's390x', 'loong64', 'arm'];

/** Optional packages that a lock file names but does not describe. */
export function missingOptional(packages: Record<string, Entry>): { name: string; version: string }[] {
  return Object.entries(packages).flatMap(([path, { optionalDependencies = {} }]) =>
    Object.entries(optionalDependencies)
      .filter(([name]) => !(`node_modules/${name}` in packages) && !(`${path}/node_modules/${name}` in packages))
      .map(([name, version]) => ({ name, version })),
  );
}

function describe(name: string, version: string): Entry {
  const words = name.split(/[-/]/);
  const system = SYSTEMS.find((one) => words.includes(one));
  const processor = PROCESSORS.find((one) => words.includes(one));
  if (system === undefined || processor === undefined || !/^\d/.test(version)) {
    throw new Error(`${name}@${version} is missing in package-lock.json and does not say for which platform it is: run npm install`);
  }
  const libc = words.some((word) => word.startsWith('musl'))
    ? ['musl']
    : words.some((word) => word.startsWith('gnu'))
      ? ['glibc']
      : undefined;
  return { version, cpu: [processor], dev: true, ...(libc ? { libc } : {}), optional: true, os: [system] };
}

if (import.meta.main) {
  const path = join(import.meta.dirname, '..', 'package-lock.json');
  const lock: { packages: Record<string, Entry> } = JSON.parse(readFileSync(path, 'utf8'));
  const missing = missingOptional(lock.packages);
  for (const { name, version } of missing) lock.packages[`node_modules/${name}`] = describe(name, version);
  lock.packages = Object.fromEntries(Object.entries(lock.packages).sort(([a], [b]) => (a < b ? -1 : 1)));
  writeFileSync(path, `${JSON.stringify(lock, null, 2)}\n`);
  process.stdout.write(`${missing.length} optional packages of other platforms added to package-lock.json\n`);
}
