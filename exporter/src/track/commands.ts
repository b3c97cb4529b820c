import { UNKNOWN } from '../contract/index.ts';
import type { CommandFact, Facts } from './fact.ts';

/** What somebody tells of a slash command. `line` is the uuid of a transcript line; without one it is from history.jsonl. */
export interface CommandSight {
  skill: string;
  timeMs: number;
  sessionId?: string;
  /** Last part of the directory in which it was typed. */
  project: string;
  line?: string;
}

/** Until about 2.0 each command was written to history.jsonl twice, up to half a second apart. */
const TWICE_MS = 1000;

/** The transcript line may come a little before the one in history.jsonl (0.6 s seen) … */
const EARLY_MS = 2000;

/** … and comes after it when the command is done: `/login` and `/compact` take more than a minute (77 s seen). */
const LATE_MS = 120_000;

const SLOT_MS = 120_000;

/** So many uses of one command in one project are told apart within a slot. */
const MAX_PER_SLOT = 200;

/**
 * Counts a slash command once, whether history.jsonl, a transcript or both tell of it.
 *
 * Two lines of history.jsonl within a second are one command. A transcript line is the same use as a line of history.jsonl from 2
 * seconds before it to 2 minutes after; each such line goes with one of the other kind, the nearest that has none yet. Commands of
 * different projects or sessions are never the same; an old history.jsonl has no sessions, and then the project alone decides.
 * A transcript line that was copied keeps its uuid and counts once within these two minutes.
 *
 * Gives back false where there are too many to tell apart, and then nothing is counted.
 */
export function noteCommand(facts: Facts, sight: CommandSight): boolean {
  const slot = Math.floor(sight.timeMs / SLOT_MS);
  const near = [slot - 1, slot, slot + 1].flatMap((at) => listSlot(facts, sight, at));
  const same = near.filter((fact) => isSame(fact, sight)).sort((a, b) => distance(a, sight) - distance(b, sight))[0];
  if (same === undefined) {
    const free = listSlot(facts, sight, slot).length;
    if (free < MAX_PER_SLOT) facts.put(newFact(keyOf(sight, slot, free), sight));
    return free < MAX_PER_SLOT;
  }
  const merged = merge(same, sight);
  if (merged !== same) facts.put(merged);
  return true;
}

/** The commands of this name and project that were typed in one slot of time. */
function listSlot(facts: Facts, sight: CommandSight, slot: number): CommandFact[] {
  const list: CommandFact[] = [];
  for (let at = 0; at < MAX_PER_SLOT; at++) {
    const fact = facts.get(keyOf(sight, slot, at));
    if (fact?.type !== 'command') break;
    list.push(fact);
  }
  return list;
}

function keyOf({ project, skill }: CommandSight, slot: number, at: number): string {
  return `command:${project}:${skill}:${slot}:${at}`;
}

function isSame(fact: CommandFact, sight: CommandSight): boolean {
  if (fact.sessionId !== UNKNOWN && sight.sessionId !== undefined && fact.sessionId !== sight.sessionId) return false;
  const laterMs = sight.timeMs - fact.timeMs;
  if (sight.line === undefined) {
    // history.jsonl after history.jsonl, or after the transcript.
    return fact.typed ? Math.abs(laterMs) < TWICE_MS : -laterMs >= -EARLY_MS && -laterMs <= LATE_MS;
  }
  if (fact.line !== undefined) return fact.line === sight.line;
  return laterMs >= -EARLY_MS && laterMs <= LATE_MS;
}

function distance(fact: CommandFact, sight: CommandSight): number {
  return Math.abs(fact.timeMs - sight.timeMs);
}

function newFact(key: string, { skill, timeMs, sessionId, project, line }: CommandSight): CommandFact {
  return {
    type: 'command',
    key,
    timeMs,
    sessionId: sessionId ?? UNKNOWN,
    project,
    skill,
    typed: line === undefined,
    ...(line === undefined ? {} : { line }),
    settled: false,
  };
}

/** Merges a sight into the fact that it belongs to. When it was typed is the better time; once counted, time and session stay. */
function merge(fact: CommandFact, { timeMs, sessionId, line }: CommandSight): CommandFact {
  const typed = fact.typed || line === undefined;
  const merged = { ...fact, typed, ...(line === undefined ? {} : { line }) };
  if (!fact.settled) {
    if (fact.sessionId === UNKNOWN && sessionId !== undefined) merged.sessionId = sessionId;
    if (line === undefined) merged.timeMs = fact.typed ? Math.min(fact.timeMs, timeMs) : timeMs;
  }
  const isNew = merged.typed !== fact.typed || merged.line !== fact.line || merged.timeMs !== fact.timeMs;
  return isNew || merged.sessionId !== fact.sessionId ? merged : fact;
}
