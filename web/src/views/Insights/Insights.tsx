import { For, Show } from 'solid-js';
import { fileName, saveCsv } from '../../charts/export.ts';
import { modelLabel } from '../../format/model.ts';
import { formatChange, formatCompact, formatCount, formatShare, formatUsd, formatUsdExact } from '../../format/number.ts';
import { formatDate, formatDuration, formatSpan, formatWeekday } from '../../format/time.ts';
import { type Compared, type Habits, type InsightsNumbers, loadInsights, type Measure } from '../../store/insights.ts';
import { insights as texts } from '../../texts/insights.ts';
import { DownIcon, UpIcon } from '../../ui/icons.tsx';
import { NumbersView } from '../../ui/NumbersView.tsx';
import { Panel } from '../../ui/Panel.tsx';
import { PanelMenu } from '../../ui/PanelMenu.tsx';
import { ViewLoading } from '../../ui/ViewLoading.tsx';
import { Statistics } from './Statistics.tsx';

/** This week beside the last one, what is usual, and what Claude Code's own statistics say. */
export default function Insights() {
  return (
    <NumbersView
      name={texts.name}
      question={(state) => ({ range: { kind: 'quick', name: '30d' }, filters: state.filters })}
      load={loadInsights}
      isEmpty={isEmpty}
      nothing={texts.nothing}
      ownTime
      loading={<ViewLoading totals={0} panels={['panel-third', 'panel-third', 'panel-third', 'panel-half', 'panel-half']} />}
    >
      {({ numbers }) => (
        <div class="grid">
          <For each={numbers().periods}>{(period) => <PeriodPanel period={period} />}</For>
          <HabitsPanel habits={numbers().habits} nowSeconds={numbers().askedAtMs / 1000} />
          <Statistics stats={numbers().stats} nowSeconds={numbers().askedAtMs / 1000} />
        </div>
      )}
    </NumbersView>
  );
}

function isEmpty({ first, periods }: InsightsNumbers): boolean {
  return first === null || periods.every((period) => period.rows.every((row) => row.now === 0 && !row.before));
}

/** How numbers of a measure are written: in short, and with all that is known. */
const written: Record<Measure, readonly [short: (value: number) => string, exact: (value: number) => string]> = {
  cost: [formatUsd, formatUsdExact],
  tokens: [formatCompact, formatCount],
  messages: [formatCount, formatCount],
  sessions: [formatCount, formatCount],
  active_seconds: [formatDuration, formatDuration],
  lines: [formatCount, formatCount],
  commits: [formatCount, formatCount],
};

function PeriodPanel(props: { period: Compared }) {
  const name = () => texts.periods[props.period.name].name;
  return (
    <Panel
      title={name()}
      class="panel-third"
      figure={
        <span class="quiet" title={`${span(props.period.now)} / ${span(props.period.before)}`}>
          {span(props.period.now)}
        </span>
      }
      menu={<PanelMenu title={name()} queries={props.period.rows.map((row) => row.query)} onCsv={() => save(name(), props.period)} />}
    >
      <table class="table table-periods">
        <thead>
          <tr>
            <th scope="col">{texts.columns.what}</th>
            <th scope="col">{texts.columns.now}</th>
            <th scope="col">{texts.columns.before}</th>
            <th scope="col">{texts.columns.change}</th>
          </tr>
        </thead>
        <tbody>
          <For each={props.period.rows}>{(row) => <PeriodRow {...row} />}</For>
        </tbody>
      </table>
      <p class="panel-note">{texts.compared(texts.periods[props.period.name].before)}</p>
    </Panel>
  );
}

function PeriodRow(props: Compared['rows'][number]) {
  const [short, exact] = written[props.measure];
  const direction = () => Math.sign(props.now - (props.before ?? props.now));
  return (
    <tr>
      <th scope="row">{texts.measures[props.measure]}</th>
      <td class="period-now" title={exact(props.now)} data-value={props.now}>
        {short(props.now)}
      </td>
      <td class="quiet" title={props.before === null ? '' : exact(props.before)} data-value={props.before ?? undefined}>
        {props.before === null ? '–' : short(props.before)}
      </td>
      <td>
        <Show when={props.before !== null} fallback={<span class="quiet">–</span>}>
          <span class="change">
            {direction() > 0 ? <UpIcon /> : direction() < 0 ? <DownIcon /> : null}
            {formatChange(props.now, props.before ?? 0)}
          </span>
        </Show>
      </td>
    </tr>
  );
}

function span({ start, end }: { start: number; end: number }): string {
  return formatSpan(start, end);
}

function save(title: string, { rows }: Compared): void {
  saveCsv(fileName('insights', title, 'csv'), [
    ['measure', 'now', 'before'],
    ...rows.map((row) => [row.measure, row.now, row.before ?? Number.NaN]),
  ]);
}

function HabitsPanel(props: { habits: Habits; nowSeconds: number }) {
  const two = (hour: number) => `${String(hour).padStart(2, '0')}:00`;
  const facts = (): { name: string; value: string; sub: string }[] => {
    const { since, peakHour, peakWeekday, dearest, busiest, streak, model } = props.habits;
    const days = since === null ? 0 : Math.floor((props.nowSeconds - since) / 86_400);
    return [
      { name: texts.since, value: since === null ? '–' : formatDate(since), sub: texts.sinceSub(texts.days(formatCount(days))) },
      {
        name: texts.peakHour,
        value: peakHour ? `${two(peakHour.hour)} – ${two((peakHour.hour + 1) % 24)}` : '–',
        sub: peakHour ? texts.peakHourSub(formatShare(peakHour.share)) : '',
      },
      { name: texts.peakDay, value: peakWeekday ? formatWeekday(peakWeekday, 'long') : '–', sub: '' },
      { name: texts.dearest, value: dearest ? formatUsd(dearest.value) : '–', sub: dearest ? formatDate(dearest.start) : '' },
      { name: texts.busiest, value: busiest ? formatCount(busiest.value) : '–', sub: busiest ? formatDate(busiest.start) : '' },
      { name: texts.streak, value: texts.days(formatCount(streak.longest)), sub: texts.streakSub(texts.days(formatCount(streak.now))) },
      { name: texts.model, value: model ? modelLabel(model.name) : '–', sub: model ? texts.modelSub(formatShare(model.share)) : '' },
    ];
  };
  return (
    <Panel title={texts.facts} class="panel-half" figure={<span class="quiet">{texts.factsFigure}</span>}>
      <dl class="facts">
        <For each={facts()}>
          {(fact) => (
            <div>
              <dt>{fact.name}</dt>
              <dd>
                <strong>{fact.value}</strong> <span class="quiet">{fact.sub}</span>
              </dd>
            </div>
          )}
        </For>
      </dl>
    </Panel>
  );
}
