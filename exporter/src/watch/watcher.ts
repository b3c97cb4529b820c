import { lstatSync, realpathSync } from 'node:fs';
import { sep } from 'node:path';
import { watch } from 'chokidar';
import { isWatchedSource, watchedSources } from '../sources/places.ts';
import { codeOf, isTranscript, transcriptRoot } from './transcripts.ts';

export interface WatchHandlers {
  /** A transcript has appeared or grown, or a file beside the transcripts has changed or gone. */
  onChange(path: string): void;
  onReady(): void;
  /** Watching fails in part or whole; the sweep still finds every change. */
  onError(code: string): void;
}

/**
 * chokidar tells of a second change of a file within 50 ms only when they are over. A response is written as several lines in quick
 * succession, so a file that has just changed is looked at again without being told.
 */
const LOOK_AGAIN_MS = [15, 30];

/**
 * Tells of changes to transcripts as they happen. The only place that knows chokidar. Events get lost (full queues, mounts, limits of
 * the system), so nothing relies on them: they make things quick, the sweep makes them complete.
 */
export function createWatcher(claudeDirs: readonly string[], { onChange, onReady, onError }: WatchHandlers) {
  const roots = claudeDirs.map((dir) => transcriptRoot(dir)).map((root) => ({ root, real: realPath(root) }));
  const watcher = watch([...roots.map(({ real }) => real), ...claudeDirs.flatMap((dir) => watchedSources(dir))], {
    ignoreInitial: true,
    followSymlinks: false,
    // Transcripts are appended to: the first bytes are as good as the last.
    atomic: false,
    ignored: (path, stats) => stats?.isFile() === true && !isTranscript(path) && !isWatchedSource(path),
  });
  const changed = (seen: string) => {
    const behind = roots.find(({ root, real }) => root !== real && seen.startsWith(`${real}${sep}`));
    const path = behind === undefined ? seen : behind.root + seen.slice(behind.real.length);
    onChange(path);
    for (const ms of LOOK_AGAIN_MS) setTimeout(onChange, ms, path).unref();
  };
  watcher.on('add', changed);
  watcher.on('change', changed);
  // The file of a running session vanishes when the session ends.
  watcher.on('unlink', (path) => isWatchedSource(path) && onChange(path));
  watcher.on('ready', onReady);
  watcher.on('error', (error) => onError(codeOf(error).toLowerCase()));
  return { close: () => watcher.close() };
}

/** Where a root really is: a symbolic link is not watched through. The path itself where it does not exist yet. */
function realPath(root: string): string {
  try {
    return lstatSync(root).isSymbolicLink() ? realpathSync(root) : root;
  } catch {
    return root;
  }
}
