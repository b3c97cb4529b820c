import { createHash } from 'node:crypto';
import type { Event, EventType, PayloadOf } from '@ccmeter/exporter/contract';

/** When and on which machine a hook was heard. */
export interface Heard {
  source: string;
  nowMs: number;
  /** Whether the project is told: the last part of the working directory, or nothing, which leaves the name to the exporter. */
  projects?: 'name' | 'none';
}

/** Bounds of what is taken over from a hook. */
const MAX_NAME_CHARACTERS = 200;
const MAX_SESSION_CHARACTERS = 100;

/** Where nothing says which project it is. A session keeps what others have told of it. */
const UNKNOWN = 'unknown';

/** Kinds of notifications that mean: the person has to do something. */
const WAITING = ['permission_prompt', 'idle_prompt', 'elicitation_dialog'];

/**
 * The events that one hook of Claude Code tells. They are built field by field: of everything that a hook carries (prompts, commands,
 * answers, paths) only names of tools and kinds, ids as hashes, the last part of the working directory, and durations are looked at.
 * Nothing for a hook that says nothing to us; undefined for what is no hook.
 */
export function readHook(value: unknown, heard: Heard): Event[] | undefined {
  if (!isObject(value)) return undefined;
  const name = text(value.hook_event_name, MAX_NAME_CHARACTERS);
  const sessionId = text(value.session_id, MAX_SESSION_CHARACTERS);
  if (name === undefined || sessionId === undefined || !/^[\w.-]+$/.test(sessionId)) return undefined;
  const hook = {
    value,
    sessionId,
    project: heard.projects === 'none' ? UNKNOWN : projectOf(value.cwd),
    agent: value.agent_id === undefined ? ('main' as const) : ('subagent' as const),
  };
  return Object.hasOwn(readers, name) ? (readers[name]?.(hook, createBuilder(heard)) ?? []) : [];
}

interface Hook {
  value: Record<string, unknown>;
  sessionId: string;
  project: string;
  agent: 'main' | 'subagent';
}

type Build = <Type extends EventType>(type: Type, key: string, payload: PayloadOf<Type>) => Event;

/** One reader for each hook that says something. */
const readers: Record<string, (hook: Hook, build: Build) => Event[]> = {
  SessionStart: ({ sessionId, project }, build) => [build('session', `${sessionId}:started`, { sessionId, action: 'started', project })],
  SessionEnd: ({ sessionId, project }, build) => [build('session', `${sessionId}:ended`, { sessionId, action: 'ended', project })],
  UserPromptSubmit: ({ sessionId }, build) => [build('agent', sessionId, { sessionId, state: 'working' })],
  PreToolUse: (hook, build) => [build('tool', callKey(hook), toolOf(hook, 'started'))],
  PostToolUse: (hook, build) => endOf(hook, 'ok', build),
  PostToolUseFailure: (hook, build) => endOf(hook, 'error', build),
  PermissionRequest: ({ sessionId }, build) => [build('agent', sessionId, { sessionId, state: 'waiting' })],
  PermissionDenied: (hook, build) => endOf(hook, 'blocked', build),
  Notification: ({ value, sessionId }, build) =>
    WAITING.includes(String(value.notification_type)) ? [build('agent', sessionId, { sessionId, state: 'waiting' })] : [],
  Stop: ({ sessionId }, build) => [build('agent', sessionId, { sessionId, state: 'waiting' })],
  SubagentStart: ({ value, sessionId }, build) => {
    const agentType = text(value.agent_type, MAX_NAME_CHARACTERS) ?? 'unknown';
    const timestamp = new Date(0).toISOString();
    return [build('agent_spawn', `${sessionId}:${String(value.agent_id)}`, { sessionId, agentType, description: '', timestamp })];
  },
  SubagentStop: ({ sessionId, project }, build) => [build('activity', sessionId, { sessionId, project })],
};

function toolOf(hook: Hook, status: 'started' | 'completed'): PayloadOf<'tool'> {
  return { sessionId: hook.sessionId, tool: toolName(hook.value.tool_name), status, project: hook.project };
}

function endOf(hook: Hook, result: 'ok' | 'error' | 'blocked', build: Build): Event[] {
  const { value, sessionId, project, agent } = hook;
  const key = callKey(hook);
  const duration = value.duration_ms;
  const durationSeconds = typeof duration === 'number' && Number.isFinite(duration) && duration >= 0 ? duration / 1000 : undefined;
  const call = { callId: digest(key), sessionId, project, tool: toolName(value.tool_name), agent, result };
  return [
    build('tool', `${key}:end`, toolOf(hook, 'completed')),
    build('tool_call', key, durationSeconds === undefined ? call : { ...call, durationSeconds }),
  ];
}

/** The exporter names a call by the same text, so that what it reads in the transcript later replaces what the hook told. */
function callKey({ value, sessionId }: Hook): string {
  const id = text(value.tool_use_id, MAX_NAME_CHARACTERS);
  return id === undefined ? `hook:${sessionId}:${String(value.prompt_id)}:${toolName(value.tool_name)}` : `tool:${id}`;
}

/** Names of tools of MCP servers are their users' own. */
function toolName(name: unknown): string {
  const known = text(name, MAX_NAME_CHARACTERS);
  if (known === undefined || !/^[\w-]+$/.test(known)) return 'unknown';
  return known.startsWith('mcp__') ? 'mcp' : known;
}

/** The last part of the working directory, as the exporter has it. */
function projectOf(cwd: unknown): string {
  const path = typeof cwd === 'string' ? cwd : '';
  return (
    path
      .split(/[/\\]+/)
      .findLast((part) => part !== '')
      ?.slice(0, MAX_NAME_CHARACTERS) ?? UNKNOWN
  );
}

function createBuilder({ source, nowMs }: Heard): Build {
  return (type, key, payload) => {
    const timestamp = new Date(nowMs).toISOString();
    const timed = 'timestamp' in payload ? { ...payload, timestamp } : payload;
    // The id says what and when: the same hook delivered twice in a moment is told once.
    const id = `evt_${digest(`${source}\n${type}\n${key}\n${nowMs}`)}`;
    // The payload is of the row of `type`; the union is too wide for the compiler to see it.
    return { id, source, timestamp, type, payload: timed } as unknown as Event;
  };
}

const ALPHABET = 'abcdefghijklmnopqrstuvwxyz0123456789';

/** Twenty letters and digits that stand for a text: the same as the exporter's (`emit/publish.ts`). */
export function digest(text: string): string {
  const hash = createHash('sha256').update(text).digest();
  return Array.from(hash.subarray(0, 20), (byte) => ALPHABET[byte % ALPHABET.length]).join('');
}

function text(value: unknown, maxCharacters: number): string | undefined {
  return typeof value === 'string' && value !== '' && value.length <= maxCharacters ? value : undefined;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
