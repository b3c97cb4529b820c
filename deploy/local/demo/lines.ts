/** Transcript lines as Claude Code 2.1 writes them: keys, types and order of magnitude are real, every text is our own. */

/** What all lines of a session have in common. */
export interface LineContext {
  sessionId: string;
  cwd: string;
  version?: string;
  gitBranch?: string;
  /** Set in transcripts of subagents. */
  agentId?: string;
  /** The kind of the subagent. */
  agentType?: string;
}

/** The place of a line in its conversation. */
export interface LinePlace {
  uuid: string;
  parentUuid: string | null;
  /** RFC 3339 in UTC with milliseconds. */
  timestamp: string;
}

/** Tokens as `message.usage` has them. */
export interface LineUsage {
  input: number;
  output: number;
  cacheRead: number;
  cacheWrite5m: number;
  cacheWrite1h: number;
}

export type Block =
  | { type: 'text'; text: string }
  | { type: 'thinking'; thinking: string; signature: string }
  | { type: 'tool_use'; id: string; name: string; input: Record<string, unknown> };

export type Line = Record<string, unknown>;

/** A prompt that a person typed. */
export function promptLine(context: LineContext, place: LinePlace, text: string): Line {
  return {
    ...envelope(context, place),
    type: 'user',
    message: { role: 'user', content: text },
    permissionMode: 'default',
    promptSource: 'typed',
  };
}

/** What came of a tool call. */
export function toolResultLine(
  context: LineContext,
  place: LinePlace,
  result: { toolUseId: string; text: string; isError?: boolean; toolUseResult?: unknown },
): Line {
  const block = { tool_use_id: result.toolUseId, type: 'tool_result', content: result.text, ...(result.isError ? { is_error: true } : {}) };
  return {
    ...envelope(context, place),
    type: 'user',
    message: { role: 'user', content: [block] },
    toolUseResult:
      result.toolUseResult ?? (result.isError ? `Error: ${result.text}` : { stdout: result.text, stderr: '', interrupted: false }),
  };
}

/** One block of a response with the usage as known when it was written. A null stop reason means that more is to come. */
export function responseLine(
  context: LineContext,
  place: LinePlace,
  response: { messageId: string; requestId: string; model: string; block: Block; usage: LineUsage; stopReason: string | null },
): Line {
  return {
    ...envelope(context, place),
    message: {
      model: response.model,
      id: response.messageId,
      type: 'message',
      role: 'assistant',
      content: [response.block],
      stop_reason: response.stopReason,
      stop_sequence: null,
      usage: toUsage(response.usage),
    },
    requestId: response.requestId,
    ...(context.agentType === undefined ? {} : { attributionAgent: context.agentType }),
    type: 'assistant',
  };
}

/** What a conversation was summed up to. */
export function compactionLine(context: LineContext, place: LinePlace, summary: string): Line {
  return {
    ...envelope(context, place),
    type: 'user',
    message: { role: 'user', content: summary },
    isCompactSummary: true,
    isVisibleInTranscriptOnly: true,
  };
}

/** The end of a turn. */
export function turnEndLine(context: LineContext, place: LinePlace, durationMs: number): Line {
  return { ...envelope(context, place), type: 'system', subtype: 'turn_duration', durationMs, isMeta: false };
}

function envelope(context: LineContext, place: LinePlace): Line {
  return {
    parentUuid: place.parentUuid,
    isSidechain: context.agentId !== undefined,
    ...(context.agentId === undefined ? {} : { agentId: context.agentId }),
    userType: 'external',
    entrypoint: 'cli',
    cwd: context.cwd,
    sessionId: context.sessionId,
    version: context.version ?? '2.1.228',
    gitBranch: context.gitBranch ?? 'main',
    uuid: place.uuid,
    timestamp: place.timestamp,
  };
}

function toUsage(usage: LineUsage): Line {
  return {
    input_tokens: usage.input,
    cache_creation_input_tokens: usage.cacheWrite5m + usage.cacheWrite1h,
    cache_read_input_tokens: usage.cacheRead,
    cache_creation: { ephemeral_5m_input_tokens: usage.cacheWrite5m, ephemeral_1h_input_tokens: usage.cacheWrite1h },
    output_tokens: usage.output,
    service_tier: 'standard',
    server_tool_use: { web_search_requests: 0, web_fetch_requests: 0 },
  };
}
