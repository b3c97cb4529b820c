import { type LabelName, type MetricName, metrics, units } from '@ccmeter/exporter/contract';

/** One query of a panel. */
export interface Query {
  expr: string;
  /** What the series are called: `{{label}}` stands for its value. */
  legend: string;
}

/**
 * One panel. `stat`: totals of the chosen range · `bars`: what was added, bar by bar, stacked · `lines`: how things stood ·
 * `share`: parts of the range's total, largest first · `table`: the same as numbers.
 */
export interface Panel {
  title: string;
  kind: 'stat' | 'bars' | 'lines' | 'share' | 'table';
  /** Grafana's unit id. */
  unit: string;
  description: string;
  queries: readonly Query[];
  /** Of 24 columns. */
  width: number;
}

/** What a dashboard is made of. */
export interface Dashboard {
  uid: string;
  title: string;
  description: string;
  /** Names of labels that can be chosen, each with the metric that knows its values. */
  variables: readonly { name: string; of: string }[];
  rows: readonly { title: string; panels: readonly Panel[] }[];
}

const CHOSEN = ['host', 'project', 'model'] as const satisfies readonly LabelName[];

/** Series of a metric, as the variables choose them, and with more matchers where given. */
export function chosen(metric: MetricName, more = '', part = ''): string {
  const labels: readonly string[] = metrics[metric].labels;
  const matchers = CHOSEN.filter((name) => labels.includes(name)).map((name) => `${name}=~"$${name}"`);
  return `${metric}${part}{${[...matchers, ...(more === '' ? [] : [more])].join(',')}}`;
}

/** Sums by labels. */
function sumBy(by: readonly LabelName[] | readonly string[], expression: string): string {
  return by.length === 0 ? `sum(${expression})` : `sum by (${by.join(', ')}) (${expression})`;
}

/** What was added over a range of whole minutes: exact, by the way in which samples are written (DESIGN decision 7). */
function addedOver(text: string, range: string): string {
  return `max_over_time(${text}[${range}]) - min_over_time(${text}[${range}])`;
}

/** What was added over the chosen range, by labels. */
export function total(metric: MetricName, by: readonly LabelName[] = [], more = ''): string {
  return sumBy(by, addedOver(chosen(metric, more), '$__range'));
}

/** The same bar by bar: the shortest bar is a minute, and Grafana's are multiples of it. */
function eachBar(metric: MetricName, by: readonly LabelName[], more = ''): string {
  return sumBy(by, addedOver(chosen(metric, more), '$__interval'));
}

/** How much of a counter was added over what. */
export function ratio(part: string, whole: string): string {
  return `${part} / (${whole} > 0)`;
}

/** A quantile of a histogram over the chosen range. */
export function quantile(q: number, metric: MetricName, by: readonly LabelName[] = []): string {
  return `histogram_quantile(${q}, ${sumBy(['le', ...by], addedOver(chosen(metric, '', '_bucket'), '$__range'))})`;
}

/** A rate per second of a counter that begins at 0 with each start of the exporter. */
export function perSecond(metric: MetricName, by: readonly LabelName[]): string {
  return sumBy(by, `rate(${chosen(metric)}[$__rate_interval])`);
}

/** How a gauge stands, summed up by labels. */
export function now(metric: MetricName, by: readonly LabelName[], more = ''): string {
  return sumBy(by, chosen(metric, more));
}

/** The total of a metric as one number: title, unit and description are those of the catalogue. */
export function totalPanel(title: string, metric: MetricName, width = 4, more = ''): Panel {
  return { ...described(metric), title, kind: 'stat', queries: [{ expr: total(metric, [], more), legend: title }], width };
}

/** A metric over time, stacked by one label. */
export function barsPanel(title: string, metric: MetricName, by: LabelName, width = 12, more = ''): Panel {
  return { ...described(metric), title, kind: 'bars', queries: [{ expr: eachBar(metric, [by], more), legend: `{{${by}}}` }], width };
}

/** A metric over the range by one label, largest first. */
export function sharePanel(title: string, metric: MetricName, by: LabelName, width = 8, more = ''): Panel {
  const expr = `sort_desc(${total(metric, [by], more)} > 0)`;
  return { ...described(metric), title, kind: 'share', queries: [{ expr, legend: `{{${by}}}` }], width };
}

/** A panel of its own making about a metric. */
export function panel(title: string, kind: Panel['kind'], metric: MetricName, queries: readonly Query[], more: Partial<Panel> = {}): Panel {
  return { ...described(metric), title, kind, queries, width: 12, ...more };
}

function described(metric: MetricName): Pick<Panel, 'unit' | 'description'> {
  const { unit, help } = metrics[metric];
  return { unit: units[unit].grafana, description: help };
}

export const HOST = { name: 'host', of: 'ccmeter_exporter_build_info' } as const;
export const PROJECT = { name: 'project', of: 'ccmeter_sessions_total' } as const;
export const MODEL = { name: 'model', of: 'ccmeter_requests_total' } as const;
