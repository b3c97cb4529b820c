import type { BarSeriesOption, LineSeriesOption } from 'echarts/charts';
import type { GridComponentOption } from 'echarts/components';
import type { ComposeOption } from 'echarts/core';
import type { Bucket, Layer } from './stack.ts';

export type BarsOption = ComposeOption<BarSeriesOption | LineSeriesOption | GridComponentOption>;

/** Bars add up; lines stand for themselves. */
export type Shape = 'bars' | 'lines';

/** Colours as the canvas wants them, read from the style sheet. */
export interface ChartTheme {
  text: string;
  font: string;
  line: string;
  surface: string;
  /** By slot; the last is the grey of the rest. */
  slots: readonly string[];
}

export interface BarsInput {
  shape: Shape;
  buckets: readonly Bucket[];
  layers: readonly Layer[];
  /** Which bars have a label below them, and the label of each. */
  labelled: ReadonlySet<number>;
  labelOf(bucket: Bucket): string;
  formatValue(value: number): string;
  /** Nothing smaller than one of these is on the value axis: 1 for counts. */
  leastTick: number;
  /** The distance of ticks, where it must be a round time; null where it is found. */
  interval: number | null;
  /** Where the value axis ends; null where it is found. */
  most: number | null;
  /** Lines on an axis of powers begin at this one; null for an axis from 0. */
  powersFrom: number | null;
  /** Room above the bars, in pixels. */
  top: number;
  theme: ChartTheme;
}

const AXIS_FONT_PIXELS = 11;

/** Stacked bars or lines over time. No tooltip and no legend: both are HTML, so they can be read, focused and styled. */
export function barsOption(input: BarsInput): BarsOption {
  const { theme } = input;
  const label = { color: theme.text, fontSize: AXIS_FONT_PIXELS };
  return {
    animation: false,
    textStyle: { fontFamily: theme.font },
    grid: { left: 0, right: 2, top: input.top, bottom: 6, outerBoundsMode: 'same', outerBoundsContain: 'axisLabel' },
    xAxis: {
      type: 'category',
      data: input.buckets.map(input.labelOf),
      axisLine: { lineStyle: { color: theme.line } },
      axisTick: { show: false },
      axisLabel: { ...label, margin: 8, interval: (index: number) => input.labelled.has(index), hideOverlap: true },
    },
    yAxis: {
      ...(input.powersFrom === null
        ? {
            type: 'value',
            splitNumber: 4,
            minInterval: input.leastTick,
            ...roundTicks(input.interval),
            ...(input.most === null ? {} : { max: input.most }),
          }
        : { type: 'log', logBase: POWER, min: input.powersFrom }),
      axisLabel: { ...label, margin: 10, formatter: (value: number) => input.formatValue(value) },
      splitLine: { lineStyle: { color: theme.line } },
    },
    series: [...input.layers]
      .reverse()
      .map((layer) => (input.shape === 'bars' ? barsOf(layer, theme, input.buckets.length) : lineOf(layer, theme))),
  };
}

/** An axis whose ticks, the last one included, are on multiples of the interval. */
function roundTicks(interval: number | null) {
  return interval === null ? {} : { interval, max: ({ max }: { max: number }) => Math.ceil(max / interval) * interval };
}

/** Durations step by 60: a second, a minute, an hour. */
const POWER = 60;

const ROUND_SECONDS = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14_400, 21_600, 43_200, 86_400];

/** Ticks on round times, about four of them, for bars of durations. */
export function roundTime(layers: readonly Layer[]): number {
  const length = layers[0]?.values.length ?? 0;
  const most = Math.max(0, ...Array.from({ length }, (_, index) => layers.reduce((sum, layer) => sum + (layer.values[index] ?? 0), 0)));
  return ROUND_SECONDS.find((seconds) => most / seconds <= 4) ?? Math.ceil(most / 4 / 86_400) * 86_400;
}

/** The power that the smallest value of lines stands on. */
export function powerBelow(layers: readonly Layer[]): number {
  const least = Math.min(...layers.flatMap((layer) => layer.values.filter((value) => value > 0)));
  return Number.isFinite(least) ? POWER ** Math.floor(Math.log(least) / Math.log(POWER)) : 1;
}

function lineOf(layer: Layer, theme: ChartTheme): LineSeriesOption {
  const color = theme.slots[layer.slot] ?? theme.text;
  const isKnown = (index: number) => !Number.isNaN(layer.values[index] ?? Number.NaN);
  return {
    id: `layer:${layer.key}`,
    name: layer.label,
    type: 'line',
    silent: true,
    showSymbol: true,
    symbol: 'circle',
    // A point among gaps has no line to either side and would not be seen.
    symbolSize: (_: unknown, { dataIndex }) => (isKnown(dataIndex - 1) || isKnown(dataIndex + 1) ? 0 : 5),
    emphasis: { disabled: true },
    lineStyle: { color, width: 2 },
    itemStyle: { color },
    data: layer.values.map((value) => (Number.isNaN(value) ? null : value)),
  };
}

function barsOf(layer: Layer, theme: ChartTheme, bars: number): BarSeriesOption {
  const color = theme.slots[layer.slot] ?? theme.text;
  return {
    id: `layer:${layer.key}`,
    name: layer.label,
    type: 'bar',
    stack: 'all',
    silent: true,
    barCategoryGap: bars > 60 ? '16%' : '22%',
    barMaxWidth: 40,
    emphasis: { disabled: true },
    itemStyle: { color },
    data: [...layer.values],
  };
}
