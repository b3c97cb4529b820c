import type { ToolOutcome } from '../track/fact.ts';

/** What went wrong with a tool call, the first that fits. The texts are those of Claude Code 1.0 to 2.1. */
const CATEGORIES: readonly (readonly [category: string, text: RegExp])[] = [
  ['timeout', /\btimed? ?out\b/i],
  ['command_failed', /^(?:Error: )?Exit code \d+/],
  ['not_read_yet', /has not been read yet/],
  ['changed_since_read', /has been modified since/],
  ['no_match', /String to replace not found/],
  ['not_unique', /matches of the string to replace/],
  ['nothing_to_change', /No changes to make/],
  ['not_found', /does not exist|No such file|No files found|ENOENT|not found/i],
  ['too_large', /exceeds maximum allowed|too large/i],
  ['invalid_input', /InputValidationError|invalid_type|is missing|Invalid tool parameters/],
  ['unknown_tool', /No such tool available/],
  ['no_permission', /EACCES|EPERM|permission denied/i],
  ['network', /status code \d+|ECONN|ENOTFOUND|fetch failed|getaddrinfo/],
];

const INTERRUPTED = /^\[Request interrupted by user/;
const REJECTED =
  /The user doesn't want to proceed|The user rejected|The user doesn't want to take this action|^Permission to use .* has been denied/;
const BLOCKED = /^(?:\w+:\w+ )?hook (?:error|blocked)|PreToolUse:\S* hook|Operation blocked by hook|hook stopped|blocked by hook/i;

/** Only the beginning of a text is looked at: the rest is output of a program. */
const LOOKED_AT_CHARACTERS = 500;

/** Where nothing failed there is no category. Rejected and blocked calls are no errors of the tool. */
export function outcomeOf(isError: boolean, text: string, result: unknown): { outcome: ToolOutcome; category?: string } {
  if (!isError) return { outcome: 'ok' };
  const begin = text.slice(0, LOOKED_AT_CHARACTERS).replace(/^<tool_use_error>/, '');
  if (REJECTED.test(begin) || INTERRUPTED.test(begin) || result === 'User rejected tool use') return { outcome: 'rejected' };
  if (BLOCKED.test(begin)) return { outcome: 'blocked' };
  const category = CATEGORIES.find(([, pattern]) => pattern.test(begin))?.[0] ?? 'other';
  return { outcome: 'error', category };
}
