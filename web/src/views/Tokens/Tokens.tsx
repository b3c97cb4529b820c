import { For } from 'solid-js';
import { ChartPanel } from '../../charts/ChartPanel.tsx';
import { labelText } from '../../format/labels.ts';
import { modelLabel } from '../../format/model.ts';
import { formatCompact, formatCount, formatShare } from '../../format/number.ts';
import { COUNT, TOKENS } from '../../format/units.ts';
import { TOKEN_GROUPS } from '../../store/location.ts';
import { loadTokens, type TokenRow, type TokensNumbers, tokenGroupOf } from '../../store/tokens.ts';
import { type Column, TablePanel } from '../../ui/DataTable.tsx';
import { Count, Tokens as TokenFigure } from '../../ui/Figures.tsx';
import { NumbersView } from '../../ui/NumbersView.tsx';
import { Panel } from '../../ui/Panel.tsx';
import { Segmented } from '../../ui/Segmented.tsx';
import { changeOf, pointsOf, type TotalFigure, Totals } from '../../ui/Totals.tsx';

const names = { model: 'Model', project: 'Project', agent: 'Agent', kind: 'Kind' };
const groups = TOKEN_GROUPS.map((value) => ({ value, label: names[value], title: `Tokens by ${value}` }));

/** What tokens were used for: kinds, models, agents, and how large requests are. */
export default function Tokens() {
  return (
    <NumbersView
      name="Tokens"
      question={(state) => ({ range: state.range, filters: state.filters, by: tokenGroupOf(state.by) })}
      load={loadTokens}
      isEmpty={(numbers) => numbers.totals.tokens === 0 && numbers.totals.requests === 0}
      nothing="No tokens were used in this time"
    >
      {({ numbers, state, change, nowSeconds }) => (
        <>
          <Totals figures={figuresOf(numbers())} />
          <div class="grid">
            <ChartPanel
              title="Tokens"
              class="panel-full"
              stack={numbers().tokens}
              format={TOKENS}
              nowSeconds={nowSeconds()}
              figure={<TokenFigure value={numbers().totals.tokens} />}
              aside={
                <Segmented
                  label="Tokens by"
                  options={groups}
                  value={tokenGroupOf(state().by)}
                  onChange={(by) => change({ by: by === 'kind' ? '' : by })}
                />
              }
            />
            <TablePanel
              title="By model"
              class="panel-full"
              label="Model"
              rows={numbers().models}
              columns={columns}
              main="tokens"
              keyOf={(row) => row.name}
              name={(row) => (
                <span title={row.name}>
                  <span class={`swatch slot-${numbers().slots.model.get(row.name) ?? 'rest'}`} />
                  {modelLabel(row.name)}
                </span>
              )}
              queries={numbers().queries}
              figure={<Count value={numbers().models.length} />}
            />
            <Panel title="What each model's tokens were" class="panel-half">
              <Mixes rows={numbers().models} nameOf={modelLabel} />
            </Panel>
            <Panel title="Main conversation and subagents" class="panel-half">
              <Mixes rows={numbers().agents} nameOf={(name) => labelText('agent', name)} />
            </Panel>
            <ChartPanel
              title="Requests"
              class="panel-full"
              stack={numbers().requests}
              format={COUNT}
              nowSeconds={nowSeconds()}
              figure={<Count value={numbers().totals.requests} />}
            />
          </div>
        </>
      )}
    </NumbersView>
  );
}

function figuresOf({ totals, before }: TokensNumbers): TotalFigure[] {
  const each = totals.requests === 0 ? null : totals.tokens / totals.requests;
  const eachBefore = before && before.requests > 0 ? before.tokens / before.requests : null;
  const kind = (name: string) => totals.kinds[name] ?? 0;
  return [
    {
      name: 'Tokens',
      number: totals.tokens,
      value: formatCompact(totals.tokens),
      exact: `${formatCount(totals.tokens)} tokens`,
      sub: formatCount(totals.tokens),
      change: changeOf(totals.tokens, before?.tokens, formatCount),
    },
    {
      name: 'Output',
      number: kind('output'),
      value: formatCompact(kind('output')),
      exact: `${formatCount(kind('output'))} output tokens`,
      sub: totals.tokens === 0 ? '' : `${formatShare(kind('output') / totals.tokens)} of all`,
      change: changeOf(kind('output'), before && (before.kinds.output ?? 0), formatCount),
    },
    {
      name: 'A request',
      number: each,
      value: each === null ? '–' : formatCompact(Math.round(each)),
      exact: 'Tokens of a request on average, cache reads included',
      sub: `${formatCount(totals.requests)} requests`,
      change: changeOf(Math.round(each ?? 0), eachBefore === null ? null : Math.round(eachBefore), formatCount),
    },
    {
      name: 'Cache share',
      number: totals.cacheShare,
      value: totals.cacheShare === null ? '–' : formatShare(totals.cacheShare),
      exact: 'Cache reads as a share of all prompt tokens: input, cache reads and cache writes',
      sub: `written: ${formatCompact(kind('cache_write_5m'))} for 5 min, ${formatCompact(kind('cache_write_1h'))} for 1 h`,
      change: pointsOf(totals.cacheShare, before?.cacheShare, formatShare),
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
  { key: 'tokens', name: 'Tokens', value: (row) => row.tokens, cell: (row) => <TokenFigure value={row.tokens} /> },
  kindColumn('input', 'Input', true),
  kindColumn('output', 'Output', false),
  kindColumn('cache_read', 'Cache read', true),
  kindColumn('cache_write_5m', 'Write 5 min', true),
  kindColumn('cache_write_1h', 'Write 1 h', true),
  {
    key: 'share',
    name: 'Cache share',
    value: (row) => row.cacheShare,
    cell: (row) => (row.cacheShare === null ? '–' : formatShare(row.cacheShare)),
    spare: true,
  },
  { key: 'requests', name: 'Requests', value: (row) => row.requests, cell: (row) => formatCount(row.requests), spare: true },
  {
    key: 'each',
    name: 'A request',
    help: 'Tokens of a request on average',
    value: (row) => (row.requests === 0 ? null : row.tokens / row.requests),
    cell: (row) => (row.requests === 0 ? '–' : formatCompact(Math.round(row.tokens / row.requests))),
  },
];

const KINDS = ['cache_read', 'cache_write_5m', 'cache_write_1h', 'input', 'output'];

/** One bar per row: what its tokens were, as parts of all of them. */
function Mixes(props: { rows: readonly TokenRow[]; nameOf(name: string): string }) {
  return (
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
            <div class="kinds-bar" role="img" aria-label={mixText(row)}>
              <For each={KINDS}>
                {(kind) => (
                  <span
                    class={`kind-${kind}`}
                    title={`${labelText('kind', kind)}: ${formatCount(row.kinds[kind] ?? 0)}, ${formatShare((row.kinds[kind] ?? 0) / row.tokens)}`}
                    style={{ 'flex-grow': row.tokens === 0 ? 0 : (row.kinds[kind] ?? 0) / row.tokens }}
                  />
                )}
              </For>
            </div>
          </div>
        )}
      </For>
    </div>
  );
}

function mixText(row: TokenRow): string {
  return KINDS.map((kind) => `${labelText('kind', kind)} ${formatShare(row.tokens === 0 ? 0 : (row.kinds[kind] ?? 0) / row.tokens)}`).join(
    ', ',
  );
}
