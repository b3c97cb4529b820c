import type { Event } from '../contract/index.ts';
import type { SettledFact } from '../ledger/settle.ts';
import type { CommandFact, FileVersionFact, ModelStats, StatsFact, TodoFact } from '../track/fact.ts';
import { build, digest, type Teller } from './build.ts';

/** A todo list tells how far it is whenever that has changed; a list that nobody told of and that is empty says nothing. */
export function todoEvents(fact: TodoFact, before: TodoFact, { revision }: SettledFact, teller: Teller): Event[] {
  if (fact.told === before.told || (before.told === '' && fact.told === '0/0/0/false')) return [];
  const { key, sessionId, counts, abandoned } = fact;
  const left = fact.told.endsWith('true');
  const timeMs = left && abandoned !== undefined ? abandoned.timeMs : fact.timeMs;
  return [build('todo_progress', timeMs, key, revision, teller, { sessionId, ...counts, abandoned: left })];
}

/** A kept version tells how it differs from the one before, once. */
export function versionEvents(fact: FileVersionFact, { revision }: SettledFact, teller: Teller): Event[] {
  const { key, timeMs, sessionId, version, added, removed, modified } = fact;
  const fileHash = teller.names.fileHash(fact.fileHash);
  if (revision > 1) return [];
  const lines = { linesAdded: added, linesRemoved: removed, linesModified: modified };
  return [build('file_change', timeMs, key, revision, teller, { sessionId, fileHash, version, ...lines, timestamp: iso(timeMs) })];
}

/** A slash command tells that it was used, once. */
export function commandEvents(fact: CommandFact, { project, revision }: SettledFact, teller: Teller): Event[] {
  const { key, timeMs, sessionId, skill } = fact;
  if (revision > 1) return [];
  return [build('skill_invocation', timeMs, key, revision, teller, { sessionId, skillName: skill, project, timestamp: iso(timeMs) })];
}

/** What a stats-cache.json says, in the order in which VibeTea tells it: metrics, hours, tokens of each model, all models. */
export function statsEvents({ timeMs, stats }: StatsFact, teller: Teller): Event[] {
  // Named by what they say: the same file read again by a new exporter tells nothing new.
  const name = `stats:${timeMs}:${digest(JSON.stringify(stats))}`;
  const models = Object.entries(stats.models).map(([model, usage]) => [model, tokensOf(usage)] as const);
  return [
    build('session_metrics', timeMs, name, 1, teller, {
      totalSessions: stats.sessions,
      totalMessages: stats.messages,
      totalToolUsage: stats.toolCalls,
      longestSession: clock(stats.longestSessionMs),
    }),
    build('activity_pattern', timeMs, name, 1, teller, { hourCounts: stats.hours }),
    ...models.map(([model, tokens]) => build('token_usage', timeMs, `${name}:${model}`, 1, teller, { model, ...tokens })),
    build('model_distribution', timeMs, name, 1, teller, { modelUsage: Object.fromEntries(models) }),
  ];
}

function tokensOf({ inputTokens, outputTokens, cacheReadTokens, cacheCreationTokens }: ModelStats) {
  return { inputTokens, outputTokens, cacheReadTokens, cacheCreationTokens };
}

/** Hours, minutes and seconds as `HH:MM:SS`; the hours may have more digits. */
function clock(durationMs: number): string {
  const seconds = Math.floor(durationMs / 1000);
  return [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60].map((part) => String(part).padStart(2, '0')).join(':');
}

function iso(timeMs: number): string {
  return new Date(timeMs).toISOString();
}
