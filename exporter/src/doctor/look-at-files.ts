import { accessSync, constants, existsSync, mkdtempSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { codeOf, transcriptRoot, walkTranscripts } from '../watch/transcripts.ts';
import { createWatcher } from '../watch/watcher.ts';
import { type Finding, failure, ok, type Patient, plural, size, warning } from './finding.ts';

/** Every transcript can be found and opened. */
export async function lookAtTranscripts({ config }: Patient): Promise<Finding> {
  const missing = config.claudeDirs.filter((dir) => !existsSync(dir));
  if (config.claudeDirsNamed && missing.length > 0)
    return failure(
      `${missing.join(', ')} does not exist.`,
      '--claude-dir (or CLAUDE_CONFIG_DIR) wants the directory that Claude Code keeps.',
    );
  const codes = new Map<string, number>();
  const miss = (code: string) => codes.set(code, (codes.get(code) ?? 0) + 1);
  let files = 0;
  let bytes = 0;
  for (const { path, stats } of transcriptsOf(config.claudeDirs, miss)) {
    files += 1;
    bytes += stats.size;
    tryToOpen(path, miss);
  }
  const where = config.claudeDirs.join(', ');
  if (codes.size > 0) {
    const list = [...codes].map(([code, count]) => `${count} × ${code}`).join(', ');
    return failure(
      `${plural(files, 'transcript')}, but not everything can be read: ${list}.`,
      `Let the user who runs the exporter read ${where} and what is below it.`,
    );
  }
  if (files === 0)
    return warning(`No transcripts in ${where}.`, 'Use Claude Code on this machine, or name its directory with --claude-dir.');
  return ok(`${plural(files, 'transcript')}, ${size(bytes)}, in ${where}.`);
}

/** Transcripts of several directories, each once. */
export function* transcriptsOf(claudeDirs: readonly string[], onError: (code: string) => void): ReturnType<typeof walkTranscripts> {
  const seen = new Set<string>();
  for (const dir of claudeDirs) {
    for (const file of walkTranscripts(transcriptRoot(dir), onError)) {
      if (!seen.has(file.path)) yield file;
      seen.add(file.path);
    }
  }
}

function tryToOpen(path: string, miss: (code: string) => void): void {
  try {
    accessSync(path, constants.R_OK);
  } catch (error) {
    // One that has just gone is no trouble.
    if (codeOf(error) !== 'ENOENT') miss(codeOf(error));
  }
}

/** File systems that tell nobody of changes made elsewhere, by the numbers of `statfs`. */
const SILENT: Record<number, string> = {
  26985: 'NFS',
  4283649346: 'CIFS',
  4266872130: 'SMB',
  16914839: '9P (a drive of Windows, seen from WSL)',
  1702057286: 'FUSE',
};

const WATCH_LIMIT_MS = 10_000;

/** The system tells of changes: of those in a directory of our own, since nothing is written into Claude Code's. */
export async function lookAtWatching({ config }: Patient): Promise<Finding> {
  const slow = 'Changes are found by the sweep within 30 seconds instead.';
  const silent = config.claudeDirs.map((dir) => ({ dir, name: fileSystemOf(transcriptRoot(dir)) })).find(({ name }) => name !== undefined);
  if (silent !== undefined) return warning(`${silent.dir} is on ${silent.name}, which may not tell of changes.`, slow);
  const trouble = await watchOnce(config.claudeDirs);
  if (trouble === 'ENOSPC')
    return warning('The system’s limit of watched files is reached.', `${slow} Or: sudo sysctl fs.inotify.max_user_watches=524288`);
  if (trouble === 'EMFILE')
    return warning('The system’s limit of watchers is reached.', `${slow} Or: sudo sysctl fs.inotify.max_user_instances=512`);
  if (trouble !== undefined) return warning(`The system does not tell of changes (${trouble}).`, slow);
  return ok('The system tells of changes as they happen.');
}

function fileSystemOf(path: string): string | undefined {
  try {
    return SILENT[statfsSync(path).type >>> 0];
  } catch {
    return undefined;
  }
}

/** Watches the real directories and one of ours, and waits for a change in ours. Gives back what went wrong. */
async function watchOnce(claudeDirs: readonly string[]): Promise<string | undefined> {
  const directory = mkdtempSync(join(tmpdir(), 'ccmeter-doctor-'));
  const { promise, resolve } = Promise.withResolvers<string | undefined>();
  const timer = setTimeout(resolve, WATCH_LIMIT_MS, `nothing heard within ${WATCH_LIMIT_MS / 1000} s`);
  const watcher = createWatcher([...claudeDirs, directory], {
    onReady: () => writeFileSync(join(directory, 'settings.json'), '{}'),
    onChange: (path) => path.startsWith(directory) && resolve(undefined),
    onError: (code) => resolve(code.toUpperCase()),
  });
  try {
    return await promise;
  } finally {
    clearTimeout(timer);
    await watcher.close();
    rmSync(directory, { recursive: true, force: true });
  }
}
