import { type Dirent, lstatSync, readdirSync, type Stats, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type { Origin } from '../track/fact.ts';

const UUID = '[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}';
const MAIN = new RegExp(`^(${UUID})\\.jsonl$`);
const SUBAGENT = /^agent-.*\.jsonl$/;
const SESSION_FOLDER = new RegExp(`^${UUID}$`);

/** A transcript is named after its session, a subagent's `agent-….jsonl`. Other `.jsonl` files at the same places are not ours to read. */
export function isTranscript(path: string): boolean {
  const name = basename(path);
  return MAIN.test(name) || SUBAGENT.test(name);
}

/**
 * What the path of a transcript tells: `<session>.jsonl` is the main transcript; a subagent's lies beside it (until 2.1.1) or in
 * `<session>/subagents/…` (since).
 */
export function originOf(path: string): Pick<Origin, 'file' | 'sessionId' | 'subagent'> {
  const file = basename(path, '.jsonl');
  const main = MAIN.exec(basename(path))?.[1];
  if (main !== undefined) return { file, sessionId: main, subagent: false };
  const sessionId = path.split(/[/\\]/).findLast((part) => SESSION_FOLDER.test(part));
  return sessionId === undefined ? { file, subagent: true } : { file, sessionId, subagent: true };
}

/**
 * The folder to look through for transcripts: `projects` of a configuration directory; where there is none, the directory itself,
 * so that a folder of such directories, or a plain folder of transcripts, can be given too. `projects` may be a symbolic link.
 */
export function transcriptRoot(claudeDir: string): string {
  const projects = join(claudeDir, 'projects');
  return isDirectory(projects) || basename(dirname(projects)) === '.claude' ? projects : claudeDir;
}

function isDirectory(path: string): boolean {
  try {
    return statSync(path).isDirectory();
  } catch {
    return false;
  }
}

/** Folders are nested so deep at the most: `projects/<slug>/<session>/subagents/workflows/<id>` is six below a configuration directory. */
const MAX_DEPTH = 16;

/**
 * All transcripts below a directory with their sizes, in the order of their paths. Symbolic links below it are not followed.
 * What cannot be read is told to `onError` with its code and left out; a root that does not exist has nothing in it.
 */
export function* walkTranscripts(root: string, onError: (code: string) => void, depth = 0): Generator<{ path: string; stats: Stats }> {
  for (const entry of list(root, depth, onError)) {
    const path = join(root, entry.name);
    if (entry.isDirectory() && depth < MAX_DEPTH) yield* walkTranscripts(path, onError, depth + 1);
    if (!entry.isFile() || !isTranscript(entry.name)) continue;
    const stats = statOf(path, onError);
    if (stats?.isFile()) yield { path, stats };
  }
}

function list(directory: string, depth: number, onError: (code: string) => void): Dirent[] {
  try {
    return readdirSync(directory, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1));
  } catch (error) {
    const code = codeOf(error);
    if (code !== 'ENOENT' || depth > 0) onError(code);
    return [];
  }
}

function statOf(path: string, onError: (code: string) => void): Stats | undefined {
  try {
    return lstatSync(path);
  } catch (error) {
    onError(codeOf(error));
    return undefined;
  }
}

/** The code of a system error, `UNKNOWN` for anything else. */
export function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : 'UNKNOWN';
}
