/** Where the stack speaks to a person: plain lines, and one line that is written over on a terminal. */
export interface Voice {
  isTerminal: boolean;
  line(text: string): void;
  /** Something that moves: written over on a terminal; elsewhere at most once in ten seconds. */
  progress(text: string): void;
}

const PLAIN_INTERVAL_MS = 10_000;
const CLEAR_LINE = '\r\u001B[2K';

/** A voice on standard output. */
export function createVoice(out: NodeJS.WriteStream = process.stdout, now: () => number = Date.now): Voice {
  const isTerminal = out.isTTY === true;
  let pending = false;
  let saidAt = now();
  return {
    isTerminal,
    line(text) {
      out.write(`${pending ? CLEAR_LINE : ''}${text}\n`);
      pending = false;
    },
    progress(text) {
      if (isTerminal) out.write(CLEAR_LINE + text.slice(0, (out.columns || 80) - 1));
      else if (now() - saidAt >= PLAIN_INTERVAL_MS) out.write(`${text}\n`);
      else return;
      pending = isTerminal;
      saidAt = now();
    },
  };
}

/** A trouble that a person can do something about: its message is all that is shown. */
export class Trouble extends Error {}

/** The message of anything thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
