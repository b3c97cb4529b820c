import { type Label, type LabelName, type LedgerMetric, labels as labelRows, type Metric, metrics } from '../contract/index.ts';
import { LabelBounds, MAX_SERIES_OF_A_METRIC, withoutNames } from '../meter/cardinality.ts';
import type { Measurement } from '../meter/record.ts';

/** The label under which a series of a histogram keeps its part: `sum`, `count` or the bound of a bucket. */
export const PART = 'le';

/** So many times the series are let in for as long as some of them may still be put together. */
const UNDECIDED = 10;

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
  /** What was counted by facts that were lost with an earlier ledger. Facts, `debt` and this together are the value. */
  carried: number;
}

/** All series of a ledger. A metric with its labels gets its number once and keeps it. */
export class SeriesBook {
  /** By metric, then by one label value after another: to look a series up no key has to be made. */
  readonly #tree = new Map<string, Branch>();
  readonly #byId = new Map<number, Series>();
  readonly #sizes = new Map<LedgerMetric, number>();
  readonly bounds: LabelBounds;
  #nextId = 1;

  /** `bounds` know the values that were folded; that those of the series are admitted they are told. */
  constructor(series: Iterable<Series> = [], bounds = new LabelBounds()) {
    this.bounds = bounds;
    for (const one of series) {
      LABEL_NAMES[one.metric].forEach((name, at) => {
        bounds.know(name, one.values[at] ?? '');
      });
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
    above.parts ??= this.#createParts(metric, labels);
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

  /** How many series each metric has. */
  sizes(): ReadonlyMap<LedgerMetric, number> {
    return this.#sizes;
  }

  /**
   * Where more new values of a label were counted than there is room for, the most used of them get the places and the others are folded.
   * Says whether that was so: then what was counted has to be counted again from before, or put together by {@link fold}.
   */
  decideBounds(): boolean {
    if (this.bounds.overflowing().length === 0) {
      this.bounds.confirm();
      return false;
    }
    this.bounds.decide((label) => this.#useOf(label));
    return true;
  }

  /** Puts series together whose values have been folded. For totals without history: series get new numbers. */
  fold(): void {
    const before = [...this.#byId.values()];
    this.#tree.clear();
    this.#byId.clear();
    this.#sizes.clear();
    this.#nextId = 1;
    for (const { metric, values, value, startMs } of before) {
      const names = LABEL_NAMES[metric];
      const labels = Object.fromEntries(names.map((name, at) => [name, values[at] ?? '']));
      const series = this.#series(metric, labels, names.at(-1) === PART ? values.at(-1) : undefined);
      series.value += value;
      if (series.startMs === 0 || startMs < series.startMs) series.startMs = startMs;
    }
  }

  /** How much each value of a label was used, by the counter that its row names. */
  #useOf(label: string): Map<string, number> {
    const row: Label = labelRows[label as LabelName];
    const use = new Map<string, number>();
    for (const { metric, values, value } of this.#byId.values()) {
      if (metric !== row.rankedBy) continue;
      const name = values[LABEL_NAMES[metric].indexOf(label)] ?? '';
      use.set(name, (use.get(name) ?? 0) + value);
    }
    return use;
  }

  /** All parts of a histogram go to the same place, so whether there is room is asked once. */
  #createParts(metric: LedgerMetric, labels: Labels): Series[] {
    const parts = partsOf(metric);
    const place = this.#hasRoom(metric, parts.length) ? labels : withoutNames(labels);
    return parts.map((part) => this.#series(metric, place, part, true));
  }

  /** While it is still to be decided which values get places, more is let in, or those that come late could not be ranked. */
  #hasRoom(metric: LedgerMetric, more: number): boolean {
    const size = (this.#sizes.get(metric) ?? 0) + more;
    return size <= MAX_SERIES_OF_A_METRIC || (size <= MAX_SERIES_OF_A_METRIC * UNDECIDED && this.bounds.overflowing().length > 0);
  }

  #series(metric: LedgerMetric, labels: Labels, part: string | undefined, certain = false): Series {
    const names = LABEL_NAMES[metric];
    const valueAt = (position: number) => (names[position] === PART ? (part ?? '') : labelOf(labels, names[position]));
    const leaf = this.#leaf(metric, valueAt, names.length);
    if (leaf.series !== undefined) return leaf.series;
    if (!certain && !this.#hasRoom(metric, 1)) {
      leaf.series = this.#series(metric, withoutNames(labels), part, true);
      return leaf.series;
    }
    const series: Series = {
      id: this.#nextId,
      metric,
      values: names.map((name, at) => this.bounds.admit(name, valueAt(at))),
      startMs: 0,
      lastMs: 0,
      value: 0,
      debt: 0,
      carried: 0,
    };
    leaf.series = series;
    this.#number(series);
    return series;
  }

  #leaf(metric: LedgerMetric, valueAt: (position: number) => string, depth: number): Branch {
    let branch = branchOf(this.#tree, metric);
    const names = LABEL_NAMES[metric];
    for (let position = 0; position < depth; position++) branch = this.#below(branch, names[position] ?? '', valueAt(position));
    return branch;
  }

  /** A value that has no place among the names leads where `other` leads. */
  #below({ below }: Branch, name: string, value: string): Branch {
    const known = below.get(value);
    if (known !== undefined) return known;
    const branch = branchOf(below, this.bounds.admit(name, value));
    below.set(value, branch);
    return branch;
  }

  #number(series: Series): void {
    this.#byId.set(series.id, series);
    this.#sizes.set(series.metric, (this.#sizes.get(series.metric) ?? 0) + 1);
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
