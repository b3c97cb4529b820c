import { type LedgerMetric, type Metric, metrics } from '../contract/index.ts';
import type { Measurement } from '../meter/record.ts';

/** The label under which a series of a histogram keeps its part: `sum`, `count` or the bound of a bucket. */
export const PART = 'le';

/** One series of a counter: its labels, what has been counted, and since when. */
export interface Series {
  id: number;
  metric: LedgerMetric;
  /** Label values in the order of `labelNames`; `host` is left out: it is the same for the whole ledger. */
  values: readonly string[];
  /** When the series began to count, milliseconds since 1970. */
  startMs: number;
  /** Time of its last sample, 0 before the first. */
  lastMs: number;
  /** Whole numbers: for money billionths of a dollar. */
  value: number;
  /**
   * What was counted too much when later knowledge lowered a figure. A counter never goes down, so the next increments pay it back.
   */
  debt: number;
}

/** All series of a ledger. A metric with its labels gets its number once and keeps it. */
export class SeriesBook {
  readonly #byKey = new Map<string, Series>();
  readonly #byId = new Map<number, Series>();
  readonly #histograms = new Map<string, Series[]>();
  #nextId = 1;

  constructor(series: Iterable<Series> = []) {
    for (const one of series) this.#add(one);
  }

  /** The series of a measurement; a new one, at 0 and without a sample, where it is the first of its labels. */
  of({ metric, labels }: Pick<Measurement, 'metric' | 'labels'>): Series {
    return this.#series(metric, labels, undefined);
  }

  /** The series of a histogram, one for each bucket and then sum and count, with what a value of so many milliseconds adds to each. */
  *observe({ metric, labels, value }: Measurement): Generator<[series: Series, increment: number]> {
    const key = keyOf(metric, labels, undefined);
    let group = this.#histograms.get(key);
    if (group === undefined) {
      group = partsOf(metric).map((part) => this.#series(metric, labels, part));
      this.#histograms.set(key, group);
    }
    for (const series of group) yield [series, incrementOf(series.values.at(-1) ?? '', value)];
  }

  get(id: number): Series | undefined {
    return this.#byId.get(id);
  }

  all(): Iterable<Series> {
    return this.#byId.values();
  }

  get size(): number {
    return this.#byId.size;
  }

  /** The sum of a metric over all its series, in the ledger's whole numbers. */
  total(metric: LedgerMetric): number {
    let sum = 0;
    for (const series of this.#byId.values()) if (series.metric === metric) sum += series.value;
    return sum;
  }

  #series(metric: LedgerMetric, labels: Record<string, string>, part: string | undefined): Series {
    const key = keyOf(metric, labels, part);
    const known = this.#byKey.get(key);
    if (known !== undefined) return known;
    const values = labelNames(metric).map((name) => (name === PART ? part : labels[name]) ?? '');
    const series: Series = { id: this.#nextId, metric, values, startMs: 0, lastMs: 0, value: 0, debt: 0 };
    this.#add(series);
    return series;
  }

  #add(series: Series): void {
    this.#byKey.set([series.metric, ...series.values].join(SEPARATOR), series);
    this.#byId.set(series.id, series);
    this.#nextId = Math.max(this.#nextId, series.id + 1);
  }
}

/** The label names of a series, in the order of its `values`. The last one of a histogram says which of its series it is. */
export function labelNames(metric: LedgerMetric): readonly string[] {
  return LABEL_NAMES[metric];
}

const LABEL_NAMES = Object.fromEntries(
  Object.entries(metrics).map(([name, { kind, labels }]) => {
    const own: string[] = labels.filter((label) => label !== 'host');
    return [name, kind === 'histogram' ? [...own, PART] : own];
  }),
) as Record<LedgerMetric, string[]>;

/** Between the parts of a key. A label cannot hold it: JSON of transcripts may, and then two odd series are one. */
const SEPARATOR = '\u0000';

function keyOf(metric: LedgerMetric, labels: Record<string, string>, part: string | undefined): string {
  let key: string = metric;
  for (const name of LABEL_NAMES[metric]) {
    const value = name === PART ? part : labels[name];
    if (value !== undefined) key += SEPARATOR + value;
  }
  return key;
}

/** Bounds of the buckets as the label says them, then `sum` and `count`. */
function partsOf(metric: LedgerMetric): string[] {
  const row: Metric = metrics[metric];
  return [...(row.buckets ?? []).map(String), '+Inf', 'sum', 'count'];
}

function incrementOf(part: string, valueMs: number): number {
  if (part === 'sum') return valueMs;
  if (part === 'count' || part === '+Inf') return 1;
  return valueMs <= Number(part) * 1000 ? 1 : 0;
}
