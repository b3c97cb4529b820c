import { createMemo, createSignal, For, type JSX, Show } from 'solid-js';
import { formatSpan } from '../format/time.ts';
import type { Format } from '../format/units.ts';
import { common, forms as formTexts, menu } from '../texts/common.ts';
import { Panel } from '../ui/Panel.tsx';
import { PanelMenu } from '../ui/PanelMenu.tsx';
import { Segmented } from '../ui/Segmented.tsx';
import { useTheme } from '../ui/theme.ts';
import { fileName, pictureOf, saveCsv, saveFile, stackRows } from './export.ts';
import { bucketTitle } from './options/axis.ts';
import type { Shape } from './options/bars.ts';
import { FORMS, type Form, inForm } from './options/forms.ts';
import { marksByBar } from './options/marks.ts';
import type { Stack } from './options/stack.ts';
import { StackedBars } from './StackedBars.tsx';
import { useSharedCharts } from './shared.ts';

const formOptions = FORMS.map((value) => ({ value, label: formTexts[value], title: menu[value] }));

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
  /** Marks of the view stand on its time axis; they do where it is not said. */
  marks?: boolean;
  /** The forms are beside the title, not in the menu alone. */
  forms?: boolean;
  figure?: JSX.Element;
  aside?: JSX.Element;
  class?: string;
  children?: JSX.Element;
}) {
  const theme = useTheme();
  const [table, setTable] = createSignal(false);
  const [form, setForm] = createSignal<Form>('each');
  const drawn = createMemo(() => inForm(props.stack, props.format, form()));
  const legend = () => props.legend ?? true;
  let plot: HTMLDivElement | undefined;
  async function savePng(): Promise<void> {
    const canvas = plot?.querySelector('canvas');
    const { buckets, layers } = drawn().stack;
    const [first, last] = [buckets[0], buckets.at(-1)];
    if (!canvas || !first || !last) return;
    const chart = theme.chart();
    const picture = await pictureOf(canvas, {
      title: props.title,
      subtitle: formatSpan(first.start, last.end),
      layers: legend() ? layers : [],
      shortOf: drawn().format.short,
      colours: { ...chart, muted: chart.text },
      marks: [...(plot?.querySelectorAll<HTMLElement>('.mark') ?? [])].map((mark) => Number.parseFloat(mark.style.left)),
    });
    if (picture) saveFile(fileName('', props.title, 'png'), picture);
  }
  const show = (next: Form) => () => {
    setTable(false);
    setForm(next);
  };
  // Lines stand for themselves, and one layer is always the whole.
  const others = () => (props.shape === 'lines' ? [] : FORMS.filter((one) => one !== 'share' || props.stack.layers.length > 1));
  const views = () => [
    { name: table() ? menu.asChart : menu.asTable, show: () => setTable(!table()) },
    ...(props.forms ? [] : others().filter((one) => one !== form())).map((one) => ({ name: menu[one], show: show(one) })),
  ];
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
      aside={
        (props.aside || props.forms) && (
          <>
            {props.aside}
            <Show when={props.forms}>
              <Segmented
                label={formTexts.label(props.title)}
                options={formOptions.filter(({ value }) => others().includes(value))}
                value={form()}
                onChange={setForm}
              />
            </Show>
          </>
        )
      }
      menu={
        <PanelMenu
          title={props.title}
          queries={[props.stack.query]}
          views={views()}
          onCsv={() => saveCsv(fileName('', props.title, 'csv'), stackRows(drawn().stack))}
          {...(table() ? {} : { onPng: savePng })}
        />
      }
    >
      <Show when={!table()} fallback={<StackTable {...props} stack={drawn().stack} format={drawn().format} sums={form() !== 'share'} />}>
        <StackedBars
          stack={drawn().stack}
          title={props.description ?? props.title}
          nowSeconds={props.nowSeconds}
          format={drawn().format}
          shape={props.shape ?? 'bars'}
          legend={legend()}
          marks={props.marks ?? true}
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
    <Show when={props.by?.length ? props.by : null}>
      {(names) => (
        <span class="unnarrowed" title={common.unnarrowedHelp(names())}>
          {common.unnarrowed(names())}
        </span>
      )}
    </Show>
  );
}

/** The numbers of a chart, newest first. */
function StackTable(props: {
  stack: Stack;
  format: Format;
  nowSeconds: number;
  title: string;
  legend?: boolean;
  shape?: Shape;
  sums: boolean;
  marks?: boolean;
}) {
  const shared = useSharedCharts();
  const marks = createMemo(() => marksByBar(props.stack.buckets, (props.marks ?? true) ? shared.marks() : []));
  const rows = () => props.stack.buckets.map((bucket, index) => ({ bucket, index })).reverse();
  const sums = () => props.sums && props.shape !== 'lines' && props.stack.layers.length > 1;
  const sumAt = (index: number) => props.stack.layers.reduce((sum, layer) => sum + (layer.values[index] ?? 0), 0);
  const write = (value: number | undefined) =>
    value === undefined || Number.isNaN(value) ? '–' : value === 0 ? '0' : props.format.exact(value);
  return (
    // Focusable, so that it can be scrolled by keyboard.
    <section class="table-scroll" tabindex="0" aria-label={common.asTable(props.title)}>
      <table class="table">
        <thead>
          <tr>
            <th scope="col">{common.time}</th>
            <For each={props.stack.layers}>{(layer) => <th scope="col">{(props.legend ?? true) ? layer.label : props.title}</th>}</For>
            <Show when={sums()}>
              <th scope="col">{common.total}</th>
            </Show>
            <Show when={marks().size > 0}>
              <th scope="col">{common.marks}</th>
            </Show>
          </tr>
        </thead>
        <tbody>
          <For each={rows()}>
            {({ bucket, index }) => (
              <tr>
                <th scope="row">{bucketTitle(bucket, props.stack.step, props.nowSeconds)}</th>
                <For each={props.stack.layers}>{(layer) => <td data-value={layer.values[index]}>{write(layer.values[index])}</td>}</For>
                <Show when={sums()}>
                  <td data-value={sumAt(index)}>{write(sumAt(index))}</td>
                </Show>
                <Show when={marks().size > 0}>
                  <td class="cell-marks">{(marks().get(index) ?? []).map((mark) => mark.text).join('; ')}</td>
                </Show>
              </tr>
            )}
          </For>
        </tbody>
      </table>
    </section>
  );
}
