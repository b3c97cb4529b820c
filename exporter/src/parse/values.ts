import { BACKSLASH, isAt } from './json-bytes.ts';
import { BLOCKS } from './known-shapes.ts';
import { NOT_TYPED } from './parse.ts';

/** Values as they stand in a line, with their quotes. */
export const ASSISTANT = Buffer.from('"assistant"');
export const USER = Buffer.from('"user"');
export const SYSTEM = Buffer.from('"system"');
export const TOOL_USE = Buffer.from('"tool_use"');
export const TOOL_RESULT = Buffer.from('"tool_result"');
export const TEXT = Buffer.from('"text"');
export const OTHER_BLOCKS = ['thinking', ...BLOCKS].map((type) => Buffer.from(`"${type}"`));
export const PAUSE_TURN = Buffer.from('"pause_turn"');
export const SYNTHETIC = Buffer.from('"<synthetic>"');
export const FAST = Buffer.from('"fast"');
export const CREATE = Buffer.from('"create"');
export const TRUE = Buffer.from('true');
export const EMPTY_LIST = Buffer.from('[]');

const OWN_TEXTS = NOT_TYPED.map((text) => Buffer.from(text));

/** Not one of the texts that Claude Code writes on its own account, and nothing that only looks different because of an escape. */
export function isPlainText(bytes: Buffer, from: number, end: number): boolean {
  return bytes[from] !== BACKSLASH && !OWN_TEXTS.some((text) => isAt(bytes, from, Math.min(from + text.length, end), text));
}
