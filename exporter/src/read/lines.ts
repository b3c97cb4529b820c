const NEWLINE = 0x0a;

/**
 * Finds the whole lines in the first `length` bytes of `buffer` and calls `visit` with the bounds of each, the newline left out.
 * Gives back how many bytes were used up: what follows is the beginning of a line that is not whole yet.
 */
export function forEachLine(buffer: Buffer, length: number, visit: (start: number, end: number) => void): number {
  let start = 0;
  for (;;) {
    const end = buffer.indexOf(NEWLINE, start);
    if (end === -1 || end >= length) return start;
    visit(start, end);
    start = end + 1;
  }
}
