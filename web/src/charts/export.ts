import type { Layer, Stack } from './options/stack.ts';

/** Rows as RFC 4180 has them. Texts that a spreadsheet would take for a formula get an apostrophe. */
export function csvOf(rows: readonly (readonly (string | number)[])[]): string {
  return `${rows.map((row) => row.map(cell).join(',')).join('\r\n')}\r\n`;
}

function cell(value: string | number): string {
  if (typeof value === 'number') return Number.isNaN(value) ? '' : String(value);
  const text = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** What a chart shows, as rows: when each bar begins and ends in UTC, and the value of each layer. */
export function stackRows(stack: Stack): (string | number)[][] {
  const head = ['start', 'end', ...stack.layers.map((layer) => layer.title)];
  const iso = (seconds: number) => new Date(seconds * 1000).toISOString().replace('.000Z', 'Z');
  const rows = stack.buckets.map((bucket, index) => [
    iso(bucket.start),
    iso(bucket.end),
    ...stack.layers.map((layer) => layer.values[index] ?? Number.NaN),
  ]);
  return [head, ...rows];
}

/** A name for a file: `ccmeter-tools-tool-calls.csv`. */
export function fileName(view: string, title: string, ending: string): string {
  const words = `ccmeter ${view} ${title}`.toLowerCase().match(/[a-z0-9]+/g) ?? ['ccmeter'];
  return `${words.join('-')}.${ending}`;
}

/** Hands a file to the browser. A blob, as the Content-Security-Policy has no data: URLs. */
export function saveFile(name: string, content: Blob): void {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(content);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}

export function saveCsv(name: string, rows: readonly (readonly (string | number)[])[]): void {
  saveFile(name, new Blob([csvOf(rows)], { type: 'text/csv;charset=utf-8' }));
}

const EDGE = 16;
const TITLE_LINE = 28;
const LEGEND_LINE = 22;

interface Picture {
  title: string;
  subtitle: string;
  layers: readonly Layer[];
  shortOf(value: number): string;
  colours: { text: string; muted: string; surface: string; font: string; slots: readonly string[] };
}

/** The canvas of a chart with its title and its legend, as a PNG. */
export async function pictureOf(chart: HTMLCanvasElement, picture: Picture): Promise<Blob | null> {
  const scale = chart.width / chart.clientWidth;
  const width = chart.clientWidth + 2 * EDGE;
  const measure = document.createElement('canvas').getContext('2d');
  const canvas = document.createElement('canvas');
  const context = canvas.getContext('2d');
  if (!context || !measure) return null;
  const font = (weight: number, size: number) => `${weight} ${size}px ${picture.colours.font}`;
  measure.font = font(400, 12);
  const entries = placeLegend(picture, width, (text) => measure.measureText(text).width);
  const lines = entries.at(-1)?.line ?? -1;
  canvas.width = width * scale;
  canvas.height = (2 * EDGE + TITLE_LINE + chart.clientHeight + (lines + 1) * LEGEND_LINE) * scale;
  context.scale(scale, scale);
  context.fillStyle = picture.colours.surface;
  context.fillRect(0, 0, canvas.width, canvas.height);
  context.textBaseline = 'middle';
  context.font = font(600, 14);
  context.fillStyle = picture.colours.text;
  context.fillText(picture.title, EDGE, EDGE + 8);
  const titleWidth = context.measureText(picture.title).width;
  context.font = font(400, 12);
  context.fillStyle = picture.colours.muted;
  context.fillText(picture.subtitle, EDGE + titleWidth + 10, EDGE + 8);
  context.drawImage(chart, EDGE, EDGE + TITLE_LINE, chart.clientWidth, chart.clientHeight);
  for (const { text, slot, left, line } of entries) {
    const top = EDGE + TITLE_LINE + chart.clientHeight + line * LEGEND_LINE + LEGEND_LINE / 2;
    context.fillStyle = picture.colours.slots[slot] ?? picture.colours.muted;
    context.fillRect(left, top - 5, 10, 10);
    context.fillStyle = picture.colours.text;
    context.fillText(text, left + 16, top);
  }
  return new Promise((resolve) => canvas.toBlob(resolve, 'image/png'));
}

interface Entry {
  text: string;
  slot: number;
  left: number;
  line: number;
}

function placeLegend(picture: Picture, width: number, widthOf: (text: string) => number): Entry[] {
  const entries: Entry[] = [];
  let left = EDGE;
  let line = 0;
  for (const layer of picture.layers) {
    const text = `${layer.label} ${picture.shortOf(layer.total)}`;
    const room = widthOf(text) + 32;
    if (left > EDGE && left + room > width - EDGE) {
      left = EDGE;
      line += 1;
    }
    entries.push({ text, slot: layer.slot, left, line });
    left += room;
  }
  return entries;
}
