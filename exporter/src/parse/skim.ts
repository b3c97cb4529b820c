import { languageOf } from '../track/languages.ts';
import type { Calls } from './calls.ts';
import {
  BACKSLASH,
  CLOSE,
  CLOSE_LIST,
  COLON,
  COMMA,
  countStringLines,
  OPEN,
  OPEN_LIST,
  QUOTE,
  RepeatedText,
  readDigits,
  readValue,
  SPACE,
  skipValue,
  Words,
} from './json-bytes.ts';
import { ATTACHMENTS, LINE_FIELDS, MESSAGE_FIELDS, SUBTYPES } from './known-shapes.ts';
import type { Envelope, Line } from './line.ts';
import { countPatch } from './line-count.ts';
import { MAX_COUNT } from './parse.ts';
import { ATTACHMENT, BLOCK, CREATION, INPUT, LINE, MESSAGE, nestedIn, RESULT, Shape, USAGE } from './shape.ts';
import { readIsoTime } from './time.ts';
import type { ToolResultBlock } from './tool-result.ts';
import { isShell, mayCommit, nameOr, readToolUse, type ToolUseBlock, usesOnlyName } from './tool-use.ts';
import * as value from './values.ts';

/**
 * What skimming a line gives: what is in it · `pass`: of a type that nothing counts · `parse`: only a real parser can tell, because something
 * is not as Claude Code usually writes it or more than the usual is needed · `torn`: an object without its end · `blank`.
 */
export type Skimmed = Line | 'pass' | 'parse' | 'torn' | 'blank';

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
  readonly #subtypes = new Words([...SUBTYPES].filter((subtype) => subtype !== 'local_command'));
  readonly #attachments = new Words([...ATTACHMENTS].filter((kind) => kind !== 'queued_command'));
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
  readonly #agentType = new RepeatedText();

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
    if (this.#line.is(this.#bytes, LINE.type, value.ASSISTANT)) return 'assistant';
    if (this.#line.is(this.#bytes, LINE.type, value.USER)) return 'user';
    return this.#line.is(this.#bytes, LINE.type, value.SYSTEM) ? 'system' : undefined;
  }

  /** Nothing is counted of the line, and nothing about it is new. */
  #isKnownType(): boolean {
    if (this.#attachment.seen && !this.#attachment.isOneOf(this.#bytes, ATTACHMENT.type, this.#attachments)) return false;
    return this.#line.isOneOf(this.#bytes, LINE.type, this.#types);
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
    if (this.#block.is(this.#bytes, BLOCK.type, value.TOOL_USE)) this.#readToolUse(calls);
    else if (this.#block.is(this.#bytes, BLOCK.type, value.TOOL_RESULT)) this.#readResult();
    else if (this.#block.is(this.#bytes, BLOCK.type, value.TEXT)) {
      if (this.#textFrom === -1 && this.#block.isString(this.#bytes, BLOCK.text)) this.#textFrom = this.#block.from(BLOCK.text) + 1;
    } else if (!value.OTHER_BLOCKS.some((type) => this.#block.is(this.#bytes, BLOCK.type, type))) this.#understood = false;
  }

  #readToolUse(calls: Calls): void {
    const block = this.#block;
    const name = this.#text(block, BLOCK.name, this.#tool);
    const id = block.isString(this.#bytes, BLOCK.id) ? block.text(this.#bytes, BLOCK.id) : undefined;
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
    const path = input.isString(this.#bytes, INPUT.file_path) ? input.text(this.#bytes, INPUT.file_path) : '';
    if (path === undefined) this.#understood = false;
    const isText = input.isString(this.#bytes, INPUT.content);
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
    if (!block.isString(this.#bytes, BLOCK.tool_use_id)) return;
    this.#results += 1;
    this.#resultId = block.text(this.#bytes, BLOCK.tool_use_id);
    this.#resultFailed ||= block.is(this.#bytes, BLOCK.is_error, value.TRUE);
  }

  #readLine(type: 'assistant' | 'user' | 'system' | undefined, calls: Calls): Skimmed {
    if (type === 'system') return this.#isKnownSubtype() ? 'pass' : 'parse';
    if (type === undefined || !this.#message.seen || !this.#understood) return 'parse';
    const envelope = this.#readEnvelope();
    if (envelope === undefined) return 'parse';
    if (type === 'assistant') return this.#readResponse(envelope);
    return this.#results > 0 ? this.#readToolResult(envelope, calls) : this.#readPrompt(envelope);
  }

  /** As {@link #isKnownType}; commands of Claude Code itself are counted. */
  #isKnownSubtype(): boolean {
    return !this.#line.has(LINE.subtype) || this.#line.isOneOf(this.#bytes, LINE.subtype, this.#subtypes);
  }

  #readEnvelope(): Envelope | undefined {
    const line = this.#line;
    if (line.has(LINE.forkedFrom)) return undefined;
    const envelope: Envelope = { sidechain: line.is(this.#bytes, LINE.isSidechain, value.TRUE) };
    if (line.has(LINE.timestamp)) {
      if (!line.isString(this.#bytes, LINE.timestamp)) return undefined;
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
    if (
      this.#line.is(this.#bytes, LINE.isApiErrorMessage, value.TRUE) ||
      !usage.seen ||
      this.#results > 0 ||
      message.is(this.#bytes, MESSAGE.model, value.SYNTHETIC)
    )
      return 'parse';
    const messageId = this.#text(message, MESSAGE.id, this.#messageId);
    const model = this.#text(message, MESSAGE.model, this.#model);
    const agentType = this.#text(this.#line, LINE.attributionAgent, this.#agentType);
    const input = this.#count(usage, USAGE.input_tokens);
    const output = this.#count(usage, USAGE.output_tokens);
    const cacheRead = this.#count(usage, USAGE.cache_read_input_tokens);
    const flat = this.#count(usage, USAGE.cache_creation_input_tokens);
    const split5m = this.#creation.seen ? this.#count(this.#creation, CREATION.ephemeral_5m_input_tokens) : 0;
    const write1h = this.#creation.seen ? this.#count(this.#creation, CREATION.ephemeral_1h_input_tokens) : 0;
    if (messageId === undefined || messageId === '' || model === undefined || !this.#understood) return 'parse';
    const writes = Math.max(flat, split5m + write1h);
    const finished = message.isString(this.#bytes, MESSAGE.stop_reason);
    const goesOn =
      message.is(this.#bytes, MESSAGE.stop_reason, value.TOOL_USE) || message.is(this.#bytes, MESSAGE.stop_reason, value.PAUSE_TURN);
    return {
      ...envelope,
      type: 'response',
      messageId,
      model,
      ...(agentType === undefined ? {} : { agentType: nameOr(agentType, 'other') }),
      tokens: { input, output, cacheRead, write5m: writes - write1h, write1h },
      finished,
      turnEnded: finished && !goesOn,
      fast: usage.is(this.#bytes, USAGE.speed, value.FAST),
      toolUses: this.#toolUses,
    };
  }

  #readToolResult(envelope: Envelope, calls: Calls): Skimmed {
    const id = this.#resultId;
    if (this.#results > 1 || id === undefined || this.#resultFailed) return 'parse';
    switch (calls.kindOf(id)) {
      case 'plain':
        return { ...envelope, type: 'tool_result', results: [{ id, outcome: 'ok' }] };
      case 'edit': {
        const lines = this.#readEditedLines();
        return lines === undefined ? 'parse' : { ...envelope, type: 'tool_result', results: [{ id, outcome: 'ok', ...lines }] };
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
    const path = result.isString(this.#bytes, RESULT.filePath) ? result.text(bytes, RESULT.filePath) : undefined;
    const language = path === undefined ? {} : { language: languageOf(path) };
    if (result.is(this.#bytes, RESULT.type, value.CREATE) && result.is(this.#bytes, RESULT.structuredPatch, value.EMPTY_LIST)) {
      const isText = result.isString(this.#bytes, RESULT.content);
      const added = isText ? countStringLines(bytes, result.from(RESULT.content) + 1, result.to(RESULT.content) - 1) : 0;
      return { lines: { added, removed: 0 }, linesFrom: 'create', ...language };
    }
    const patch = readValue(bytes, result.from(RESULT.structuredPatch), result.to(RESULT.structuredPatch));
    return Array.isArray(patch) ? { lines: countPatch(patch), linesFrom: 'patch', ...language } : undefined;
  }

  #readPrompt(envelope: Envelope): Skimmed {
    const line = this.#line;
    const message = this.#message;
    const isText = message.isString(this.#bytes, MESSAGE.content);
    if ((!isText && this.#bytes[message.from(MESSAGE.content)] !== OPEN_LIST) || line.has(LINE.origin) || line.has(LINE.promptSource))
      return 'parse';
    const text = isText ? message.from(MESSAGE.content) + 1 : this.#textFrom;
    if (text !== -1 && !value.isPlainText(this.#bytes, text, this.#end)) return 'parse';
    const isCompactSummary = line.is(this.#bytes, LINE.isCompactSummary, value.TRUE);
    const notTyped =
      isCompactSummary || envelope.sidechain || line.is(this.#bytes, LINE.isMeta, value.TRUE) || line.has(LINE.toolUseResult);
    if (!notTyped && (text !== -1 || this.#blocks > 0)) return { ...envelope, type: 'prompt' };
    return { ...envelope, type: 'other', interrupted: false, compactSummary: isCompactSummary };
  }

  /** The text of a field, undefined where it is not there or not a text. */
  #text(shape: Shape, word: number, memory: RepeatedText): string | undefined {
    if (!shape.isString(this.#bytes, word)) return undefined;
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
