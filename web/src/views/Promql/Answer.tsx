import { createMemo, Match, Show, Switch } from 'solid-js';
import { ChartPanel } from '../../charts/ChartPanel.tsx';
import type { Stack } from '../../charts/options/stack.ts';
import { formatAxis, formatCount } from '../../format/number.ts';
import type { Format } from '../../format/units.ts';
import { type Result, writeRaw } from '../../store/promql.ts';
import { promql as texts } from '../../texts/promql.ts';
import { TablePanel } from '../../ui/DataTable.tsx';
import { Count } from '../../ui/Figures.tsx';
import { Panel } from '../../ui/Panel.tsx';

const ANY: Format = { axis: formatAxis, short: formatAxis, exact: (value) => formatCount(value), whole: false };

export const SHAPES = ['graph', 'table', 'raw'] as const;
export type AnswerShape = (typeof SHAPES)[number];

/** What Prometheus said, in every shape that it can be shown in. */
export interface Said {
  table: Result | null;
  raw: unknown;
  graph: Stack | null;
  series: number;
}

/** An answer as a graph with a table below it, as a table alone, or as it came. */
export function Answer(props: { said: Said; shape: AnswerShape; nowSeconds: number }) {
  const graph = () => (props.said.graph?.layers.length ? props.said.graph : null);
  return (
    <Switch>
      <Match when={props.shape === 'raw'}>
        <Raw data={props.said.raw} />
      </Match>
      <Match when={props.shape === 'table'}>
        <Table result={props.said.table} />
      </Match>
      <Match when={props.shape === 'graph'}>
        <Show when={graph()} fallback={<p class="quiet">{texts.noGraph}</p>}>
          {(stack) => (
            <ChartPanel
              title={texts.overTime}
              stack={stack()}
              format={ANY}
              shape="lines"
              nowSeconds={props.nowSeconds}
              figure={
                <span class="quiet">
                  {texts.series(formatCount(props.said.series))}
                  {props.said.series > stack().layers.length ? texts.firstDrawn(formatCount(stack().layers.length)) : ''}
                </span>
              }
            />
          )}
        </Show>
        <Table result={props.said.table} />
      </Match>
    </Switch>
  );
}

function Table(props: { result: Result | null }) {
  const rows = () => (props.result?.kind === 'vector' ? props.result.rows : []);
  const single = () =>
    props.result?.kind === 'scalar' ? formatCount(props.result.value) : props.result?.kind === 'string' ? props.result.text : null;
  return (
    <Show when={single() === null} fallback={<Panel title={texts.answer}>{single()}</Panel>}>
      <TablePanel
        title={texts.atEnd}
        label={texts.seriesColumn}
        rows={rows()}
        columns={[
          {
            key: 'value',
            name: texts.value,
            value: (row) => row.value,
            cell: (row) => <span class="exact">{formatCount(row.value)}</span>,
          },
        ]}
        main="value"
        keyOf={(row) => row.name}
        name={(row) => (
          <code class="series-name" title={row.name}>
            {row.name || texts.value.toLowerCase()}
          </code>
        )}
        figure={<Count value={rows().length} />}
        nothing={texts.noSeries}
      />
    </Show>
  );
}

/** More text than this helps nobody. */
const MOST_CHARACTERS = 100_000;

function Raw(props: { data: unknown }) {
  const text = createMemo(() => writeRaw(props.data));
  return (
    <Panel
      title={texts.raw}
      figure={
        <span class="quiet">
          {texts.rawInstant}
          {text().length > MOST_CHARACTERS ? `, ${texts.rawCut(formatCount(MOST_CHARACTERS), formatCount(text().length))}` : ''}
        </span>
      }
    >
      {/* Focusable, so that it can be scrolled by keyboard. */}
      <pre class="promql-raw" tabindex="0">
        {text().slice(0, MOST_CHARACTERS)}
      </pre>
    </Panel>
  );
}
