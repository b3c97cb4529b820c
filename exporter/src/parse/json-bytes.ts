/**
 * Walking over JSON as bytes, without making anything of it. Nothing here throws: where the bytes are not JSON as Claude Code writes it
 * (without spaces), the answer is -1 or undefined, and a real parser has to look.
 */
export const SPACE = 0x20;
export const QUOTE = 0x22;
export const COMMA = 0x2c;
export const COLON = 0x3a;
export const OPEN_LIST = 0x5b;
export const BACKSLASH = 0x5c;
export const CLOSE_LIST = 0x5d;
export const OPEN = 0x7b;
export const CLOSE = 0x7d;

/** So many bytes of a string are looked at one by one before the next quote is searched for, which is faster where it is far away. */
const NEAR_BYTES = 96;

/** Gives back the place after the string whose first byte, behind its quote, is at `at`; -1 where it does not end before `end`. */
function skipString(bytes: Buffer, at: number, end: number): number {
  let from = at;
  for (;;) {
    const near = Math.min(from + NEAR_BYTES, end);
    while (from < near) {
      const byte = bytes[from];
      if (byte === QUOTE) return from + 1;
      from += byte === BACKSLASH ? 2 : 1;
    }
    if (from >= end) return -1;
    const quote = bytes.indexOf(QUOTE, from);
    if (quote === -1 || quote >= end) return -1;
    let backslashes = 0;
    while (quote - backslashes > from && bytes[quote - backslashes - 1] === BACKSLASH) backslashes += 1;
    if (backslashes % 2 === 0) return quote + 1;
    from = quote + 1;
  }
}

/** Gives back the place after the value that begins at `at`, or -1. */
export function skipValue(bytes: Buffer, at: number, end: number): number {
  const first = bytes[at];
  if (first === QUOTE) return skipString(bytes, at + 1, end);
  if (first === OPEN || first === OPEN_LIST) return skipNested(bytes, at + 1, end);
  for (let to = at; to < end; to++) {
    const byte = bytes[to];
    if (byte === COMMA || byte === CLOSE || byte === CLOSE_LIST) return to > at ? to : -1;
    if ((byte ?? 0) <= SPACE) return -1;
  }
  return -1;
}

function skipNested(bytes: Buffer, begin: number, end: number): number {
  let depth = 1;
  for (let at = begin; at < end; ) {
    const byte = bytes[at];
    at += 1;
    if (byte === QUOTE) {
      at = skipString(bytes, at, end);
      if (at === -1) return -1;
    } else if (byte === OPEN || byte === OPEN_LIST) depth += 1;
    else if (byte === CLOSE || byte === CLOSE_LIST) {
      depth -= 1;
      if (depth === 0) return at;
    }
  }
  return -1;
}

/** A whole number without sign, or undefined for any other value. */
export function readDigits(bytes: Buffer, from: number, to: number): number | undefined {
  if (to <= from || to - from > MAX_DIGITS) return undefined;
  let value = 0;
  for (let at = from; at < to; at++) {
    const digit = (bytes[at] ?? 0) - ZERO;
    if (digit < 0 || digit > 9) return undefined;
    value = value * 10 + digit;
  }
  return value;
}

const ZERO = 0x30;
const MAX_DIGITS = 15;

/** Tells whether these bytes stand there, and nothing else. */
export function isAt(bytes: Buffer, from: number, to: number, wanted: Uint8Array): boolean {
  if (to - from !== wanted.length) return false;
  for (let at = 0; at < wanted.length; at++) if (bytes[from + at] !== wanted[at]) return false;
  return true;
}

/** Lines of the text that the string between two places (quotes left out) stands for. */
export function countStringLines(bytes: Buffer, from: number, to: number): number {
  if (from >= to) return 0;
  let lines = 1;
  for (let at = from; at < to; at++) {
    if (bytes[at] !== BACKSLASH) continue;
    at += 1;
    if (bytes[at] === UNICODE_ESCAPE && isAt(bytes, at + 1, at + 4, NEWLINE_CODE) && ((bytes[at + 4] ?? 0) | 0x20) === 0x61) at += 4;
    else if (bytes[at] !== NEWLINE_ESCAPE) continue;
    // A newline at the end begins no further line.
    if (at + 1 < to) lines += 1;
  }
  return lines;
}

const NEWLINE_ESCAPE = 0x6e;
const UNICODE_ESCAPE = 0x75;

/** The first digits of a newline as `\\u000a`. */
const NEWLINE_CODE = Buffer.from('000');

/** Finds which of some words stands between two places. */
export class Words {
  readonly #words: readonly Uint8Array[];
  readonly #first = new Int16Array(BUCKETS).fill(-1);
  readonly #next: Int16Array;

  constructor(words: readonly string[]) {
    this.#words = words.map((word) => Buffer.from(word));
    this.#next = new Int16Array(words.length).fill(-1);
    for (const [index, word] of this.#words.entries()) {
      const bucket = bucketOf(word, 0, word.length);
      this.#next[index] = this.#first[bucket] ?? -1;
      this.#first[bucket] = index;
    }
  }

  get size(): number {
    return this.#words.length;
  }

  /** The number of the word, or -1. */
  find(bytes: Buffer, from: number, to: number): number {
    let index = this.#first[bucketOf(bytes, from, to)] ?? -1;
    while (index !== -1) {
      const word = this.#words[index];
      if (word !== undefined && isAt(bytes, from, to, word)) return index;
      index = this.#next[index] ?? -1;
    }
    return -1;
  }
}

const BUCKETS = 256;

function bucketOf(bytes: Uint8Array, from: number, to: number): number {
  return ((to - from) * 31 + (bytes[from] ?? 0) * 7 + (bytes[to - 1] ?? 0) * 3) & (BUCKETS - 1);
}

/** Reads short strings that are often the same as the last time, such as a session id, and then gives back the very same string. */
export class RepeatedText {
  #last = '';
  readonly #bytes = new Uint8Array(MAX_REMEMBERED_BYTES);
  #length = -1;

  /** The string between two places, quotes left out; undefined where its escapes are not right. */
  read(bytes: Buffer, from: number, to: number): string | undefined {
    if (this.#isSame(bytes, from, to)) return this.#last;
    const text = readText(bytes, from, to);
    if (text === undefined || to - from > MAX_REMEMBERED_BYTES) return text;
    this.#last = text;
    this.#length = to - from;
    for (let at = from; at < to; at++) this.#bytes[at - from] = bytes[at] ?? 0;
    return text;
  }

  #isSame(bytes: Buffer, from: number, to: number): boolean {
    if (to - from !== this.#length) return false;
    // What differs does so near the end: ids of one time begin alike.
    for (let at = this.#length - 1; at >= 0; at--) if (bytes[from + at] !== this.#bytes[at]) return false;
    return true;
  }
}

const MAX_REMEMBERED_BYTES = 256;

/** The string between two places, quotes left out; undefined where its escapes are not right. */
export function readText(bytes: Buffer, from: number, to: number): string | undefined {
  for (let at = from; at < to; at++) {
    const byte = bytes[at] ?? 0;
    if (byte === BACKSLASH || byte >= 0x80) return readEscaped(bytes, from, to);
  }
  return bytes.toString('latin1', from, to);
}

function readEscaped(bytes: Buffer, from: number, to: number): string | undefined {
  try {
    return JSON.parse(bytes.toString('utf8', from - 1, to + 1));
  } catch {
    return undefined;
  }
}

/** A value between two places, or undefined where it is not JSON. */
export function readValue(bytes: Buffer, from: number, to: number): unknown {
  try {
    return JSON.parse(bytes.toString('utf8', from, to));
  } catch {
    return undefined;
  }
}
