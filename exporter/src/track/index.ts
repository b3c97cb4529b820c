import type { Line } from '../parse/line.ts';
import { trackActivity } from './activity.ts';
import { trackContinuations } from './continuations.ts';
import { trackApiErrors, trackCompactions } from './errors.ts';
import { trackPrompts } from './prompts.ts';
import { trackSessions } from './sessions.ts';
import { trackSlashCommands } from './slash-commands.ts';
import { trackTasks, trackTodoWrites } from './todo-writes.ts';
import { trackTools } from './tools.ts';
import type { Tracker } from './tracker.ts';
import { trackUsage } from './usage.ts';

/**
 * Trackers whose facts about a transcript follow from its own lines, in the order in which each line passes through them. Continuations
 * and activity look at the session as it was before the line. What several transcripts tell of one fact is put together by `merge.ts`.
 */
export const ownTrackers: readonly Tracker[] = [
  trackContinuations,
  trackActivity,
  trackSessions,
  trackUsage,
  trackPrompts,
  trackTools,
  trackApiErrors,
  trackCompactions,
];

/** Trackers of lines that are about what other files tell of too; such lines are few. */
export const sharedTrackers: readonly Tracker[] = [trackSlashCommands, trackTodoWrites, trackTasks];

/** A line that the shared trackers want to see. */
export function isShared(line: Line): boolean {
  if (line.type === 'response') return line.toolUses.some(({ todos }) => todos !== undefined);
  if (line.type === 'tool_result') return line.results.some(({ task }) => task !== undefined);
  return (line.type === 'other' || line.type === 'command') && line.command !== undefined;
}
