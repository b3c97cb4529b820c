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
  /** Where something happened, in pixels of the chart. */
  marks: readonly number[];
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
  writeTitle(context, picture);
  context.drawImage(chart, EDGE, EDGE + TITLE_LINE, chart.clientWidth, chart.clientHeight);
  context.fillStyle = picture.colours.muted;
  for (const left of picture.marks) {
    context.beginPath();
    context.moveTo(EDGE + left - 4, EDGE + TITLE_LINE);
    context.lineTo(EDGE + left + 4, EDGE + TITLE_LINE);
    context.lineTo(EDGE + left, EDGE + TITLE_LINE + 7);
    context.fill();
  }
  for (const { text, slot, left, line } of entries) {
    const top = EDGE + TITLE_LINE + chart.clientHeight + line * LEGEND_LINE + LEGEND_LINE / 2;
    context.fillStyle = picture.colours.slots[slot] ?? picture.colours.muted;
    context.fillRect(left, top - 5, 10, 10);
    context.fillStyle = picture.colours.text;
    context.fillText(text, left + 16, top);
  }
  return new Promise((resolve) => canvas.toBlob(resolve, 'image/png'));
}

interface BoxPicture {
  title: string;
  subtitle: string;
  colours: { text: string; muted: string; surface: string; font: string };
}

/** A grid of coloured boxes with its texts, as it stands in the page, as a PNG: `.heat-box` are boxes, `.heat-text` texts. */
export async function pictureOfBoxes(grid: HTMLElement, picture: BoxPicture): Promise<Blob | null> {
  const frame = { width: grid.scrollWidth + 2 * EDGE, height: grid.scrollHeight + 2 * EDGE + TITLE_LINE };
  const canvas = document.createElement('canvas');
  const context = canvas.getContext('2d');
  if (!context) return null;
  const scale = window.devicePixelRatio;
  canvas.width = frame.width * scale;
  canvas.height = frame.height * scale;
  context.scale(scale, scale);
  context.fillStyle = picture.colours.surface;
  context.fillRect(0, 0, frame.width, frame.height);
  writeTitle(context, picture);
  const origin = grid.getBoundingClientRect();
  const placeOf = (element: Element) => {
    const { left, top, width, height } = element.getBoundingClientRect();
    const at = { left: left - origin.left + grid.scrollLeft + EDGE, top: top - origin.top + grid.scrollTop + EDGE + TITLE_LINE };
    return { ...at, width, height };
  };
  for (const box of grid.querySelectorAll('.heat-box')) {
    const { left, top, width, height } = placeOf(box);
    context.fillStyle = getComputedStyle(box).backgroundColor;
    context.beginPath();
    context.roundRect(left, top, width, height, 3);
    context.fill();
  }
  context.font = `400 11px ${picture.colours.font}`;
  context.fillStyle = picture.colours.muted;
  for (const text of grid.querySelectorAll('.heat-text')) {
    const { left, top, height } = placeOf(text);
    context.fillText(text.textContent, left, top + height / 2);
  }
  return new Promise((resolve) => canvas.toBlob(resolve, 'image/png'));
}

function writeTitle(context: CanvasRenderingContext2D, { title, subtitle, colours }: BoxPicture): void {
  context.textBaseline = 'middle';
  context.font = `600 14px ${colours.font}`;
  context.fillStyle = colours.text;
  context.fillText(title, EDGE, EDGE + 8);
  const width = context.measureText(title).width;
  context.font = `400 12px ${colours.font}`;
  context.fillStyle = colours.muted;
  context.fillText(subtitle, EDGE + width + 10, EDGE + 8);
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
