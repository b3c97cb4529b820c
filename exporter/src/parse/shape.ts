import { isAt, QUOTE, readText, Words } from './json-bytes.ts';

/** One kind of object in a line: its known fields and where their values stand in the line under way. */
export class Shape {
  readonly words: Words;
  readonly #from: Int32Array;
  readonly #to: Int32Array;
  /** The object was there. */
  seen = false;
  /** Fields that are not known may be passed over. */
  readonly open: boolean;
  /** Shapes of the objects in its fields, by the number of the field. */
  nested: readonly (Shape | undefined)[] = [];

  constructor(words: readonly string[], open = false) {
    this.words = new Words(words);
    this.#from = new Int32Array(words.length);
    this.#to = new Int32Array(words.length);
    this.open = open;
  }

  clear(): void {
    this.#from.fill(-1);
    this.seen = false;
  }

  set(word: number, from: number, to: number): void {
    this.#from[word] = from;
    this.#to[word] = to;
  }

  has(word: number): boolean {
    return this.from(word) !== -1;
  }

  from(word: number): number {
    return this.#from[word] ?? -1;
  }

  to(word: number): number {
    return this.#to[word] ?? -1;
  }

  /** These bytes stand there as the value, and nothing else. */
  is(bytes: Buffer, word: number, wanted: Uint8Array): boolean {
    return this.has(word) && isAt(bytes, this.from(word), this.to(word), wanted);
  }

  isString(bytes: Buffer, word: number): boolean {
    return this.has(word) && bytes[this.from(word)] === QUOTE;
  }

  /** The value is a string that is one of these words. */
  isOneOf(bytes: Buffer, word: number, words: Words): boolean {
    return this.has(word) && words.find(bytes, this.from(word) + 1, this.to(word) - 1) !== -1;
  }

  /** The text of a field whose value is a string; undefined where its escapes are not right. */
  text(bytes: Buffer, word: number): string | undefined {
    return readText(bytes, this.from(word) + 1, this.to(word) - 1);
  }
}

/** Numbers of the fields that are used: places in the lists below, which begin with them. */
export const LINE = {
  type: 0,
  message: 1,
  uuid: 2,
  timestamp: 3,
  sessionId: 4,
  cwd: 5,
  gitBranch: 6,
  version: 7,
  isSidechain: 8,
  isApiErrorMessage: 9,
  isMeta: 10,
  isCompactSummary: 11,
  toolUseResult: 12,
  attachment: 13,
  subtype: 14,
  forkedFrom: 15,
  origin: 16,
  promptSource: 17,
  attributionAgent: 18,
};
export const MESSAGE = { id: 0, model: 1, content: 2, stop_reason: 3, usage: 4 };
export const USAGE = {
  input_tokens: 0,
  output_tokens: 1,
  cache_read_input_tokens: 2,
  cache_creation_input_tokens: 3,
  cache_creation: 4,
  speed: 5,
};
export const CREATION = { ephemeral_5m_input_tokens: 0, ephemeral_1h_input_tokens: 1 };
export const BLOCK = { type: 0, id: 1, name: 2, input: 3, tool_use_id: 4, is_error: 5, text: 6 };
export const ATTACHMENT = { type: 0 };
export const INPUT = { file_path: 0, content: 1 };
export const RESULT = { structuredPatch: 0, type: 1, filePath: 2, content: 3 };

/** The shapes of the objects in the fields of an object, by the number of the field. */
export function nestedIn<const Field extends string>(
  fields: Record<Field, number>,
  shapes: Partial<Record<Field, Shape>>,
): (Shape | undefined)[] {
  const nested: (Shape | undefined)[] = [];
  for (const name of Object.keys(shapes) as Field[]) nested[fields[name]] = shapes[name];
  return nested;
}
