import { createSignal, For, type JSX, Show } from 'solid-js';
import { common, menu } from '../texts/common.ts';
import { Panel } from '../ui/Panel.tsx';
import { PanelMenu } from '../ui/PanelMenu.tsx';
import { useTheme } from '../ui/theme.ts';
import { fileName, pictureOfBoxes, saveCsv, saveFile } from './export.ts';

/** A grid of shades in a panel, with the table behind it, its files and its query. */
export function HeatPanel(props: {
  title: string;
  class?: string;
  figure?: JSX.Element;
  aside?: JSX.Element;
  query: string;
  /** What the files hold: a row of names, then a row each. */
  rows(): (string | number)[][];
  /** The same for people: the names of the columns, and what stands below them. */
  table: { columns: readonly string[]; rows: readonly (readonly string[])[] };
  /** What the strengths of colour mean. */
  least: string;
  most: string;
  children(ref: (element: HTMLElement) => void): JSX.Element;
}) {
  const theme = useTheme();
  const [table, setTable] = createSignal(false);
  let grid: HTMLElement | undefined;
  async function savePng(): Promise<void> {
    const chart = theme.chart();
    const picture = grid && (await pictureOfBoxes(grid, { title: props.title, subtitle: '', colours: { ...chart, muted: chart.text } }));
    if (picture) saveFile(fileName('', props.title, 'png'), picture);
  }
  return (
    <Panel
      title={props.title}
      class={props.class ?? 'panel-full'}
      figure={props.figure}
      aside={props.aside}
      menu={
        <PanelMenu
          title={props.title}
          queries={[props.query]}
          views={[{ name: table() ? menu.asChart : menu.asTable, show: () => setTable(!table()) }]}
          onCsv={() => saveCsv(fileName('', props.title, 'csv'), props.rows())}
          {...(table() ? {} : { onPng: savePng })}
        />
      }
    >
      <Show when={!table()} fallback={<HeatTable title={props.title} {...props.table} />}>
        {props.children((element) => {
          grid = element;
        })}
        <p class="heat-key">
          <span>{props.least}</span>
          <For each={[0, 1, 2, 3, 4, 5]}>{(level) => <span class={`heat-key-box heat-${level}`} />}</For>
          <span>{props.most}</span>
        </p>
      </Show>
    </Panel>
  );
}

function HeatTable(props: { title: string; columns: readonly string[]; rows: readonly (readonly string[])[] }) {
  return (
    // Focusable, so that it can be scrolled by keyboard.
    <section class="table-scroll" tabindex="0" aria-label={common.asTable(props.title)}>
      <table class="table">
        <thead>
          <tr>
            <For each={props.columns}>{(name) => <th scope="col">{name}</th>}</For>
          </tr>
        </thead>
        <tbody>
          <For each={props.rows}>
            {([name, ...cells]) => (
              <tr>
                <th scope="row">{name}</th>
                <For each={cells}>{(cell) => <td>{cell}</td>}</For>
              </tr>
            )}
          </For>
        </tbody>
      </table>
    </section>
  );
}
