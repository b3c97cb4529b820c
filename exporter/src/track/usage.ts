import type { ResponseLine } from '../parse/line.ts';
import type { Facts, Origin, ResponseFact } from './fact.ts';
import { agentOf, fileOf, nameOf, sessionOf, type Tracker, timeOf } from './tracker.ts';

/**
 * Counts API responses and their tokens, each response once over all files.
 *
 * A response is written as one line per content block, each with the usage so far, and copied into other files on resume and fork.
 * Its usage is the whole usage object with the most output tokens (the largest sum on a tie), never a mix of two; its time is the
 * earliest of its lines; session and agent are those of its earliest line, the main conversation first on a tie.
 * Moves with each line that knows more. Does not count: API errors, messages that Claude Code writes itself (`<synthetic>`), usage
 * repeated in tool results and progress lines.
 */
export const trackUsage: Tracker = (facts, line, origin) => {
  if (line.type !== 'response') return;
  noteResponse(facts, toFact(line, origin));
};

/** Takes in a sight of a response. */
export function noteResponse(facts: Facts, seen: ResponseFact): void {
  const known = facts.get(seen.key);
  const merged = known?.type === 'response' ? mergeResponses(known, seen) : seen;
  if (merged !== known) facts.put(merged);
}

/** Ids of the Anthropic API, also by way of Vertex and Bedrock, are unique in the world. Gateways reuse theirs. */
const WORLDWIDE_ID = /^msg_(01|vrtx_|bdrk_)/;

/**
 * A response is named by its message id; ids of other gateways only hold within their file, whose copies are the same file; without an id
 * each line stands alone.
 */
function keyOf(line: ResponseLine, origin: Origin): string {
  if (line.messageId === undefined) return `response:@${nameOf(line, origin)}`;
  return WORLDWIDE_ID.test(line.messageId) ? `response:${line.messageId}` : `response:${fileOf(line, origin)}:${line.messageId}`;
}

function toFact(line: ResponseLine, origin: Origin): ResponseFact {
  return {
    type: 'response',
    key: keyOf(line, origin),
    timeMs: timeOf(line, origin),
    sessionId: sessionOf(line, origin),
    agent: agentOf(line, origin),
    ...(line.agentType === undefined ? {} : { agentType: line.agentType }),
    model: line.model,
    tokens: line.tokens,
    finished: line.finished,
    fast: line.fast,
    settled: false,
  };
}

/** Merges two sights of one response. The order of the two does not matter. Gives back `known` itself where nothing is new. */
export function mergeResponses(known: ResponseFact, seen: ResponseFact): ResponseFact {
  const usage = compareUsage(seen, known) > 0 ? seen : known;
  const place = !known.settled && comparePlace(seen, known) < 0 ? seen : known;
  const finished = known.finished || seen.finished;
  const agentType = known.settled ? known.agentType : (place.agentType ?? known.agentType ?? seen.agentType);
  if (usage === known && place === known && finished === known.finished && agentType === known.agentType) return known;
  const model = known.settled ? known.model : usage.model;
  const kind = agentType === undefined ? {} : { agentType };
  return { ...place, ...kind, model, tokens: usage.tokens, fast: usage.fast, finished, settled: known.settled };
}

/** Above 0 where the usage of `a` is the better one: more output tokens, then the larger sum, then an order that is merely fixed. */
function compareUsage(a: ResponseFact, b: ResponseFact): number {
  return (
    a.tokens.output - b.tokens.output ||
    sum(a) - sum(b) ||
    a.tokens.input - b.tokens.input ||
    a.tokens.cacheRead - b.tokens.cacheRead ||
    a.tokens.write5m - b.tokens.write5m ||
    compareText(a.model, b.model) ||
    Number(a.fast) - Number(b.fast)
  );
}

/** Below 0 where `a` tells better where the response belongs: the earlier one, then the main conversation's. */
function comparePlace(a: ResponseFact, b: ResponseFact): number {
  return a.timeMs - b.timeMs || compareText(a.agent, b.agent) || compareText(a.sessionId, b.sessionId);
}

function sum({ tokens }: ResponseFact): number {
  return tokens.input + tokens.output + tokens.cacheRead + tokens.write5m + tokens.write1h;
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
