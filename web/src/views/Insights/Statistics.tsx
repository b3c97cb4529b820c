import { For, Show } from 'solid-js';
import { formatChange, formatCompact, formatCount } from '../../format/number.ts';
import { formatDate, formatDuration } from '../../format/time.ts';
import type { Stats, StatsRow } from '../../store/insights.ts';
import { insights as texts } from '../../texts/insights.ts';
import { Panel } from '../../ui/Panel.tsx';

const DAY = 86_400;

/** What stats-cache.json says beside our own count of the same time, with its age. */
export function Statistics(props: { stats: Stats | null; nowSeconds: number }) {
  const age = () => {
    const days = Math.floor((props.nowSeconds - (props.stats?.day ?? 0)) / DAY);
    return days < 1 ? texts.age.today : texts.age.day(texts.days(formatCount(days)));
  };
  return (
    <Panel
      title={texts.stats}
      class="panel-half"
      figure={
        <Show when={props.stats}>
          {(stats) => <span class="quiet">{texts.statsAge(formatDate(stats().day, { timeZone: 'UTC' }), age())}</span>}
        </Show>
      }
    >
      <Show when={props.stats} fallback={<p class="panel-nothing quiet">{texts.statsNone}</p>}>
        {(stats) => (
          <>
            <table class="table">
              <thead>
                <tr>
                  <th scope="col">{texts.statsColumns.what}</th>
                  <th scope="col">{texts.statsColumns.theirs}</th>
                  <th scope="col">{texts.statsColumns.ours}</th>
                  <th scope="col">{texts.statsColumns.difference}</th>
                </tr>
              </thead>
              <tbody>
                <For each={stats().rows}>{(row) => <Row row={row} />}</For>
              </tbody>
            </table>
            <p class="panel-note">{texts.statsNote}</p>
          </>
        )}
      </Show>
    </Panel>
  );
}

function Row(props: { row: StatsRow }) {
  const write = (value: number) =>
    props.row.key === 'longest' ? formatDuration(value) : props.row.key === 'tokens' ? formatCompact(value) : formatCount(value);
  return (
    <tr title={texts.statsHelp[props.row.key]}>
      <th scope="row">{texts.statsRows[props.row.key]}</th>
      <td title={formatCount(props.row.theirs)} data-value={props.row.theirs}>
        {write(props.row.theirs)}
      </td>
      <td title={formatCount(props.row.ours ?? 0)} data-value={props.row.ours ?? undefined}>
        {props.row.ours === null ? '–' : write(props.row.ours)}
      </td>
      <td class="quiet">{props.row.ours === null ? '–' : formatChange(props.row.theirs, props.row.ours)}</td>
    </tr>
  );
}
