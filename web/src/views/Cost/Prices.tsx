import type { JSX } from 'solid-js';
import { modelLabel } from '../../format/model.ts';
import { formatCompact, formatCount, formatShare, formatUsd, formatUsdExact } from '../../format/number.ts';
import type { Elsewhere as ElsewhereRow, PriceLine } from '../../store/cost.ts';
import { isOfFamily, type Price } from '../../store/price-book.ts';
import { cost as texts } from '../../texts/cost.ts';
import { type Column, TablePanel } from '../../ui/DataTable.tsx';
import { Count } from '../../ui/Figures.tsx';

/** What all tokens of the range would cost on each model, with what long prompts and fast mode would make of it. */
export function Elsewhere(props: { rows: readonly ElsewhereRow[]; used: ReadonlySet<string> }) {
  const isUsed = ({ price }: ElsewhereRow) => price.families.some((family) => [...props.used].some((model) => isOfFamily(model, family)));
  return (
    <TablePanel
      title={texts.elsewhere}
      class="panel-full"
      label={texts.elsewhereLabel}
      rows={props.rows}
      columns={elsewhereColumns}
      main="cost"
      keyOf={({ price }) => price.families.join(', ')}
      name={(row) => <Families price={row.price} bold={isUsed(row)} />}
      figure={<span class="quiet">{texts.elsewhereFigure}</span>}
    >
      <p class="panel-note">{texts.elsewhereNote}</p>
    </TablePanel>
  );
}

/** The price list: what a million tokens cost, since when, and where that was read. */
export function Prices(props: { lines: readonly PriceLine[]; children: JSX.Element }) {
  return (
    <TablePanel
      title={texts.prices}
      class="panel-full"
      label={texts.pricesLabel}
      rows={props.lines}
      columns={priceColumns}
      main="output"
      keyOf={(line) => `${line.price.families.join(', ')} ${onlyText(line)}`}
      name={(line) => (
        <>
          <Families price={line.price} bold={false} /> <span class="quiet">{onlyText(line)}</span>
        </>
      )}
      figure={<Count value={props.lines.length} />}
    >
      {props.children}
    </TablePanel>
  );
}

function Families(props: { price: Price; bold: boolean }) {
  const names = () => props.price.families.map((family) => modelLabel(`claude-${family}`).replace(/^claude-/, ''));
  return (
    <span title={props.price.families.join(', ')} classList={{ 'is-used': props.bold }}>
      {names().join(', ')}
    </span>
  );
}

function onlyText({ only }: PriceLine): string {
  if (only === null) return '';
  return only === 'fast' ? texts.fastMode : texts.longerThan(formatCompact(only.longerThan));
}

const elsewhereColumns: Column<ElsewhereRow>[] = [
  {
    key: 'cost',
    name: texts.ordinary,
    value: (row) => row.costUsd,
    cell: (row) => (
      <span title={[row.costUsd, row.mostUsd].map((value) => formatUsdExact(value)).join(' – ')}>
        {formatUsd(row.costUsd)}
        {row.mostUsd > row.costUsd ? ` – ${formatUsd(row.mostUsd)}` : ''}
      </span>
    ),
  },
  {
    key: 'ratio',
    name: texts.against,
    help: texts.againstHelp,
    value: (row) => row.ratio,
    cell: (row) => {
      if (row.ratio === null) return <span class="quiet">–</span>;
      return row.ratio < 10 ? formatShareOf(row.ratio) : texts.times(formatCount(Math.round(row.ratio)));
    },
  },
  {
    key: 'fast',
    name: texts.fast,
    help: texts.fastHelp,
    value: (row) => row.fastUsd,
    cell: (row) => (row.fastUsd === null ? <span class="quiet">–</span> : formatUsd(row.fastUsd)),
    spare: true,
  },
];

/** A part that may be more than the whole: 157%. */
function formatShareOf(ratio: number): string {
  return ratio < 1 ? formatShare(ratio) : `${formatCount(Math.round(ratio * 100))}%`;
}

const rate = (key: keyof PriceLine['rates'], name: string, spare: boolean): Column<PriceLine> => ({
  key,
  name,
  value: (line) => line.rates[key],
  cell: (line) => formatUsd(line.rates[key]),
  spare,
});

const priceColumns: Column<PriceLine>[] = [
  rate('input', texts.input, false),
  rate('output', texts.output, false),
  rate('cacheRead', texts.read, true),
  rate('write5m', texts.write5m, true),
  rate('write1h', texts.write1h, true),
  {
    key: 'since',
    name: texts.since,
    value: ({ price }) => (price.from ? Date.parse(price.from) : null),
    cell: ({ price }) => price.from ?? <span class="quiet">{texts.beginning}</span>,
    spare: true,
  },
  {
    key: 'checked',
    name: texts.checked,
    help: texts.checkedHelp,
    value: ({ price }) => Date.parse(price.checked),
    cell: ({ price }) => (
      <a href={price.source} title={price.source}>
        {price.checked}
      </a>
    ),
    spare: true,
  },
];
