import type { ActivityFact, Fact, PromptFact, ResponseFact, ToolFact, ToolResult, ToolUse } from './fact.ts';

/**
 * Facts on their way from one thread to another: as numbers and strings in two flat lists, which cost a tenth of what copies of objects
 * cost. They are new: none of them has been settled.
 */
export interface Packed {
  numbers: Float64Array<ArrayBuffer>;
  strings: string[];
}

/** What a packed fact is, in the lowest bits of its first number. */
const RESPONSE = 0;
const TOOL = 1;
const PROMPT = 2;
const ACTIVITY = 3;
/** Anything else, as JSON: such facts are few. */
const OTHER = 4;
const KINDS = 8;

/** What else its first number says. */
const SUBAGENT = 8;
const FINISHED = 16;
const FAST = 32;
const HAS_USE = 64;
const HAS_RESULT = 128;
/** The use says more than its name; the result more than that it succeeded. */
const USE_AS_JSON = 256;
const RESULT_AS_JSON = 512;
const HAS_AGENT_TYPE = 1024;

/** Packs facts one after another. `take` gives what has been packed and begins anew. */
export class Packer {
  #numbers = new Float64Array(4096);
  #length = 0;
  #strings: string[] = [];
  readonly #repeated = new Map<string, number>();

  /** How many numbers have been packed: tells parts of the whole from each other. */
  get length(): number {
    return this.#length;
  }

  pack(fact: Fact): void {
    if (fact.type === 'response') this.#response(fact);
    else if (fact.type === 'tool') this.#tool(fact);
    else if (fact.type === 'prompt') this.#placed(PROMPT, fact);
    else if (fact.type === 'activity') {
      this.#placed(ACTIVITY, fact);
      this.#number(fact.activeMs);
    } else {
      this.#number(OTHER);
      this.#string(JSON.stringify(fact));
    }
  }

  take(): Packed {
    const packed = { numbers: this.#numbers.slice(0, this.#length), strings: this.#strings };
    this.#length = 0;
    this.#strings = [];
    this.#repeated.clear();
    return packed;
  }

  #placed(head: number, { key, timeMs, sessionId }: Fact): void {
    this.#number(head);
    this.#string(key);
    this.#number(timeMs);
    this.#common(sessionId);
  }

  #response(fact: ResponseFact): void {
    const { agent, agentType, finished, fast, model, tokens } = fact;
    this.#placed(
      RESPONSE |
        (agent === 'subagent' ? SUBAGENT : 0) |
        (agentType === undefined ? 0 : HAS_AGENT_TYPE) |
        (finished ? FINISHED : 0) |
        (fast ? FAST : 0),
      fact,
    );
    if (agentType !== undefined) this.#common(agentType);
    this.#common(model);
    this.#number(tokens.input);
    this.#number(tokens.output);
    this.#number(tokens.cacheRead);
    this.#number(tokens.write5m);
    this.#number(tokens.write1h);
  }

  #tool(fact: ToolFact): void {
    const { use, result } = fact;
    const useAsJson = use !== undefined && countFields(use) > PLAIN_USE_FIELDS;
    const resultAsJson = result !== undefined && (result.outcome !== 'ok' || countFields(result) > PLAIN_RESULT_FIELDS);
    this.#placed(
      TOOL |
        (use === undefined ? 0 : HAS_USE) |
        (result === undefined ? 0 : HAS_RESULT) |
        (useAsJson ? USE_AS_JSON : 0) |
        (resultAsJson ? RESULT_AS_JSON : 0) |
        (use?.agent === 'subagent' ? SUBAGENT : 0),
      fact,
    );
    if (use !== undefined) {
      if (useAsJson) this.#string(JSON.stringify(use));
      else {
        this.#number(use.timeMs);
        this.#common(use.sessionId);
        this.#common(use.tool);
      }
    }
    if (result === undefined) return;
    if (resultAsJson) this.#string(JSON.stringify(result));
    else {
      this.#number(result.timeMs);
      this.#common(result.sessionId);
    }
  }

  #number(value: number): void {
    if (this.#length === this.#numbers.length) {
      const larger = new Float64Array(this.#length * 2);
      larger.set(this.#numbers);
      this.#numbers = larger;
    }
    this.#numbers[this.#length] = value;
    this.#length += 1;
  }

  #string(text: string): void {
    this.#number(this.#strings.length);
    this.#strings.push(text);
  }

  /** A string that comes again and again. */
  #common(text: string): void {
    const known = this.#repeated.get(text);
    if (known === undefined) {
      this.#repeated.set(text, this.#strings.length);
      this.#string(text);
    } else this.#number(known);
  }
}

/** A use that says no more than `timeMs`, `sessionId`, `agent`, `tool`; a result no more than `timeMs`, `sessionId`, `outcome`. */
const PLAIN_USE_FIELDS = 4;
const PLAIN_RESULT_FIELDS = 3;

function countFields(of: ToolUse | ToolResult): number {
  let fields = 0;
  for (const _ in of) fields += 1;
  return fields;
}

/** Gives packed facts back, in the order in which they were packed. */
export class Unpacker {
  readonly #numbers: Float64Array;
  readonly #strings: readonly string[];
  #at = 0;

  constructor({ numbers, strings }: Packed) {
    this.#numbers = numbers;
    this.#strings = strings;
  }

  /** The facts up to this number of numbers. */
  takeUntil(end: number): Fact[] {
    const facts: Fact[] = [];
    while (this.#at < end) facts.push(this.#fact());
    return facts;
  }

  #fact(): Fact {
    const head = this.#number();
    switch (head % KINDS) {
      case RESPONSE:
        return this.#response(head);
      case TOOL:
        return this.#tool(head);
      case PROMPT:
        return {
          type: 'prompt',
          key: this.#string(),
          timeMs: this.#number(),
          sessionId: this.#string(),
          settled: false,
        } satisfies PromptFact;
      case ACTIVITY:
        return this.#activity();
      default:
        return JSON.parse(this.#string());
    }
  }

  #response(head: number): ResponseFact {
    return {
      type: 'response',
      key: this.#string(),
      timeMs: this.#number(),
      sessionId: this.#string(),
      agent: head & SUBAGENT ? 'subagent' : 'main',
      ...(head & HAS_AGENT_TYPE ? { agentType: this.#string() } : {}),
      model: this.#string(),
      tokens: {
        input: this.#number(),
        output: this.#number(),
        cacheRead: this.#number(),
        write5m: this.#number(),
        write1h: this.#number(),
      },
      finished: (head & FINISHED) !== 0,
      fast: (head & FAST) !== 0,
      settled: false,
    };
  }

  #tool(head: number): ToolFact {
    const fact: ToolFact = { type: 'tool', key: this.#string(), timeMs: this.#number(), sessionId: this.#string(), settled: false };
    if (head & HAS_USE) fact.use = head & USE_AS_JSON ? JSON.parse(this.#string()) : this.#use(head);
    if (head & HAS_RESULT) fact.result = head & RESULT_AS_JSON ? JSON.parse(this.#string()) : this.#result();
    return fact;
  }

  #use(head: number): ToolUse {
    const agent = head & SUBAGENT ? 'subagent' : 'main';
    return { timeMs: this.#number(), sessionId: this.#string(), agent, tool: this.#string() };
  }

  #result(): ToolResult {
    return { timeMs: this.#number(), sessionId: this.#string(), outcome: 'ok' };
  }

  #activity(): ActivityFact {
    const [key, timeMs, sessionId] = [this.#string(), this.#number(), this.#string()];
    return { type: 'activity', key, timeMs, sessionId, activeMs: this.#number(), settled: false };
  }

  #number(): number {
    const value = this.#numbers[this.#at] ?? 0;
    this.#at += 1;
    return value;
  }

  #string(): string {
    return this.#strings[this.#number()] ?? '';
  }
}
