import type { Event } from '@ccmeter/exporter/contract';
import { tokensOf } from '../store/live.ts';
import { responseDetail, sentences as texts, typeNames } from '../texts/events.ts';
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
      return plain(payload.action === 'started' ? texts.started : texts.ended);
    case 'activity':
      return plain(texts.grew);
    case 'tool':
      return plain(payload.status === 'started' ? texts.toolStarted(payload.tool) : texts.toolFinished(payload.tool), payload.context);
    case 'agent':
      return plain(texts.state(payload.state));
    case 'summary':
      return plain(payload.summary);
    case 'error':
      return plain(payload.category);
    case 'agent_spawn':
      return plain(texts.spawned(labelText('agent_type', payload.agentType)));
    case 'skill_invocation':
      return plain(labelText('skill', payload.skillName));
    case 'todo_progress':
      return plain(describeTodos(payload.completed, payload.inProgress, payload.pending, payload.abandoned));
    case 'file_change':
      return plain(
        texts.version(payload.version, formatCount(payload.linesAdded), formatCount(payload.linesRemoved)),
        texts.modified(formatWords(payload.linesModified, texts.line)),
      );
    case 'project_activity':
      return plain(payload.isActive ? texts.active : texts.inactive);
    case 'token_usage':
      return plain(texts.inStats(modelLabel(payload.model)));
    case 'session_metrics':
      return plain(texts.inStats(formatWords(payload.totalSessions, texts.session)));
    case 'activity_pattern':
      return plain(texts.inStats(texts.hours));
    case 'model_distribution':
      return plain(texts.inStats(formatWords(Object.keys(payload.modelUsage).length, texts.model)));
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

function describeCall(call: Extract<Event, { type: 'tool_call' }>['payload']): EventText {
  const agent = call.agent === 'subagent' ? texts.subagent : '';
  const why = call.category ? `, ${call.category.replaceAll('_', ' ')}` : '';
  const took = call.durationSeconds === undefined ? '' : texts.took(formatSeconds(call.durationSeconds));
  const lines =
    call.linesAdded || call.linesRemoved ? texts.lines(formatCount(call.linesAdded ?? 0), formatCount(call.linesRemoved ?? 0)) : '';
  return plain(`${call.tool}${agent} ${texts.results[call.result]}${why}${took}${lines}`);
}

type Usage = Extract<Event, { type: 'usage' }>['payload'];

function describeUsage(usage: Usage): EventText {
  const written = usage.cacheWrite5mTokens + usage.cacheWrite1hTokens;
  const parts = [texts.in(formatCompact(usage.inputTokens)), texts.out(formatCompact(usage.outputTokens))];
  if (usage.cacheReadTokens > 0) parts.push(texts.read(formatCompact(usage.cacheReadTokens)));
  if (written > 0) parts.push(texts.written(formatCompact(written)));
  const agent = usage.agent === 'subagent' ? texts.subagent : '';
  return {
    text: `${modelLabel(usage.model)}${agent}: ${parts.join(', ')}${usage.finished ? '' : texts.unfinished}`,
    detail: usageDetail(usage),
    tokens: tokensOf(usage),
    ...(usage.costUsd === undefined ? {} : { costUsd: usage.costUsd }),
  };
}

function usageDetail(usage: Usage): string {
  return [
    usage.model,
    responseDetail.input(formatCount(usage.inputTokens)),
    responseDetail.output(formatCount(usage.outputTokens)) + (usage.finished ? '' : responseDetail.orMore),
    responseDetail.read(formatCount(usage.cacheReadTokens)),
    responseDetail.written(formatCount(usage.cacheWrite5mTokens), formatCount(usage.cacheWrite1hTokens)),
    usage.costUsd === undefined ? responseDetail.noPrice : formatUsd(usage.costUsd),
    responseDetail.revision(usage.revision),
  ].join('\n');
}

function describeTodos(completed: number, inProgress: number, pending: number, abandoned: boolean): string {
  return texts.todos(completed, completed + inProgress + pending) + (abandoned ? texts.left : '');
}

function plain(text: string, detail?: string): EventText {
  return { text, detail: detail ? `${text}\n${detail}` : text };
}
