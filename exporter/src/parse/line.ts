import type { Tokens } from '../price/cost.ts';
import type { ToolResultBlock } from './tool-result.ts';
import type { ToolUseBlock } from './tool-use.ts';

/**
 * What we use of a transcript line. Transcript words on the left, ours on the right where they differ:
 * `timestamp` timeMs · `gitBranch` branch · `isSidechain` sidechain · `message.id` messageId ·
 * `cache_creation_input_tokens` write5m + write1h · `stop_reason` finished, turnEnded.
 */
export type Line = ResponseLine | ToolResultLine | ApiErrorLine | PromptLine | CommandLine | OtherLine;

/** Fields that most lines carry. A field that is missing or of another shape is absent. */
export interface Envelope {
  uuid?: string;
  sessionId?: string;
  /** Milliseconds since 1970. */
  timeMs?: number;
  cwd?: string;
  branch?: string;
  version?: string;
  sidechain: boolean;
  /** The line was copied from another session when this one was forked from it. */
  forked?: true;
}

/** One line of an API response: Claude Code writes one for each content block, each with the usage so far. */
export interface ResponseLine extends Envelope {
  type: 'response';
  messageId?: string;
  model: string;
  /** Of a subagent's response: its kind, since 2.1.121. `attributionAgent`. */
  agentType?: string;
  tokens: Tokens;
  /** `stop_reason` is there, so this usage is final. */
  finished: boolean;
  /** `stop_reason` says that the model is done and it is the user's turn. */
  turnEnded: boolean;
  /** `usage.speed` is `fast`. */
  fast: boolean;
  /** Tools that this line asks for. */
  toolUses: ToolUseBlock[];
}

/** What came of tool calls. */
export interface ToolResultLine extends Envelope {
  type: 'tool_result';
  results: ToolResultBlock[];
}

/** A failed request, as Claude Code shows it: an assistant line of the model `<synthetic>`. */
export interface ApiErrorLine extends Envelope {
  type: 'api_error';
  /** From the closed list {@link API_ERRORS}. */
  category: ApiError;
}

/** A prompt that a person typed, between two turns or while one was under way. */
export interface PromptLine extends Envelope {
  type: 'prompt';
}

/** A slash command that Claude Code carried out by itself: no message of a conversation. */
export interface CommandLine extends Envelope {
  type: 'command';
  /** Without the slash and without its arguments. */
  command: string;
}

/** Any other user or assistant line: it shows that the session lives. */
export interface OtherLine extends Envelope {
  type: 'other';
  /** The user broke off the turn. */
  interrupted: boolean;
  /** The summary that follows a compaction. */
  compactSummary: boolean;
  /** The slash command that was used, without the slash and without its arguments. */
  command?: string;
}

/** Input that cannot be used is a value: the reason, from a closed list. */
export interface Unreadable {
  type: 'unreadable';
  reason: UnreadableReason;
}

/**
 * `not_json`: not JSON, most often a torn line · `not_object`: JSON, but not an object · `oversized`: longer than the reader takes ·
 * `bad_usage`: a response whose usage is not an object of numbers.
 */
export type UnreadableReason = 'not_json' | 'not_object' | 'oversized' | 'bad_usage';

/** Error codes of Claude Code 2.1; anything else is `other`. */
export const API_ERRORS = [
  'authentication_failed',
  'invalid_request',
  'rate_limit',
  'server_error',
  'model_not_found',
  'max_output_tokens',
  'other',
] as const;
export type ApiError = (typeof API_ERRORS)[number];
