import { appendFileSync, mkdirSync, renameSync, statSync } from 'node:fs';
import { dirname } from 'node:path';

/** What a child says: kept in a file of bounded size, the last lines also in memory. */
export interface LogFile {
  write(text: string): void;
  lastLines(): string[];
}

const MAX_FILE_BYTES = 1_000_000;
const MAX_LINES = 20;

/** Opens a log. Past the bound the file becomes `<name>.1` and a new one begins, so that two at the most are kept. */
export function createLogFile(path: string, maxBytes = MAX_FILE_BYTES): LogFile {
  mkdirSync(dirname(path), { recursive: true });
  let sizeBytes = statSync(path, { throwIfNoEntry: false })?.size ?? 0;
  let lines: string[] = [];
  function keep(text: string): void {
    if (sizeBytes > maxBytes) {
      renameSync(path, `${path}.1`);
      sizeBytes = 0;
    }
    appendFileSync(path, text);
    sizeBytes += Buffer.byteLength(text);
  }
  return {
    write(text) {
      lines = [...lines, ...text.split('\n').filter((line) => line.trim() !== '')].slice(-MAX_LINES);
      try {
        keep(text);
      } catch {
        // A full disk must not end the stack; the last lines are still in memory.
      }
    },
    lastLines: () => lines,
  };
}
