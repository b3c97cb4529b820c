import { readTimeMs } from '../parse/time.ts';
import { projectOf } from '../track/sessions.ts';
import { readObject, type Unusable } from './readable.ts';

/** A slash command as history.jsonl has it. */
export interface TypedCommand {
  /** Without slash and arguments. */
  skill: string;
  timeMs: number;
  /** Undefined in lines before 2.0.65. */
  sessionId?: string;
  /** Last part of the directory in which it was typed. */
  project: string;
}

/**
 * Reads one line of history.jsonl: every prompt that a person typed, with the time and the directory. Of a prompt that begins with a slash
 * and one word the word is kept, of every other prompt nothing. A path is not a command: it has a second slash. Commands that never reach
 * a transcript (`/clear`, `/resume`) are here.
 */
export function readHistoryLine(text: string): TypedCommand | Unusable | undefined {
  const read = readObject(text);
  if ('unusable' in read) return read;
  const line = read.object;
  if (typeof line.display !== 'string') return { unusable: 'wrong_shape' };
  const timeMs = readTimeMs(line.timestamp);
  if (timeMs === undefined || typeof line.project !== 'string') return { unusable: 'wrong_shape' };
  const skill = readCommand(line.display);
  if (skill === undefined) return undefined;
  const { sessionId } = line;
  return { skill, timeMs, project: projectOf(line.project), ...(typeof sessionId === 'string' ? { sessionId } : {}) };
}

/** The command that a prompt begins with, without its slash. */
export function readCommand(display: string): string | undefined {
  const word = /^\/(\S+)/.exec(display)?.[1];
  if (word === undefined || word.includes('/')) return undefined;
  return COMMAND.test(word) ? word : 'other';
}

/** Commands are named after files: letters, digits and a few signs; plugins put theirs before a colon. */
const COMMAND = /^[\p{L}\p{N}][\p{L}\p{N}_.:-]{0,63}$/u;
