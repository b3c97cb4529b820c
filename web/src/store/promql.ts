import { SLOTS, type Slots } from '../charts/colours.ts';
import type { Layer, Stack } from '../charts/options/stack.ts';
import { labelTitle } from '../format/labels.ts';
import type { Range } from './range.ts';

/** One line of an answer of Prometheus. */
export interface ResultRow {
  name: string;
  labels: Readonly<Record<string, string>>;
  value: number;
}

export type Result =
  | { kind: 'vector'; rows: readonly ResultRow[] }
  | {
      kind: 'matrix';
      series: readonly { name: string; labels: Readonly<Record<string, string>>; points: readonly (readonly [number, number])[] }[];
    }
  | { kind: 'scalar'; value: number }
  | { kind: 'string'; text: string };

/** Reads what Prometheus answered; null where it has another shape than its documentation says. */
export function readResult(data: unknown): Result | null {
  if (!isObject(data)) return null;
  const { resultType, result } = data;
  if (resultType === 'scalar') return Array.isArray(result) ? { kind: 'scalar', value: Number(result[1]) } : null;
  if (resultType === 'string') return Array.isArray(result) ? { kind: 'string', text: String(result[1]) } : null;
  if (!Array.isArray(result)) return null;
  const entries = result.filter(isObject);
  if (resultType === 'vector')
    return {
      kind: 'vector',
      rows: entries.map((entry) => {
        const labels = readLabels(entry.metric);
        return { name: nameOf(labels), labels, value: Array.isArray(entry.value) ? Number(entry.value[1]) : Number.NaN };
      }),
    };
  if (resultType !== 'matrix') return null;
  return {
    kind: 'matrix',
    series: entries.map((entry) => {
      const labels = readLabels(entry.metric);
      return { name: nameOf(labels), labels, points: readPoints(entry.values) };
    }),
  };
}

/** What Prometheus answered as text, with stand-ins for names that are hidden. */
export function writeRaw(data: unknown): string {
  return JSON.stringify(
    data,
    (_, value: unknown) => {
      if (!isObject(value) || !isObject(value.metric)) return value;
      return {
        ...value,
        metric: Object.fromEntries(Object.entries(value.metric).map(([name, text]) => [name, labelTitle(name, String(text))])),
      };
    },
    2,
  );
}

/** A matrix as lines over a range. Prometheus gives no point where there is none, which is a gap in the line. */
export function linesOfMatrix(
  series: readonly { name: string; labels: Readonly<Record<string, string>>; points: readonly (readonly [number, number])[] }[],
  range: Range,
  step: number,
  slots: Slots = {},
): Stack {
  const count = Math.floor((range.end - range.start) / step) + 1;
  const buckets = Array.from({ length: count }, (_, index) => ({
    start: range.start + index * step,
    end: range.start + (index + 1) * step,
  }));
  const layers = series.slice(0, SLOTS).map(({ name, labels, points }, index): Layer => {
    const values = new Map(points.map(([seconds, value]) => [Math.round((seconds - range.start) / step), value]));
    const last = points.at(-1)?.[1] ?? Number.NaN;
    return {
      key: name || `series ${index}`,
      label: name || 'value',
      title: name,
      slot: slotOfLabels(labels, slots) ?? index,
      values: buckets.map((_, at) => values.get(at) ?? Number.NaN),
      total: last,
    };
  });
  return { label: 'series', step, buckets, layers, total: 0, query: '' };
}

/** A series of one model or of one project has its colour, as everywhere. */
function slotOfLabels({ __name__: _, ...labels }: Readonly<Record<string, string>>, slots: Slots): number | undefined {
  const [[label, value] = ['', ''], ...more] = Object.entries(labels);
  return more.length === 0 && (label === 'model' || label === 'project') ? slots[label]?.get(value) : undefined;
}

/** Adds a query to those that were asked, the newest first and each once. */
export function remember(history: readonly string[], query: string): string[] {
  return [query, ...history.filter((known) => known !== query)].slice(0, MAX_HISTORY);
}

const MAX_HISTORY = 50;

function readPoints(value: unknown): [number, number][] {
  return Array.isArray(value)
    ? value.flatMap((point) => (Array.isArray(point) ? [[Number(point[0]), Number(point[1])] as [number, number]] : []))
    : [];
}

function readLabels(value: unknown): Record<string, string> {
  return isObject(value) ? Object.fromEntries(Object.entries(value).map(([name, text]) => [name, String(text)])) : {};
}

/** `ccmeter_tokens_total{model="opus"}`, with stand-ins for names that are hidden. */
function nameOf({ __name__ = '', ...labels }: Record<string, string>): string {
  const parts = Object.entries(labels).map(([name, value]) => `${name}=${JSON.stringify(labelTitle(name, value))}`);
  return parts.length > 0 ? `${__name__}{${parts.join(', ')}}` : __name__;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
