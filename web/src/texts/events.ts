import type { EventType } from '@ccmeter/exporter/contract';

/** The words for each event type, as the filter and the rows show them. */
export const typeNames: Record<EventType, string> = {
  session: 'Session',
  activity: 'Activity',
  tool: 'Tool',
  agent: 'State',
  summary: 'Summary',
  error: 'Error',
  agent_spawn: 'Subagent',
  skill_invocation: 'Skill',
  token_usage: 'Stats tokens',
  session_metrics: 'Stats sessions',
  activity_pattern: 'Stats hours',
  model_distribution: 'Stats models',
  todo_progress: 'Todos',
  file_change: 'File',
  project_activity: 'Project',
  tool_call: 'Tool result',
  usage: 'Response',
};

/** What an event says in a line. */
export const sentences = {
  started: 'Session started',
  ended: 'Session ended',
  grew: 'Transcript grew',
  toolStarted: (tool: string) => `${tool} started`,
  toolFinished: (tool: string) => `${tool} finished`,
  state: (state: string) => `Now ${state}`,
  spawned: (kind: string) => `${kind} started`,
  version: (version: number, added: string, removed: string) => `Version ${version}: +${added} −${removed}`,
  modified: (lines: string) => `${lines} modified`,
  line: ['line', 'lines'] as const,
  active: 'Became active',
  inactive: 'Became inactive',
  inStats: (what: string) => `${what} in stats-cache.json`,
  session: ['session', 'sessions'] as const,
  model: ['model', 'models'] as const,
  hours: 'Hour counts',
  results: { ok: 'done', error: 'failed', rejected: 'rejected', blocked: 'blocked by a hook' },
  subagent: ', subagent',
  took: (time: string) => ` in ${time}`,
  lines: (added: string, removed: string) => `: +${added} −${removed} lines`,
  in: (tokens: string) => `${tokens} in`,
  out: (tokens: string) => `${tokens} out`,
  read: (tokens: string) => `${tokens} cache read`,
  written: (tokens: string) => `${tokens} cache write`,
  unfinished: ', not finished',
  todos: (done: number, all: number) => `${done} of ${all} done`,
  left: ', left unfinished',
};

/** All that is known of a response, line by line. */
export const responseDetail = {
  input: (tokens: string) => `input ${tokens}`,
  output: (tokens: string) => `output ${tokens}`,
  orMore: ' or more',
  read: (tokens: string) => `cache read ${tokens}`,
  written: (fiveMinutes: string, hour: string) => `cache write ${fiveMinutes} for 5 min, ${hour} for 1 hour`,
  noPrice: 'no known price',
  revision: (revision: number) => `revision ${revision}`,
};
