import { createPublicKey, type KeyObject } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { Logger } from '../log.ts';
import { followFile } from './follow-file.ts';

/** What is known of the key of a source: `unusable` where there is an entry that holds no key. */
export type SourceKey = KeyObject | 'unusable';

/** The public keys of those who send events. */
export interface SourceKeys {
  /** Events have to be signed. False only where no keys are configured at all: an empty file of keys lets nobody in. */
  readonly required: boolean;
  get(source: string): SourceKey | undefined;
  close(): void;
}

/** Where keys come from; what is named earlier wins. */
export interface KeyOrigins {
  given: ReadonlyMap<string, SourceKey>;
  /** A file `{"keys": [{"source_id", "public_key"}]}`, read again when it changes. */
  file?: string | undefined;
  /** The same over HTTP, asked again every {@link POLL_MS}. */
  url?: string | undefined;
}

export interface KeyDeps {
  log: Logger;
  fetch: typeof fetch;
  /** Times are shortened by tests. */
  pollMs?: number;
  fileCheckMs?: number;
}

const POLL_MS = 30_000;
const FETCH_TIMEOUT_MS = 10_000;
const MAX_ANSWER_BYTES = 1024 * 1024;
const MAX_KEYS = 10_000;
const KEY_BYTES = 32;

/** Keys that do not change. */
export function fixedKeys(given: ReadonlyMap<string, SourceKey>): SourceKeys {
  return { required: given.size > 0, get: (source) => given.get(source), close: () => {} };
}

/** Opens all places that keys come from. Resolves once each has been asked; a place that cannot be read throws where it is a file. */
export async function openSourceKeys(origins: KeyOrigins, deps: KeyDeps): Promise<SourceKeys> {
  const closers: (() => void)[] = [];
  const places: (() => ReadonlyMap<string, SourceKey>)[] = [() => origins.given];
  if (origins.file !== undefined) places.push(watchKeyFile(origins.file, deps, closers));
  if (origins.url !== undefined) places.push(await pollKeys(origins.url, deps, closers));
  const required = origins.given.size > 0 || places.length > 1;
  return {
    required,
    get: (source) => {
      for (const place of places) {
        const key = place().get(source);
        if (key !== undefined) return key;
      }
      return undefined;
    },
    close: () => {
      for (const close of closers) close();
    },
  };
}

function watchKeyFile(path: string, { log, fileCheckMs }: KeyDeps, closers: (() => void)[]): () => ReadonlyMap<string, SourceKey> {
  let keys: ReadonlyMap<string, SourceKey> = new Map();
  const reread = () => {
    try {
      keys = readKeys(JSON.parse(readFileSync(path, 'utf8')));
      log.info({ path, keys: keys.size }, 'source keys read again');
    } catch (error) {
      log.warn({ path, err: error }, 'source keys cannot be read; the last good ones stay');
    }
  };
  closers.push(followFile(path, reread, fileCheckMs));
  keys = readKeys(JSON.parse(readFileSync(path, 'utf8')));
  return () => keys;
}

async function pollKeys(url: string, deps: KeyDeps, closers: (() => void)[]): Promise<() => ReadonlyMap<string, SourceKey>> {
  let keys: ReadonlyMap<string, SourceKey> = new Map();
  let failing = false;
  const closing = new AbortController();
  const ask = async () => {
    try {
      keys = await fetchKeys(url, deps.fetch, closing.signal);
      failing = false;
    } catch (error) {
      if (!failing && !closing.signal.aborted) deps.log.warn({ url, err: error }, 'source keys cannot be fetched; the last good ones stay');
      failing = true;
    }
  };
  await ask();
  const timer = setInterval(ask, deps.pollMs ?? POLL_MS);
  timer.unref();
  closers.push(() => {
    clearInterval(timer);
    closing.abort();
  });
  return () => keys;
}

async function fetchKeys(url: string, fetcher: typeof fetch, closing: AbortSignal): Promise<Map<string, SourceKey>> {
  const signal = AbortSignal.any([closing, AbortSignal.timeout(FETCH_TIMEOUT_MS)]);
  const response = await fetcher(url, { signal, redirect: 'error', headers: { accept: 'application/json' } });
  if (!response.ok || response.body === null) throw new Error(`answered ${response.status}`);
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of response.body) {
    bytes += chunk.length;
    if (bytes > MAX_ANSWER_BYTES) throw new Error(`answered more than ${MAX_ANSWER_BYTES} bytes`);
    chunks.push(chunk);
  }
  return readKeys(JSON.parse(Buffer.concat(chunks).toString('utf8')));
}

/** Reads `{"keys": [{"source_id", "public_key"}]}`. An entry whose key is none is kept as `unusable`, so that its sender is told. */
function readKeys(value: unknown): Map<string, SourceKey> {
  const list = isObject(value) ? value.keys : undefined;
  if (!Array.isArray(list)) throw new Error('wants {"keys": [{"source_id", "public_key"}]}');
  if (list.length > MAX_KEYS) throw new Error(`has more than ${MAX_KEYS} keys`);
  const keys = new Map<string, SourceKey>();
  for (const entry of list) {
    if (!isObject(entry) || typeof entry.source_id !== 'string' || entry.source_id === '')
      throw new Error('has an entry without source_id');
    keys.set(entry.source_id, (typeof entry.public_key === 'string' ? readPublicKey(entry.public_key) : undefined) ?? 'unusable');
  }
  return keys;
}

/** The 32 bytes of an Ed25519 public key in base64, as a key; undefined for anything else and for points that fit any message. */
export function readPublicKey(encoded: string): KeyObject | undefined {
  const bytes = Buffer.from(encoded, 'base64');
  if (bytes.length !== KEY_BYTES || bytes.toString('base64') !== encoded || isSmallOrder(bytes)) return undefined;
  return createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x: bytes.toString('base64url') }, format: 'jwk' });
}

/**
 * The encodings of the points of order 1, 2, 4 and 8, whatever their sign bit: with such a key one signature fits every message.
 * The list is that of libsodium (`ge25519_has_small_order`).
 */
const SMALL_ORDER = new Set([
  '0000000000000000000000000000000000000000000000000000000000000000',
  '0100000000000000000000000000000000000000000000000000000000000000',
  '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05',
  'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a',
  'ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
  'edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
  'eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
]);

function isSmallOrder(bytes: Buffer): boolean {
  const unsigned = Buffer.from(bytes);
  unsigned[KEY_BYTES - 1] = (unsigned[KEY_BYTES - 1] ?? 0) & 0x7f;
  return SMALL_ORDER.has(unsigned.toString('hex'));
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
