import { join } from 'node:path';
import { createInterface } from 'node:readline/promises';
import { findOnPath, isProgram, run } from './command.ts';
import { unpackDebianPackage } from './debian.ts';
import { fetchRelease } from './download.ts';
import { releaseFor } from './releases.ts';
import type { Voice } from './say.ts';

/** A Prometheus that can be started, and where it came from. */
export interface Found {
  program: string;
  version: string;
  from: string;
}

/** Nothing was found: what was tried, and why it did not work. */
export interface NotFound {
  tried: string[];
}

/** What the search needs to know. */
export interface Search {
  cacheDir: string;
  /** Downloads are agreed to without asking. */
  yes: boolean;
  voice: Voice;
  path?: string;
}

/** Out-of-order samples, and with them history, exist since 2.39. */
const OLDEST_USABLE = [2, 39];
const EXECUTABLE = process.platform === 'win32' ? 'prometheus.exe' : 'prometheus';

/** Looks on the PATH, in our cache, at the official release (asked for), and at the Debian package; the first that runs is taken. */
export async function findPrometheus(search: Search): Promise<Found | NotFound> {
  const tried: string[] = [];
  for (const way of [onPath, inCache, officialRelease, debianPackage]) {
    const result = await way(search);
    if (typeof result !== 'string') return result;
    tried.push(result);
  }
  return { tried };
}

/** The ways out, for a person who has no Prometheus. */
export function describeMissing(missing: NotFound): string {
  return [
    'No Prometheus could be had, so there is no history and no chart; the exporter and Live run all the same.',
    ...missing.tried.map((reason) => `  - ${reason}`),
    'Ways out: install Prometheus (2.39 or newer) so that it is on the PATH; or give one with --prometheus-url URL, started with',
    '--web.enable-remote-write-receiver; or start again with --yes to have the official release downloaded.',
  ].join('\n');
}

async function onPath(search: Search): Promise<Found | string> {
  const program = findOnPath('prometheus', search.path);
  if (!program) return 'no prometheus on the PATH';
  const version = await versionOf(program);
  if (version && isUsable(version)) return { program, version, from: 'PATH' };
  return `${program} is ${version ? `version ${version}, older than 2.39` : 'not a Prometheus that runs'}`;
}

function releaseDir(search: Search, version: string): string {
  return join(search.cacheDir, `prometheus-${version}`);
}

function debianDir(search: Search): string {
  return join(search.cacheDir, 'debian-prometheus');
}

async function inCache(search: Search): Promise<Found | string> {
  const release = releaseFor();
  const programs = [
    ...(release ? [join(releaseDir(search, release.version), EXECUTABLE)] : []),
    join(debianDir(search), 'usr/bin/prometheus'),
  ];
  for (const program of programs.filter(isProgram)) {
    const version = await versionOf(program);
    if (version) return { program, version, from: 'cache' };
  }
  return `none in ${search.cacheDir}`;
}

async function officialRelease(search: Search): Promise<Found | string> {
  const release = releaseFor();
  if (!release) return `no checked official release is known for ${process.platform} ${process.arch}`;
  const name = `Prometheus ${release.version}`;
  if (!search.yes && !(await agrees(search.voice, `Download ${name} (about 120 MB) from github.com and check its sha256? [Y/n] `))) {
    return `${name} was not downloaded: not agreed to (--yes does)`;
  }
  const into = releaseDir(search, release.version);
  const fetched = await fetchRelease(release, into, (text) => search.voice.progress(`${name}: ${text}`));
  if (!fetched.ok) return `${name} could not be downloaded: ${fetched.reason}`;
  return proven(join(into, EXECUTABLE), 'official release');
}

async function debianPackage(search: Search): Promise<Found | string> {
  if (!findOnPath('apt-get', search.path)) return 'no Debian package: there is no apt-get';
  search.voice.line('Unpacking the Debian package of Prometheus (about 20 MB, nothing is installed) …');
  const unpacked = await unpackDebianPackage('prometheus', debianDir(search), { dependencies: false });
  if (!unpacked.ok) return `no Debian package: ${unpacked.reason}`;
  return proven(join(debianDir(search), 'usr/bin/prometheus'), 'Debian package');
}

async function proven(program: string, from: string): Promise<Found | string> {
  const version = await versionOf(program);
  return version ? { program, version, from } : `${program} does not run here`;
}

async function agrees(voice: Voice, question: string): Promise<boolean> {
  if (!voice.isTerminal || !process.stdin.isTTY) return false;
  const reader = createInterface({ input: process.stdin, output: process.stdout });
  const answer = await reader.question(question);
  reader.close();
  return !/^n/i.test(answer.trim());
}

/** The version a program says it has; one built without a number is taken to be new. Undefined where it is no Prometheus that runs. */
async function versionOf(program: string): Promise<string | undefined> {
  const { stdout, stderr } = await run(program, ['--version'], { timeoutMs: 20_000 });
  const match = /prometheus, version (\d+\.\d+\.\d+)?/.exec(stdout + stderr);
  return match ? (match[1] ?? '3.0.0') : undefined;
}

/** Whether a version can take history. */
export function isUsable(version: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const [oldestMajor = 0, oldestMinor = 0] = OLDEST_USABLE;
  return major > oldestMajor || (major === oldestMajor && minor >= oldestMinor);
}
