import type { Event } from '@ccmeter/exporter/contract';
import { tokensOf } from '../store/live.ts';
import { typeNames } from '../texts/events.ts';
import { labelText } from './labels.ts';
import { modelLabel } from './model.ts';
import { formatCompact, formatCount, formatUsd, formatWords } from './number.ts';
import { formatSeconds } from './time.ts';

/** What one event says in a line: a short text, and figures that stand at the end of the row. */
export interface EventText {
  text: string;
  /** All that is known, for hover. */
  detail: string;
  tokens?: number;
  costUsd?: number;
}

/** The word for a type, whatever it is. */
export function typeName(type: string): string {
  return Object.hasOwn(typeNames, type) ? typeNames[type as Event['type']] : type;
}

/** Puts an event into words. */
export function describeEvent(event: Event): EventText {
  const { type, payload } = event;
  switch (type) {
    case 'session':
      return plain(payload.action === 'started' ? 'Session started' : 'Session ended');
    case 'activity':
      return plain('Transcript grew');
    case 'tool':
      return plain(`${payload.tool} ${payload.status === 'started' ? 'started' : 'finished'}`, payload.context);
    case 'agent':
      return plain(`Now ${payload.state}`);
    case 'summary':
      return plain(payload.summary);
    case 'error':
      return plain(payload.category);
    case 'agent_spawn':
      return plain(`${labelText('agent_type', payload.agentType)} started`);
    case 'skill_invocation':
      return plain(labelText('skill', payload.skillName));
    case 'todo_progress':
      return plain(describeTodos(payload.completed, payload.inProgress, payload.pending, payload.abandoned));
    case 'file_change':
      return plain(
        `Version ${payload.version}: +${formatCount(payload.linesAdded)} −${formatCount(payload.linesRemoved)}`,
        `${formatWords(payload.linesModified, ['line', 'lines'])} modified`,
      );
    case 'project_activity':
      return plain(payload.isActive ? 'Became active' : 'Became inactive');
    case 'token_usage':
      return plain(`${modelLabel(payload.model)} in stats-cache.json`);
    case 'session_metrics':
      return plain(`${formatWords(payload.totalSessions, ['session', 'sessions'])} in stats-cache.json`);
    case 'activity_pattern':
      return plain('Hour counts in stats-cache.json');
    case 'model_distribution':
      return plain(`${formatWords(Object.keys(payload.modelUsage).length, ['model', 'models'])} in stats-cache.json`);
    case 'tool_call':
      return describeCall(payload);
    case 'usage':
      return describeUsage(payload);
  }
}

const searched = new WeakMap<Event, string>();

/** What a search looks through, made once per event: a filter is asked for thousands of them on every frame. */
export function searchText(event: Event): string {
  const known = searched.get(event);
  if (known !== undefined) return known;
  const text = `${typeNames[event.type]} ${describeEvent(event).text}`.toLowerCase();
  searched.set(event, text);
  return text;
}

const results = { ok: 'done', error: 'failed', rejected: 'rejected', blocked: 'blocked by a hook' };

function describeCall(call: Extract<Event, { type: 'tool_call' }>['payload']): EventText {
  const agent = call.agent === 'subagent' ? ', subagent' : '';
  const why = call.category ? `, ${call.category.replaceAll('_', ' ')}` : '';
  const took = call.durationSeconds === undefined ? '' : ` in ${formatSeconds(call.durationSeconds)}`;
  const lines =
    call.linesAdded || call.linesRemoved ? `: +${formatCount(call.linesAdded ?? 0)} −${formatCount(call.linesRemoved ?? 0)} lines` : '';
  return plain(`${call.tool}${agent} ${results[call.result]}${why}${took}${lines}`);
}

type Usage = Extract<Event, { type: 'usage' }>['payload'];

function describeUsage(usage: Usage): EventText {
  const written = usage.cacheWrite5mTokens + usage.cacheWrite1hTokens;
  const parts = [`${formatCompact(usage.inputTokens)} in`, `${formatCompact(usage.outputTokens)} out`];
  if (usage.cacheReadTokens > 0) parts.push(`${formatCompact(usage.cacheReadTokens)} cache read`);
  if (written > 0) parts.push(`${formatCompact(written)} cache write`);
  const agent = usage.agent === 'subagent' ? ', subagent' : '';
  return {
    text: `${modelLabel(usage.model)}${agent}: ${parts.join(', ')}${usage.finished ? '' : ', not finished'}`,
    detail: usageDetail(usage),
    tokens: tokensOf(usage),
    ...(usage.costUsd === undefined ? {} : { costUsd: usage.costUsd }),
  };
}

function usageDetail(usage: Usage): string {
  return [
    usage.model,
    `input ${formatCount(usage.inputTokens)}`,
    `output ${formatCount(usage.outputTokens)}${usage.finished ? '' : ' or more'}`,
    `cache read ${formatCount(usage.cacheReadTokens)}`,
    `cache write ${formatCount(usage.cacheWrite5mTokens)} for 5 min, ${formatCount(usage.cacheWrite1hTokens)} for 1 hour`,
    usage.costUsd === undefined ? 'no known price' : formatUsd(usage.costUsd),
    `revision ${usage.revision}`,
  ].join('\n');
}

function describeTodos(completed: number, inProgress: number, pending: number, abandoned: boolean): string {
  return `${completed} of ${completed + inProgress + pending} done${abandoned ? ', left unfinished' : ''}`;
}

function plain(text: string, detail?: string): EventText {
  return { text, detail: detail ? `${text}\n${detail}` : text };
}
