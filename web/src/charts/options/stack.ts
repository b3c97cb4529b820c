import type { PanelAnswer } from '../../api/client.ts';
import { labelText, labelTitle } from '../../format/labels.ts';
import { REST_SLOT, type Slots, slotOf } from '../colours.ts';

/** One bar's time. */
export interface Bucket {
  start: number;
  end: number;
}

/** One layer of the bars: a value per bucket. */
export interface Layer {
  key: string;
  label: string;
  /** The full value of the label, for hover; the label itself may be shortened. */
  title: string;
  slot: number;
  values: readonly number[];
  total: number;
}

/** What a stacked chart shows, without any idea of how. Layers are the largest first; what is left over is the last. */
export interface Stack {
  label: string;
  step: number;
  buckets: readonly Bucket[];
  layers: readonly Layer[];
  total: number;
  /** The PromQL behind it. */
  query: string;
  /** Filters in force that cannot narrow it. */
  unnarrowed?: readonly string[];
}

/** Layers beyond this are summed up in one, as nobody tells twenty colours apart. */
export const MAX_LAYERS = 8;

/**
 * Joins the answer for the cut-off first bucket (`head`, without steps) with the answer for the rest (`body`, by steps), grouped by
 * one label, into bars.
 */
export function stackOf(label: string, head: PanelAnswer | null, body: PanelAnswer, slots: Slots, most = MAX_LAYERS): Stack {
  const step = body.step ?? body.end - body.start;
  const buckets = bucketsOf(head, body, step);
  const rows = [...joinValues(label, head, body, buckets)].map(([key, values]) => ({ key, values, total: sum(values) }));
  const ranked = rows.filter((row) => row.total > 0).sort((one, other) => other.total - one.total || compare(one.key, other.key));
  const named = ranked.length > most ? ranked.slice(0, most - 1) : ranked;
  const layers: Layer[] = named.map((row, rank) => ({
    ...row,
    label: labelText(label, row.key),
    title: labelTitle(label, row.key),
    slot: slotOf(label, row.key, rank, slots),
  }));
  const rest = ranked.slice(named.length);
  if (rest.length > 0) layers.push(restLayer(label, rest, buckets.length));
  return { label, step, buckets, layers, total: sum(rows.map((row) => row.total)), query: body.query };
}

/** The stack without the layers that were switched off. */
export function visibleLayers(stack: Stack, hidden: ReadonlySet<string>): readonly Layer[] {
  return stack.layers.filter((layer) => !hidden.has(layer.key));
}

/** The key of the layer that sums up the rest; no label value is empty. */
export const REST_KEY = '';

function restLayer(label: string, rest: readonly { key: string; values: readonly number[]; total: number }[], length: number): Layer {
  return {
    key: REST_KEY,
    label: `${rest.length} others`,
    title: rest.map((row) => labelTitle(label, row.key)).join(', '),
    slot: REST_SLOT,
    values: Array.from({ length }, (_, index) => sum(rest.map((row) => row.values[index] ?? 0))),
    total: sum(rest.map((row) => row.total)),
  };
}

function bucketsOf(head: PanelAnswer | null, body: PanelAnswer, step: number): Bucket[] {
  const buckets: Bucket[] = head ? [{ start: head.start, end: head.end }] : [];
  for (let start = body.start; start < body.end; start += step) buckets.push({ start, end: Math.min(start + step, body.end) });
  return buckets;
}

function joinValues(label: string, head: PanelAnswer | null, body: PanelAnswer, buckets: readonly Bucket[]): Map<string, number[]> {
  const rows = new Map<string, number[]>();
  const places = new Map(buckets.map((bucket, index) => [bucket.start, index]));
  const rowOf = (key: string) => {
    const row = rows.get(key) ?? buckets.map(() => 0);
    rows.set(key, row);
    return row;
  };
  const add = (key: string, start: number, value: number) => {
    const place = places.get(start);
    if (place !== undefined) rowOf(key)[place] = (rowOf(key)[place] ?? 0) + value;
  };
  for (const series of head?.series ?? []) add(series.labels[label] ?? '', head?.start ?? 0, series.value);
  for (const series of body.series) for (const [start, value] of series.points ?? []) add(series.labels[label] ?? '', start, value);
  return rows;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

function compare(one: string, other: string): number {
  return one < other ? -1 : 1;
}
