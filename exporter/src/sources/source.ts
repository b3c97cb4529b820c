import type { Health } from '../health.ts';
import type { Facts } from '../track/fact.ts';
import { codeOf } from '../watch/transcripts.ts';
import { readWhole, type WholeFile } from './files.ts';
import type { SourceName, Unusable, UnusableReason } from './readable.ts';

/** What the readers of files need from outside. */
export interface SourceOptions {
  facts: Facts;
  health: Health;
  now: () => number;
  /**
   * Has a path looked at again after so many milliseconds: a file that has just changed may be half written. Without it, as in a scan
   * that ends, every file is read as it is.
   */
  again?: (path: string, ms: number) => void;
}

/** A file that changed less than this before now is left alone until it is quiet, milliseconds. */
const QUIET_MS = 200;

/** A file that is not whole is tried again so often, so long after. */
const RETRIES = 3;
const RETRY_MS = 100;

/** So many unusable files are remembered, so that each counts once until it changes. */
const MAX_REFUSED = 100_000;

/** What all readers of files have in common: counting what cannot be used, and patience with files that are being written. */
export class SourceReader {
  readonly facts: Facts;
  readonly health: Health;
  readonly now: () => number;
  readonly countError: (code: string) => void;
  readonly #again: SourceOptions['again'];
  readonly #refused = new Map<string, number>();
  readonly #tries = new Map<string, number>();

  constructor({ facts, health, now, again }: SourceOptions) {
    this.facts = facts;
    this.health = health;
    this.now = now;
    this.#again = again;
    this.countError = (code) => health.add('ccmeter_exporter_read_errors_total', { reason: code.toLowerCase() });
  }

  /** Counts a file that cannot be used, once until it changes. */
  refuse(source: SourceName, reason: UnusableReason, path: string, modifiedMs: number): void {
    if (this.#refused.get(path) === modifiedMs) return;
    if (this.#refused.size >= MAX_REFUSED) this.#refused.clear();
    this.#refused.set(path, modifiedMs);
    this.health.add('ccmeter_exporter_unusable_sources_total', { source, reason });
  }

  /** A file has just changed: it will be looked at again, so it need not be read now. */
  isRestless(path: string, modifiedMs: number): boolean {
    const age = this.now() - modifiedMs;
    if (this.#again === undefined || age < 0 || age >= QUIET_MS) return false;
    this.#again(path, QUIET_MS);
    return true;
  }

  /** Reads a file as a whole; undefined where it is gone or the system refuses, which is counted. */
  read(path: string, maxBytes: number): WholeFile | Unusable | undefined {
    try {
      return readWhole(path, maxBytes);
    } catch (error) {
      const code = codeOf(error);
      if (code !== 'ENOENT') this.countError(code);
      return undefined;
    }
  }

  /**
   * Reads a file that is rewritten in place and makes something of it. A text that is not whole is tried again a few times before it
   * counts as unusable; `later` says that this will be so.
   */
  readAs<Value extends object>(
    source: SourceName,
    path: string,
    maxBytes: number,
    parse: (text: string) => Value | Unusable,
  ): { value: Value; modifiedMs: number } | 'later' | undefined {
    const file = this.read(path, maxBytes);
    if (file === undefined) return undefined;
    if ('unusable' in file) {
      this.refuse(source, file.unusable, path, 0);
      return undefined;
    }
    const value = parse(file.text);
    if (!('unusable' in value)) {
      this.#tries.delete(path);
      return { value, modifiedMs: file.modifiedMs };
    }
    if (value.unusable === 'not_json' && this.#tryAgain(path)) return 'later';
    this.refuse(source, value.unusable, path, file.modifiedMs);
    return undefined;
  }

  #tryAgain(path: string): boolean {
    const tries = this.#tries.get(path) ?? 0;
    if (this.#again === undefined || tries >= RETRIES) {
      this.#tries.delete(path);
      return false;
    }
    this.#tries.set(path, tries + 1);
    this.#again(path, RETRY_MS);
    return true;
  }
}
