import { type Metric, metrics, units } from '../contract/index.ts';
import type { Family, Point } from './points.ts';

export type PageFormat = 'prometheus' | 'openmetrics';

/** What the page is served as. */
export const CONTENT_TYPE: Record<PageFormat, string> = {
  prometheus: 'text/plain; version=0.0.4; charset=utf-8',
  openmetrics: 'application/openmetrics-text; version=1.0.0; charset=utf-8',
};

/** The format that an `Accept` header asks for: OpenMetrics where it is named with the higher weight, else the text format. */
export function chooseFormat(accept: string | undefined): PageFormat {
  let best: { format: PageFormat; weight: number } = { format: 'prometheus', weight: 0 };
  for (const part of (accept ?? '').split(',')) {
    const [type, ...parameters] = part.split(';').map((text) => text.trim().toLowerCase());
    const format = type === 'application/openmetrics-text' ? 'openmetrics' : type === 'text/plain' ? 'prometheus' : undefined;
    const quality = parameters.find((parameter) => parameter.startsWith('q='));
    const weight = quality === undefined ? 1 : Number(quality.slice(2)) || 0;
    if (format !== undefined && weight > best.weight) best = { format, weight };
  }
  return best.format;
}

/**
 * The exposition of Prometheus: text format 0.0.4 or OpenMetrics 1.0.
 * Sources: https://prometheus.io/docs/instrumenting/exposition_formats/ and https://prometheus.io/docs/specs/om/open_metrics_spec/
 */
export function renderPage(families: readonly PageFamily[], format: PageFormat): string {
  const pages = families.filter(({ points }) => points.length > 0).map((family) => renderFamily(family, format));
  return pages.join('') + (format === 'openmetrics' ? '# EOF\n' : '');
}

/** One metric on the page. `suffix` is the word of its unit, empty where it has none. */
export interface PageFamily {
  name: string;
  kind: Metric['kind'];
  help: string;
  suffix: string;
  points: readonly Point[];
}

/** A metric of the catalogue as the page wants it. */
export function toPageFamily({ metric, points }: Family): PageFamily {
  const { kind, help, unit } = metrics[metric];
  return { name: metric, kind, help, suffix: kind === 'info' ? '' : units[unit].suffix, points };
}

function renderFamily({ name: metric, kind, help, suffix, points }: PageFamily, format: PageFormat): string {
  const open = format === 'openmetrics';
  const name = open ? familyName(metric, kind) : metric;
  const lines = [`# HELP ${name} ${escapeHelp(help, format)}\n# TYPE ${name} ${open || kind !== 'info' ? kind : 'gauge'}\n`];
  if (open && suffix !== '' && name.endsWith(`_${suffix}`)) lines.push(`# UNIT ${name} ${suffix}\n`);
  for (const point of points) {
    const text = labelText(point);
    lines.push(`${point.name ?? metric}${text} ${renderValue(point.value)}\n`);
    if (open && kind === 'counter') lines.push(`${name}_created${text} ${point.startMs / 1000}\n`);
  }
  return lines.join('');
}

/** In OpenMetrics a family is named without the suffix of its samples. */
function familyName(name: string, kind: string): string {
  if (kind === 'counter') return name.replace(/_total$/, '');
  return kind === 'info' ? name.replace(/_info$/, '') : name;
}

function labelText({ labels, identity }: Point): string {
  if (identity === undefined) return renderLabels(labels);
  identity.text ??= renderLabels(labels);
  return identity.text;
}

function renderLabels(labels: Record<string, string>): string {
  let pairs = '';
  for (const name in labels) pairs += `${pairs === '' ? '' : ','}${name}="${escapeLabel(labels[name] ?? '')}"`;
  return pairs === '' ? '' : `{${pairs}}`;
}

/** Lone surrogates would not survive as UTF-8; everything else may stand in a label. */
function escapeLabel(value: string): string {
  const text = value.isWellFormed() ? value : value.toWellFormed();
  return /[\\"\n]/.test(text) ? text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n') : text;
}

function escapeHelp(help: string, format: PageFormat): string {
  const text = help.replaceAll('\\', '\\\\').replaceAll('\n', '\\n');
  return format === 'openmetrics' ? text.replaceAll('"', '\\"') : text;
}

function renderValue(value: number): string {
  if (Number.isFinite(value)) return String(value);
  return Number.isNaN(value) ? 'NaN' : value > 0 ? '+Inf' : '-Inf';
}
