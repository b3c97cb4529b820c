import { createMemo, For, Show } from 'solid-js';
import { ChartPanel } from '../../charts/ChartPanel.tsx';
import { REST_SLOT } from '../../charts/colours.ts';
import { fileName, saveCsv } from '../../charts/export.ts';
import { labelText, labelTitle } from '../../format/labels.ts';
import { modelLabel } from '../../format/model.ts';
import { formatCount, formatShare, formatWords } from '../../format/number.ts';
import { COUNT, TOKENS, USD } from '../../format/units.ts';
import { COST_GROUPS, TOKEN_GROUPS, type ViewState } from '../../store/location.ts';
import type { Overview } from '../../store/overview.ts';
import { Count, Tokens, Usd } from '../../ui/Figures.tsx';
import { Panel } from '../../ui/Panel.tsx';
import { PanelMenu } from '../../ui/PanelMenu.tsx';
import { Segmented } from '../../ui/Segmented.tsx';
import { Honesty } from './Honesty.tsx';
import { RowTable } from './RowTable.tsx';
import { Totals } from './Totals.tsx';

const groupNames = { model: 'Model', project: 'Project', agent: 'Agent', kind: 'Kind' };
const costGroups = COST_GROUPS.map((value) => ({ value, label: groupNames[value], title: `Cost by ${value}` }));
const tokenGroups = TOKEN_GROUPS.map((value) => ({ value, label: groupNames[value], title: `Tokens by ${value}` }));

/** The view with its numbers. */
export function Full(props: {
  overview: Overview;
  state: ViewState;
  onChange(part: Partial<ViewState>): void;
  onProject(project: string): void;
}) {
  const lowerBound = () => props.overview.unpriced.length > 0 || props.overview.unfinished.length > 0;
  const nowSeconds = () => props.overview.askedAtMs / 1000;
  return (
    <>
      <Totals overview={props.overview} />
      <Honesty overview={props.overview} />
      <div class="grid">
        <ChartPanel
          title="Cost"
          description="Cost over time"
          class="panel-half"
          stack={props.overview.cost}
          format={USD}
          nowSeconds={nowSeconds()}
          figure={<Usd value={props.overview.totals.costUsd} atLeast={lowerBound()} />}
          aside={
            <Segmented label="Cost by" options={costGroups} value={props.state.costBy} onChange={(costBy) => props.onChange({ costBy })} />
          }
        />
        <ChartPanel
          title="Tokens"
          description="Tokens over time"
          class="panel-half"
          stack={props.overview.tokens}
          format={TOKENS}
          nowSeconds={nowSeconds()}
          figure={<Tokens value={props.overview.totals.tokens} atLeast={props.overview.unfinished.length > 0} />}
          aside={
            <Segmented
              label="Tokens by"
              options={tokenGroups}
              value={props.state.tokensBy}
              onChange={(tokensBy) => props.onChange({ tokensBy })}
            />
          }
        />
        <Panel
          title="Projects"
          class="panel-wide"
          figure={<Count value={props.overview.projects.length} />}
          menu={
            <PanelMenu
              title="Projects"
              queries={props.overview.queries.projects}
              onCsv={() => saveRows('Projects', 'project', props.overview.projects)}
            />
          }
        >
          <RowTable
            label="Project"
            rows={props.overview.projects}
            totalCostUsd={props.overview.totals.costUsd}
            nameOf={(name) => labelText('project', name)}
            onName={props.onProject}
            sessions
          />
        </Panel>
        <ChartPanel
          title="Sessions begun"
          class="panel-side"
          figure={<Count value={props.overview.totals.sessions} />}
          stack={{ ...props.overview.sessions, layers: props.overview.sessions.layers.map((layer) => ({ ...layer, slot: REST_SLOT })) }}
          format={COUNT}
          nowSeconds={nowSeconds()}
          legend={false}
        >
          <Active active={props.overview.active} />
        </ChartPanel>
        <Panel
          title="Models"
          class="panel-wide"
          figure={<Count value={props.overview.models.length} />}
          menu={
            <PanelMenu
              title="Models"
              queries={props.overview.queries.models}
              onCsv={() => saveRows('Models', 'model', props.overview.models)}
            />
          }
        >
          <RowTable
            label="Model"
            rows={props.overview.models}
            totalCostUsd={props.overview.totals.costUsd}
            nameOf={modelLabel}
            slotOf={(name) => props.overview.modelSlots.get(name)}
          />
        </Panel>
        <Panel
          title="Token kinds"
          class="panel-side"
          figure={<CacheFigure overview={props.overview} />}
          menu={<PanelMenu title="Token kinds" queries={props.overview.queries.kinds} onCsv={() => saveKinds(props.overview)} />}
        >
          <Kinds overview={props.overview} />
        </Panel>
      </div>
    </>
  );
}

function saveRows(title: string, label: string, rows: Overview['projects']): void {
  const head = [label, 'cost_usd', 'tokens', 'requests', 'sessions', 'cache_share'];
  const numbers = ({ costUsd, tokens, requests, sessions, cacheShare }: Overview['projects'][number]) => [
    costUsd,
    tokens,
    requests,
    sessions,
    cacheShare ?? Number.NaN,
  ];
  saveCsv(fileName('overview', title, 'csv'), [head, ...rows.map((row) => [labelTitle(label, row.name), ...numbers(row)])]);
}

function saveKinds({ totals }: Overview): void {
  saveCsv(fileName('overview', 'token kinds', 'csv'), [['kind', 'tokens'], ...KINDS.map((kind) => [kind, totals.kinds[kind] ?? 0])]);
}

function CacheFigure(props: { overview: Overview }) {
  return (
    <Show when={props.overview.totals.cacheShare !== null}>
      <span title="Cache reads as a share of all prompt tokens: input, cache reads and cache writes">
        {formatShare(props.overview.totals.cacheShare ?? 0)} <small>from cache</small>
      </span>
    </Show>
  );
}

const KINDS = ['cache_read', 'cache_write_5m', 'cache_write_1h', 'input', 'output'];

/** What the tokens were, as one bar and as a list with exact counts. */
function Kinds(props: { overview: Overview }) {
  const rows = createMemo(() => {
    const { kinds, tokens } = props.overview.totals;
    return KINDS.map((kind) => ({ kind, tokens: kinds[kind] ?? 0, share: tokens === 0 ? 0 : (kinds[kind] ?? 0) / tokens }));
  });
  return (
    <div class="kinds">
      <div class="kinds-bar" aria-hidden="true">
        <For each={rows()}>{(row) => <span class={`kind-${row.kind}`} style={{ 'flex-grow': row.share }} />}</For>
      </div>
      <table class="table table-kinds">
        <thead class="visually-hidden">
          <tr>
            <th scope="col">Kind</th>
            <th scope="col">Tokens</th>
            <th scope="col">Share</th>
          </tr>
        </thead>
        <tbody>
          <For each={rows()}>
            {(row) => (
              <tr>
                <th scope="row">
                  <span class={`swatch kind-${row.kind}`} />
                  {labelText('kind', row.kind)}
                </th>
                <td class="exact">{formatCount(row.tokens)}</td>
                <td class="quiet">{formatShare(row.share)}</td>
              </tr>
            )}
          </For>
        </tbody>
      </table>
    </div>
  );
}

const ACTIVE_STATES = ['working', 'waiting', 'idle'];

function Active(props: { active: Readonly<Record<string, number>> }) {
  const total = () => ACTIVE_STATES.reduce((sum, state) => sum + (props.active[state] ?? 0), 0);
  return (
    <p class="active-now">
      <span>Now</span>
      <Show when={total() > 0} fallback={<span class="quiet">no session active</span>}>
        <For each={ACTIVE_STATES.filter((state) => (props.active[state] ?? 0) > 0)}>
          {(state) => (
            <span class={`state state-${state}`} title={formatWords(props.active[state] ?? 0, ['session', 'sessions'])}>
              {formatCount(props.active[state] ?? 0)} {state}
            </span>
          )}
        </For>
      </Show>
    </p>
  );
}
