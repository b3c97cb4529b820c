import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import type { Logger } from '../log.ts';
import { followFile } from './follow-file.ts';
import { readPrivateFile, writePrivateFile } from './private-file.ts';
import { type Role, readRole, type User } from './users.ts';

/** Tokens are long random numbers, so one plain hash keeps them as well as a slow one would. */
interface Entry extends User {
  sha256: string;
  created: string;
}

/** Says at a glance, and to scanners of secrets, what this is. */
const PREFIX = 'ccm_';
const TOKEN_BYTES = 32;
const NAME = /^[a-zA-Z0-9][a-zA-Z0-9._@-]{0,63}$/;

/** The tokens of a file, read again when it changes. */
export interface Tokens {
  find(token: string): User | undefined;
  count(): number;
  close(): void;
}

export function openTokens(path: string, log: Logger, checkMs?: number): Tokens {
  let entries: Entry[] = [];
  const reread = () => {
    try {
      entries = readTokens(path);
      log.info({ tokens: entries.length }, 'tokens read again');
    } catch (error) {
      // A token that was taken away must not go on working because of a slip of the pen.
      entries = [];
      log.error({ err: error }, 'tokens cannot be read; nobody is let in by one until they can');
    }
  };
  const close = followFile(path, reread, checkMs);
  entries = readTokens(path);
  return {
    find(token) {
      const digest = hash(token);
      // All of them are looked at, whichever fits: how long it takes tells nothing.
      let found: Entry | undefined;
      for (const entry of entries) if (timingSafeEqual(Buffer.from(entry.sha256, 'hex'), digest)) found = entry;
      return found === undefined ? undefined : { name: found.name, role: found.role };
    },
    count: () => entries.length,
    close,
  };
}

/** Makes a token and keeps its hash. The token itself is given back once and is nowhere else. */
export function addToken(path: string, name: string, role: Role, now: Date): string {
  if (!NAME.test(name)) throw new Error(`a name wants letters, digits and . _ @ -, at most 64; got ${JSON.stringify(name)}`);
  const entries = readTokens(path);
  if (entries.some((entry) => entry.name === name)) throw new Error(`there is a token named ${name} already; remove it first`);
  const token = PREFIX + randomBytes(TOKEN_BYTES).toString('base64url');
  write(path, [...entries, { name, role, sha256: hash(token).toString('hex'), created: now.toISOString() }]);
  return token;
}

/** Takes a token away. False where there is none of that name. */
export function removeToken(path: string, name: string): boolean {
  const entries = readTokens(path);
  const left = entries.filter((entry) => entry.name !== name);
  if (left.length < entries.length) write(path, left);
  return left.length < entries.length;
}

/** Names, roles and when they were made, of all tokens. */
export function listTokens(path: string): { name: string; role: Role; created: string }[] {
  return readTokens(path).map(({ name, role, created }) => ({ name, role, created }));
}

/** True for what looks like a token of ours. */
export function isToken(text: string): boolean {
  return text.startsWith(PREFIX);
}

function hash(token: string): Buffer {
  return createHash('sha256').update(token).digest();
}

function write(path: string, tokens: readonly Entry[]): void {
  writePrivateFile(path, `${JSON.stringify({ tokens }, null, 2)}\n`);
}

function readTokens(path: string): Entry[] {
  const text = readPrivateFile(path);
  if (text === undefined) return [];
  const value: unknown = JSON.parse(text);
  const list = typeof value === 'object' && value !== null && 'tokens' in value ? value.tokens : undefined;
  if (!Array.isArray(list)) throw new Error(`${path} wants {"tokens": […]}`);
  return list.map((entry) => readEntry(path, entry));
}

function readEntry(path: string, value: unknown): Entry {
  const { name, role, sha256, created } = typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
  const known = readRole(role);
  if (typeof name !== 'string' || known === undefined || typeof sha256 !== 'string' || !/^[0-9a-f]{64}$/.test(sha256))
    throw new Error(`${path} has an entry that wants name, role and sha256`);
  return { name, role: known, sha256, created: String(created ?? '') };
}
