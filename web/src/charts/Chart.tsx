import { BarChart, LineChart } from 'echarts/charts';
import { GridComponent } from 'echarts/components';
import { init, use } from 'echarts/core';
import { CanvasRenderer } from 'echarts/renderers';
import { createEffect, onCleanup, onMount } from 'solid-js';
import type { BarsOption } from './options/bars.ts';
import { takeTurn } from './turns.ts';

use([BarChart, LineChart, GridComponent, CanvasRenderer]);

/** Where the bars are, in pixels of the chart's element. */
export interface BarsGeometry {
  left: number;
  /** Width of one bar with its gap. */
  band: number;
  bottom: number;
}

/** The only file that holds an ECharts instance: it is made on mount, follows its option and its size, and is disposed of. */
export default function Chart(props: { option: BarsOption; bars: number; base: number; onGeometry(geometry: BarsGeometry): void }) {
  let element!: HTMLDivElement;
  onMount(() => {
    const chart = init(element, null, { renderer: 'canvas' });
    let drawn = false;
    const measure = () => {
      // Without axes there are no places.
      if (!drawn) return;
      const first = chart.convertToPixel({ xAxisIndex: 0 }, 0);
      const last = chart.convertToPixel({ xAxisIndex: 0 }, props.bars - 1);
      const bottom = chart.convertToPixel({ yAxisIndex: 0 }, props.base);
      const left = props.bars > 1 ? (last - first) / (props.bars - 1) : 2 * (chart.getWidth() - first);
      props.onGeometry({ left: first - left / 2, band: left, bottom });
    };
    createEffect(() => {
      const { option } = props;
      const leave = takeTurn(() => {
        chart.setOption(option, { replaceMerge: ['series'] });
        drawn = true;
        measure();
      });
      onCleanup(leave);
    });
    const observer = new ResizeObserver(() => {
      chart.resize();
      measure();
    });
    observer.observe(element);
    onCleanup(() => {
      observer.disconnect();
      chart.dispose();
    });
  });
  return <div class="chart-canvas" ref={element} aria-hidden="true" />;
}
