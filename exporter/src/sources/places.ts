import { basename, dirname, join, sep } from 'node:path';
import { HISTORY_FILE } from './history-source.ts';
import { SETTINGS_FILE } from './retention-source.ts';
import { STATS_FILE } from './stats-source.ts';

const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

const SINGLE_FILES = [STATS_FILE, HISTORY_FILE, SETTINGS_FILE];

/** What lies at a path, by its name alone. */
export function placeOf(path: string): 'history' | 'stats' | 'settings' | 'session' | 'todo' | 'version' | undefined {
  switch (basename(path)) {
    case HISTORY_FILE:
      return 'history';
    case STATS_FILE:
      return 'stats';
    case SETTINGS_FILE:
      return 'settings';
  }
  const parent = dirname(path);
  if (basename(parent) === 'sessions' && path.endsWith('.json')) return 'session';
  if (basename(parent) === 'todos' || (basename(dirname(parent)) === 'tasks' && path.endsWith('.json'))) return 'todo';
  return basename(dirname(parent)) === 'file-history' ? 'version' : undefined;
}

/**
 * What to watch of a configuration directory besides the transcripts: a handful of files that change by themselves. Todos, tasks and
 * kept versions change with their session, so they are looked at when its transcript grows; watching tens of thousands of them would cost
 * more than it gives.
 */
export function watchedSources(claudeDir: string): string[] {
  return [...SINGLE_FILES.map((name) => join(claudeDir, name)), join(claudeDir, 'sessions')];
}

/** A file that is watched and is not a transcript. */
export function isWatchedSource(path: string): boolean {
  const place = placeOf(path);
  return place !== undefined && place !== 'todo' && place !== 'version';
}

/** The configuration directory that a transcript belongs to: the one with `projects` in it. */
export function configDirOf(transcript: string): string | undefined {
  const at = transcript.lastIndexOf(`${sep}projects${sep}`);
  return at === -1 ? undefined : transcript.slice(0, at);
}

/** The session that a transcript, also one of a subagent, belongs to. */
export function sessionIdOf(transcript: string): string | undefined {
  return transcript
    .split(/[/\\]/)
    .map((part) => part.replace(/\.jsonl$/, ''))
    .findLast((part) => UUID.test(part));
}
