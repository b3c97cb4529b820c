import { ATTACHMENTS, BLOCKS, LINE_FIELDS, LOOSE_TYPES, MESSAGE_FIELDS, PROGRESS, SUBTYPES } from './known-shapes.ts';

/** Something in a transcript that nobody has told us of: a format change shows as this on the day it comes. */
export interface Unknown {
  kind: UnknownKind;
  /** A type as it is written; of a field the place as well, such as `usage.input_tokens`. `other` where it is no plain name. */
  name: string;
  /** Version of Claude Code that wrote it, `unknown` where the line does not say. */
  version: string;
}

/**
 * `type`: type of a line · `subtype`: of a system line · `attachment`: kind of an attachment · `progress`: kind of a progress line ·
 * `block`: type of a block in a message · `field`: field of a line, a message or its usage.
 */
export const UNKNOWN_KINDS = ['type', 'subtype', 'attachment', 'progress', 'block', 'field'] as const;
export type UnknownKind = (typeof UNKNOWN_KINDS)[number];

type Json = Record<string, unknown>;

/**
 * Lists what is not known about one line of a transcript, mostly nothing. It looks at the fields of the line, of its message and of the
 * usage in it, and at the types of lines, attachments and blocks. It never looks into what people, models and tools wrote, nor into the
 * inputs and results of tools, whose fields may be anybody's data.
 */
export function inspect(line: Json): Unknown[] {
  const found: Unknown[] = [];
  const version = versionOf(line.version);
  const report: Report = (kind, name, place = '') => void found.push({ kind, name: place + plainName(name), version });
  const type = line.type;
  const fields = typeof type === 'string' ? lineFields.get(type) : undefined;
  if (fields === undefined) report('type', type);
  else {
    if (fields.size > 0) inspectFields(line, fields, `${type}.`, report);
    inspectKind(line, report);
    inspectMessage(line.message, report);
  }
  return found;
}

type Report = (kind: UnknownKind, name: unknown, place?: string) => void;

const lineFields = new Map(Object.entries(LINE_FIELDS).map(([type, fields]) => [type, new Set(LOOSE_TYPES.has(type) ? [] : fields)]));
const messageFields = new Map(Object.entries(MESSAGE_FIELDS).map(([object, fields]) => [object, new Set(fields)]));

function inspectFields(object: Json, known: ReadonlySet<string>, place: string, report: Report): void {
  for (const field in object) if (!known.has(field)) report('field', field, place);
}

function inspectKind(line: Json, report: Report): void {
  if (line.type === 'system') {
    if (line.subtype !== undefined && !isKnown(SUBTYPES, line.subtype)) report('subtype', line.subtype);
  } else if (line.type === 'attachment') {
    const kind = isObject(line.attachment) ? line.attachment.type : undefined;
    if (!isKnown(ATTACHMENTS, kind)) report('attachment', kind);
  } else if (line.type === 'progress') {
    const kind = isObject(line.data) ? line.data.type : undefined;
    if (!isKnown(PROGRESS, kind)) report('progress', kind);
  }
}

function inspectMessage(message: unknown, report: Report): void {
  if (!isObject(message)) return;
  inspectObject('message', message, report);
  if (Array.isArray(message.content)) {
    for (const block of message.content) if (isObject(block) && !isKnown(BLOCKS, block.type)) report('block', block.type);
  }
  if (!isObject(message.usage)) return;
  inspectObject('usage', message.usage, report);
  for (const field of ['cache_creation', 'server_tool_use', 'output_tokens_details']) inspectObject(field, message.usage[field], report);
}

function inspectObject(object: string, value: unknown, report: Report): void {
  const known = messageFields.get(object);
  if (isObject(value) && known !== undefined) inspectFields(value, known, `${object}.`, report);
}

function isKnown(names: ReadonlySet<string>, name: unknown): boolean {
  return typeof name === 'string' && names.has(name);
}

/** Names of a format are short and plain. Whatever else stands there may be anything, and is not repeated. */
function plainName(name: unknown): string {
  if (name === undefined) return 'none';
  return typeof name === 'string' && /^[A-Za-z][A-Za-z0-9_-]{0,39}$/.test(name) ? name : 'other';
}

function versionOf(version: unknown): string {
  return typeof version === 'string' && /^\d{1,4}\.\d{1,4}\.\d{1,4}$/.test(version) ? version : 'unknown';
}

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

const TYPE = Buffer.from('"type":"');
const ATTACHED = Buffer.from('"attachment":{"type":"');
const SUBTYPE = Buffer.from('"subtype":"');
const QUOTE = 0x22;

/** Names of types are shorter than this. */
const MAX_NAME_BYTES = 64;

/** Of each type of each version the 1st, 2nd, 4th … line is looked at in full, and from here on each one after so many. */
const RARELY = 1024;

/** So many versions are told apart at the most. One user has tens. */
const MAX_VERSIONS = 1000;

/**
 * Watches what goes by. Lines that are parsed anyway are inspected in full. Of lines that nobody parses the type and the kind are read from
 * their bytes, each time, and their fields are looked at in a few lines of each type and version.
 */
export class Canary {
  readonly #report: (unknown: Unknown) => void;
  readonly #tallies = new Map<string, Map<string, number>>();
  #version = '';
  #tally = new Map<string, number>();

  constructor(report: (unknown: Unknown) => void) {
    this.#report = report;
  }

  /** A line that was parsed. */
  parsed(value: unknown): void {
    if (isObject(value)) inspect(value).forEach(this.#report);
  }

  /** A line that was not parsed: its bytes, and the version of the lines around it. */
  passed(bytes: Buffer, start: number, end: number, version = ''): void {
    const kind = kindOf(bytes, start, end);
    if (kind !== undefined && !this.#isTurn(kind, version)) return;
    try {
      this.parsed(JSON.parse(bytes.toString('utf8', start, end)));
    } catch {
      // What is no JSON is counted where lines are counted.
    }
  }

  #isTurn(kind: string, version: string): boolean {
    if (version !== this.#version) this.#turnTo(version);
    const tally = (this.#tally.get(kind) ?? 0) + 1;
    this.#tally.set(kind, tally);
    return (tally & (tally - 1)) === 0 || tally % RARELY === 0;
  }

  #turnTo(version: string): void {
    this.#version = version;
    const known = this.#tallies.get(version);
    this.#tally = known ?? new Map();
    if (known !== undefined) return;
    if (this.#tallies.size >= MAX_VERSIONS) this.#tallies.clear();
    this.#tallies.set(version, this.#tally);
  }
}

/** What kind of line it is, where all that its first bytes say of it is known; undefined where it has to be looked at. */
function kindOf(bytes: Buffer, start: number, end: number): string | undefined {
  const type = nameAfter(bytes, TYPE, start, end);
  if (type === undefined) return undefined;
  // Attachments say what they hold before they say what they are.
  if (ATTACHMENTS.has(type)) return type;
  if (type === 'attachment') return oneOf(ATTACHMENTS, nameAfter(bytes.subarray(0, end), ATTACHED, start, end) ?? '');
  if (type === 'system') return oneOf(SUBTYPES, nameAfter(bytes.subarray(0, end), SUBTYPE, start, end) ?? 'informational');
  return lineFields.has(type) ? type : undefined;
}

function oneOf(names: ReadonlySet<string>, name: string): string | undefined {
  return names.has(name) ? name : undefined;
}

/** The name behind a mark, which inside a string cannot stand: there quotes are escaped. */
function nameAfter(bytes: Buffer, mark: Buffer, start: number, end: number): string | undefined {
  const at = bytes.indexOf(mark, start);
  if (at === -1 || at >= end) return undefined;
  const from = at + mark.length;
  const last = Math.min(from + MAX_NAME_BYTES, end);
  for (let to = from; to < last; to++) if (bytes[to] === QUOTE) return bytes.toString('latin1', from, to);
  return undefined;
}
