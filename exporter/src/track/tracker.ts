import type { Line } from '../parse/line.ts';
import type { Facts, Origin } from './fact.ts';

/** A tracker looks at one line and brings the facts up to date. It reads nothing but its arguments. */
export type Tracker = (facts: Facts, line: Line, origin: Origin) => void;

/** When a line was written, milliseconds since 1970. A line of the future, from a clock that was wrong, is one of now. */
export function timeOf(line: Line, origin: Origin): number {
  return Math.min(line.timeMs ?? origin.fallbackMs, origin.nowMs);
}

/**
 * The session of a line. A main transcript is named after its session, also where lines inside were copied from another;
 * a subagent's lines name the session that started it.
 */
export function sessionOf(line: Line, origin: Origin): string {
  return origin.sessionId ?? line.sessionId ?? 'unknown';
}

/** A subagent wrote the line: it has its own transcript, or, before Claude Code 2.0.23, it is marked inside the main one. */
export function agentOf(line: Line, origin: Origin): 'main' | 'subagent' {
  return origin.subagent || line.sidechain ? 'subagent' : 'main';
}
