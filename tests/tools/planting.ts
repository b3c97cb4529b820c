import { mkdirSync, readdirSync, readFileSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type { Random } from '../../deploy/local/demo/random.ts';

/**
 * Words that occur nowhere else. Each is two pieces of a vocabulary, so that millions of different ones can be planted and a search only
 * has to know the pieces; a word that was cut still has one.
 */
export interface Vocabulary {
  pieces: readonly string[];
  word(): string;
}

const PIECE_LETTERS = 10;

export function createVocabulary(random: Random, pieces = 2000): Vocabulary {
  const list = [...new Set(Array.from({ length: pieces }, () => random.text(PIECE_LETTERS, 'abcdefghijklmnopqrstuvwxyz')))];
  let next = 0;
  return {
    pieces: list,
    word() {
      const at = next++;
      return `${list[at % list.length]}${list[Math.floor(at / list.length) % list.length]}`;
    },
  };
}

/** What is planted: `text` wherever somebody wrote something, `name` for what is shown as it is unless its owner wants otherwise. */
export interface Planting {
  text: Vocabulary;
  /** Parts of the folders that transcripts lie in: the ledger knows where it has read. */
  folder: Vocabulary;
  /** The last part of working directories, branches, tools of MCP servers; they stay as they are where this is not given. */
  name?: Vocabulary;
}

/** Copies a directory of Claude Code with its words replaced. */
export function plantAll(from: string, to: string, planting: Planting): void {
  const planter = new Planter(planting);
  for (const path of readdirSync(from, { recursive: true, encoding: 'utf8' })) {
    const source = join(from, path);
    const { mtime } = statSync(source);
    if (statSync(source).isDirectory()) continue;
    const target = join(to, planter.path(path));
    mkdirSync(dirname(target), { recursive: true });
    writeFileSync(target, planter.file(path, readFileSync(source)));
    utimesSync(target, mtime, mtime);
  }
}

type Json = Record<string, unknown>;

/** Fields of a line, of its message and of a block that are ids, kinds or numbers, or that the catalogue shows. */
const KEPT = new Set(
  `type subtype id uuid parentUuid logicalParentUuid sessionId requestId messageId timestamp version model role stop_reason userType
  gitBranch agentId tool_use_id toolUseID sourceToolUseID sourceToolAssistantUUID speed service_tier error level entrypoint isSidechain status kind
  promptSource permissionMode apiErrorStatus operation name attributionAgent`.split(/\s+/),
);

/** What the input of a tool tells of that is counted by name, by tool. */
const INPUT_KEPT: Record<string, string[]> = {
  Task: ['subagent_type'],
  Agent: ['subagent_type'],
  Skill: ['skill'],
  TaskUpdate: ['taskId', 'status'],
};

/** What the result of a tool says of its kind. */
const RESULT_KEPT = new Set(['type', 'status', 'agentId', 'taskId', 'id']);

class Planter {
  readonly #text: Vocabulary;
  readonly #folder: Vocabulary;
  readonly #name: Vocabulary | undefined;
  /** The same name is planted in place of the same name, so that sessions of one project stay of one project. */
  readonly #names = new Map<string, string>();

  constructor({ text, folder, name }: Planting) {
    this.#text = text;
    this.#folder = folder;
    this.#name = name;
  }

  /** Folders of projects are named after paths. */
  path(path: string): string {
    return path.replace(
      /(^|\/)projects\/([^/]+)\//,
      (_, before: string) => `${before}projects/-${this.#folder.word()}-${this.#folder.word()}/`,
    );
  }

  file(path: string, content: Buffer): Buffer | string {
    if (path.endsWith('.jsonl')) return this.#eachLine(content, (line) => this.#json(line, basename(path) === 'history.jsonl'));
    if (/(^|\/)(stats-cache|settings)\.json$/.test(path)) return content;
    if (path.endsWith('.json')) return this.#json(content.toString('utf8'), false);
    if (path.includes('file-history/'))
      return this.#eachLine(content, (line) => (line === '' ? '' : `${this.#text.word()} ${line.length}`));
    return content;
  }

  #eachLine(content: Buffer, plant: (line: string) => string): string {
    return content.toString('utf8').split('\n').map(plant).join('\n');
  }

  #json(text: string, history: boolean): string {
    let value: unknown;
    try {
      value = JSON.parse(text);
    } catch {
      return text;
    }
    return JSON.stringify(history ? this.#typed(value) : this.#line(value));
  }

  /** A line of history.jsonl: a command keeps its name. */
  #typed(value: unknown): unknown {
    if (!isObject(value)) return value;
    const { display, project, ...rest } = value;
    const command = /^\/[\w:.-]+(?=\s|$)/.exec(String(display ?? ''))?.[0];
    return {
      ...(this.#all(rest, KEPT) as Json),
      ...(display === undefined
        ? {}
        : { display: command === undefined ? this.#words(String(display)) : `${command} ${this.#text.word()}` }),
      ...(project === undefined ? {} : { project: this.#directory(String(project)) }),
    };
  }

  #line(value: unknown): unknown {
    if (!isObject(value)) return Array.isArray(value) ? value.map((item) => this.#all(item, KEPT)) : value;
    return this.#fields(value, (key, item) => {
      if (key === 'cwd') return this.#directory(String(item));
      if (key === 'gitBranch') return this.#named(String(item));
      if (key === 'message' && isObject(item)) return this.#message(item);
      if (key === 'toolUseResult') return this.#all(item, RESULT_KEPT);
      return this.#leaf(key, item, KEPT);
    });
  }

  #message(message: Json): Json {
    return this.#fields(message, (key, item) => {
      if (key === 'content' && Array.isArray(item))
        return item.map((block) => (isObject(block) ? this.#block(block) : this.#all(block, KEPT)));
      return this.#leaf(key, item, KEPT);
    });
  }

  #block(block: Json): Json {
    const kept = new Set(['status', ...(INPUT_KEPT[String(block.name)] ?? [])]);
    return this.#fields(block, (key, item) => {
      if (key === 'input' && block.name === 'SlashCommand' && isObject(item))
        return { command: String(item.command).replace(/(?<=^\/\S+)\s[\s\S]*/, () => ` ${this.#text.word()}`) };
      if (key === 'input') return this.#all(item, kept);
      if (key === 'name' && String(item).startsWith('mcp__') && this.#name !== undefined)
        return `mcp__${this.#named('server')}__${this.#named(String(item))}`;
      return this.#leaf(key, item, KEPT);
    });
  }

  /** Every string below, but those of fields that are kept. */
  #all(value: unknown, kept: ReadonlySet<string>, key = ''): unknown {
    if (typeof value === 'string') return kept.has(key) ? value : this.#words(value, key);
    if (Array.isArray(value)) return value.map((item) => this.#all(item, kept, key));
    return isObject(value) ? this.#fields(value, (name, item) => this.#all(item, kept, name)) : value;
  }

  #leaf(key: string, value: unknown, kept: ReadonlySet<string>): unknown {
    return this.#all(value, kept, key);
  }

  /** Keys that are no names of fields, such as paths, are words too. */
  #fields(object: Json, plant: (key: string, value: unknown) => unknown): Json {
    return Object.fromEntries(
      Object.entries(object).map(([key, value]) => [/^[A-Za-z_][\w-]{0,40}$/.test(key) ? key : this.#words(key), plant(key, value)]),
    );
  }

  /** Texts keep their shape as far as something is read from it: commands, patches, paths, tags. */
  #words(text: string, key = ''): string {
    const word = () => this.#text.word();
    if (text === '') return text;
    if (/^(?:cwd|project)$/.test(key)) return this.#directory(text);
    if (/^(?:file_?path|notebook_path|path|trackingPath)$/i.test(key)) return `/${word()}/${word()}${/\.\w{1,8}$/.exec(text)?.[0] ?? ''}`;
    if (key === 'command' && /\bgit\b.*\bcommit\b/.test(text)) return `git commit -m ${word()}; echo ${word()}`;
    if (key === 'command' && /\bgh pr create\b/.test(text)) return `gh pr create --title ${word()}`;
    if (key === 'stdout' || key === 'content') {
      if (/^\[\S+ [0-9a-f]{7,}\]/m.test(text)) return `[${word()} 1a2b3c4] ${word()}\n 1 file changed`;
      if (/\/pull\/\d+/.test(text)) return `https://${word()}.example/${word()}/pull/7`;
    }
    if (key === 'lines') return `${/^[-+ \\]/.exec(text)?.[0] ?? ''}${word()}`;
    if (text.startsWith('<command-'))
      return text
        .replace(/(?<=<command-name>\/?[\w:.-]*<\/command-name>)[\s\S]*/, `<command-args>${word()}</command-args>`)
        .replace(/<command-message>[\s\S]*?<\/command-message>/, `<command-message>${word()}</command-message>`);
    if (/^[<[]/.test(text)) return `${text.slice(0, 12)}${word()}`;
    return text
      .split('\n')
      .slice(0, 20)
      .map(() => `${word()} ${word()}`)
      .join('\n');
  }

  /** A path keeps its last part, which is the project, unless names are planted as well. */
  #directory(path: string): string {
    const parts = path.split(/[/\\]+/).filter((part) => part !== '');
    const worktree = /[/\\]\.claude[/\\]worktrees[/\\]/.test(path);
    const last = (worktree ? parts.at(parts.indexOf('.claude') - 1) : parts.at(-1)) ?? 'root';
    return `/${this.#text.word()}/${this.#text.word()}/${this.#named(last)}${worktree ? `/.claude/worktrees/${this.#text.word()}` : ''}`;
  }

  #named(name: string): string {
    if (this.#name === undefined || name === '') return name;
    let planted = this.#names.get(name);
    if (planted === undefined) {
      planted = this.#name.word();
      this.#names.set(name, planted);
    }
    return planted;
  }
}

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Where a piece was found, and in what form. */
export interface Leak {
  piece: string;
  form: string;
  around: string;
}

/** A piece in one of the forms that it may leave in. */
interface Pattern {
  bytes: Buffer;
  piece: string;
  form: string;
}

const WINDOW = 8;
const BASE = 0x01000193;
const FILTER_BITS = 22;

/** Finds the pieces of a vocabulary in any of the usual encodings: all patterns at once, in one pass over the bytes. */
export function findPlanted(bytes: Buffer, { pieces }: Vocabulary, limit = 10): Leak[] {
  const { filter, byHash, oldest } = prepare(pieces);
  const leaks: Leak[] = [];
  let hash = 0;
  for (let at = 0; at < bytes.length; at++) {
    hash = (Math.imul(hash, BASE) + (bytes[at] ?? 0) - (at >= WINDOW ? Math.imul(bytes[at - WINDOW] ?? 0, oldest) : 0)) | 0;
    if (filter[hash >>> (32 - FILTER_BITS)] === 0) continue;
    for (const pattern of byHash.get(hash) ?? []) {
      const begin = at - WINDOW + 1;
      if (!bytes.subarray(begin, begin + pattern.bytes.length).equals(pattern.bytes)) continue;
      leaks.push({ piece: pattern.piece, form: pattern.form, around: bytes.toString('latin1', Math.max(begin - 80, 0), begin + 80) });
      if (leaks.length >= limit) return leaks;
    }
  }
  return leaks;
}

const prepared = new WeakMap<readonly string[], ReturnType<typeof prepareNew>>();

function prepare(pieces: readonly string[]): ReturnType<typeof prepareNew> {
  const known = prepared.get(pieces) ?? prepareNew(pieces);
  prepared.set(pieces, known);
  return known;
}

function prepareNew(pieces: readonly string[]) {
  const filter = new Uint8Array(2 ** FILTER_BITS);
  const byHash = new Map<number, Pattern[]>();
  for (const pattern of pieces.flatMap(formsOf)) {
    let hash = 0;
    for (let at = 0; at < WINDOW; at++) hash = (Math.imul(hash, BASE) + (pattern.bytes[at] ?? 0)) | 0;
    filter[hash >>> (32 - FILTER_BITS)] = 1;
    byHash.set(hash, [...(byHash.get(hash) ?? []), pattern]);
  }
  let oldest = 1;
  for (let at = 0; at < WINDOW; at++) oldest = Math.imul(oldest, BASE);
  return { filter, byHash, oldest };
}

/** A piece as it is, in capitals, in hex, in base64 at any place, URL-escaped, and as UTF-16. */
function formsOf(piece: string): Pattern[] {
  const raw = Buffer.from(piece);
  const hex = raw.toString('hex');
  const forms: [form: string, bytes: Buffer][] = [
    ['as it is', raw],
    ['in capitals', Buffer.from(piece.toUpperCase())],
    ['hex', Buffer.from(hex)],
    ['hex in capitals', Buffer.from(hex.toUpperCase())],
    ['URL-escaped', Buffer.from(hex.replace(/../g, '%$&'))],
    ['UTF-16', Buffer.from(piece, 'utf16le').subarray(0, -1)],
    ...[0, 1, 2].map((before): [string, Buffer] => [`base64 after ${before}`, base64After(raw, before)]),
  ];
  return forms.map(([form, bytes]) => ({ form, bytes, piece }));
}

/** The characters of base64 that bytes alone decide, when so many others (modulo three) come before them. */
function base64After(raw: Buffer, before: number): Buffer {
  const text = Buffer.concat([Buffer.alloc(before), raw]).toString('base64');
  return Buffer.from(text.slice(Math.ceil((before * 8) / 6), Math.floor(((before + raw.length) * 8) / 6)));
}
