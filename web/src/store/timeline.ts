import type { PayloadOf } from '@ccmeter/exporter/contract';
import type { StoredEvent } from '../api/client.ts';
import { modelLabel } from '../format/model.ts';
import { session as texts } from '../texts/session.ts';
import { tokensOf } from './live.ts';
import type { Mark } from './marks.ts';

/** One response as it was last told, at the time it was first told. */
export interface Answered {
  atMs: number;
  event: StoredEvent;
  usage: PayloadOf<'usage'>;
}

/** One tool call that has ended. */
export interface Call {
  /** When it was asked for, where that is known, and when it ended. */
  startMs: number;
  endMs: number;
  event: StoredEvent;
  call: PayloadOf<'tool_call'>;
}

/** From a prompt to the end of the answer to it, with all that happened meanwhile. */
export interface Turn {
  number: number;
  startMs: number;
  endMs: number;
  responses: readonly Answered[];
  calls: readonly Call[];
  spawned: readonly { atMs: number; type: string }[];
  todos: { done: number; all: number; atMs: number } | null;
  compactedMs: readonly number[];
  /** Everything in it that is worth a line, the earliest first; each response and each call once. */
  rows: readonly StoredEvent[];
}

/** What is said of a response or a call is said once, as it was last known; signs of life are left out. */
export function settle(events: readonly StoredEvent[]): StoredEvent[] {
  const latest = new Map<string, StoredEvent>();
  for (const stored of [...events].sort(byTime)) {
    const { event } = stored;
    if (event.type === 'activity' || event.type === 'project_activity') continue;
    if (event.type === 'tool') {
      const { tool, status } = event.payload;
      if (status === 'started') latest.set(`tool:${stored.seq}`, stored);
      else dropStarted(latest, tool);
      continue;
    }
    if (event.type === 'tool_call') {
      latest.set(`call:${event.payload.callId}`, stored);
      continue;
    }
    if (event.type !== 'usage') {
      latest.set(`event:${stored.seq}`, stored);
      continue;
    }
    const key = `response:${event.payload.responseId}`;
    const known = latest.get(key);
    if (known?.event.type !== 'usage') latest.set(key, stored);
    else if (known.event.payload.revision < event.payload.revision)
      latest.set(key, { ...stored, event: { ...event, timestamp: known.event.timestamp } });
  }
  return [...latest.values()].sort(byTime);
}

/** A call that ended is no longer under way; calls of one tool are not told apart. */
function dropStarted(latest: Map<string, StoredEvent>, tool: string): void {
  for (const [key, { event }] of latest) {
    if (event.type !== 'tool' || event.payload.tool !== tool) continue;
    latest.delete(key);
    return;
  }
}

/** By their own times; what happened at once in the order in which it came. */
function byTime(one: StoredEvent, other: StoredEvent): number {
  return Date.parse(one.event.timestamp) - Date.parse(other.event.timestamp) || one.seq - other.seq;
}

/** A pause longer than this ends a turn, whatever is said. */
const PAUSE_MS = 30 * 60_000;

/**
 * Cuts the events of a session into turns. Prompts are not told, so a turn ends where the exporter says that the session waits, and where
 * a response of the main conversation follows another one without a tool call between them: the model had stopped asking.
 */
export function turnsOf(events: readonly StoredEvent[]): Turn[] {
  const rows = settle(events);
  const turns: StoredEvent[][] = [];
  let answered = false;
  let lastMs = Number.NEGATIVE_INFINITY;
  for (const row of rows) {
    const { event } = row;
    const atMs = Date.parse(event.timestamp);
    if (event.type === 'agent') {
      if (event.payload.state === 'waiting') answered = true;
      continue;
    }
    const isAnswer = event.type === 'usage' && event.payload.agent === 'main';
    if (turns.length === 0 || (isAnswer && answered) || atMs - lastMs > PAUSE_MS) {
      turns.push([]);
      answered = false;
    }
    if (isAnswer) answered = true;
    if (event.type === 'tool_call' && event.payload.agent === 'main') answered = false;
    turns.at(-1)?.push(row);
    lastMs = atMs;
  }
  return turns
    .filter((all) => all.some(({ event }) => event.type === 'usage' || event.type === 'tool_call' || event.type === 'tool'))
    .map(toTurn);
}

function toTurn(rows: StoredEvent[], index: number): Turn {
  const times = rows.map(({ event }) => Date.parse(event.timestamp));
  const calls = rows.flatMap((stored): Call[] => {
    const { event } = stored;
    if (event.type !== 'tool_call') return [];
    const endMs = Date.parse(event.timestamp);
    return [{ startMs: endMs - 1000 * (event.payload.durationSeconds ?? 0), endMs, event: stored, call: event.payload }];
  });
  return {
    number: index + 1,
    startMs: Math.min(...times, ...calls.map((call) => call.startMs)),
    endMs: Math.max(...times),
    responses: answersOf(rows),
    calls,
    spawned: rows.flatMap(({ event }) =>
      event.type === 'agent_spawn' ? [{ atMs: Date.parse(event.timestamp), type: event.payload.agentType }] : [],
    ),
    todos: rows.reduce<Turn['todos']>((known, { event }) => {
      if (event.type !== 'todo_progress') return known;
      const { completed, inProgress, pending } = event.payload;
      return { done: completed, all: completed + inProgress + pending, atMs: Date.parse(event.timestamp) };
    }, null),
    compactedMs: rows.flatMap(({ event }) =>
      event.type === 'summary' && !isOver(event.payload.summary) ? [Date.parse(event.timestamp)] : [],
    ),
    rows,
  };
}

/** A summary tells of a compaction, or of the end of the session; both are sentences. */
function isOver(summary: string): boolean {
  return /\b(ended|over)\b/i.test(summary);
}

/** The responses among settled events, the earliest first. */
export function answersOf(rows: readonly StoredEvent[]): Answered[] {
  return rows.flatMap((stored) =>
    stored.event.type === 'usage' ? [{ atMs: Date.parse(stored.event.timestamp), event: stored, usage: stored.event.payload }] : [],
  );
}

/** What a turn used. */
export function usedIn({ responses }: Pick<Turn, 'responses'>): {
  tokens: number;
  outputTokens: number;
  costUsd: number;
  unpriced: boolean;
} {
  return {
    tokens: responses.reduce((sum, { usage }) => sum + tokensOf(usage), 0),
    outputTokens: responses.reduce((sum, { usage }) => sum + usage.outputTokens, 0),
    costUsd: responses.reduce((sum, { usage }) => sum + (usage.costUsd ?? 0), 0),
    unpriced: responses.some(({ usage }) => usage.costUsd === undefined),
  };
}

/** The model that the main conversation of a turn ran on; that of a subagent where there is no other. */
export function modelOf({ responses }: Pick<Turn, 'responses'>): string | null {
  const main = responses.findLast(({ usage }) => usage.agent === 'main');
  return (main ?? responses.at(-1))?.usage.model ?? null;
}

/** How full the context was with each response of the main conversation. */
export function contextOf(turns: readonly Turn[]): { atMs: number; tokens: number }[] {
  return turns.flatMap(({ responses }) =>
    responses.flatMap(({ atMs, usage }) => (usage.agent === 'main' ? [{ atMs, tokens: tokensOf(usage) }] : [])),
  );
}

/** Where the main conversation changed its model, and where it was summed up. */
export function sessionMarks(turns: readonly Turn[]): Mark[] {
  const compactions = turns.flatMap(({ compactedMs }) =>
    compactedMs.map((atMs): Mark => ({ seconds: atMs / 1000, kind: 'compaction', text: texts.compacted })),
  );
  const answers = turns.flatMap(({ responses }) => responses.filter(({ usage }) => usage.agent === 'main'));
  const switches = answers.flatMap(({ atMs, usage }, index): Mark[] => {
    const before = answers[index - 1]?.usage.model;
    if (before === undefined || before === usage.model) return [];
    return [{ seconds: atMs / 1000, kind: 'model', text: texts.modelSwitch(modelLabel(usage.model), modelLabel(before)) }];
  });
  return [...compactions, ...switches].sort((one, other) => one.seconds - other.seconds);
}

/** Longer pauses are cut to this. */
const BREAK_MS = 10 * 60_000;
const BREAK_SHOWN_MS = 60_000;

/** A part of the time axis; `from` and `to` are places from 0 to 1. */
export interface Stretch {
  startMs: number;
  endMs: number;
  from: number;
  to: number;
}

/** The times of turns as places on an axis on which long pauses are cut short. */
export function stretchesOf(turns: readonly Pick<Turn, 'startMs' | 'endMs'>[]): Stretch[] {
  const parts: { startMs: number; endMs: number }[] = [];
  for (const { startMs, endMs } of turns) {
    const last = parts.at(-1);
    if (last && startMs - last.endMs <= BREAK_MS) last.endMs = Math.max(last.endMs, endMs);
    else parts.push({ startMs, endMs: Math.max(endMs, startMs + 1000) });
  }
  const shown = parts.reduce((sum, part) => sum + part.endMs - part.startMs, 0) + BREAK_SHOWN_MS * Math.max(0, parts.length - 1);
  let at = 0;
  return parts.map((part) => {
    const from = at / shown;
    const to = (at + part.endMs - part.startMs) / shown;
    at += part.endMs - part.startMs + BREAK_SHOWN_MS;
    return { ...part, from, to };
  });
}

/** The place of a moment; what is in a cut pause is at its end. */
export function placeOf(stretches: readonly Stretch[], ms: number): number {
  const stretch = stretches.find((one) => ms <= one.endMs) ?? stretches.at(-1);
  if (!stretch) return 0;
  const part = (Math.min(Math.max(ms, stretch.startMs), stretch.endMs) - stretch.startMs) / (stretch.endMs - stretch.startMs);
  return stretch.from + part * (stretch.to - stretch.from);
}
