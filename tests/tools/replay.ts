import { appendFileSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, truncateSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { Event } from '../../exporter/src/contract/index.ts';
import { Health } from '../../exporter/src/health.ts';
import { Ledger } from '../../exporter/src/ledger/ledger.ts';
import { labelNames, type SeriesBook } from '../../exporter/src/ledger/series.ts';
import { createLog } from '../../exporter/src/log.ts';
import { collectFamilies, type Family } from '../../exporter/src/meter/points.ts';
import { Scanner } from '../../exporter/src/scan.ts';

/** A file of a config directory: its path in it, and its bytes. */
export interface GrowingFile {
  path: string;
  bytes: Buffer;
}

/** All transcripts and histories under a directory, by their path in it. */
export function readTree(directory: string): GrowingFile[] {
  return readdirSync(directory, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.jsonl') && statSync(join(directory, path)).isFile())
    .sort()
    .map((path) => ({ path, bytes: readFileSync(join(directory, path)) }));
}

/** An exporter without a server on a config directory that grows, and what it has counted and told. */
export class Replay {
  readonly #directory = mkdtempSync(join(tmpdir(), 'ccmeter-replay-'));
  readonly #ledger = new Ledger(join(this.#directory, 'state'), 'laptop');
  readonly #scanner: Scanner;
  readonly #health: Health;
  #nowMs: number;

  constructor(nowMs: number) {
    this.#nowMs = nowMs;
    this.#health = new Health(nowMs);
    const claudeDirs = [join(this.#directory, 'claude')];
    this.#scanner = new Scanner({
      claudeDirs,
      ledger: this.#ledger,
      health: this.#health,
      log: createLog('silent'),
      now: () => this.#nowMs,
    });
  }

  /** More bytes stand at the end of a file. They are seen with the next sweep. */
  append(path: string, bytes: Buffer): void {
    const file = join(this.#directory, 'claude', path);
    mkdirSync(dirname(file), { recursive: true });
    appendFileSync(file, bytes);
  }

  /** Claude Code cuts off a line that it takes back: the file has so many bytes left. */
  cut(path: string, bytes: number): void {
    truncateSync(join(this.#directory, 'claude', path), bytes);
  }

  /** Reads and counts everything that is new, at a time that never goes back. */
  async sweep(nowMs = this.#nowMs): Promise<void> {
    this.#nowMs = Math.max(this.#nowMs, nowMs);
    await this.#scanner.sweep();
  }

  /** What a page would show now. */
  families(): Family[] {
    return collectFamilies('laptop', this.#ledger.book, this.#ledger.sessionsSince(0), this.#health, this.#nowMs);
  }

  /** What every series has come to, by name and labels; `without` leaves labels out and adds up what is then the same. */
  totals(without: readonly string[] = []): Record<string, number> {
    return totalsOf(this.#ledger.book, without);
  }

  /** Every event that waits to be sent. */
  events(): Event[] {
    return this.#ledger.outbox(1_000_000).map(({ body }) => JSON.parse(body));
  }

  async close(): Promise<void> {
    await this.#scanner.close();
    this.#ledger.close();
    rmSync(this.#directory, { recursive: true, force: true });
  }
}

/** What every series has come to, by name and labels; `without` leaves labels out and adds up what is then the same. */
export function totalsOf(book: SeriesBook, without: readonly string[] = []): Record<string, number> {
  const sums = new Map<string, number>();
  for (const { metric, values, value } of book.all()) {
    const labels = labelNames(metric).flatMap((name, at) => (without.includes(name) ? [] : `${name}=${values[at]}`));
    const key = `${metric}{${labels.join(',')}}`;
    sums.set(key, (sums.get(key) ?? 0) + value);
  }
  // A series that stands at 0 counts nothing; whether it is there depends on what was known in between.
  return Object.fromEntries([...sums].filter(([, value]) => value !== 0).sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** Events about what is going on now, and how a list stands in between. Who looks later does not see them. */
const LIVE = new Set(['activity', 'agent', 'tool', 'project_activity', 'summary', 'todo_progress']);

/**
 * What somebody knows who has heard these events: of each response and call the last word, of everything else each thing said, as text. Ids,
 * revisions and live messages are left out: they tell how it came to be known. `without` leaves fields of the payload out.
 */
export function knowledge(events: readonly Event[], without: readonly string[] = []): string[] {
  const known = new Map<string, string>();
  for (const { type, payload } of events) {
    if (LIVE.has(type)) continue;
    const fields: Record<string, unknown> = { ...payload };
    for (const name of ['revision', ...without]) delete fields[name];
    const text = `${type} ${JSON.stringify(fields)}`;
    const name = 'responseId' in payload ? payload.responseId : 'callId' in payload ? payload.callId : text;
    known.set(`${type} ${name}`, text);
  }
  return [...known.values()].sort();
}

/** A line and when it was written; one that does not say so was written with the line before. */
interface Written {
  path: string;
  timeMs: number;
  bytes: Buffer;
}

/** The lines of all files in the order in which they were written: in each file as they stand, between files by their times. */
export function inOrder(files: readonly GrowingFile[]): Written[] {
  const waiting = files.map(readLines).filter((lines) => lines.length > 0);
  const written: Written[] = [];
  while (waiting.length > 0) {
    const next = waiting.reduce((a, b) => ((b[0]?.timeMs ?? 0) < (a[0]?.timeMs ?? 0) ? b : a));
    const line = next.shift();
    if (line !== undefined) written.push(line);
    if (next.length === 0) waiting.splice(waiting.indexOf(next), 1);
  }
  return written;
}

function readLines({ path, bytes }: GrowingFile): Written[] {
  let timeMs = 0;
  return bytes
    .toString('latin1')
    .split(/(?<=\n)/)
    .filter((line) => line !== '')
    .map((line) => {
      const said = Date.parse(/"timestamp":"([^"]+)"/.exec(line)?.[1] ?? '');
      if (said > Date.parse('2024-01-01')) timeMs = said;
      return { path, timeMs, bytes: Buffer.from(line, 'latin1') };
    });
}
