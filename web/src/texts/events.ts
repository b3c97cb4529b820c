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
