/**
 * The events that leave the machine: what each carries and in which unit. Outgoing events are built from these rows field by
 * field and incoming ones are read through them, so nothing that is not listed here can travel.
 *
 * Envelope and the first fifteen types are those of VibeTea, so that its monitor can push to us and we to its server.
 * The rest is ours.
 */

/** A field reader gives the value back, or undefined where it does not fit. */
interface Field<Value> {
  help: string;
  optional: boolean;
  read(value: unknown): Value | undefined;
}

/** No text of an event is longer. */
export const MAX_TEXT_CHARACTERS = 1024;

function text(help: string): Field<string> {
  return { help, optional: false, read: (value) => (typeof value === 'string' && value.length <= MAX_TEXT_CHARACTERS ? value : undefined) };
}

function count(help: string): Field<number> {
  return {
    help,
    optional: false,
    read: (value) => (Number.isSafeInteger(value) && (value as number) >= 0 ? (value as number) : undefined),
  };
}

function amount(help: string): Field<number> {
  return {
    help,
    optional: false,
    read: (value) => (typeof value === 'number' && Number.isFinite(value) && value >= 0 ? value : undefined),
  };
}

function flag(help: string): Field<boolean> {
  return { help, optional: false, read: (value) => (typeof value === 'boolean' ? value : undefined) };
}

function oneOf<const Value extends string>(values: readonly Value[], help: string): Field<Value> {
  return { help: `${help} (${values.join(', ')})`, optional: false, read: (value) => values.find((known) => known === value) };
}

function counts(help: string): Field<Record<string, number>> {
  return { help, optional: false, read: (value) => readRecord(value, (entry) => count('').read(entry)) };
}

interface ModelUsage {
  inputTokens: number;
  outputTokens: number;
  cacheReadTokens: number;
  cacheCreationTokens: number;
}

function modelUsage(help: string): Field<Record<string, ModelUsage>> {
  return { help, optional: false, read: (value) => readRecord(value, readModelUsage) };
}

/** The same field, which may be absent; `null`, as other monitors write it, counts as absent. */
function maybe<Value>(field: Field<Value>): Field<Value> & { optional: true } {
  return { ...field, optional: true };
}

const sessionId = text('The session.');
const project = text('Last part of the working directory, or what --project-names makes of it.');
const at = text('When it happened, RFC 3339 in UTC.');

/** Every event type: what it tells, and its payload. */
export const events = {
  session: {
    help: 'A session began or ended.',
    fields: { sessionId, action: oneOf(['started', 'ended'], 'What happened'), project },
  },
  activity: { help: 'Something was written in a session.', fields: { sessionId, project: maybe(project) } },
  tool: {
    help: 'A tool call began or ended.',
    fields: {
      sessionId,
      tool: text('The tool; tools of MCP servers are `mcp`, unless --mcp-names lets them be shown.'),
      status: oneOf(['started', 'completed'], 'What happened'),
      context: maybe(text('Never sent by us; other monitors send a file name.')),
      project: maybe(project),
    },
  },
  agent: { help: 'An agent changed its state.', fields: { sessionId, state: text('The state.') } },
  summary: {
    help: 'A session is over, or its conversation was summed up to make room.',
    fields: { sessionId, summary: text('A sentence that says which of the two, never the summary itself.') },
  },
  error: { help: 'Something went wrong in a session.', fields: { sessionId, category: text('What kind of error.') } },
  agent_spawn: {
    help: 'A subagent was started.',
    fields: { sessionId, agentType: text('Kind of subagent.'), description: text('Never sent by us.'), timestamp: at },
  },
  skill_invocation: {
    help: 'A skill or slash command was used.',
    fields: { sessionId, skillName: text('Name without slash.'), project, timestamp: at },
  },
  token_usage: {
    help: 'What stats-cache.json says of one model.',
    fields: {
      model: text('The model.'),
      inputTokens: count('Tokens.'),
      outputTokens: count('Tokens.'),
      cacheReadTokens: count('Tokens.'),
      cacheCreationTokens: count('Tokens.'),
    },
  },
  session_metrics: {
    help: 'What stats-cache.json says of all sessions.',
    fields: {
      totalSessions: count('Sessions.'),
      totalMessages: count('Messages.'),
      totalToolUsage: count('Tool calls.'),
      longestSession: text('HH:MM:SS.'),
    },
  },
  activity_pattern: { help: 'Hour counts.', fields: { hourCounts: counts('Sessions by hour, 0 to 23.') } },
  model_distribution: { help: 'Tokens by model.', fields: { modelUsage: modelUsage('Tokens by model.') } },
  todo_progress: {
    help: 'A todo list changed.',
    fields: {
      sessionId,
      completed: count('Todos.'),
      inProgress: count('Todos.'),
      pending: count('Todos.'),
      abandoned: flag('The session ended before the list did.'),
    },
  },
  file_change: {
    help: 'A new version of a file was kept.',
    fields: {
      sessionId,
      fileHash: text('16 hex digits that stand for its path.'),
      version: count('Version.'),
      linesAdded: count('Lines.'),
      linesRemoved: count('Lines.'),
      linesModified: count('Lines.'),
      timestamp: at,
    },
  },
  project_activity: {
    help: 'A session of a project began, was taken up again, or is over.',
    fields: { projectPath: project, sessionId, isActive: flag('The session is not over.') },
  },
  tool_call: {
    help: 'A tool call has ended. A later event with the same callId replaces it.',
    fields: {
      callId: text('Names the call; not the id of the API.'),
      sessionId,
      project,
      tool: text('The tool; tools of MCP servers are `mcp`, unless --mcp-names lets them be shown.'),
      agent: oneOf(['main', 'subagent'], 'Who asked'),
      result: oneOf(['ok', 'error', 'rejected', 'blocked'], 'What came of it'),
      category: maybe(text('Of errors: what went wrong, from a closed list.')),
      durationSeconds: maybe(amount('Seconds from the request to the result.')),
      linesAdded: maybe(count('Lines.')),
      linesRemoved: maybe(count('Lines.')),
    },
  },
  usage: {
    help: 'The usage of one API response as known now. A later event with the same responseId and a higher revision replaces it.',
    fields: {
      responseId: text('Names the response; not the id of the API.'),
      revision: count('0 for the first, higher for later knowledge.'),
      sessionId,
      project,
      model: text('The model, as Claude Code writes it.'),
      agent: oneOf(['main', 'subagent'], 'Who asked'),
      agentType: maybe(text('Kind of subagent, where the transcript tells.')),
      inputTokens: count('Tokens.'),
      outputTokens: count('Tokens.'),
      cacheReadTokens: count('Tokens.'),
      cacheWrite5mTokens: count('Tokens.'),
      cacheWrite1hTokens: count('Tokens.'),
      costUsd: maybe(amount('US dollars at the price of the day; absent where no price is known.')),
      finished: flag('The final count is known; otherwise the tokens are a lower bound.'),
    },
  },
} as const satisfies Record<string, { help: string; fields: Record<string, Field<unknown>> }>;

export type EventType = keyof typeof events;

type FieldsOf<Type extends EventType> = (typeof events)[Type]['fields'];
type OptionalKeys<Fields> = { [Key in keyof Fields]: Fields[Key] extends { optional: true } ? Key : never }[keyof Fields];
type ValueOf<F> = F extends Field<infer Value> ? Value : never;

/** The payload of one event type. */
export type PayloadOf<Type extends EventType> = {
  -readonly [Key in Exclude<keyof FieldsOf<Type>, OptionalKeys<FieldsOf<Type>>>]: ValueOf<FieldsOf<Type>[Key]>;
} & { -readonly [Key in OptionalKeys<FieldsOf<Type>>]?: ValueOf<FieldsOf<Type>[Key]> };

/** An event as it travels. `id` is `evt_` and 20 letters or digits; `timestamp` is RFC 3339 in UTC. */
export type Event = {
  [Type in EventType]: { id: string; source: string; timestamp: string; type: Type; payload: PayloadOf<Type> };
}[EventType];

/** Why something is not an event: one sentence that names the field. */
export interface NotAnEvent {
  error: string;
}

const EVENT_ID = /^evt_[a-zA-Z0-9]{20}$/;
const RFC_3339 = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d{1,9})?(Z|[+-]\d{2}:\d{2})$/;

/**
 * Reads an event from parsed JSON. Known fields are kept, all others are left behind; the timestamp is brought to UTC with milliseconds.
 * Gives back `{error}` with the first field that does not fit.
 */
export function parseEvent(value: unknown): Event | NotAnEvent {
  if (!isObject(value)) return { error: 'an event is an object' };
  const { id, source, timestamp, type, payload } = value;
  if (typeof id !== 'string' || !EVENT_ID.test(id)) return { error: 'id: wants evt_ and 20 letters or digits' };
  if (typeof source !== 'string' || source === '' || source.length > MAX_TEXT_CHARACTERS) return { error: 'source: wants a name' };
  const time = typeof timestamp === 'string' && RFC_3339.test(timestamp) ? Date.parse(timestamp) : Number.NaN;
  if (Number.isNaN(time)) return { error: 'timestamp: wants RFC 3339, such as 2026-01-31T12:00:00Z' };
  if (typeof type !== 'string' || !Object.hasOwn(events, type)) return { error: 'type: wants one of the known event types' };
  if (!isObject(payload)) return { error: 'payload: wants an object' };
  const fields = readFields(events[type as EventType].fields, payload);
  if ('error' in fields) return { error: String(fields.error) };
  // Narrowed by the row of the table that read it; the compiler cannot follow a lookup by type.
  return { id, source, timestamp: new Date(time).toISOString(), type, payload: fields.values } as unknown as Event;
}

function readFields(
  fields: Record<string, Field<unknown>>,
  payload: Record<string, unknown>,
): { values: Record<string, unknown> } | NotAnEvent {
  const values: Record<string, unknown> = {};
  for (const [name, field] of Object.entries(fields)) {
    const given = Object.hasOwn(payload, name) ? payload[name] : undefined;
    if (field.optional && (given === undefined || given === null)) continue;
    const value = field.read(given);
    if (value === undefined) return { error: `payload.${name}: ${given === undefined ? 'is missing' : 'does not fit'}: ${field.help}` };
    values[name] = value;
  }
  return { values };
}

const MAX_RECORD_ENTRIES = 1000;

function readRecord<Value>(value: unknown, read: (entry: unknown) => Value | undefined): Record<string, Value> | undefined {
  if (!isObject(value)) return undefined;
  const entries = Object.entries(value);
  if (entries.length > MAX_RECORD_ENTRIES) return undefined;
  const record: Record<string, Value> = Object.create(null);
  for (const [name, entry] of entries) {
    const one = read(entry);
    if (one === undefined || name.length > MAX_TEXT_CHARACTERS) return undefined;
    record[name] = one;
  }
  return record;
}

function readModelUsage(value: unknown): ModelUsage | undefined {
  if (!isObject(value)) return undefined;
  const tokens = count('');
  const inputTokens = tokens.read(value.inputTokens);
  const outputTokens = tokens.read(value.outputTokens);
  const cacheReadTokens = tokens.read(value.cacheReadTokens);
  const cacheCreationTokens = tokens.read(value.cacheCreationTokens);
  if (inputTokens === undefined || outputTokens === undefined || cacheReadTokens === undefined || cacheCreationTokens === undefined)
    return undefined;
  return { inputTokens, outputTokens, cacheReadTokens, cacheCreationTokens };
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
