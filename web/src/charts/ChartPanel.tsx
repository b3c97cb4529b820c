import { createSignal, For, type JSX, Show } from 'solid-js';
import { formatSpan } from '../format/time.ts';
import type { Format } from '../format/units.ts';
import { Panel } from '../ui/Panel.tsx';
import { PanelMenu } from '../ui/PanelMenu.tsx';
import { useTheme } from '../ui/theme.ts';
import { fileName, pictureOf, saveCsv, saveFile, stackRows } from './export.ts';
import { bucketTitle } from './options/axis.ts';
import type { Shape } from './options/bars.ts';
import type { Stack } from './options/stack.ts';
import { StackedBars } from './StackedBars.tsx';

/** A chart over time in a panel of its own, with the table behind it, its files and its query. */
export function ChartPanel(props: {
  title: string;
  /** What the chart shows, for people who do not see it; the title where there is none. */
  description?: string;
  stack: Stack;
  format: Format;
  nowSeconds: number;
  shape?: Shape;
  /** Without a legend the layers have no names: there is but one. */
  legend?: boolean;
  figure?: JSX.Element;
  aside?: JSX.Element;
  class?: string;
  children?: JSX.Element;
}) {
  const theme = useTheme();
  const [table, setTable] = createSignal(false);
  let plot: HTMLDivElement | undefined;
  async function savePng(): Promise<void> {
    const canvas = plot?.querySelector('canvas');
    const { buckets, layers } = props.stack;
    const [first, last] = [buckets[0], buckets.at(-1)];
    if (!canvas || !first || !last) return;
    const chart = theme.chart();
    const picture = await pictureOf(canvas, {
      title: props.title,
      subtitle: formatSpan(first.start, last.end),
      layers: (props.legend ?? true) ? layers : [],
      shortOf: props.format.short,
      colours: { ...chart, muted: chart.text },
    });
    if (picture) saveFile(fileName('', props.title, 'png'), picture);
  }
  return (
    <Panel
      title={props.title}
      class={props.class ?? ''}
      figure={
        <>
          {props.figure}
          <Unnarrowed by={props.stack.unnarrowed} />
        </>
      }
      aside={props.aside}
      menu={
        <PanelMenu
          title={props.title}
          queries={[props.stack.query]}
          table={{ shown: table(), toggle: () => setTable(!table()) }}
          onCsv={() => saveCsv(fileName('', props.title, 'csv'), stackRows(props.stack))}
          {...(table() ? {} : { onPng: savePng })}
        />
      }
    >
      <Show when={!table()} fallback={<StackTable {...props} />}>
        <StackedBars
          stack={props.stack}
          title={props.description ?? props.title}
          nowSeconds={props.nowSeconds}
          format={props.format}
          shape={props.shape ?? 'bars'}
          legend={props.legend ?? true}
          ref={(element) => {
            plot = element;
          }}
        />
      </Show>
      {props.children}
    </Panel>
  );
}

/** Says that a filter in force does not hold here. */
export function Unnarrowed(props: { by: readonly string[] | undefined }) {
  return (
    <Show when={props.by?.length}>
      <span class="unnarrowed" title={`This is not counted by ${props.by?.join(' or ')}, so that filter does not hold here.`}>
        every {props.by?.join(' and ')}
      </span>
    </Show>
  );
}

/** The numbers of a chart, newest first. */
function StackTable(props: { stack: Stack; format: Format; nowSeconds: number; title: string; legend?: boolean; shape?: Shape }) {
  const rows = () => props.stack.buckets.map((bucket, index) => ({ bucket, index })).reverse();
  const sums = () => props.shape !== 'lines' && props.stack.layers.length > 1;
  const write = (value: number | undefined) =>
    value === undefined || Number.isNaN(value) ? '–' : value === 0 ? '0' : props.format.exact(value);
  return (
    // Focusable, so that it can be scrolled by keyboard.
    <section class="table-scroll" tabindex="0" aria-label={`${props.title}, as a table`}>
      <table class="table">
        <thead>
          <tr>
            <th scope="col">Time</th>
            <For each={props.stack.layers}>{(layer) => <th scope="col">{(props.legend ?? true) ? layer.label : props.title}</th>}</For>
            <Show when={sums()}>
              <th scope="col">Total</th>
            </Show>
          </tr>
        </thead>
        <tbody>
          <For each={rows()}>
            {({ bucket, index }) => (
              <tr>
                <th scope="row">{bucketTitle(bucket, props.stack.step, props.nowSeconds)}</th>
                <For each={props.stack.layers}>{(layer) => <td>{write(layer.values[index])}</td>}</For>
                <Show when={sums()}>
                  <td>{write(props.stack.layers.reduce((sum, layer) => sum + (layer.values[index] ?? 0), 0))}</td>
                </Show>
              </tr>
            )}
          </For>
        </tbody>
      </table>
    </section>
  );
}
