import { createMemo, createSignal, For, Index, type JSX, Show } from 'solid-js';
import { Unnarrowed } from '../charts/ChartPanel.tsx';
import { fileName, saveCsv } from '../charts/export.ts';
import { formatCount } from '../format/number.ts';
import { common } from '../texts/common.ts';
import { DownIcon, UpIcon } from './icons.tsx';
import { Panel } from './Panel.tsx';
import { PanelMenu } from './PanelMenu.tsx';

/** One column of numbers. */
export interface Column<Row> {
  key: string;
  name: string;
  /** What it is, where the name does not say it all. */
  help?: string;
  value(row: Row): number | null;
  cell(row: Row): JSX.Element;
  /** Left out where there is little room. */
  spare?: boolean;
}

const FIRST_ROWS = 10;

/** Rows of names and numbers in a panel: ordered by any column, with a bar for one of them, saved as CSV. */
export function TablePanel<Row>(props: {
  title: string;
  /** What the rows are. */
  label: string;
  rows: readonly Row[];
  columns: readonly Column<Row>[];
  keyOf(row: Row): string;
  /** The name as a text, for files, where the key must not be told. */
  text?(row: Row): string;
  name(row: Row): JSX.Element;
  /** The column that the bars show, and that the rows are ordered by at first. */
  main: string;
  /** The column that the rows are ordered by at first, where it is not that one. */
  order?: string;
  /** What a full bar stands for, where it is not the largest number. */
  full?: number;
  queries?: readonly string[];
  unnarrowed?: readonly string[];
  figure?: JSX.Element;
  class?: string;
  nothing?: string;
  children?: JSX.Element;
}) {
  const [all, setAll] = createSignal(false);
  const [order, setOrder] = createSignal({ key: props.order ?? props.main, down: true });
  const column = () => props.columns.find((one) => one.key === order().key);
  const sorted = createMemo(() => {
    const by = column();
    const sign = order().down ? -1 : 1;
    const numberOf = (row: Row) => by?.value(row) ?? Number.NEGATIVE_INFINITY;
    // A number without a value comes last, whichever way.
    const rank = (one: Row, other: Row) => {
      const [left, right] = [numberOf(one), numberOf(other)];
      if (left === right) return props.keyOf(one) < props.keyOf(other) ? -1 : 1;
      if (!Number.isFinite(left) || !Number.isFinite(right)) return right - left;
      return sign * (left - right);
    };
    return order().key === 'name'
      ? [...props.rows].sort((one, other) => -sign * (props.keyOf(one) < props.keyOf(other) ? 1 : -1))
      : [...props.rows].sort(rank);
  });
  const shown = () => (all() ? sorted() : sorted().slice(0, FIRST_ROWS));
  const bars = () => props.columns.find((one) => one.key === props.main);
  const most = createMemo(() => props.full ?? Math.max(0, ...props.rows.map((row) => bars()?.value(row) ?? 0)));
  const turn = (key: string) => setOrder((before) => ({ key, down: before.key === key ? !before.down : key !== 'name' }));
  const sortOf = (key: string) => (order().key !== key ? 'none' : order().down ? 'descending' : 'ascending');
  const csv = () =>
    saveCsv(fileName('', props.title, 'csv'), [
      [props.label, ...props.columns.map((one) => one.name)],
      ...sorted().map((row) => [(props.text ?? props.keyOf)(row), ...props.columns.map((one) => one.value(row) ?? Number.NaN)]),
    ]);
  const heading = (key: string, name: string, help?: string) => (
    <button type="button" class="sort" title={help} onClick={() => turn(key)}>
      {name}
      <Show when={order().key === key}>{order().down ? <DownIcon /> : <UpIcon />}</Show>
    </button>
  );
  return (
    <Panel
      title={props.title}
      class={props.class ?? ''}
      figure={
        <>
          {props.figure}
          <Unnarrowed by={props.unnarrowed} />
        </>
      }
      menu={<PanelMenu title={props.title} queries={props.queries ?? []} onCsv={csv} />}
    >
      <Show when={props.rows.length > 0} fallback={<p class="panel-nothing quiet">{props.nothing ?? common.nothing}</p>}>
        <div class="table-wrap">
          <div class="table-side">
            <table class="table">
              <thead>
                <tr>
                  <th scope="col" aria-sort={sortOf('name')}>
                    {heading('name', props.label)}
                  </th>
                  <For each={props.columns}>
                    {(one) => (
                      <>
                        <th scope="col" aria-sort={sortOf(one.key)} classList={{ 'cell-spare': one.spare ?? false }}>
                          {heading(one.key, one.name, one.help)}
                        </th>
                        <Show when={one.key === props.main}>
                          <th scope="col" class="cell-share">
                            <span class="visually-hidden">{common.compared}</span>
                          </th>
                        </Show>
                      </>
                    )}
                  </For>
                </tr>
              </thead>
              <tbody>
                {/* By place, so that a row that changes keeps its focus. */}
                <Index each={shown()}>
                  {(row) => (
                    <tr>
                      <th scope="row">{props.name(row())}</th>
                      <For each={props.columns}>
                        {(one) => (
                          <>
                            <td classList={{ 'cell-spare': one.spare ?? false }} data-value={one.value(row()) ?? undefined}>
                              {one.cell(row())}
                            </td>
                            <Show when={one.key === props.main}>
                              <td class="cell-share">
                                <span class="share-bar">
                                  <span style={{ width: `${most() === 0 ? 0 : (100 * (one.value(row()) ?? 0)) / most()}%` }} />
                                </span>
                              </td>
                            </Show>
                          </>
                        )}
                      </For>
                    </tr>
                  )}
                </Index>
              </tbody>
            </table>
          </div>
          <Show when={props.rows.length > FIRST_ROWS}>
            <button type="button" class="button more" aria-expanded={all()} onClick={() => setAll(!all())}>
              {all() ? common.showFewer : common.showAll(formatCount(props.rows.length))}
            </button>
          </Show>
        </div>
      </Show>
      {props.children}
    </Panel>
  );
}
