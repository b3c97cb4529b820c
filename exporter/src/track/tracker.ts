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

/** Names the file of a line, also when it was moved, or copied with its name: a copy tells of the same things. */
export function fileOf(line: Line, origin: Origin): string {
  return `${sessionOf(line, origin)}/${origin.file}`;
}

/** Names a line: by its uuid, which copies keep, else by where it stands. */
export function nameOf(line: Line, origin: Origin): string {
  return line.uuid ?? `${fileOf(line, origin)}@${origin.offset}`;
}

/** A subagent wrote the line: it has its own transcript, or, before Claude Code 2.0.23, it is marked inside the main one. */
export function agentOf(line: Line, origin: Origin): 'main' | 'subagent' {
  return origin.subagent || line.sidechain ? 'subagent' : 'main';
}

/** What is seen of a thing in several places belongs where it was first; of two sights at one time the order is merely fixed. */
export function isEarlier(a: { timeMs: number; sessionId: string }, b: { timeMs: number; sessionId: string }): boolean {
  return a.timeMs < b.timeMs || (a.timeMs === b.timeMs && a.sessionId < b.sessionId);
}
