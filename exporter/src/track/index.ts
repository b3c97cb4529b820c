import { trackActivity } from './activity.ts';
import { trackApiErrors, trackCompactions } from './errors.ts';
import { trackPrompts } from './prompts.ts';
import { trackSessions } from './sessions.ts';
import { trackSlashCommands } from './slash-commands.ts';
import { trackTodoWrites } from './todo-writes.ts';
import { trackTools } from './tools.ts';
import type { Tracker } from './tracker.ts';
import { trackUsage } from './usage.ts';

/** Every tracker, in the order in which each line passes through them. Activity looks at the session as it was before the line. */
export const trackers: readonly Tracker[] = [
  trackActivity,
  trackSessions,
  trackUsage,
  trackPrompts,
  trackTools,
  trackApiErrors,
  trackCompactions,
  trackSlashCommands,
  trackTodoWrites,
];
