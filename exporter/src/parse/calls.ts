import type { ToolUseBlock } from './tool-use.ts';

/**
 * How a tool call is counted. `plain`: that it succeeded, and when, is all its result has to tell · `edit`: lines besides ·
 * `command`: its output has to be read as well.
 */
export type CallKind = 'plain' | 'edit' | 'command';

/** The tool calls known so far. */
export interface Calls {
  kindOf(id: string): CallKind | undefined;
  note(use: ToolUseBlock): void;
}

/** How the result of this call has to be read. */
export function kindOfCall({ lines, commits, opensPullRequest, tasks }: Omit<ToolUseBlock, 'id' | 'tool'>): CallKind {
  if (commits || opensPullRequest || tasks) return 'command';
  return lines === undefined ? 'plain' : 'edit';
}
