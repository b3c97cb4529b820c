import { createMemo, Show } from 'solid-js';
import { Calendar } from '../../charts/Calendar.tsx';
import { ChartPanel } from '../../charts/ChartPanel.tsx';
import { accumulate, courseOf } from '../../charts/options/forms.ts';
import { modelLabel } from '../../format/model.ts';
import { formatCompact, formatCount, formatShare, formatUsd, formatUsdExact } from '../../format/number.ts';
import { formatMonth } from '../../format/time.ts';
import { USD } from '../../format/units.ts';
import { ranked } from '../../store/ask.ts';
import { type CostNumbers, costGroupOf, loadCost } from '../../store/cost.ts';
import { COST_GROUPS } from '../../store/location.ts';
import { PRICE_PAGE } from '../../store/price-book.ts';
import { useQuota } from '../../store/quota.ts';
import { cost as texts } from '../../texts/cost.ts';
import { Usd } from '../../ui/Figures.tsx';
import { Notice } from '../../ui/Message.tsx';
import { NamesPanel } from '../../ui/NamesPanel.tsx';
import { NumbersView } from '../../ui/NumbersView.tsx';
import { Quota } from '../../ui/Quota.tsx';
import { Segmented } from '../../ui/Segmented.tsx';
import { changeOf, type TotalFigure, Totals } from '../../ui/Totals.tsx';
import { DearestSessions } from './DearestSessions.tsx';
import { Elsewhere, Prices } from './Prices.tsx';

const groups = COST_GROUPS.map((value) => ({ value, label: texts.by[value], title: texts.byHelp(value) }));

/** What it cost, what it will, and what it would elsewhere. */
export default function Cost() {
  return (
    <NumbersView
      name={texts.name}
      question={(state) => ({ range: state.range, filters: state.filters, by: costGroupOf(state.by) })}
      load={loadCost}
      isEmpty={(numbers) => numbers.costUsd === 0 && numbers.unpriced.total === 0 && numbers.used.size === 0}
      nothing={texts.nothing}
    >
      {({ numbers, state, change, nowSeconds }) => {
        const soFar = createMemo(() => accumulate(numbers().cost));
        const windows = useQuota(() => state().filters.host);
        const money = (value: number) => <Usd value={value} />;
        return (
          <>
            <Totals figures={figuresOf(numbers(), nowSeconds())} />
            <Quota windows={windows()} />
            <Show when={numbers().unpriced.total > 0}>
              <Notice tone="info">
                <strong>{texts.lowerBound}</strong> {unpricedText(numbers())}
              </Notice>
            </Show>
            <div class="grid">
              <ChartPanel
                title={texts.cost}
                class="panel-half"
                stack={numbers().cost}
                format={USD}
                nowSeconds={nowSeconds()}
                figure={<Usd value={numbers().costUsd} atLeast={numbers().unpriced.total > 0} />}
                aside={
                  <Segmented
                    label={texts.byLabel}
                    options={groups}
                    value={costGroupOf(state().by)}
                    onChange={(by) => change({ by: by === 'model' ? '' : by })}
                  />
                }
              />
              <ChartPanel
                title={texts.soFar}
                description={texts.soFarHelp}
                class="panel-half"
                stack={soFar()}
                format={USD}
                nowSeconds={nowSeconds()}
                figure={<span class="quiet">{texts.soFarFigure}</span>}
              />
              <Calendar
                title={texts.perDay}
                days={numbers().days}
                format={USD}
                unit=""
                onDay={(day) => change({ range: { kind: 'absolute', start: day.start, end: day.end } })}
              />
              <NamesPanel
                title={texts.byProject}
                label="project"
                columns={[texts.project, texts.cost]}
                sums={numbers().projects}
                slots={numbers().slots.project}
                cell={money}
                onName={(project) => change({ filters: { ...state().filters, project: [project] } })}
              />
              <div class="panel-half panel-stack">
                <NamesPanel
                  title={texts.byModel}
                  class=""
                  label="model"
                  columns={[texts.model, texts.cost]}
                  sums={numbers().models}
                  slots={numbers().slots.model}
                  cell={money}
                  onName={(model) => change({ filters: { ...state().filters, model: [model] } })}
                />
                <NamesPanel
                  title={texts.byAgent}
                  class=""
                  label="agent"
                  columns={[texts.agent, texts.cost]}
                  sums={numbers().agents}
                  cell={money}
                />
              </div>
              <DearestSessions sessions={numbers().sessions} state={state()} />
              <Elsewhere rows={numbers().elsewhere} used={numbers().used} />
              <Prices lines={numbers().prices}>
                <p class="panel-note">
                  {texts.pricesNote[0]}
                  <a href={PRICE_PAGE}>{texts.pricesNote[1]}</a>
                  {texts.pricesNote[2]}
                </p>
              </Prices>
            </div>
          </>
        );
      }}
    </NumbersView>
  );
}

function unpricedText({ unpriced }: CostNumbers): string {
  const models = ranked(unpriced.values).map(([model, tokens]) => `${modelLabel(model)} ${formatCompact(tokens)}`);
  return texts.unpriced(formatCompact(unpriced.total), models.join(', '));
}

function figuresOf(numbers: CostNumbers, nowSeconds: number): TotalFigure[] {
  const { projection, saved } = numbers;
  const days = Math.max(1 / 1440, (numbers.range.end - numbers.range.start) / 86_400);
  const withoutCache = numbers.costUsd + saved.usd;
  return [
    {
      name: texts.cost,
      number: numbers.costUsd,
      value: formatUsd(numbers.costUsd),
      exact: formatUsdExact(numbers.costUsd),
      sub: days > 1 ? texts.aDay(formatUsd(numbers.costUsd / days)) : '',
      lowerBound: numbers.unpriced.total > 0,
      change: changeOf(numbers.costUsd, numbers.before, formatUsdExact),
      about: texts.costAbout,
      queries: [numbers.queries.cost],
      course: courseOf(numbers.cost),
    },
    {
      name: texts.burn,
      number: numbers.burnUsd,
      value: texts.burnValue(formatUsd(numbers.burnUsd)),
      exact: texts.burnExact(formatUsdExact(numbers.burnUsd)),
      sub: texts.today(formatUsd(numbers.today)),
      about: texts.burnAbout,
      queries: [numbers.queries.burn],
    },
    {
      name: texts.expected(formatMonth(nowSeconds)),
      number: projection.expected,
      value: formatUsd(projection.expected),
      exact: texts.expectedExact(formatUsdExact(projection.soFar), formatCount(projection.daysLeft)),
      sub: texts.expectedSub(formatUsd(projection.low), formatUsd(projection.high), formatUsd(projection.soFar)),
      about: texts.expectedAbout(formatUsd(projection.low), formatUsd(projection.high)),
      queries: [numbers.days.query],
    },
    {
      name: texts.saved,
      number: saved.usd,
      value: formatUsd(saved.usd),
      exact: formatUsdExact(saved.usd),
      sub: withoutCache > 0 ? texts.savedShare(formatShare(saved.usd / withoutCache)) : '',
      about: texts.savedAbout,
      queries: [saved.query],
    },
  ];
}
