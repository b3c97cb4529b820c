import type { Health } from '../health.ts';
import type { Log } from '../log.ts';
import { createWatcher } from './watcher.ts';

/** Limits of the system, of which each directory takes its share: watches, open files, memory. */
const LIMITS: ReadonlySet<string> = new Set(['enospc', 'emfile', 'enfile', 'enomem']);

/** A limit may have been raised meanwhile: after so long watching is tried anew. */
const RETRY_MS = 10 * 60_000;

export interface WatchingOptions {
  claudeDirs: readonly string[];
  /** A file may have changed. */
  onChange(path: string): void;
  /** From now on changes are told; what changed before has to be looked for. */
  onReady(): void;
  health: Health;
  log: Log;
  create?: typeof createWatcher;
  retryMs?: number;
}

/** Watching, for as long as the system lets us. */
export interface Watching {
  /** Every change is told. Otherwise only looking finds all of them. */
  isComplete(): boolean;
  close(): Promise<void>;
}

/**
 * Watches, and says when it cannot: then {@link pauseBetweenSweeps} is shorter, and watching is tried anew from time to time. Watches that
 * the system did grant go on meanwhile.
 */
export function keepWatching(options: WatchingOptions): Watching {
  const { claudeDirs, onChange, onReady, health, log, create = createWatcher, retryMs = RETRY_MS } = options;
  let isComplete = false;
  let limit: string | undefined;
  let wasTold = false;
  let retry: NodeJS.Timeout | undefined;
  let watcher = begin();

  function begin(): ReturnType<typeof createWatcher> {
    limit = undefined;
    const isCurrent = (one: ReturnType<typeof createWatcher>) => one === watcher;
    const made: ReturnType<typeof createWatcher> = create(claudeDirs, {
      onChange,
      onReady() {
        if (limit === undefined && isCurrent(made)) show(true);
        onReady();
      },
      onError(code) {
        health.add('ccmeter_exporter_read_errors_total', { reason: `watch_${code}` });
        if (!LIMITS.has(code)) return;
        limit = code;
        show(false);
        retry ??= setTimeout(() => void again(), retryMs).unref();
      },
    });
    return made;
  }

  async function again(): Promise<void> {
    await watcher.close();
    retry = undefined;
    watcher = begin();
  }

  function show(complete: boolean): void {
    isComplete = complete;
    health.set('ccmeter_exporter_watching', {}, complete ? 1 : 0);
    if (!complete && !wasTold)
      log.warn(
        { reason: limit },
        'the system watches no more files: changes are found by looking through all of them; raise fs.inotify.max_user_watches',
      );
    if (complete && wasTold) log.info('the system watches all files again');
    wasTold = !complete;
  }

  health.set('ccmeter_exporter_watching', {}, 0);
  return {
    isComplete: () => isComplete,
    async close() {
      clearTimeout(retry);
      await watcher.close();
    },
  };
}

const LONGEST_PAUSE_MS = 10 * 60_000;

/** What is watched is looked through so often, since events get lost, and then for at most a 200th of the time. */
const WATCHED = { pauseMs: 30_000, share: 200 };

/** What is not is looked through as often as a 50th of the time allows. */
const UNWATCHED = { pauseMs: 2000, share: 50 };

/** How long to wait before all files are looked through again, by how long it took the last time. */
export function pauseBetweenSweeps(sweepMs: number, isWatched: boolean): number {
  const { pauseMs, share } = isWatched ? WATCHED : UNWATCHED;
  return Math.min(Math.max(pauseMs, sweepMs * share), LONGEST_PAUSE_MS);
}
