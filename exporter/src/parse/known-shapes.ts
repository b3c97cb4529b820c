/**
 * What Claude Code 0.2.97 (May 2025) to 2.1.240 (August 2026) is known to write, as data. Read off real transcripts; what a transcript of
 * those versions has that is not here is a gap in these tables, and what a later one has is news.
 */

const words = (text: string): readonly string[] => text.trim().split(/\s+/);

/** Fields that lines of any conversation may carry. */
const ENVELOPE = words(`type uuid parentUuid logicalParentUuid isSidechain userType cwd originalCwd sessionId session_id version timestamp
  gitBranch entrypoint slug agentId promptId sessionKind forkedFrom isMeta`);

/** Fields of a line, by its type. */
export const LINE_FIELDS: Readonly<Record<string, readonly string[]>> = {
  assistant: words(`${ENVELOPE.join(' ')} message requestId costUSD durationMs model isApiErrorMessage error apiError apiErrorStatus
    errorDetails effort attributionAgent attributionSkill attributionPlugin attributionMcpServer attributionMcpTool isAbortedMidStream`),
  user: words(`${ENVELOPE.join(' ')} message toolUseResult sourceToolAssistantUUID sourceToolUseID isCompactSummary
    isVisibleInTranscriptOnly permissionMode thinkingMetadata todos imagePasteIds origin promptSource mcpMeta planContent
    interruptedMessageId isAtMentionRead`),
  system: words(`${ENVELOPE.join(' ')} subtype content level toolUseID hookCount hookInfos hookErrors hookAdditionalContext
    preventedContinuation stopReason hasOutput durationMs messageCount error cause retryInMs retryAttempt maxRetries compactMetadata
    microcompactMetadata`),
  attachment: [...ENVELOPE, 'attachment'],
  progress: [...ENVELOPE, 'data', 'toolUseID', 'parentToolUseID'],
  summary: words('type summary leafUuid'),
  'queue-operation': words('type operation timestamp sessionId content'),
  'last-prompt': words('type leafUuid sessionId lastPrompt'),
  'ai-title': words('type aiTitle sessionId'),
  'custom-title': words('type customTitle sessionId'),
  'agent-name': words('type agentName sessionId'),
  mode: words('type mode sessionId'),
  'permission-mode': words('type permissionMode sessionId'),
  'file-history-snapshot': words('type messageId snapshot isSnapshotUpdate'),
  'file-history-delta': words('type messageId sessionId timestamp trackingPath backup uuid'),
  'worktree-state': words('type worktreeSession sessionId'),
  'bridge-session': words('type sessionId bridgeSessionId ownerAccountUuid ownerOrganizationUuid lastSequenceNum'),
  'pr-link': words('type sessionId prNumber prUrl prRepository timestamp'),
  'frame-link': words('type sessionId timestamp frameUrl frameId title url'),
  'fork-context-ref': words('type agentId parentSessionId parentLastUuid contextLength'),
};

/** Types of which the fields are not known well enough: any field of theirs is taken. */
export const LOOSE_TYPES: ReadonlySet<string> = new Set([
  'file-history-delta',
  'bridge-session',
  'pr-link',
  'frame-link',
  'fork-context-ref',
]);

/** `subtype` of system lines. Versions up to 1.0.90 have none. */
export const SUBTYPES: ReadonlySet<string> = new Set(
  words(`informational stop_hook_summary turn_duration api_error away_summary local_command compact_boundary microcompact_boundary
    bridge_status scheduled_task_fire post_tool_hook_feedback`),
);

/** `attachment.type`. */
export const ATTACHMENTS: ReadonlySet<string> = new Set(
  words(`hook_success hook_non_blocking_error hook_blocking_error hook_cancelled hook_additional_context async_hook_response
    total_tokens_reminder task_reminder todo_reminder skill_listing invoked_skills deferred_tools_delta mcp_instructions_delta
    agent_listing_delta queued_command nested_memory plan_mode plan_mode_exit plan_mode_reentry plan_file_reference auto_mode file
    directory edited_text_file compact_file_reference opened_file_in_ide selected_lines_in_ide command_permissions date_change
    ultrathink_effort`),
);

/** `data.type` of progress lines, which end with 2.1.78. */
export const PROGRESS: ReadonlySet<string> = new Set(
  words('bash_progress hook_progress agent_progress mcp_progress search_results_received query_update waiting_for_task'),
);

/** `type` of the blocks in `message.content`. */
export const BLOCKS: ReadonlySet<string> = new Set(
  words('text thinking redacted_thinking tool_use tool_result server_tool_use web_search_tool_result image document fallback'),
);

/** Fields of `message`, of `usage` in it and of the objects in that. Everything that is counted comes from here. */
export const MESSAGE_FIELDS: Readonly<Record<string, readonly string[]>> = {
  message: words('id type role model content stop_reason stop_sequence stop_details usage diagnostics container context_management ttftMs'),
  usage: words(`input_tokens output_tokens cache_read_input_tokens cache_creation_input_tokens cache_creation service_tier inference_geo
    server_tool_use iterations speed output_tokens_details x_anthropic_cost_usd x_cost_display`),
  cache_creation: words('ephemeral_5m_input_tokens ephemeral_1h_input_tokens'),
  server_tool_use: words('web_search_requests web_fetch_requests'),
  output_tokens_details: words('thinking_tokens'),
};
