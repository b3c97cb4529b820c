import { mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { findOnPath, run } from './command.ts';

/** Packages are there, or a sentence says why not. */
export type Unpacked = { ok: true } | { ok: false; reason: string };

const UPDATE_TIMEOUT_MS = 120_000;
const DOWNLOAD_TIMEOUT_MS = 600_000;

/**
 * Unpacks a Debian package into a directory, without root and without a trace in the system: nothing is installed, no script
 * of the package runs. apt checks signatures and sums as ever. With `dependencies` all packages that the system lacks come along.
 *
 * apt is given state, cache and lists of its own, so it works for any user, beside another apt, and where the system's lists are empty.
 */
export async function unpackDebianPackage(name: string, into: string, options: { dependencies: boolean }): Promise<Unpacked> {
  if (!findOnPath('apt-get') || !findOnPath('dpkg-deb')) return { ok: false, reason: 'apt-get and dpkg-deb are not on this machine' };
  mkdirSync(dirname(into), { recursive: true });
  const work = mkdtempSync(join(dirname(into), '.unpack-'));
  try {
    const downloaded = await download(name, work, options.dependencies);
    if (!downloaded.ok) return downloaded;
    const unpacked = await unpackAll(join(work, 'archives'), join(work, 'root'));
    if (!unpacked.ok) return unpacked;
    rmSync(into, { recursive: true, force: true });
    renameSync(join(work, 'root'), into);
    return { ok: true };
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

async function download(name: string, work: string, dependencies: boolean): Promise<Unpacked> {
  const apt = privateApt(work);
  const updated = await run('apt-get', [...apt, 'update'], { timeoutMs: UPDATE_TIMEOUT_MS });
  if (updated.code !== 0) return { ok: false, reason: `apt-get update: ${lastLine(updated.stderr)}` };
  const fetch = dependencies ? ['install', '--download-only', '--no-install-recommends', '--yes', name] : ['download', name];
  const fetched = await run('apt-get', [...apt, ...fetch], { cwd: join(work, 'archives'), timeoutMs: DOWNLOAD_TIMEOUT_MS });
  return fetched.code === 0 ? { ok: true } : { ok: false, reason: `apt-get download ${name}: ${lastLine(fetched.stderr)}` };
}

function privateApt(work: string): string[] {
  const directories = { lists: join(work, 'lists'), archives: join(work, 'archives'), cache: join(work, 'cache') };
  for (const directory of Object.values(directories)) mkdirSync(join(directory, 'partial'), { recursive: true });
  // Post-update hooks of the system (command-not-found, apt-file) write to the system.
  writeFileSync(
    join(work, 'apt.conf'),
    '#clear APT::Update::Post-Invoke;\n#clear APT::Update::Post-Invoke-Success;\n#clear DPkg::Post-Invoke;\n',
  );
  const settings = {
    'Dir::State::lists': `${directories.lists}/`,
    'Dir::State::extended_states': join(work, 'extended_states'),
    'Dir::Cache': `${directories.cache}/`,
    'Dir::Cache::archives': `${directories.archives}/`,
    'Dir::Log': `${work}/`,
    'Debug::NoLocking': 'true',
    // As root apt would drop to a user that cannot write here.
    'APT::Sandbox::User': '',
    'Acquire::Languages': 'none',
    'Acquire::Retries': '1',
    'Acquire::http::Timeout': '15',
    'Acquire::https::Timeout': '15',
  };
  return ['-qq', '-c', join(work, 'apt.conf'), ...Object.entries(settings).flatMap(([name, value]) => ['-o', `${name}=${value}`])];
}

async function unpackAll(archives: string, root: string): Promise<Unpacked> {
  mkdirSync(root);
  for (const file of readdirSync(archives).filter((entry) => entry.endsWith('.deb'))) {
    const result = await run('dpkg-deb', ['-x', join(archives, file), root]);
    if (result.code !== 0) return { ok: false, reason: `dpkg-deb -x ${file}: ${lastLine(result.stderr)}` };
  }
  return { ok: true };
}

function lastLine(text: string): string {
  return text.trim().split('\n').at(-1) || 'no reason given';
}
