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
  /** By metric, then by one label value after another: to look a series up no key has to be made. */
  readonly #tree = new Map<string, Branch>();
  readonly #byId = new Map<number, Series>();
  #nextId = 1;

  constructor(series: Iterable<Series> = []) {
    for (const one of series) {
      this.#leaf(one.metric, (position) => one.values[position] ?? '', one.values.length).series = one;
      this.#number(one);
    }
  }

  /** The series of a measurement; a new one, at 0 and without a sample, where it is the first of its labels. */
  of({ metric, labels }: Pick<Measurement, 'metric' | 'labels'>): Series {
    return this.#series(metric, labels, undefined);
  }

  /** The series of a histogram, one for each bucket and then sum and count, with what a value of so many milliseconds adds to each. */
  observe({ metric, labels, value }: Measurement): [series: Series, increment: number][] {
    const names = LABEL_NAMES[metric];
    const above = this.#leaf(metric, (position) => labelOf(labels, names[position]), names.length - 1);
    above.parts ??= partsOf(metric).map((part) => this.#series(metric, labels, part));
    return above.parts.map((series) => [series, incrementOf(series.values.at(-1) ?? '', value)]);
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

  #series(metric: LedgerMetric, labels: Labels, part: string | undefined): Series {
    const names = LABEL_NAMES[metric];
    const valueAt = (position: number) => (names[position] === PART ? (part ?? '') : labelOf(labels, names[position]));
    const leaf = this.#leaf(metric, valueAt, names.length);
    if (leaf.series !== undefined) return leaf.series;
    const series: Series = {
      id: this.#nextId,
      metric,
      values: names.map((_, at) => valueAt(at)),
      startMs: 0,
      lastMs: 0,
      value: 0,
      debt: 0,
    };
    leaf.series = series;
    this.#number(series);
    return series;
  }

  #leaf(metric: LedgerMetric, valueAt: (position: number) => string, depth: number): Branch {
    let branch = branchOf(this.#tree, metric);
    for (let position = 0; position < depth; position++) branch = branchOf(branch.below, valueAt(position));
    return branch;
  }

  #number(series: Series): void {
    this.#byId.set(series.id, series);
    this.#nextId = Math.max(this.#nextId, series.id + 1);
  }
}

type Labels = Readonly<Record<string, string>>;

/** Where the label values so far lead to. */
interface Branch {
  below: Map<string, Branch>;
  series?: Series;
  /** Of a histogram, above its last label: all its series. */
  parts?: Series[];
}

function branchOf(tree: Map<string, Branch>, value: string): Branch {
  let branch = tree.get(value);
  if (branch === undefined) {
    branch = { below: new Map() };
    tree.set(value, branch);
  }
  return branch;
}

function labelOf(labels: Labels, name: string | undefined): string {
  return (name === undefined ? undefined : labels[name]) ?? '';
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
