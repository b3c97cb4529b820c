import type { labels } from '../contract/index.ts';

/** The kinds of files beside the transcripts. */
export type SourceName = (typeof labels.source.values)[number];

/**
 * Why a file could not be used. `not_json`: not JSON, or half written · `wrong_shape`: JSON of another program · `foreign_name`: not named
 * as Claude Code names them · `too_large` · `binary`: not lines of text · `too_different`: two versions that share too little to compare ·
 * `no_predecessor`: a version whose predecessor is not kept · `too_many`: more uses of one command at a time than can be told apart.
 */
export type UnusableReason =
  | 'not_json'
  | 'wrong_shape'
  | 'foreign_name'
  | 'too_large'
  | 'binary'
  | 'too_different'
  | 'no_predecessor'
  | 'too_many';

/** Input that cannot be used is a value. */
export interface Unusable {
  unusable: UnusableReason;
}

export type Json = Record<string, unknown>;

/** Reads text as a JSON object. */
export function readObject(text: string): { object: Json } | Unusable {
  const value = readJson(text);
  if (value === undefined) return { unusable: 'not_json' };
  return isObject(value) ? { object: value } : { unusable: 'wrong_shape' };
}

/** Reads text as JSON; undefined where it is not. JSON itself has no undefined. */
export function readJson(text: string): unknown {
  try {
    return JSON.parse(text.charCodeAt(0) === BYTE_ORDER_MARK ? text.slice(1) : text);
  } catch {
    return undefined;
  }
}

const BYTE_ORDER_MARK = 0xfeff;

export function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A count or an amount as JSON has it: anything but a number above 0 counts as 0. */
export function readAmount(value: unknown): number {
  return typeof value === 'number' && value > 0 && value <= Number.MAX_SAFE_INTEGER ? value : 0;
}
