/**
 * Most bytes of a transcript are tool results and progress, which nothing counts. So lines are chosen by looking for a few byte
 * strings, and only the chosen ones become text and JSON.
 *
 * Inside a JSON string every quote is escaped, so these byte strings cannot occur in what somebody wrote: a match is a real key and value.
 * Claude Code writes JSON without spaces; a file that has `"type": "` was written by something else, and then every line is parsed.
 */
const ASSISTANT = Buffer.from('"type":"assistant"');
const USER = Buffer.from('"type":"user"');
const TOOL_RESULT = Buffer.from('"type":"tool_result"');
const IS_ERROR = Buffer.from('"is_error":true');
const SPACED = Buffer.from('"type": "');

/**
 * `parse`: worth parsing, or too odd to judge · `result`: the result of a tool that succeeded, of which little is needed · `pass`: nothing
 * to count in it · `torn`: an object without its end · `blank`.
 */
export type Choice = 'parse' | 'result' | 'pass' | 'torn' | 'blank';

/**
 * Makes a function that tells, for one line after another of this buffer, what to do with it. Lines must be asked for in order.
 *
 * A user line says so before it has its message, so it is known by its first bytes and the rest of it, often megabytes of a tool
 * result, is not looked at. Only the others are searched for the mark of a response.
 */
export function createSelector(buffer: Buffer, length: number): (start: number, end: number) => Choice {
  const spaced = find(buffer, SPACED, 0, Math.min(length, SAMPLE_BYTES)) !== -1;
  const assistant = createCursor(buffer, ASSISTANT, length);
  const user = createCursor(buffer, USER, length);
  const toolResult = createCursor(buffer, TOOL_RESULT, length);
  const isError = createCursor(buffer, IS_ERROR, length);
  return (start, end) => {
    const last = lastByte(buffer, start, end);
    if (last === -1) return 'blank';
    if (spaced || buffer[start] !== OPEN) return 'parse';
    if (buffer[last] !== CLOSE) return 'torn';
    const hit = user(start);
    const isUser = hit < end;
    if (!(isUser && isOutermost(buffer, start, hit)) && assistant(start) < end) return 'parse';
    if (!isUser) return 'pass';
    return toolResult(start) < end && isError(start) >= end ? 'result' : 'parse';
  };
}

/** A file is written by one program, so its spaces show at the beginning. */
const SAMPLE_BYTES = 4096;

/** No inner object opens before `at`, so what stands there belongs to the line itself. */
function isOutermost(buffer: Buffer, start: number, at: number): boolean {
  for (let index = start + 1; index < at; index++) if (buffer[index] === OPEN) return false;
  return true;
}

const OPEN = 0x7b;
const CLOSE = 0x7d;
const SPACE = 0x20;

/** Index of the last byte that is not white space, or -1. */
function lastByte(buffer: Buffer, start: number, end: number): number {
  for (let at = end - 1; at >= start; at--) {
    if ((buffer[at] ?? 0) > SPACE) return at;
  }
  return -1;
}

/** Gives back where the byte string occurs next at or after a place that only moves forward; beyond the end where it does not. */
function createCursor(buffer: Buffer, needle: Buffer, length: number): (from: number) => number {
  let hit = -1;
  return (from) => {
    if (hit < from) {
      hit = find(buffer, needle, from, length);
      if (hit === -1) hit = Number.POSITIVE_INFINITY;
    }
    return hit;
  };
}

function find(buffer: Buffer, needle: Buffer, from: number, length: number): number {
  return buffer.subarray(0, length).indexOf(needle, from);
}
