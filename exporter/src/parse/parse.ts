import type { Tokens } from '../price/cost.ts';
import { API_ERRORS, type ApiError, type Envelope, type Line, type Unreadable } from './line.ts';
import { readTime } from './time.ts';
import { readToolResults } from './tool-result.ts';
import { nameOr, readToolUses } from './tool-use.ts';

/**
 * Reads one transcript line. Never throws: what cannot be used comes back as `Unreadable` with a reason, a line of a type
 * that nothing counts as undefined.
 *
 * `see` is shown what the line is as JSON, before anything is taken from it.
 *
 * Source of the format: real transcripts of Claude Code 0.2.97 to 2.1.232; see README.md beside this file.
 */
export function parseLine(text: string, see?: (value: unknown) => void): Line | Unreadable | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text.charCodeAt(0) === BYTE_ORDER_MARK ? text.slice(1) : text);
  } catch {
    return { type: 'unreadable', reason: 'not_json' };
  }
  if (!isObject(value)) return { type: 'unreadable', reason: 'not_object' };
  see?.(value);
  if (value.type === 'assistant') return parseAssistant(value);
  if (value.type === 'user') return parseUser(value);
  if (value.type === 'attachment') return parseAttachment(value);
  return value.type === 'system' ? parseSystem(value) : undefined;
}

type Json = Record<string, unknown>;

const BYTE_ORDER_MARK = 0xfeff;

/** The model name under which Claude Code writes messages of its own: API errors and `No response requested.` */
const SYNTHETIC = '<synthetic>';

function parseAssistant(line: Json): Line | Unreadable {
  const envelope = readEnvelope(line);
  const message = isObject(line.message) ? line.message : {};
  if (line.isApiErrorMessage === true) return { ...envelope, type: 'api_error', category: readApiError(line.error) };
  if (message.model === SYNTHETIC || message.usage === undefined || message.usage === null) {
    return { ...envelope, type: 'other', interrupted: false, compactSummary: false };
  }
  if (!isObject(message.usage)) return { type: 'unreadable', reason: 'bad_usage' };
  const stop = message.stop_reason;
  return {
    ...envelope,
    type: 'response',
    ...(typeof message.id === 'string' && message.id !== '' ? { messageId: message.id } : {}),
    model: typeof message.model === 'string' ? message.model : 'unknown',
    ...(typeof line.attributionAgent === 'string' ? { agentType: nameOr(line.attributionAgent, 'other') } : {}),
    tokens: readTokens(message.usage),
    finished: typeof stop === 'string',
    turnEnded: typeof stop === 'string' && stop !== 'tool_use' && stop !== 'pause_turn',
    fast: message.usage.speed === 'fast',
    toolUses: readToolUses(message.content),
  };
}

/**
 * The tokens of a usage object. `input_tokens` leaves out cache reads and writes. Cache writes are the larger of the flat field and the
 * sum of the split, because each was seen to be 0 alone; what the split does not explain is a five-minute write.
 */
function readTokens(usage: Json): Tokens {
  const split = isObject(usage.cache_creation) ? usage.cache_creation : {};
  const split5m = readCount(split.ephemeral_5m_input_tokens);
  const write1h = readCount(split.ephemeral_1h_input_tokens);
  const writes = Math.max(readCount(usage.cache_creation_input_tokens), split5m + write1h);
  return {
    input: readCount(usage.input_tokens),
    output: readCount(usage.output_tokens),
    cacheRead: readCount(usage.cache_read_input_tokens),
    write5m: writes - write1h,
    write1h,
  };
}

function parseUser(line: Json): Line {
  const envelope = readEnvelope(line);
  const message = isObject(line.message) ? line.message : {};
  const results = readToolResults(line, message.content);
  if (results.length > 0) return { ...envelope, type: 'tool_result', results };
  const text = firstText(message.content);
  if (isTyped(line, message, text)) return { ...envelope, type: 'prompt' };
  const command = readCommandName(text);
  return {
    ...envelope,
    type: 'other',
    interrupted: text?.startsWith(INTERRUPTED) ?? false,
    compactSummary: line.isCompactSummary === true,
    ...(command === undefined ? {} : { command }),
  };
}

/** A prompt that was typed while a turn was under way and taken into it stands in an attachment, and nowhere else. */
function parseAttachment(line: Json): Line | undefined {
  const attachment = isObject(line.attachment) ? line.attachment : {};
  if (attachment.type !== 'queued_command' || attachment.commandMode !== 'prompt') return undefined;
  const text = firstText(attachment.prompt);
  if (text !== undefined && NOT_TYPED.some((beginning) => text.startsWith(beginning))) return undefined;
  return { ...readEnvelope(line), type: 'prompt' };
}

/** Since 2.0.5 commands of Claude Code itself, such as `/config`, are system lines. */
function parseSystem(line: Json): Line | undefined {
  if (line.subtype !== 'local_command') return undefined;
  const command = readCommandName(typeof line.content === 'string' ? line.content : undefined);
  return command === undefined ? undefined : { ...readEnvelope(line), type: 'command', command };
}

/** The order of the tags varies, and a few old lines have no slash. Names of plugins' commands have a colon. */
const COMMAND_NAME = /<command-name>\/?([\w][\w:.-]{0,79})<\/command-name>/;

function readCommandName(text: string | undefined): string | undefined {
  return text?.startsWith('<command-') ? COMMAND_NAME.exec(text.slice(0, 2000))?.[1] : undefined;
}

const INTERRUPTED = '[Request interrupted by user';

/** Beginnings of user texts that Claude Code writes on its own account: commands and their output, notices. */
export const NOT_TYPED = ['<command-', '<local-command-', '<bash-', '<task-notification>', INTERRUPTED];

/** A prompt that a person typed: text of its own, not a tool result, a summary, a command or a subagent's task. */
function isTyped(line: Json, message: Json, text: string | undefined): boolean {
  if (line.isMeta === true || line.isSidechain === true || line.isCompactSummary === true) return false;
  if (line.toolUseResult !== undefined || line.promptSource === 'system') return false;
  if (isObject(line.origin) && typeof line.origin.kind === 'string' && line.origin.kind !== 'human') return false;
  if (text === undefined) return Array.isArray(message.content) && message.content.length > 0;
  return !NOT_TYPED.some((beginning) => text.startsWith(beginning));
}

function firstText(content: unknown): string | undefined {
  if (typeof content === 'string') return content;
  if (!Array.isArray(content)) return undefined;
  for (const block of content) {
    if (isObject(block) && block.type === 'text' && typeof block.text === 'string') return block.text;
  }
  return undefined;
}

function readEnvelope(line: Json): Envelope {
  const envelope: Envelope = { sidechain: line.isSidechain === true };
  if (typeof line.uuid === 'string') envelope.uuid = line.uuid;
  if (typeof line.sessionId === 'string') envelope.sessionId = line.sessionId;
  if (typeof line.cwd === 'string') envelope.cwd = line.cwd;
  if (typeof line.gitBranch === 'string') envelope.branch = line.gitBranch;
  if (typeof line.version === 'string') envelope.version = line.version;
  if (isObject(line.forkedFrom)) envelope.forked = true;
  const timeMs = readTime(line.timestamp);
  if (timeMs !== undefined) envelope.timeMs = timeMs;
  return envelope;
}

function readApiError(code: unknown): ApiError {
  return API_ERRORS.find((known) => known === code) ?? 'other';
}

/** A count as JSON has it: anything but a positive number counts as 0. Beyond 2^40 tokens it is not a count. */
function readCount(value: unknown): number {
  return typeof value === 'number' && value > 0 && value < MAX_COUNT ? Math.trunc(value) : 0;
}

export const MAX_COUNT = 2 ** 40;

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
