import { For } from 'solid-js';
import { ChartPanel } from '../../charts/ChartPanel.tsx';
import { courseOf } from '../../charts/options/forms.ts';
import { labelText } from '../../format/labels.ts';
import { modelLabel } from '../../format/model.ts';
import { formatCompact, formatCount, formatShare } from '../../format/number.ts';
import { COUNT, TOKENS } from '../../format/units.ts';
import { TOKEN_GROUPS } from '../../store/location.ts';
import { loadTokens, type TokenRow, type TokensNumbers, tokenGroupOf } from '../../store/tokens.ts';
import { tokens as texts } from '../../texts/tokens.ts';
import { type Column, TablePanel } from '../../ui/DataTable.tsx';
import { Count, Tokens as TokenFigure } from '../../ui/Figures.tsx';
import { KINDS, KindsBar } from '../../ui/KindsBar.tsx';
import { Name } from '../../ui/NamesPanel.tsx';
import { NumbersView } from '../../ui/NumbersView.tsx';
import { Panel } from '../../ui/Panel.tsx';
import { PanelMenu } from '../../ui/PanelMenu.tsx';
import { Segmented } from '../../ui/Segmented.tsx';
import { changeOf, pointsOf, type TotalFigure, Totals } from '../../ui/Totals.tsx';

const groups = TOKEN_GROUPS.map((value) => ({ value, label: texts.by[value], title: texts.byHelp(value) }));

/** What tokens were used for: kinds, models, agents, and how large requests are. */
export default function Tokens() {
  return (
    <NumbersView
      name={texts.name}
      question={(state) => ({ range: state.range, filters: state.filters, by: tokenGroupOf(state.by) })}
      load={loadTokens}
      isEmpty={(numbers) => numbers.totals.tokens === 0 && numbers.totals.requests === 0}
      nothing={texts.nothing}
    >
      {({ numbers, state, change, nowSeconds }) => (
        <>
          <Totals figures={figuresOf(numbers())} />
          <div class="grid">
            <ChartPanel
              title={texts.tokens}
              class="panel-full"
              stack={numbers().tokens}
              format={TOKENS}
              nowSeconds={nowSeconds()}
              forms
              figure={<TokenFigure value={numbers().totals.tokens} />}
              aside={
                <Segmented
                  label={texts.byLabel}
                  options={groups}
                  value={tokenGroupOf(state().by)}
                  onChange={(by) => change({ by: by === 'kind' ? '' : by })}
                />
              }
            />
            <TablePanel
              title={texts.byModel}
              class="panel-full"
              label={texts.model}
              rows={numbers().models}
              columns={columns}
              main="tokens"
              keyOf={(row) => row.name}
              name={(row) => (
                <Name
                  label="model"
                  name={row.name}
                  slots={numbers().slots.model}
                  onName={(model) => change({ filters: { ...state().filters, model: [model] } })}
                />
              )}
              queries={numbers().queries}
              figure={<Count value={numbers().models.length} />}
            />
            <Mixes title={texts.models} rows={numbers().models} nameOf={modelLabel} queries={numbers().queries} />
            <Mixes
              title={texts.agents}
              rows={numbers().agents}
              nameOf={(name) => labelText('agent', name)}
              queries={numbers().agentQueries}
            />
            <ChartPanel
              title={texts.writes}
              class="panel-half"
              stack={numbers().writes}
              format={TOKENS}
              nowSeconds={nowSeconds()}
              figure={<span class="quiet">{texts.writesFigure}</span>}
            />
            <ChartPanel
              title={texts.agentsOverTime}
              class="panel-half"
              stack={numbers().agentsOverTime}
              format={TOKENS}
              nowSeconds={nowSeconds()}
            />
            <ChartPanel
              title={texts.requests}
              class="panel-half"
              stack={numbers().requests}
              format={COUNT}
              nowSeconds={nowSeconds()}
              figure={<Count value={numbers().totals.requests} />}
            />
            <ChartPanel
              title={texts.requestSize}
              class="panel-half"
              stack={numbers().requestSize}
              format={TOKENS}
              shape="lines"
              legend={false}
              nowSeconds={nowSeconds()}
              figure={<span class="quiet">{texts.requestSizeFigure}</span>}
            />
          </div>
        </>
      )}
    </NumbersView>
  );
}

function figuresOf(numbers: TokensNumbers): TotalFigure[] {
  const { totals, before } = numbers;
  const each = totals.requests === 0 ? null : totals.tokens / totals.requests;
  const eachBefore = before && before.requests > 0 ? before.tokens / before.requests : null;
  const kind = (name: string) => totals.kinds[name] ?? 0;
  return [
    {
      name: texts.tokens,
      number: totals.tokens,
      value: formatCompact(totals.tokens),
      exact: texts.exact(formatCount(totals.tokens)),
      sub: formatCount(totals.tokens),
      change: changeOf(totals.tokens, before?.tokens, formatCount),
      about: texts.tokensAbout,
      queries: [totals.queries.tokens],
      course: courseOf(numbers.tokens),
    },
    {
      name: texts.output,
      number: kind('output'),
      value: formatCompact(kind('output')),
      exact: texts.outputExact(formatCount(kind('output'))),
      sub: totals.tokens === 0 ? '' : texts.ofAll(formatShare(kind('output') / totals.tokens)),
      change: changeOf(kind('output'), before && (before.kinds.output ?? 0), formatCount),
      about: texts.outputAbout,
      queries: [totals.queries.tokens],
    },
    {
      name: texts.each,
      number: each,
      value: each === null ? '–' : formatCompact(Math.round(each)),
      exact: texts.exact(formatCount(Math.round(each ?? 0))),
      sub: texts.requestsSub(formatCount(totals.requests)),
      change: changeOf(Math.round(each ?? 0), eachBefore === null ? null : Math.round(eachBefore), formatCount),
      about: texts.eachAbout,
      queries: [totals.queries.tokens, totals.queries.requests],
      course: numbers.requestSize.layers[0]?.values ?? [],
    },
    {
      name: texts.cacheShare,
      number: totals.cacheShare,
      value: totals.cacheShare === null ? '–' : formatShare(totals.cacheShare),
      exact: totals.cacheShare === null ? '–' : formatShare(totals.cacheShare),
      sub: texts.written(formatCompact(kind('cache_write_5m')), formatCompact(kind('cache_write_1h'))),
      change: pointsOf(totals.cacheShare, before?.cacheShare, formatShare),
      about: texts.cacheShareAbout,
      queries: [totals.queries.tokens],
    },
  ];
}

const kindColumn = (kind: string, name: string, spare: boolean): Column<TokenRow> => ({
  key: kind,
  name,
  value: (row) => row.kinds[kind] ?? 0,
  cell: (row) => <TokenFigure value={row.kinds[kind] ?? 0} />,
  spare,
});

const columns: Column<TokenRow>[] = [
  { key: 'tokens', name: texts.columns.tokens, value: (row) => row.tokens, cell: (row) => <TokenFigure value={row.tokens} /> },
  kindColumn('input', texts.columns.input, true),
  kindColumn('output', texts.columns.output, false),
  kindColumn('cache_read', texts.columns.read, true),
  kindColumn('cache_write_5m', texts.columns.write5m, true),
  kindColumn('cache_write_1h', texts.columns.write1h, true),
  {
    key: 'share',
    name: texts.columns.share,
    value: (row) => row.cacheShare,
    cell: (row) => (row.cacheShare === null ? '–' : formatShare(row.cacheShare)),
    spare: true,
  },
  { key: 'requests', name: texts.columns.requests, value: (row) => row.requests, cell: (row) => formatCount(row.requests), spare: true },
  {
    key: 'each',
    name: texts.columns.each,
    help: texts.eachHelp,
    value: (row) => (row.requests === 0 ? null : row.tokens / row.requests),
    cell: (row) => (row.requests === 0 ? '–' : formatCompact(Math.round(row.tokens / row.requests))),
  },
];

/** One bar per row: what its tokens were, as parts of all of them. */
function Mixes(props: { title: string; rows: readonly TokenRow[]; queries: readonly string[]; nameOf(name: string): string }) {
  return (
    <Panel title={props.title} class="panel-half" menu={<PanelMenu title={props.title} queries={props.queries} />}>
      <div class="mixes">
        <ul class="legend">
          <For each={KINDS}>
            {(kind) => (
              <li>
                <span class={`swatch kind-${kind}`} />
                {labelText('kind', kind)}
              </li>
            )}
          </For>
        </ul>
        <For each={props.rows}>
          {(row) => (
            <div class="mix">
              <span class="mix-name">{props.nameOf(row.name)}</span>
              <span class="quiet">{formatCompact(row.tokens)}</span>
              <KindsBar kinds={row.kinds} label={props.nameOf(row.name)} />
            </div>
          )}
        </For>
      </div>
    </Panel>
  );
}
