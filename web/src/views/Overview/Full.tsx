import { For, Show } from 'solid-js';
import { ChartPanel } from '../../charts/ChartPanel.tsx';
import { fileName, saveCsv } from '../../charts/export.ts';
import { labelText, labelTitle } from '../../format/labels.ts';
import { formatChange, formatCount, formatShare, formatWords } from '../../format/number.ts';
import { TOKENS, USD } from '../../format/units.ts';
import { COST_GROUPS, TOKEN_GROUPS, type ViewState } from '../../store/location.ts';
import type { Overview } from '../../store/overview.ts';
import { overview as texts } from '../../texts/overview.ts';
import { Count, Tokens, Usd } from '../../ui/Figures.tsx';
import { KINDS, KindsBar } from '../../ui/KindsBar.tsx';
import { Panel } from '../../ui/Panel.tsx';
import { PanelMenu } from '../../ui/PanelMenu.tsx';
import { Segmented } from '../../ui/Segmented.tsx';
import { Glance } from './Glance.tsx';
import { Honesty } from './Honesty.tsx';
import { RowTable } from './RowTable.tsx';
import { Totals } from './Totals.tsx';

const costGroups = COST_GROUPS.map((value) => ({ value, label: texts.groups[value], title: texts.costByHelp(value) }));
const tokenGroups = TOKEN_GROUPS.map((value) => ({ value, label: texts.groups[value], title: texts.tokensByHelp(value) }));

/** The view with its numbers. */
export function Full(props: { overview: Overview; state: ViewState; onChange(part: Partial<ViewState>): void }) {
  const lowerBound = () => props.overview.unpriced.length > 0 || props.overview.unfinished.length > 0;
  const nowSeconds = () => props.overview.askedAtMs / 1000;
  const only = (name: 'project' | 'model') => (value: string) => props.onChange({ filters: { ...props.state.filters, [name]: [value] } });
  return (
    <>
      <Totals overview={props.overview} />
      <Glance overview={props.overview} state={props.state} />
      <Honesty overview={props.overview} />
      <div class="grid">
        <ChartPanel
          title={texts.cost}
          description={texts.costHelp}
          class="panel-half"
          stack={props.overview.cost}
          format={USD}
          nowSeconds={nowSeconds()}
          forms
          figure={<Usd value={props.overview.totals.costUsd} atLeast={lowerBound()} />}
          aside={
            <Segmented
              label={texts.costBy}
              options={costGroups}
              value={props.state.costBy}
              onChange={(costBy) => props.onChange({ costBy })}
            />
          }
        />
        <ChartPanel
          title={texts.tokens}
          description={texts.tokensHelp}
          class="panel-half"
          stack={props.overview.tokens}
          format={TOKENS}
          nowSeconds={nowSeconds()}
          figure={<Tokens value={props.overview.totals.tokens} atLeast={props.overview.unfinished.length > 0} />}
          aside={
            <Segmented
              label={texts.tokensBy}
              options={tokenGroups}
              value={props.state.tokensBy}
              onChange={(tokensBy) => props.onChange({ tokensBy })}
            />
          }
        />
        <Panel
          title={texts.projects}
          class="panel-wide"
          figure={<Count value={props.overview.projects.length} />}
          menu={
            <PanelMenu
              title={texts.projects}
              queries={props.overview.queries.projects}
              onCsv={() => saveRows(texts.projects, 'project', props.overview.projects)}
            />
          }
        >
          <RowTable
            label="project"
            rows={props.overview.projects}
            totalCostUsd={props.overview.totals.costUsd}
            slots={props.overview.slots.project}
            onName={only('project')}
            sessions
          />
        </Panel>
        <TodayPanel overview={props.overview} />
        <Panel
          title={texts.models}
          class="panel-wide"
          figure={<Count value={props.overview.models.length} />}
          menu={
            <PanelMenu
              title={texts.models}
              queries={props.overview.queries.models}
              onCsv={() => saveRows(texts.models, 'model', props.overview.models)}
            />
          }
        >
          <RowTable
            label="model"
            rows={props.overview.models}
            totalCostUsd={props.overview.totals.costUsd}
            slots={props.overview.slots.model}
            onName={only('model')}
          />
        </Panel>
        <Panel
          title={texts.kinds}
          class="panel-side"
          figure={<CacheFigure overview={props.overview} />}
          menu={<PanelMenu title={texts.kinds} queries={props.overview.queries.kinds} onCsv={() => saveKinds(props.overview)} />}
        >
          <Kinds overview={props.overview} />
        </Panel>
      </div>
    </>
  );
}

/** Today beside a usual day, whatever range is chosen. */
function TodayPanel(props: { overview: Overview }) {
  const today = () => props.overview.today;
  const usual = () => today().usualByNow;
  return (
    <ChartPanel
      title={texts.today}
      description={texts.todayHelp}
      class="panel-side"
      stack={today().course}
      format={USD}
      shape="lines"
      marks={false}
      nowSeconds={props.overview.askedAtMs / 1000}
      figure={
        <span class="quiet">{usual() === null ? texts.todayNoUsual : texts.todayFigure(formatChange(today().soFar, usual() ?? 0))}</span>
      }
    >
      <Show when={today().days > 0}>
        <p class="panel-note">{texts.todayNote(formatWords(today().days, texts.day))}</p>
      </Show>
    </ChartPanel>
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
  saveCsv(fileName('overview', texts.kinds, 'csv'), [['kind', 'tokens'], ...KINDS.map((kind) => [kind, totals.kinds[kind] ?? 0])]);
}

function CacheFigure(props: { overview: Overview }) {
  return (
    <Show when={props.overview.totals.cacheShare !== null}>
      <span title={texts.cacheShareAbout}>
        {formatShare(props.overview.totals.cacheShare ?? 0)} <small>{texts.fromCache}</small>
      </span>
    </Show>
  );
}

/** What the tokens were, as one bar and as a list with exact counts. */
function Kinds(props: { overview: Overview }) {
  const rows = () => {
    const { kinds, tokens } = props.overview.totals;
    return KINDS.map((kind) => ({ kind, tokens: kinds[kind] ?? 0, share: tokens === 0 ? 0 : (kinds[kind] ?? 0) / tokens }));
  };
  return (
    <div class="kinds">
      <KindsBar kinds={props.overview.totals.kinds} />
      <table class="table table-kinds">
        <thead class="visually-hidden">
          <tr>
            <th scope="col">{texts.kind}</th>
            <th scope="col">{texts.tokens}</th>
            <th scope="col">{texts.share}</th>
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
                <td class="exact" data-value={row.tokens}>
                  {formatCount(row.tokens)}
                </td>
                <td class="quiet">{formatShare(row.share)}</td>
              </tr>
            )}
          </For>
        </tbody>
      </table>
    </div>
  );
}
