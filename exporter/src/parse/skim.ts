import type { ToolOutcome } from '../track/fact.ts';
import { languageOf } from '../track/languages.ts';
import {
  BACKSLASH,
  CLOSE,
  CLOSE_LIST,
  COLON,
  COMMA,
  countStringLines,
  isAt,
  OPEN,
  OPEN_LIST,
  QUOTE,
  RepeatedText,
  readDigits,
  readText,
  readValue,
  SPACE,
  skipValue,
  Words,
} from './json-bytes.ts';
import { ATTACHMENTS, BLOCKS, LINE_FIELDS, MESSAGE_FIELDS, SUBTYPES } from './known-shapes.ts';
import type { Envelope, Line } from './line.ts';
import { countPatch } from './line-count.ts';
import { NOT_TYPED } from './parse.ts';
import { readIsoTime } from './time.ts';
import type { ToolResultBlock } from './tool-result.ts';
import { isShell, mayCommit, readToolUse, type ToolUseBlock, usesOnlyName } from './tool-use.ts';

/**
 * What skimming a line gives: what is in it · `pass`: of a type that nothing counts · `parse`: only a real parser can tell, because something
 * is not as Claude Code usually writes it or more than the usual is needed · `torn`: an object without its end · `blank`.
 */
export type Skimmed = Line | 'pass' | 'parse' | 'torn' | 'blank';

/**
 * How a tool call is counted. `plain`: that it succeeded, and when, is all its result has to tell · `edit`: lines besides ·
 * `command`: its output has to be read as well.
 */
export type CallKind = 'plain' | 'edit' | 'command';

/** The tool calls known so far. */
export interface Calls {
  kindOf(id: string): CallKind | undefined;
  note(use: ToolUseBlock): void;
}

/** How the result of this call has to be read. */
export function kindOfCall({ lines, commits, opensPullRequest, tasks }: Omit<ToolUseBlock, 'id' | 'tool'>): CallKind {
  if (commits || opensPullRequest || tasks) return 'command';
  return lines === undefined ? 'plain' : 'edit';
}

/** One kind of object in a line: its known fields and where their values stand in the line under way. */
class Shape {
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
}

/** Numbers of the fields that are used: places in the lists below, which begin with them. */
const LINE = {
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
};
const MESSAGE = { id: 0, model: 1, content: 2, stop_reason: 3, usage: 4 };
const USAGE = {
  input_tokens: 0,
  output_tokens: 1,
  cache_read_input_tokens: 2,
  cache_creation_input_tokens: 3,
  cache_creation: 4,
  speed: 5,
};
const CREATION = { ephemeral_5m_input_tokens: 0, ephemeral_1h_input_tokens: 1 };
const BLOCK = { type: 0, id: 1, name: 2, input: 3, tool_use_id: 4, is_error: 5, text: 6 };
const ATTACHMENT = { type: 0 };
const INPUT = { file_path: 0, content: 1 };
const RESULT = { structuredPatch: 0, type: 1, filePath: 2, content: 3 };

const ASSISTANT = Buffer.from('"assistant"');
const USER = Buffer.from('"user"');
const SYSTEM = Buffer.from('"system"');
const TOOL_USE = Buffer.from('"tool_use"');
const TOOL_RESULT = Buffer.from('"tool_result"');
const TEXT = Buffer.from('"text"');
const OTHER_BLOCKS = ['thinking', ...BLOCKS].map((type) => Buffer.from(`"${type}"`));
const PAUSE_TURN = Buffer.from('"pause_turn"');
const SYNTHETIC = Buffer.from('"<synthetic>"');
const FAST = Buffer.from('"fast"');
const CREATE = Buffer.from('"create"');
const TRUE = Buffer.from('true');
const EMPTY_LIST = Buffer.from('[]');
const QUEUED_COMMAND = Buffer.from('"queued_command"');
const LOCAL_COMMAND = Buffer.from('"local_command"');

const OWN_TEXTS = NOT_TYPED.map((text) => Buffer.from(text));

const OK: ToolOutcome = 'ok';

/**
 * Reads lines from their bytes. Most of a transcript is tool results and progress, of which nothing or little is counted: walking over
 * it is five times as fast as making text and then objects of it. The structure is followed, not guessed: every quote is found, so what
 * somebody wrote cannot be taken for a field. What it gives is what `parseLine` gives, except that of the result of a plain call only
 * the outcome is told; what it does not understand in every detail it leaves to `parseLine`. It does not look at escapes and numbers that
 * it passes over, so a line that is wrong only there is not noticed.
 */
export class Skimmer {
  #bytes: Buffer = Buffer.alloc(0);
  #end = 0;
  readonly #line = new Shape([...new Set([...Object.keys(LINE), ...Object.values(LINE_FIELDS).flat()])]);
  readonly #message = new Shape([...new Set([...Object.keys(MESSAGE), ...(MESSAGE_FIELDS.message ?? [])])]);
  readonly #usage = new Shape([...new Set([...Object.keys(USAGE), ...(MESSAGE_FIELDS.usage ?? [])])]);
  readonly #attachment = new Shape(Object.keys(ATTACHMENT), true);
  readonly #types = new Words(Object.keys(LINE_FIELDS));
  readonly #subtypes = new Words([...SUBTYPES]);
  readonly #attachments = new Words([...ATTACHMENTS]);
  readonly #creation = new Shape(Object.keys(CREATION));
  readonly #block = new Shape(Object.keys(BLOCK), true);
  readonly #input = new Shape(Object.keys(INPUT), true);
  readonly #result = new Shape(Object.keys(RESULT), true);

  /** What the blocks of the message under way tell. */
  #toolUses: ToolUseBlock[] = [];
  #blocks = 0;
  #results = 0;
  #resultId: string | undefined;
  #resultFailed = false;
  /** Where the first text begins, its quote left out. */
  #textFrom = -1;
  #understood = true;

  readonly #uuid = new RepeatedText();
  readonly #sessionId = new RepeatedText();
  readonly #cwd = new RepeatedText();
  readonly #branch = new RepeatedText();
  readonly #version = new RepeatedText();
  readonly #model = new RepeatedText();
  readonly #messageId = new RepeatedText();
  readonly #tool = new RepeatedText();

  constructor() {
    this.#line.nested = nestedIn(LINE, { message: this.#message, toolUseResult: this.#result, attachment: this.#attachment });
    this.#message.nested = nestedIn(MESSAGE, { usage: this.#usage });
    this.#block.nested = nestedIn(BLOCK, { input: this.#input });
    this.#usage.nested = nestedIn(USAGE, { cache_creation: this.#creation });
  }

  /**
   * Skims the line between two places. `calls` tells of the tool calls whose results may be here; `named`: the file says whose session it
   * is, so that a line need not.
   */
  skim(bytes: Buffer, start: number, end: number, calls: Calls, named: boolean): Skimmed {
    let last = end - 1;
    while (last >= start && (bytes[last] ?? 0) <= SPACE) last -= 1;
    if (last < start) return 'blank';
    if (bytes[start] !== OPEN) return 'parse';
    if (bytes[last] !== CLOSE) return 'torn';
    this.#bytes = bytes;
    this.#end = last + 1;
    return this.#skimLine(start + 1, calls, named);
  }

  #skimLine(begin: number, calls: Calls, named: boolean): Skimmed {
    const line = this.#line;
    line.clear();
    this.#message.clear();
    this.#result.clear();
    this.#attachment.clear();
    let type: 'assistant' | 'user' | 'system' | undefined;
    for (let at = begin; ; at += 1) {
      const after = this.#walkMember(line, at, calls);
      if (after === -1) return 'parse';
      at = after;
      if (type === undefined && line.has(LINE.type)) {
        type = this.#typeOf();
        if (type === undefined) return this.#isKnownType() ? 'pass' : 'parse';
      }
      const next = this.#bytes[at];
      if (next === CLOSE) return at + 1 === this.#end ? this.#readLine(type, calls) : 'parse';
      if (next !== COMMA) return 'parse';
      if (type === 'user' && named && this.#isPlainResult(calls)) return this.#readLine(type, calls);
    }
  }

  #typeOf(): 'assistant' | 'user' | 'system' | undefined {
    if (this.#is(this.#line, LINE.type, ASSISTANT)) return 'assistant';
    if (this.#is(this.#line, LINE.type, USER)) return 'user';
    return this.#is(this.#line, LINE.type, SYSTEM) ? 'system' : undefined;
  }

  /** Nothing is counted of the line, and nothing about it is new. */
  #isKnownType(): boolean {
    if (this.#is(this.#attachment, ATTACHMENT.type, QUEUED_COMMAND)) return false;
    if (this.#attachment.seen && !this.#isOneOf(this.#attachment, ATTACHMENT.type, this.#attachments)) return false;
    return this.#isOneOf(this.#line, LINE.type, this.#types);
  }

  /** Everything that is needed of a plain result has been seen; what follows, often megabytes, need not be. */
  #isPlainResult(calls: Calls): boolean {
    const line = this.#line;
    if (this.#results !== 1 || this.#resultId === undefined || !this.#message.seen) return false;
    if (!line.has(LINE.timestamp) || !line.has(LINE.isSidechain)) return false;
    return !this.#resultFailed && calls.kindOf(this.#resultId) === 'plain';
  }

  /** Walks over `"name":value` and notes where it stands. Gives back the place after it, or -1. */
  #walkMember(shape: Shape, at: number, calls: Calls): number {
    const bytes = this.#bytes;
    const end = this.#end;
    if (bytes[at] !== QUOTE) return -1;
    const from = at + 1;
    let to = from;
    for (; bytes[to] !== QUOTE; to++) if (to >= end || bytes[to] === BACKSLASH) return -1;
    if (bytes[to + 1] !== COLON) return -1;
    const word = shape.words.find(bytes, from, to);
    if (word === -1 && !shape.open) return -1;
    const value = to + 2;
    const after = this.#walkValue(shape, word, value, calls);
    if (after !== -1 && word !== -1) shape.set(word, value, after);
    return after;
  }

  #walkValue(shape: Shape, word: number, at: number, calls: Calls): number {
    if (this.#bytes[at] === OPEN) {
      const nested = shape.nested[word];
      if (nested !== undefined) return this.#walkObject(nested, at + 1, calls);
    } else if (shape === this.#message && word === MESSAGE.content && this.#bytes[at] === OPEN_LIST) return this.#walkBlocks(at + 1, calls);
    return skipValue(this.#bytes, at, this.#end);
  }

  #walkObject(shape: Shape, begin: number, calls: Calls): number {
    shape.clear();
    shape.seen = true;
    if (shape === this.#message) this.#beginMessage();
    else if (shape === this.#usage) this.#creation.clear();
    else if (shape === this.#block) this.#input.clear();
    if (this.#bytes[begin] === CLOSE) return begin + 1;
    for (let at = begin; ; at += 1) {
      at = this.#walkMember(shape, at, calls);
      if (at === -1) return -1;
      if (this.#bytes[at] === CLOSE) return at + 1;
      if (this.#bytes[at] !== COMMA) return -1;
    }
  }

  #beginMessage(): void {
    this.#usage.clear();
    this.#toolUses = [];
    this.#blocks = 0;
    this.#results = 0;
    this.#resultId = undefined;
    this.#resultFailed = false;
    this.#textFrom = -1;
    this.#understood = true;
  }

  #walkBlocks(begin: number, calls: Calls): number {
    if (this.#bytes[begin] === CLOSE_LIST) return begin + 1;
    for (let at = begin; ; at += 1) {
      this.#blocks += 1;
      if (this.#bytes[at] === OPEN) {
        at = this.#walkObject(this.#block, at + 1, calls);
        if (at !== -1) this.#readBlock(calls);
      } else at = skipValue(this.#bytes, at, this.#end);
      if (at === -1) return -1;
      if (this.#bytes[at] === CLOSE_LIST) return at + 1;
      if (this.#bytes[at] !== COMMA) return -1;
    }
  }

  #readBlock(calls: Calls): void {
    if (this.#is(this.#block, BLOCK.type, TOOL_USE)) this.#readToolUse(calls);
    else if (this.#is(this.#block, BLOCK.type, TOOL_RESULT)) this.#readResult();
    else if (this.#is(this.#block, BLOCK.type, TEXT)) {
      if (this.#textFrom === -1 && this.#isString(this.#block, BLOCK.text)) this.#textFrom = this.#block.from(BLOCK.text) + 1;
    } else if (!OTHER_BLOCKS.some((type) => this.#is(this.#block, BLOCK.type, type))) this.#understood = false;
  }

  #readToolUse(calls: Calls): void {
    const block = this.#block;
    const name = this.#text(block, BLOCK.name, this.#tool);
    const id = this.#isString(block, BLOCK.id) ? readText(this.#bytes, block.from(BLOCK.id) + 1, block.to(BLOCK.id) - 1) : undefined;
    if (name === undefined || id === undefined) {
      this.#understood = false;
      return;
    }
    if (name === 'Write' && this.#input.seen) {
      this.#addUse(this.#readWrite(id), calls);
      return;
    }
    const input = block.has(BLOCK.input) ? this.#readInput(name, block.from(BLOCK.input), block.to(BLOCK.input)) : {};
    if (input === undefined) this.#understood = false;
    this.#addUse(readToolUse(id, name, input), calls);
  }

  #addUse(use: ToolUseBlock, calls: Calls): void {
    calls.note(use);
    this.#toolUses.push(use);
  }

  /** A file that is written is the longest input there is, and only its lines are counted. */
  #readWrite(id: string): ToolUseBlock {
    const input = this.#input;
    const path = this.#isString(input, INPUT.file_path)
      ? readText(this.#bytes, input.from(INPUT.file_path) + 1, input.to(INPUT.file_path) - 1)
      : '';
    if (path === undefined) this.#understood = false;
    const isText = this.#isString(input, INPUT.content);
    const added = isText ? countStringLines(this.#bytes, input.from(INPUT.content) + 1, input.to(INPUT.content) - 1) : 0;
    return { ...readToolUse(id, 'Write', { file_path: path }), lines: { added, removed: 0 } };
  }

  #readInput(name: string, from: number, to: number): unknown {
    if (usesOnlyName(name)) return {};
    if (isShell(name) && !mayCommit(this.#bytes.toString('latin1', from, to))) return {};
    return readValue(this.#bytes, from, to);
  }

  #readResult(): void {
    const block = this.#block;
    if (!this.#isString(block, BLOCK.tool_use_id)) return;
    this.#results += 1;
    this.#resultId = readText(this.#bytes, block.from(BLOCK.tool_use_id) + 1, block.to(BLOCK.tool_use_id) - 1);
    this.#resultFailed ||= this.#is(block, BLOCK.is_error, TRUE);
  }

  #readLine(type: 'assistant' | 'user' | 'system' | undefined, calls: Calls): Skimmed {
    if (type === 'system') return this.#isKnownSubtype() ? 'pass' : 'parse';
    if (type === undefined || !this.#message.seen || !this.#understood) return 'parse';
    const envelope = this.#readEnvelope();
    if (envelope === undefined) return 'parse';
    if (type === 'assistant') return this.#readResponse(envelope);
    return this.#results > 0 ? this.#readToolResult(envelope, calls) : this.#readPrompt(envelope);
  }

  /** As {@link #isKnownType}. */
  #isKnownSubtype(): boolean {
    if (this.#is(this.#line, LINE.subtype, LOCAL_COMMAND)) return false;
    return !this.#line.has(LINE.subtype) || this.#isOneOf(this.#line, LINE.subtype, this.#subtypes);
  }

  #readEnvelope(): Envelope | undefined {
    const line = this.#line;
    if (line.has(LINE.forkedFrom)) return undefined;
    const envelope: Envelope = { sidechain: this.#is(line, LINE.isSidechain, TRUE) };
    if (line.has(LINE.timestamp)) {
      if (!this.#isString(line, LINE.timestamp)) return undefined;
      const timeMs = readIsoTime(this.#bytes, line.from(LINE.timestamp) + 1, line.to(LINE.timestamp) - 1);
      if (timeMs === undefined) return undefined;
      envelope.timeMs = timeMs;
    }
    const uuid = this.#text(line, LINE.uuid, this.#uuid);
    const sessionId = this.#text(line, LINE.sessionId, this.#sessionId);
    const cwd = this.#text(line, LINE.cwd, this.#cwd);
    const branch = this.#text(line, LINE.gitBranch, this.#branch);
    const version = this.#text(line, LINE.version, this.#version);
    if (uuid !== undefined) envelope.uuid = uuid;
    if (sessionId !== undefined) envelope.sessionId = sessionId;
    if (cwd !== undefined) envelope.cwd = cwd;
    if (branch !== undefined) envelope.branch = branch;
    if (version !== undefined) envelope.version = version;
    return this.#understood ? envelope : undefined;
  }

  #readResponse(envelope: Envelope): Skimmed {
    const message = this.#message;
    const usage = this.#usage;
    if (this.#is(this.#line, LINE.isApiErrorMessage, TRUE) || !usage.seen || this.#is(message, MESSAGE.model, SYNTHETIC)) return 'parse';
    if (this.#results > 0) return 'parse';
    const messageId = this.#text(message, MESSAGE.id, this.#messageId);
    const model = this.#text(message, MESSAGE.model, this.#model);
    const input = this.#count(usage, USAGE.input_tokens);
    const output = this.#count(usage, USAGE.output_tokens);
    const cacheRead = this.#count(usage, USAGE.cache_read_input_tokens);
    const flat = this.#count(usage, USAGE.cache_creation_input_tokens);
    const split5m = this.#creation.seen ? this.#count(this.#creation, CREATION.ephemeral_5m_input_tokens) : 0;
    const write1h = this.#creation.seen ? this.#count(this.#creation, CREATION.ephemeral_1h_input_tokens) : 0;
    if (messageId === undefined || messageId === '' || model === undefined || !this.#understood) return 'parse';
    const writes = Math.max(flat, split5m + write1h);
    const finished = this.#isString(message, MESSAGE.stop_reason);
    const goesOn = this.#is(message, MESSAGE.stop_reason, TOOL_USE) || this.#is(message, MESSAGE.stop_reason, PAUSE_TURN);
    return {
      ...envelope,
      type: 'response',
      messageId,
      model,
      tokens: { input, output, cacheRead, write5m: writes - write1h, write1h },
      finished,
      turnEnded: finished && !goesOn,
      fast: this.#is(usage, USAGE.speed, FAST),
      toolUses: this.#toolUses,
    };
  }

  #readToolResult(envelope: Envelope, calls: Calls): Skimmed {
    const id = this.#resultId;
    if (this.#results > 1 || id === undefined || this.#resultFailed) return 'parse';
    switch (calls.kindOf(id)) {
      case 'plain':
        return { ...envelope, type: 'tool_result', results: [{ id, outcome: OK }] };
      case 'edit': {
        const lines = this.#readEditedLines();
        return lines === undefined ? 'parse' : { ...envelope, type: 'tool_result', results: [{ id, outcome: OK, ...lines }] };
      }
      default:
        return 'parse';
    }
  }

  /** As `readLines` of `tool-result.ts`, for results that are objects with a patch. */
  #readEditedLines(): Partial<ToolResultBlock> | undefined {
    const result = this.#result;
    const bytes = this.#bytes;
    if (!result.seen || !result.has(RESULT.structuredPatch)) return undefined;
    const path = this.#isString(result, RESULT.filePath)
      ? readText(bytes, result.from(RESULT.filePath) + 1, result.to(RESULT.filePath) - 1)
      : undefined;
    const language = path === undefined ? {} : { language: languageOf(path) };
    if (this.#is(result, RESULT.type, CREATE) && this.#is(result, RESULT.structuredPatch, EMPTY_LIST)) {
      const isText = this.#isString(result, RESULT.content);
      const added = isText ? countStringLines(bytes, result.from(RESULT.content) + 1, result.to(RESULT.content) - 1) : 0;
      return { lines: { added, removed: 0 }, linesFrom: 'create', ...language };
    }
    const patch = readValue(bytes, result.from(RESULT.structuredPatch), result.to(RESULT.structuredPatch));
    return Array.isArray(patch) ? { lines: countPatch(patch), linesFrom: 'patch', ...language } : undefined;
  }

  #readPrompt(envelope: Envelope): Skimmed {
    const line = this.#line;
    const message = this.#message;
    const isText = this.#isString(message, MESSAGE.content);
    if (!isText && this.#bytes[message.from(MESSAGE.content)] !== OPEN_LIST) return 'parse';
    const text = isText ? message.from(MESSAGE.content) + 1 : this.#textFrom;
    if (text !== -1 && !this.#isPlainText(text)) return 'parse';
    if (line.has(LINE.origin) || line.has(LINE.promptSource)) return 'parse';
    const isCompactSummary = this.#is(line, LINE.isCompactSummary, TRUE);
    const notTyped = isCompactSummary || envelope.sidechain || this.#is(line, LINE.isMeta, TRUE) || line.has(LINE.toolUseResult);
    if (!notTyped && (text !== -1 || this.#blocks > 0)) return { ...envelope, type: 'prompt' };
    return { ...envelope, type: 'other', interrupted: false, compactSummary: isCompactSummary };
  }

  /** Not one of the texts that Claude Code writes on its own account, and nothing that only looks different because of an escape. */
  #isPlainText(from: number): boolean {
    const bytes = this.#bytes;
    return bytes[from] !== BACKSLASH && !OWN_TEXTS.some((text) => isAt(bytes, from, Math.min(from + text.length, this.#end), text));
  }

  #is(shape: Shape, word: number, wanted: Uint8Array): boolean {
    return shape.has(word) && isAt(this.#bytes, shape.from(word), shape.to(word), wanted);
  }

  #isOneOf(shape: Shape, word: number, words: Words): boolean {
    return shape.has(word) && words.find(this.#bytes, shape.from(word) + 1, shape.to(word) - 1) !== -1;
  }

  #isString(shape: Shape, word: number): boolean {
    return shape.has(word) && this.#bytes[shape.from(word)] === QUOTE;
  }

  /** The text of a field, undefined where it is not there or not a text. */
  #text(shape: Shape, word: number, memory: RepeatedText): string | undefined {
    if (!this.#isString(shape, word)) return undefined;
    const text = memory.read(this.#bytes, shape.from(word) + 1, shape.to(word) - 1);
    if (text === undefined) this.#understood = false;
    return text;
  }

  /** A count of tokens; one that is not there is 0, one that is not a whole number is not understood. */
  #count(shape: Shape, word: number): number {
    if (!shape.has(word)) return 0;
    const count = readDigits(this.#bytes, shape.from(word), shape.to(word));
    if (count === undefined || count >= MAX_COUNT) this.#understood = false;
    return count ?? 0;
  }
}

/** As in `parse.ts`. */
const MAX_COUNT = 2 ** 40;

/** The shapes of the objects in the fields of an object, by the number of the field. */
function nestedIn<const Field extends string>(fields: Record<Field, number>, shapes: Partial<Record<Field, Shape>>): (Shape | undefined)[] {
  const nested: (Shape | undefined)[] = [];
  for (const name of Object.keys(shapes) as Field[]) nested[fields[name]] = shapes[name];
  return nested;
}
