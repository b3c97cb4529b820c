import { createHash } from 'node:crypto';
import { join } from 'node:path';
import type { StatsFact } from '../track/fact.ts';
import { Seen, statOf } from './files.ts';
import type { SourceReader } from './source.ts';
import { mergeStats, readStats } from './stats-cache.ts';
import { STATS_METRICS, statsPoints } from './stats-points.ts';

/** A file larger than this is not read. The largest seen in the wild has 21 kB. */
const MAX_STATS_BYTES = 4 * 1024 * 1024;

/** Reads the stats-cache.json of configuration directories. */
export class StatsSource {
  readonly #reader: SourceReader;
  readonly #seen = new Seen();
  /** What each directory's file said last; a half-written or broken one changes nothing. */
  readonly #files = new Map<string, StatsFact>();

  constructor(reader: SourceReader) {
    this.#reader = reader;
  }

  look(dir: string): void {
    const path = join(dir, STATS_FILE);
    const stats = statOf(path, this.#reader.countError);
    if (!stats?.isFile()) {
      if (this.#files.delete(dir)) this.#show();
      return;
    }
    if (!this.#seen.changed(path, stats)) return;
    if (this.#reader.isRestless(path, stats.mtimeMs)) {
      this.#seen.forget(path);
      return;
    }
    const read = this.#reader.readAs('stats_cache', path, MAX_STATS_BYTES, readStats);
    if (read === 'later') this.#seen.forget(path);
    if (read === 'later' || read === undefined) return;
    const key = `stats:${createHash('sha256').update(dir).digest('hex').slice(0, 16)}`;
    this.#note(dir, { type: 'stats', key, timeMs: read.modifiedMs, sessionId: '', stats: read.value, settled: false });
  }

  /** A file that says what it said before is not told again. */
  #note(dir: string, fact: StatsFact): void {
    const known = this.#reader.facts.get(fact.key);
    if (known?.type !== 'stats' || JSON.stringify(known.stats) !== JSON.stringify(fact.stats)) this.#reader.facts.put(fact);
    this.#files.set(dir, fact);
    this.#show();
  }

  #show(): void {
    const merged = mergeStats([...this.#files.values()].map(({ stats }) => stats));
    const points = merged === undefined ? [] : statsPoints(merged);
    for (const metric of STATS_METRICS) this.#reader.health.clear(metric);
    for (const point of points) this.#reader.health.show(point);
  }
}

export const STATS_FILE = 'stats-cache.json';
