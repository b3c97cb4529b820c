import { mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createRandom } from '../../deploy/local/demo/random.ts';
import { writeHistory } from '../../deploy/local/demo/tree.ts';
import { Health } from '../../exporter/src/health.ts';
import { Ledger } from '../../exporter/src/ledger/ledger.ts';
import { type Place, placeOf } from '../../exporter/src/ledger/place.ts';
import type { Repair } from '../../exporter/src/ledger/recovery.ts';
import { labelNames } from '../../exporter/src/ledger/series.ts';
import { createLog } from '../../exporter/src/log.ts';
import { scanOnce } from '../../exporter/src/once.ts';
import { Scanner } from '../../exporter/src/scan.ts';

/** The time at which everything happens, where nothing else is said. */
export const NOW = Date.parse('2026-03-01T12:05:00.000Z');

/** Totals by metric and labels, without those that are 0. */
export type Totals = Record<string, number>;

function totalsOf(book: Ledger['book']): Totals {
  const rows = [...book.all()].map(
    ({ metric, values, value }) => [`${metric} ${labelNames(metric).map((_, at) => values[at])}`, value] as const,
  );
  return Object.fromEntries(rows.filter(([, value]) => value !== 0).sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** What all series of a metric come to. */
export function sum(totals: Totals, metric: string): number {
  return Object.entries(totals).reduce((total, [name, value]) => (name.startsWith(`${metric} `) ? total + value : total), 0);
}

/** What one run of the exporter was like. */
export interface Run {
  repairs: readonly Repair[];
  instanceId: string;
  /** Totals as they were when the ledger was opened, and when everything had been read. */
  before: Totals;
  totals: Totals;
  mayBeBehind: boolean;
  /** Samples that a database which is not known yet would get. */
  samples: number;
}

/** A state directory and a directory of Claude Code, and an exporter without a server that is run on them again and again. */
export class Workbench {
  readonly directory = mkdtempSync(join(tmpdir(), 'ccmeter-workbench-'));
  readonly claude = join(this.directory, 'claude');
  readonly state = join(this.directory, 'state');
  readonly place: Place = placeOf(this.state);

  constructor() {
    mkdirSync(this.claude);
  }

  /** Writes some days of made-up transcripts that end an hour before {@link NOW}. */
  writeTranscripts(seed = 5, days = 5): void {
    writeHistory(this.claude, NOW - 3600_000, createRandom(seed), days);
  }

  /** Paths of all transcripts. */
  transcripts(): string[] {
    return readdirSync(this.claude, { recursive: true, encoding: 'utf8' })
      .filter((path) => path.endsWith('.jsonl'))
      .map((path) => join(this.claude, path));
  }

  /** Starts an exporter, has it read everything, does something while it runs, and stops it. */
  async run({
    nowMs = NOW,
    state = this.state,
    meanwhile = () => {},
  }: {
    nowMs?: number;
    state?: string;
    meanwhile?: () => void;
  } = {}): Promise<Run> {
    const ledger = new Ledger(state, 'laptop');
    const scanner = new Scanner({
      claudeDirs: [this.claude],
      ledger,
      health: new Health(nowMs),
      log: createLog('silent'),
      now: () => nowMs,
    });
    const before = totalsOf(ledger.book);
    const { mayBeBehind, repairs, instanceId } = ledger;
    await scanner.sweep();
    const totals = totalsOf(ledger.book);
    const samples = ledger.pendingSamples('anywhere');
    meanwhile();
    await scanner.close();
    ledger.close();
    return { repairs, instanceId, before, totals, mayBeBehind, samples };
  }

  /** Totals of what is on disk now, counted without a ledger. */
  recount(nowMs = NOW): Totals {
    return totalsOf(scanOnce([this.claude], nowMs, () => {}).book);
  }

  close(): void {
    rmSync(this.directory, { recursive: true, force: true });
  }
}
