import type { MetricName } from '@ccmeter/exporter/contract';
import { aggregate, type Matchers, selector } from '../../query-api/src/promql/build.ts';

/** A name of a series that Prometheus makes of a metric, with a selector in which every label is known to the catalogue. */
export function series<Name extends MetricName>(metric: Name, matchers: Matchers<Name> = {}): string {
  return selector(metric, matchers).text;
}

/** What was added to counters of the ledger over a range, exact where it begins and ends on a minute (DESIGN decision 7). */
export function added(text: string, range: string, offset = ''): string {
  const window = `${text}[${range}]${offset === '' ? '' : ` offset ${offset}`}`;
  return `max_over_time(${window}) - min_over_time(${window})`;
}

/** The sum by labels. */
export function sum(labels: readonly string[], expression: string): string {
  return aggregate('sum', labels, expression);
}
