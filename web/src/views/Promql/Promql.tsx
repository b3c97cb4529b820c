import { metrics, units } from '@ccmeter/exporter/contract';
import { keepPreviousData, useQuery } from '@tanstack/solid-query';
import { createEffect, createMemo, createSignal, For, Match, on, Show, Switch } from 'solid-js';
import { ChartPanel } from '../../charts/ChartPanel.tsx';
import { createSharedCharts, SharedChartsProvider } from '../../charts/shared.ts';
import { formatAxis, formatCount } from '../../format/number.ts';
import type { Format } from '../../format/units.ts';
import { linesOfMatrix, readResult, remember } from '../../store/promql.ts';
import { resolveRange, stepFor } from '../../store/range.ts';
import { useServices } from '../../store/services.ts';
import { useViewState } from '../../store/view-state.ts';
import { TablePanel } from '../../ui/DataTable.tsx';
import { Count } from '../../ui/Figures.tsx';
import { Blank, Notice } from '../../ui/Message.tsx';
import { Panel } from '../../ui/Panel.tsx';
import { RangePicker } from '../../ui/RangePicker.tsx';
import { Editor } from './Editor.tsx';

const STORAGE_KEY = 'ccmeter.promql';
const FIRST_HISTORY = 8;
const ANY: Format = { axis: formatAxis, short: formatAxis, exact: (value) => formatCount(value), whole: false };

/** Questions in Prometheus' own language, to the same numbers. The link has the question. */
export default function Promql() {
  const { api, now } = useServices();
  const [state, change] = useViewState();
  const [text, setText] = createSignal(state().expr);
  const [asked, setAsked] = createSignal(readHistory());
  createEffect(on(() => state().expr, setText, { defer: true }));
  const query = useQuery(() => ({
    queryKey: ['promql', state().expr, state().range],
    enabled: state().expr !== '',
    queryFn: async ({ signal }) => {
      const range = resolveRange(state().range, now(), (await api.range(signal)).first);
      const step = stepFor(range);
      const expr = { query: state().expr };
      const [table, graph] = await Promise.all([
        api.prometheus('query', { ...expr, time: String(range.end) }, signal).then(readResult),
        // What is no number over time (a range, a text) has a table alone.
        api
          .prometheus('query_range', { ...expr, start: String(range.start), end: String(range.end), step: String(step) }, signal)
          .then(readResult)
          .catch(() => null),
      ]);
      return {
        table,
        graph: graph?.kind === 'matrix' ? linesOfMatrix(graph.series, range, step) : null,
        series: graph?.kind === 'matrix' ? graph.series.length : 0,
      };
    },
    placeholderData: keepPreviousData,
    retry: false,
  }));
  const answer = () => (query.isPending ? undefined : query.data);
  const charts = createSharedCharts((range) => change({ range: { kind: 'absolute', ...range } }));
  const run = (expr = text()) => {
    const wanted = expr.trim();
    if (wanted === '') return;
    setAsked((before) => writeHistory(remember(before, wanted)));
    if (wanted === state().expr) void query.refetch();
    else change({ expr: wanted });
  };
  return (
    <div class="view">
      <div class="toolbar">
        <h1>PromQL</h1>
        <RangePicker
          choice={state().range}
          shown={resolveRange(state().range, now(), null)}
          nowMs={now}
          onChange={(range) => change({ range })}
        />
      </div>
      <div class="promql-box">
        <Editor api={api} text={text()} onText={setText} onRun={run} />
        <button type="button" class="button button-primary" onClick={() => run()}>
          Ask
        </button>
      </div>
      <Show when={query.isError && state().expr !== ''}>
        <Notice tone="warning">
          <strong>This cannot be answered.</strong> {query.error?.message}
        </Notice>
      </Show>
      <div class="promql-columns">
        <div class="numbers" classList={{ 'is-old': query.isError, 'is-waiting': query.isFetching }} aria-busy={query.isFetching}>
          <Switch>
            <Match when={state().expr === ''}>
              <Blank title="Ask Prometheus">
                <p>
                  Names, labels and values are completed while you type (Ctrl Space). Ctrl Enter asks. Or choose a metric from the
                  catalogue.
                </p>
              </Blank>
            </Match>
            <Match when={query.isPending && !query.isError}>
              <div class="panel">
                <div class="skeleton skeleton-chart" />
              </div>
            </Match>
            <Match when={answer()}>
              {(known) => (
                <SharedChartsProvider value={charts}>
                  <Show when={known().graph?.layers.length ? known().graph : null}>
                    {(graph) => (
                      <ChartPanel
                        title="Over time"
                        stack={graph()}
                        format={ANY}
                        shape="lines"
                        nowSeconds={now() / 1000}
                        figure={
                          <span class="quiet">
                            {formatCount(known().series)} series
                            {known().series > graph().layers.length ? `, the first ${graph().layers.length} drawn` : ''}
                          </span>
                        }
                      />
                    )}
                  </Show>
                  <Answer result={known().table} />
                </SharedChartsProvider>
              )}
            </Match>
          </Switch>
        </div>
        <div class="numbers">
          <Panel title="Asked before">
            <Show when={asked().length > 0} fallback={<p class="quiet">Nothing yet</p>}>
              <ul class="promql-list">
                <For each={asked().slice(0, FIRST_HISTORY)}>
                  {(expr) => (
                    <li>
                      <button type="button" title={expr} onClick={() => run(expr)}>
                        <code>{expr}</code>
                      </button>
                    </li>
                  )}
                </For>
              </ul>
            </Show>
          </Panel>
          <Catalogue onChoose={run} />
        </div>
      </div>
    </div>
  );
}

function Answer(props: { result: ReturnType<typeof readResult> }) {
  const rows = () => (props.result?.kind === 'vector' ? props.result.rows : []);
  const single = () =>
    props.result?.kind === 'scalar' ? formatCount(props.result.value) : props.result?.kind === 'string' ? props.result.text : null;
  return (
    <Show when={single() === null} fallback={<Panel title="Answer">{single()}</Panel>}>
      <TablePanel
        title="At the end of the range"
        label="Series"
        rows={rows()}
        columns={[
          { key: 'value', name: 'Value', value: (row) => row.value, cell: (row) => <span class="exact">{formatCount(row.value)}</span> },
        ]}
        main="value"
        keyOf={(row) => row.name}
        name={(row) => (
          <code class="series-name" title={row.name}>
            {row.name || 'value'}
          </code>
        )}
        figure={<Count value={rows().length} />}
        nothing="No series"
      />
    </Show>
  );
}

/** All metrics there are, with what they count. */
function Catalogue(props: { onChoose(expr: string): void }) {
  const [text, setText] = createSignal('');
  const rows = createMemo(() => {
    const words = text().toLowerCase().split(/\s+/);
    return Object.entries(metrics).filter(([name, metric]) => words.every((word) => `${name} ${metric.help}`.toLowerCase().includes(word)));
  });
  const exampleOf = (name: string, metric: { example?: string; kind: string }) =>
    metric.example ?? (metric.kind === 'histogram' ? `${name}_count` : name);
  return (
    <Panel title="Catalogue" figure={<Count value={rows().length} />}>
      <input
        class="input"
        type="search"
        placeholder="Find a metric"
        aria-label="Find a metric"
        value={text()}
        onInput={(event) => setText(event.currentTarget.value)}
      />
      <ul class="promql-list promql-catalogue">
        <For each={rows()}>
          {([name, metric]) => (
            <li>
              <button type="button" title={exampleOf(name, metric)} onClick={() => props.onChoose(exampleOf(name, metric))}>
                <code>{name}</code>
                <span class="quiet">
                  {metric.help} {metric.kind}
                  {units[metric.unit].words[1] ? `, ${units[metric.unit].words[1]}` : ''}
                </span>
              </button>
            </li>
          )}
        </For>
      </ul>
    </Panel>
  );
}

function readHistory(): string[] {
  try {
    const stored: unknown = JSON.parse(localStorage.getItem(STORAGE_KEY) ?? '[]');
    return Array.isArray(stored) ? stored.filter((one) => typeof one === 'string') : [];
  } catch {
    return [];
  }
}

function writeHistory(history: string[]): string[] {
  try {
    localStorage.setItem(STORAGE_KEY, JSON.stringify(history));
  } catch {
    // Storage may be forbidden: the history is of this page then.
  }
  return history;
}
