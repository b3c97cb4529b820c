import type { LabelsOf, MetricName } from '@ccmeter/exporter/contract';

/** Values that a label may have: any of them. A label that is not named may have any value. */
export type Matchers<Name extends MetricName> = { readonly [Label in keyof LabelsOf<Name>]?: readonly string[] | undefined };

/** PromQL that selects series. Only {@link selector} makes one, so no unescaped text gets in. */
export interface Selector<Name extends MetricName = MetricName> {
  readonly metric: Name;
  readonly text: string;
}

/**
 * A series selector. One value becomes `label="value"`, several `label=~"a|b"` with every value taken literally; an empty list asks
 * for nothing in particular, like a label that is not named.
 */
export function selector<Name extends MetricName>(metric: Name, matchers: Matchers<Name> = {}): Selector<Name> {
  const parts = Object.entries<readonly string[] | undefined>(matchers).flatMap(([label, values]) =>
    values?.length ? [matcher(label, values)] : [],
  );
  return { metric, text: parts.length === 0 ? metric : `${metric}{${parts.join(',')}}` };
}

/**
 * What was added to each selected counter in the `seconds` before the moment of evaluation: an exact number, without extrapolation, for
 * ranges that begin and end on a minute. It holds because counters never go down and because every minute in which a series changes
 * has the old value at its beginning (DESIGN decision 7). `increase()` would extrapolate.
 */
export function addedOver(series: Selector, seconds: number): string {
  const range = `${series.text}[${seconds}s]`;
  return `max_over_time(${range}) - min_over_time(${range})`;
}

/** The buckets of the selected histograms: counters, each of what is not larger than its label `le`. */
export function bucketsOf({ metric, text }: Selector): Selector {
  return { metric, text: `${metric}_bucket${text.slice(metric.length)}` };
}

/** The size that the part `quantile` of what is counted in buckets stays below, for each value of `labels`; straight between two bounds. */
export function quantileOf(quantile: number, labels: readonly string[], buckets: string): string {
  return `histogram_quantile(${quantile}, ${aggregate('sum', [...labels, 'le'], buckets)})`;
}

/** The newest value of each selected series in the `seconds` before the moment of evaluation. */
export function lastOver(series: Selector, seconds: number): string {
  return `last_over_time(${series.text}[${seconds}s])`;
}

/** 1 for each selected series with at least one sample in the `seconds` before the moment of evaluation. */
export function presentOver(series: Selector, seconds: number): string {
  return `present_over_time(${series.text}[${seconds}s])`;
}

/** One operation over groups of series that have the same values of `labels`; without labels all series are one group. */
export function aggregate(operation: 'sum' | 'min' | 'max' | 'group', labels: readonly string[], expression: string): string {
  return labels.length === 0 ? `${operation}(${expression})` : `${operation} by (${labels.join(', ')}) (${expression})`;
}

/** One matcher: the one value, or any of several, each taken literally. */
export function matcher(label: string, values: readonly string[]): string {
  const [first = ''] = values;
  return values.length === 1 ? `${label}=${quote(first)}` : `${label}=~${quote(values.map(escapeRegex).join('|'))}`;
}

/** A string literal of PromQL that means exactly `text`. */
export function quote(text: string): string {
  return `"${text.toWellFormed().replace(MUST_ESCAPE, escapeCharacter)}"`;
}

// Backslash and quote end or change a literal, line ends are not allowed in one. Prometheus takes a literal U+FFFD for broken UTF-8
// (promql/parser/lex.go, lexString), and the other control characters are unreadable in logs.
const MUST_ESCAPE = /[\\"\p{Cc}\u2028\u2029\ufffd]/gu;

function escapeCharacter(character: string): string {
  if (character === '\\' || character === '"') return `\\${character}`;
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}

/** A regular expression (RE2) that matches exactly `text`. */
function escapeRegex(text: string): string {
  return text.replace(/[\\.+*?()|[\]{}^$]/g, '\\$&');
}
