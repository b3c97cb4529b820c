import type { Event } from '../contract/index.ts';
import type { SettledFact } from '../ledger/settle.ts';
import { shownTool } from '../meter/record.ts';
import { listPrices, NANO_USD, type PriceBook } from '../price/cost.ts';
import type { CompactionFact, Fact, ResponseFact, SessionFact, ToolFact, ToolUse } from '../track/fact.ts';

import { build, digest, type Teller } from './build.ts';
import { commandEvents, statsEvents, todoEvents, versionEvents } from './source-events.ts';

/** Activity longer ago than this is history: it is counted, but not told as something that happens now. */
const LIVE_MS = 15 * 60_000;

/**
 * The live messages that a settled fact gives. They are built field by field from the contract, so nothing else can leave.
 * Their ids follow from what they say: the same fact settled again after a crash gives the same ids.
 */
export function publish(settled: SettledFact, teller: Teller, nowMs: number, prices: PriceBook = listPrices): Event[] {
  const { fact, before } = settled;
  switch (fact.type) {
    case 'response':
      return settled.changed || isNowFinished(fact, before) ? [usageEvent(fact, settled, teller, prices)] : [];
    case 'session':
      return before.type === 'session' ? sessionEvents(fact, before, settled, teller, nowMs) : [];
    case 'tool':
      return settled.changed ? toolEvents(fact, settled, teller, nowMs) : [];
    case 'api_error':
      return [build('error', fact.timeMs, fact.key, settled.revision, teller, { sessionId: fact.sessionId, category: fact.category })];
    case 'compaction':
      return settled.revision === 1 ? [summaryEvent(fact, 'Conversation summed up to make room.', teller)] : [];
    case 'todo':
      return before.type === 'todo' ? todoEvents(fact, before, settled, teller) : [];
    case 'file_version':
      return versionEvents(fact, settled, teller);
    case 'command':
      return commandEvents(fact, settled, teller);
    case 'stats':
      return statsEvents(fact, teller);
    default:
      return [];
  }
}

/** The last line of a response may tell no more tokens, but that there will be no more. */
function isNowFinished(fact: ResponseFact, before: Fact): boolean {
  return fact.finished && before.type === 'response' && before.toldOpen === true;
}

function usageEvent(fact: ResponseFact, { project, revision }: SettledFact, teller: Teller, prices: PriceBook): Event {
  const cost = prices.costOf(fact.model, fact.timeMs, fact.tokens, fact.fast);
  return build('usage', fact.timeMs, fact.key, revision, teller, {
    responseId: digest(fact.key),
    revision: revision - 1,
    sessionId: fact.sessionId,
    project,
    model: fact.model,
    agent: fact.agent,
    ...(fact.agent === 'main' || fact.agentType === undefined ? {} : { agentType: fact.agentType }),
    inputTokens: fact.tokens.input,
    outputTokens: fact.tokens.output,
    cacheReadTokens: fact.tokens.cacheRead,
    cacheWrite5mTokens: fact.tokens.write5m,
    cacheWrite1hTokens: fact.tokens.write1h,
    ...(cost === undefined ? {} : { costUsd: cost / NANO_USD }),
    finished: fact.finished,
  });
}

/**
 * A session tells that it begins, that it is taken up again and that it is over, and with it whether its project is active; live also whose
 * move it is. What it was about stays here: the summary says no more than that it is over.
 */
function sessionEvents(fact: SessionFact, before: SessionFact, settled: SettledFact, teller: Teller, nowMs: number): Event[] {
  if (!fact.begun) return [];
  const { key, sessionId } = fact;
  const { project, revision } = settled;
  const events: Event[] = [];
  // Its subagents may have been counted before it was known to have begun.
  const wasTold = before.told === true;
  // Found when it was over already: nobody waits to hear that its project is active no more.
  const isHistory = !wasTold && fact.ended;
  const tell = (action: 'started' | 'ended', timeMs: number) => {
    const name = `${key}:${action}`;
    events.push(build('session', timeMs, name, revision, teller, { sessionId, action, project }));
    if (isHistory) return;
    const isActive = action === 'started';
    events.push(build('project_activity', timeMs, name, revision, teller, { projectPath: project, sessionId, isActive }));
    if (!isActive) events.push(build('summary', timeMs, name, revision, teller, { sessionId, summary: 'Session ended.' }));
  };
  if (!wasTold) tell('started', fact.timeMs);
  if (wasTold && before.ended && !fact.ended) tell('started', fact.lastMs);
  if (fact.ended && !(wasTold && before.ended)) tell('ended', fact.lastMs);
  if (fact.ended || nowMs - fact.lastMs >= LIVE_MS) return events;
  if (!wasTold || before.toldOpen !== fact.turnOpen) {
    const state = fact.turnOpen ? 'working' : 'waiting';
    events.push(build('agent', fact.lastMs, `${key}:agent`, revision, teller, { sessionId, state }));
  } else {
    events.push(build('activity', fact.lastMs, `${key}:activity`, revision, teller, { sessionId, project }));
  }
  return events;
}

function summaryEvent({ key, timeMs, sessionId }: CompactionFact, summary: string, teller: Teller): Event {
  return build('summary', timeMs, key, 1, teller, { sessionId, summary });
}

/** A call tells when it begins, live only, and what came of it; a call that starts a subagent or a skill tells that once. */
function toolEvents(fact: ToolFact, { project, revision }: SettledFact, teller: Teller, nowMs: number): Event[] {
  const { key, use, result } = fact;
  const events: Event[] = [];
  const tool = shownTool(fact);
  if (use !== undefined && revision === 1) events.push(...startEvents(key, use, project, teller));
  if (use !== undefined && result === undefined && nowMs - use.timeMs < LIVE_MS) {
    events.push(build('tool', use.timeMs, key, revision, teller, { sessionId: use.sessionId, tool, status: 'started', project }));
  }
  if (result === undefined) return events;
  const { sessionId, timeMs } = result;
  if (nowMs - timeMs < LIVE_MS)
    events.push(build('tool', timeMs, key, revision, teller, { sessionId, tool, status: 'completed', project }));
  const lines = result.lines ?? (result.outcome === 'ok' && result.countFromInput ? use?.lines : undefined);
  events.push(
    build('tool_call', timeMs, key, revision, teller, {
      callId: digest(key),
      sessionId,
      project,
      tool,
      agent: use?.agent ?? 'main',
      result: result.outcome,
      ...(result.category === undefined ? {} : { category: result.category }),
      ...(use === undefined || use.timeMs > timeMs ? {} : { durationSeconds: (timeMs - use.timeMs) / 1000 }),
      ...(lines === undefined ? {} : { linesAdded: lines.added, linesRemoved: lines.removed }),
    }),
  );
  return events;
}

function startEvents(key: string, use: ToolUse, project: string, teller: Teller): Event[] {
  const { sessionId, timeMs, agentType, skill } = use;
  const timestamp = new Date(timeMs).toISOString();
  const events: Event[] = [];
  if (agentType !== undefined)
    events.push(build('agent_spawn', timeMs, key, 1, teller, { sessionId, agentType, description: '', timestamp }));
  if (skill !== undefined)
    events.push(build('skill_invocation', timeMs, key, 1, teller, { sessionId, skillName: skill, project, timestamp }));
  return events;
}
