import { readTime } from './time.ts';

const TOOL_USE_ID = Buffer.from('"tool_use_id":"');
const TIMESTAMP = Buffer.from('"timestamp":"');
const QUOTE = 0x22;

/** What a result line that needs no parsing says: which call has ended, and when. */
export interface PlainResult {
  toolUseId: string;
  /** Milliseconds since 1970. */
  timeMs: number;
}

/**
 * Reads the call and the time of a result line from its bytes, or gives back undefined where only parsing can tell: several results in
 * one line, or a field that is not where Claude Code writes it. Inside strings quotes are escaped, so a match is a real key.
 */
export function readPlainResult(buffer: Buffer, start: number, end: number): PlainResult | undefined {
  const line = buffer.subarray(start, end);
  const at = line.indexOf(TOOL_USE_ID);
  const stamp = line.indexOf(TIMESTAMP, at);
  if (at === -1 || stamp === -1) return undefined;
  const toolUseId = readText(line, at + TOOL_USE_ID.length);
  const timeMs = readTime(readText(line, stamp + TIMESTAMP.length));
  if (toolUseId === '' || timeMs === undefined || line.subarray(0, stamp).indexOf(TOOL_USE_ID, at + 1) !== -1) return undefined;
  return { toolUseId, timeMs };
}

/** Ids and times are short and plain; what is not comes back empty. */
const MAX_TEXT_BYTES = 128;

function readText(line: Buffer, from: number): string {
  const to = line.indexOf(QUOTE, from);
  return to === -1 || to - from > MAX_TEXT_BYTES ? '' : line.toString('latin1', from, to);
}
