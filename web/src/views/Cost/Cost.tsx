import { sources } from '@ccmeter/exporter/prices';
import { createMemo, Show } from 'solid-js';
import { Calendar } from '../../charts/Calendar.tsx';
import { ChartPanel } from '../../charts/ChartPanel.tsx';
import { labelText, labelTitle } from '../../format/labels.ts';
import { modelFamily, modelLabel } from '../../format/model.ts';
import { formatCompact, formatCount, formatShare, formatUsd, formatUsdExact } from '../../format/number.ts';
import { formatMonthYear } from '../../format/time.ts';
import { USD } from '../../format/units.ts';
import { ranked, type Sums } from '../../store/ask.ts';
import { accumulate, type CostNumbers, costGroupOf, type Elsewhere, loadCost } from '../../store/cost.ts';
import { COST_GROUPS } from '../../store/location.ts';
import { type Column, TablePanel } from '../../ui/DataTable.tsx';
import { Count, Usd } from '../../ui/Figures.tsx';
import { Notice } from '../../ui/Message.tsx';
import { NumbersView } from '../../ui/NumbersView.tsx';
import { Segmented } from '../../ui/Segmented.tsx';
import { changeOf, type TotalFigure, Totals } from '../../ui/Totals.tsx';

const names = { model: 'Model', project: 'Project', agent: 'Agent' };
const groups = COST_GROUPS.map((value) => ({ value, label: names[value], title: `Cost by ${value}` }));

/** What it cost, what it will, and what it would elsewhere. */
export default function Cost() {
  return (
    <NumbersView
      name="Cost"
      question={(state) => ({ range: state.range, filters: state.filters, by: costGroupOf(state.by) })}
      load={loadCost}
      isEmpty={(numbers) => numbers.costUsd === 0 && numbers.unpriced.total === 0 && numbers.used.size === 0}
      nothing="Nothing was paid for in this time"
    >
      {({ numbers, state, change, nowSeconds }) => {
        const soFar = createMemo(() => accumulate(numbers().cost));
        return (
          <>
            <Totals figures={figuresOf(numbers(), nowSeconds())} />
            <Show when={numbers().unpriced.total > 0}>
              <Notice tone="info">
                <strong>Lower bound:</strong> {formatCompact(numbers().unpriced.total)} tokens have no known price and are missing here:{' '}
                {ranked(numbers().unpriced.values)
                  .map(([model, tokens]) => `${modelLabel(model)} ${formatCompact(tokens)}`)
                  .join(', ')}
                .
              </Notice>
            </Show>
            <div class="grid">
              <ChartPanel
                title="Cost"
                class="panel-half"
                stack={numbers().cost}
                format={USD}
                nowSeconds={nowSeconds()}
                figure={<Usd value={numbers().costUsd} atLeast={numbers().unpriced.total > 0} />}
                aside={
                  <Segmented
                    label="Cost by"
                    options={groups}
                    value={costGroupOf(state().by)}
                    onChange={(by) => change({ by: by === 'model' ? '' : by })}
                  />
                }
              />
              <ChartPanel
                title="Cost so far"
                description="Cost since the beginning of the range"
                class="panel-half"
                stack={soFar()}
                format={USD}
                nowSeconds={nowSeconds()}
                figure={<span class="quiet">added up over the range</span>}
              />
              <Calendar
                title="Cost per day"
                days={numbers().days}
                format={USD}
                unit=""
                figure="the last year, whatever range is chosen"
                onDay={(day) => change({ range: { kind: 'absolute', start: day.start, end: day.end } })}
              />
              <Names title="By project" label="project" sums={numbers().projects} />
              <Names title="By model" label="model" sums={numbers().models} slots={numbers().modelSlots} />
              <TablePanel
                title="The same work on another model"
                class="panel-full"
                label="All tokens of the range on"
                rows={numbers().elsewhere}
                columns={elsewhereColumns}
                main="cost"
                keyOf={(row) => row.price.families.join(', ')}
                name={(row) => (
                  <span title={row.price.families.join(', ')} classList={{ 'is-used': isUsed(row, numbers().used) }}>
                    {familyNames(row)}
                  </span>
                )}
                figure={<span class="quiet">ordinary rates in force; the same number of tokens, which no other model would use</span>}
              />
              <TablePanel
                title="Prices in force"
                class="panel-full"
                label="Model, a million tokens each"
                rows={numbers().elsewhere}
                columns={priceColumns}
                main="output"
                keyOf={(row) => row.price.families.join(', ')}
                name={(row) => <span title={row.price.families.join(', ')}>{familyNames(row)}</span>}
                figure={<Count value={numbers().elsewhere.length} />}
              >
                <p class="panel-note">
                  List prices of <a href={sources.pricing}>Anthropic's price page</a>. Each response is counted at the price of its day;
                  long prompts and fast mode at their own rates. A subscription costs what it costs: these are what the same tokens cost by
                  the API.
                </p>
              </TablePanel>
            </div>
          </>
        );
      }}
    </NumbersView>
  );
}

function figuresOf(numbers: CostNumbers, nowSeconds: number): TotalFigure[] {
  const { projection } = numbers;
  const days = Math.max(1 / 1440, (numbers.range.end - numbers.range.start) / 86_400);
  return [
    {
      name: 'Cost',
      number: numbers.costUsd,
      value: formatUsd(numbers.costUsd),
      exact: formatUsdExact(numbers.costUsd),
      sub: days > 1 ? `${formatUsd(numbers.costUsd / days)} a day` : '',
      lowerBound: numbers.unpriced.total > 0,
      change: changeOf(numbers.costUsd, numbers.before, formatUsdExact),
    },
    {
      name: 'Last hour',
      number: numbers.burnUsd,
      value: formatUsd(numbers.burnUsd),
      exact: `${formatUsdExact(numbers.burnUsd)} in the last 60 minutes`,
      sub: `today ${formatUsd(numbers.today)}`,
    },
    {
      name: `${formatMonthYear(nowSeconds)}, expected`,
      number: projection.expected,
      value: formatUsd(projection.expected),
      exact: `${formatUsdExact(projection.soFar)} so far, ${projection.daysLeft} days left. In eight of ten months like the last 28 days: ${formatUsd(projection.low)} to ${formatUsd(projection.high)}.`,
      sub: `${formatUsd(projection.low)} – ${formatUsd(projection.high)}, ${formatUsd(projection.soFar)} so far`,
    },
    {
      name: 'Saved by the cache',
      number: numbers.cacheSavedUsd,
      value: formatUsd(numbers.cacheSavedUsd),
      exact: 'What the same prompts would have cost more as plain input, less what writing the cache cost',
      sub:
        numbers.costUsd + numbers.cacheSavedUsd > 0
          ? `${formatShare(numbers.cacheSavedUsd / (numbers.costUsd + numbers.cacheSavedUsd))} of the price without it`
          : '',
    },
  ];
}

const perMillion = (value: number) => formatUsd(value);

const elsewhereColumns: Column<Elsewhere>[] = [
  { key: 'cost', name: 'Cost', value: (row) => row.costUsd, cell: (row) => <Usd value={row.costUsd} /> },
  {
    key: 'ratio',
    name: 'Against now',
    help: 'Against what was paid in this range',
    value: (row) => row.ratio,
    cell: (row) => (row.ratio === null ? '–' : row.ratio < 10 ? formatShare(row.ratio) : `${formatCount(Math.round(row.ratio))} times`),
  },
];

const priceColumns: Column<Elsewhere>[] = [
  { key: 'input', name: 'Input', value: (row) => row.price.rates.input, cell: (row) => perMillion(row.price.rates.input) },
  { key: 'output', name: 'Output', value: (row) => row.price.rates.output, cell: (row) => perMillion(row.price.rates.output) },
  {
    key: 'read',
    name: 'Cache read',
    value: (row) => row.price.rates.cacheRead,
    cell: (row) => perMillion(row.price.rates.cacheRead),
    spare: true,
  },
  {
    key: 'write5m',
    name: 'Write 5 min',
    value: (row) => row.price.rates.write5m,
    cell: (row) => perMillion(row.price.rates.write5m),
    spare: true,
  },
  {
    key: 'write1h',
    name: 'Write 1 h',
    value: (row) => row.price.rates.write1h,
    cell: (row) => perMillion(row.price.rates.write1h),
    spare: true,
  },
  {
    key: 'since',
    name: 'Since',
    value: (row) => (row.price.from ? Date.parse(row.price.from) : null),
    cell: (row) => row.price.from ?? <span class="quiet">the beginning</span>,
    spare: true,
  },
  {
    key: 'checked',
    name: 'Read',
    help: 'Where and when the price was read',
    value: (row) => Date.parse(row.price.checked),
    cell: (row) => (
      <a href={sources[row.price.source]} title={sources[row.price.source]}>
        {row.price.checked}
      </a>
    ),
    spare: true,
  },
];

function familyNames({ price }: Elsewhere): string {
  return price.families.map((family) => modelLabel(`claude-${family}`).replace(/^claude-/, '')).join(', ');
}

/** Some of the range ran on it. */
function isUsed({ price }: Elsewhere, used: ReadonlySet<string>): boolean {
  return [...used].some(
    (model) =>
      modelFamily(model) !== undefined &&
      price.families.some((family) => model.includes(`claude-${family}`) && !/^-\d{1,2}(-|$)/.test(model.slice(`claude-${family}`.length))),
  );
}

function Names(props: { title: string; label: string; sums: Sums; slots?: ReadonlyMap<string, number> }) {
  const rows = () => ranked(props.sums.values).map(([name, costUsd]) => ({ name, costUsd }));
  return (
    <TablePanel
      title={props.title}
      class="panel-half"
      label={props.label === 'model' ? 'Model' : 'Project'}
      rows={rows()}
      columns={[
        { key: 'cost', name: 'Cost', value: (row) => row.costUsd, cell: (row) => <Usd value={row.costUsd} /> },
        {
          key: 'share',
          name: 'Share',
          value: (row) => row.costUsd,
          cell: (row) => <span class="quiet">{formatShare(row.costUsd / props.sums.total)}</span>,
        },
      ]}
      main="cost"
      keyOf={(row) => row.name}
      text={(row) => labelTitle(props.label, row.name)}
      name={(row) => (
        <span title={labelTitle(props.label, row.name)}>
          <Show when={props.slots}>{(slots) => <span class={`swatch slot-${slots().get(row.name) ?? 'rest'}`} />}</Show>
          {labelText(props.label, row.name)}
        </span>
      )}
      queries={[props.sums.query]}
      unnarrowed={props.sums.unnarrowed}
      figure={<Count value={rows().length} />}
    />
  );
}
