import { type LabelsOf, type MetricName, metrics } from './contract/index.ts';

type ProcessMetric = { [Name in MetricName]: (typeof metrics)[Name]['kept'] extends 'ledger' ? never : Name }[MetricName];
type OwnLabels<Name extends MetricName> = Omit<LabelsOf<Name>, 'host'>;

/** A value of a metric that is not kept, with the labels that it has. */
export type ProcessPoint = { [Name in ProcessMetric]: { metric: Name; labels: OwnLabels<Name>; value: number } }[ProcessMetric];

/** One value of the exporter about itself. */
export interface HealthPoint {
  metric: MetricName;
  labels: Record<string, string>;
  value: number;
}

/** What the exporter counts about itself. It begins at 0 with each start. */
export class Health {
  readonly startedMs: number;
  readonly #points = new Map<string, HealthPoint>();

  constructor(startedMs: number) {
    this.startedMs = startedMs;
  }

  add<Name extends ProcessMetric>(metric: Name, labels: OwnLabels<Name>, increment = 1): void {
    this.#point(metric, labels).value += increment;
  }

  set<Name extends ProcessMetric>(metric: Name, labels: OwnLabels<Name>, value: number): void {
    this.#point(metric, labels).value = value;
  }

  /** Replaces all values of a gauge, so that label sets that are gone are gone. */
  replace<Name extends ProcessMetric>(metric: Name, points: { labels: OwnLabels<Name>; value: number }[]): void {
    this.clear(metric);
    for (const { labels, value } of points) this.set(metric, labels, value);
  }

  /** As `set`, for a point of any metric. */
  show({ metric, labels, value }: ProcessPoint): void {
    this.#point(metric, labels).value = value;
  }

  /** Takes away all values of a gauge. */
  clear(metric: ProcessMetric): void {
    for (const [key, point] of this.#points) if (point.metric === metric) this.#points.delete(key);
  }

  value<Name extends ProcessMetric>(metric: Name, labels: OwnLabels<Name>): number {
    return this.#point(metric, labels).value;
  }

  /** This set of labels has a value. */
  has<Name extends ProcessMetric>(metric: Name, labels: OwnLabels<Name>): boolean {
    return this.#points.has(keyOf(metric, labels));
  }

  /** How many sets of labels of a metric have a value. */
  count(metric: ProcessMetric): number {
    return this.points(metric).length;
  }

  /** All values, or those of one metric. */
  points(of?: ProcessMetric): HealthPoint[] {
    const all = [...this.#points.values()];
    return of === undefined ? all : all.filter(({ metric }) => metric === of);
  }

  #point(metric: ProcessMetric, own: Record<string, string>): HealthPoint {
    const key = keyOf(metric, own);
    let point = this.#points.get(key);
    if (point === undefined) {
      point = { metric, labels: { ...own }, value: 0 };
      this.#points.set(key, point);
    }
    return point;
  }
}

function keyOf(metric: ProcessMetric, own: Record<string, string>): string {
  let key: string = metric;
  for (const name of metrics[metric].labels) if (name !== 'host') key += `\n${own[name] ?? ''}`;
  return key;
}
