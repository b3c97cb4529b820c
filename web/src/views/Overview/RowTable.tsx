import { createSignal, For, Show } from 'solid-js';
import { formatShare } from '../../format/number.ts';
import type { Row } from '../../store/overview.ts';
import { Count, Tokens, Usd } from '../../ui/Figures.tsx';

const FIRST_ROWS = 8;

/** Projects or models, dearest first, with a bar for their part of the cost. */
export function RowTable(props: {
  label: string;
  rows: readonly Row[];
  totalCostUsd: number;
  nameOf(name: string): string;
  /** Makes the name a button. */
  onName?: (name: string) => void;
  slotOf?: (name: string) => number | undefined;
  sessions?: boolean;
}) {
  const [all, setAll] = createSignal(false);
  const shown = () => (all() ? props.rows : props.rows.slice(0, FIRST_ROWS));
  const most = () => Math.max(...props.rows.map((row) => row.costUsd), 0);
  const name = (row: Row) => (
    <Show when={props.onName} fallback={<span title={props.nameOf(row.name)}>{props.nameOf(row.name)}</span>}>
      {(choose) => (
        <button type="button" class="link" title={`Show only ${props.nameOf(row.name)}`} onClick={() => choose()(row.name)}>
          {props.nameOf(row.name)}
        </button>
      )}
    </Show>
  );
  return (
    <div class="table-wrap">
      <table class="table">
        <thead>
          <tr>
            <th scope="col">{props.label}</th>
            <th scope="col">Cost</th>
            <th scope="col" class="cell-share">
              <span class="visually-hidden">Share of cost</span>
            </th>
            <th scope="col">Tokens</th>
            <th scope="col" class="cell-spare">
              Requests
            </th>
            <th scope="col" class="cell-spare">
              {props.sessions ? 'Sessions' : 'Cache share'}
            </th>
          </tr>
        </thead>
        <tbody>
          <For each={shown()}>
            {(row) => (
              <tr>
                <th scope="row">
                  <Show when={props.slotOf}>{(slotOf) => <span class={`swatch slot-${slotOf()(row.name) ?? 'rest'}`} />}</Show>
                  {name(row)}
                </th>
                <td>
                  <Show
                    when={!row.unpriced || row.costUsd > 0}
                    fallback={
                      <span class="quiet" title="No known price">
                        no price
                      </span>
                    }
                  >
                    <Usd value={row.costUsd} atLeast={row.unpriced} />
                  </Show>
                </td>
                <td class="cell-share">
                  <span
                    class="share-bar"
                    title={`${formatShare(props.totalCostUsd === 0 ? 0 : row.costUsd / props.totalCostUsd)} of the cost`}
                  >
                    <span style={{ width: `${most() === 0 ? 0 : (100 * row.costUsd) / most()}%` }} />
                  </span>
                </td>
                <td>
                  <Tokens value={row.tokens} />
                </td>
                <td class="cell-spare">
                  <Count value={row.requests} />
                </td>
                <td class="cell-spare">
                  <Show when={!props.sessions} fallback={<Count value={row.sessions} />}>
                    {row.cacheShare === null ? '–' : formatShare(row.cacheShare)}
                  </Show>
                </td>
              </tr>
            )}
          </For>
        </tbody>
      </table>
      <Show when={props.rows.length > FIRST_ROWS}>
        <button type="button" class="button more" aria-expanded={all()} onClick={() => setAll(!all())}>
          {all() ? 'Show fewer' : `Show all ${props.rows.length}`}
        </button>
      </Show>
    </div>
  );
}
