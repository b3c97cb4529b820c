import { randomBytes } from 'node:crypto';
import type { Event } from '@ccmeter/exporter/contract';
import * as v from 'valibot';
import { digest, type Heard } from './read.ts';

/** What other agents may tell. */
const AGENT_EVENT_TYPES = [
  'session_started',
  'session_ended',
  'activity',
  'working',
  'waiting',
  'tool_started',
  'tool_finished',
  'subagent_started',
  'error',
] as const;

const name = v.pipe(v.string(), v.minLength(1), v.maxLength(200));

/** An event of another agent. `event_id` makes it count once however often it is sent. */
export const agentEvent = v.strictObject({
  session_id: v.pipe(v.string(), v.minLength(1), v.maxLength(100)),
  agent_type: v.pipe(v.string(), v.regex(/^[\w.-]{1,64}$/, 'wants letters, digits and . _ -, at most 64')),
  event_type: v.picklist(AGENT_EVENT_TYPES, `wants one of ${AGENT_EVENT_TYPES.join(', ')}`),
  event_id: v.optional(v.pipe(v.string(), v.minLength(1), v.maxLength(200))),
  timestamp: v.optional(v.pipe(v.string(), v.isoTimestamp('wants RFC 3339'))),
  source: v.optional(name),
  project: v.optional(name),
  tool: v.optional(name),
  subagent: v.optional(name),
  category: v.optional(name),
});

export type AgentEvent = v.InferOutput<typeof agentEvent>;

/** The same in the words of the contract. The session is named after the agent too, so that two agents cannot mean one by chance. */
export function toEvent(given: AgentEvent, { source: heardFrom, nowMs }: Heard): Event {
  const source = given.source ?? heardFrom;
  const sessionId = `${given.agent_type}:${given.session_id}`;
  const atMs = given.timestamp === undefined ? nowMs : Date.parse(given.timestamp);
  const key = given.event_id ?? randomBytes(16).toString('hex');
  const id = `evt_${digest(`${source}\n${given.agent_type}\n${given.session_id}\n${key}`)}`;
  const timestamp = new Date(Number.isNaN(atMs) ? nowMs : atMs).toISOString();
  return { id, source, timestamp, ...told(given, sessionId, timestamp) };
}

type Told = { [Type in Event['type']]: Pick<Extract<Event, { type: Type }>, 'type' | 'payload'> }[Event['type']];

function told(
  { event_type: type, project: named, tool = 'unknown', subagent, category }: AgentEvent,
  sessionId: string,
  timestamp: string,
): Told {
  const project = named ?? 'unknown';
  const place = named === undefined ? { sessionId } : { sessionId, project: named };
  switch (type) {
    case 'session_started':
      return { type: 'session', payload: { sessionId, action: 'started', project } };
    case 'session_ended':
      return { type: 'session', payload: { sessionId, action: 'ended', project } };
    case 'activity':
      return { type: 'activity', payload: place };
    case 'working':
    case 'waiting':
      return { type: 'agent', payload: { sessionId, state: type } };
    case 'tool_started':
      return { type: 'tool', payload: { ...place, tool, status: 'started' } };
    case 'tool_finished':
      return { type: 'tool', payload: { ...place, tool, status: 'completed' } };
    case 'subagent_started':
      return { type: 'agent_spawn', payload: { sessionId, agentType: subagent ?? 'unknown', description: '', timestamp } };
    case 'error':
      return { type: 'error', payload: { sessionId, category: category ?? 'unknown' } };
  }
}
