import { realpathSync } from 'node:fs';
import { join } from 'node:path';
import { codeOf } from '../watch/transcripts.ts';
import { Seen, statOf } from './files.ts';
import { DEFAULT_RETENTION_DAYS, type KeptFile, readRetentionDays, retentionOf } from './retention.ts';
import type { SourceReader } from './source.ts';

export const SETTINGS_FILE = 'settings.json';

const MAX_SETTINGS_BYTES = 4 * 1024 * 1024;

/** Reads how long the configuration directories keep transcripts, and tells when the oldest will go. */
export class RetentionSource {
  readonly #reader: SourceReader;
  readonly #seen = new Seen();
  readonly #days = new Map<string, number>();

  constructor(reader: SourceReader) {
    this.#reader = reader;
  }

  look(dir: string): void {
    const path = this.#realPath(join(dir, SETTINGS_FILE));
    const stats = statOf(path, this.#reader.countError);
    if (!stats?.isFile()) {
      this.#days.set(dir, DEFAULT_RETENTION_DAYS);
      return;
    }
    if (!this.#seen.changed(path, stats)) return;
    const read = this.#reader.readAs('settings', path, MAX_SETTINGS_BYTES, readRetentionDays);
    if (read === 'later') this.#seen.forget(path);
    if (read !== 'later' && read !== undefined) this.#days.set(dir, read.value.days);
  }

  /** Many people keep their settings elsewhere and link to them. Only one number is read, so that link is followed, and no other. */
  #realPath(path: string): string {
    try {
      return realpathSync(path);
    } catch (error) {
      if (codeOf(error) !== 'ENOENT') this.#reader.countError(codeOf(error));
      return path;
    }
  }

  /** Brings the gauges up to date with the transcripts that are there. `dir` is the configuration directory of each. */
  show(transcripts: readonly { dir: string; modifiedMs: number; bytes: number }[]): void {
    const files: KeptFile[] = transcripts.map(({ dir, modifiedMs, bytes }) => ({ modifiedMs, bytes, days: this.#daysOf(dir) }));
    const { deletionMs, atRiskBytes, retentionMs } = retentionOf(files, [...this.#days.values()], this.#reader.now());
    const { health } = this.#reader;
    const deletion = deletionMs === undefined ? [] : [{ labels: {}, value: deletionMs / 1000 }];
    health.replace('ccmeter_history_deletion_timestamp_seconds', deletion);
    health.set('ccmeter_history_at_risk_bytes', {}, atRiskBytes);
    health.set('ccmeter_history_retention_seconds', {}, retentionMs / 1000);
  }

  #daysOf(dir: string): number {
    return this.#days.get(dir) ?? DEFAULT_RETENTION_DAYS;
  }
}
