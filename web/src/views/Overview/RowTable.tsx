import { createSignal, For, Show } from 'solid-js';
import { formatCount, formatShare } from '../../format/number.ts';
import type { Row } from '../../store/overview.ts';
import { common } from '../../texts/common.ts';
import { overview as texts } from '../../texts/overview.ts';
import { Count, Tokens, Usd } from '../../ui/Figures.tsx';
import { Name } from '../../ui/NamesPanel.tsx';

const FIRST_ROWS = 8;

/** Projects or models, dearest first, with a bar for their part of the cost. */
export function RowTable(props: {
  label: 'project' | 'model';
  rows: readonly Row[];
  totalCostUsd: number;
  slots: ReadonlyMap<string, number>;
  onName(name: string): void;
  sessions?: boolean;
}) {
  const [all, setAll] = createSignal(false);
  const shown = () => (all() ? props.rows : props.rows.slice(0, FIRST_ROWS));
  const most = () => Math.max(...props.rows.map((row) => row.costUsd), 0);
  return (
    <div class="table-wrap">
      <table class="table">
        <thead>
          <tr>
            <th scope="col">{texts[props.label]}</th>
            <th scope="col">{texts.cost}</th>
            <th scope="col" class="cell-share">
              <span class="visually-hidden">{texts.shareOfCost}</span>
            </th>
            <th scope="col">{texts.tokens}</th>
            <th scope="col" class="cell-spare">
              {texts.requests}
            </th>
            <th scope="col" class="cell-spare">
              {props.sessions ? texts.sessions : texts.cacheShare}
            </th>
          </tr>
        </thead>
        <tbody>
          <For each={shown()}>
            {(row) => (
              <tr>
                <th scope="row">
                  <Name label={props.label} name={row.name} slots={props.slots} onName={props.onName} />
                </th>
                <td>
                  <Show
                    when={!row.unpriced || row.costUsd > 0}
                    fallback={
                      <span class="quiet" title={texts.noKnownPrice}>
                        {texts.noPrice}
                      </span>
                    }
                  >
                    <Usd value={row.costUsd} atLeast={row.unpriced} />
                  </Show>
                </td>
                <td class="cell-share">
                  <span
                    class="share-bar"
                    title={texts.ofTheCost(formatShare(props.totalCostUsd === 0 ? 0 : row.costUsd / props.totalCostUsd))}
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
          {all() ? common.showFewer : common.showAll(formatCount(props.rows.length))}
        </button>
      </Show>
    </div>
  );
}
