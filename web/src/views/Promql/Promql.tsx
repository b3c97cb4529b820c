import { useLocation } from '@solidjs/router';
import { keepPreviousData, useQuery } from '@tanstack/solid-query';
import { createEffect, createMemo, createSignal, Match, on, Show, Switch } from 'solid-js';
import { createSharedCharts, SharedChartsProvider } from '../../charts/shared.ts';
import { preferences } from '../../format/preferences.ts';
import { grafanaLink } from '../../store/grafana.ts';
import { useSlots } from '../../store/known.ts';
import { linesOfMatrix, readResult, remember } from '../../store/promql.ts';
import { resolveRange, stepFor } from '../../store/range.ts';
import { useServices } from '../../store/services.ts';
import { useViewState } from '../../store/view-state.ts';
import { common } from '../../texts/common.ts';
import { promql as texts } from '../../texts/promql.ts';
import { Blank, Notice } from '../../ui/Message.tsx';
import { RangePicker } from '../../ui/RangePicker.tsx';
import { Segmented } from '../../ui/Segmented.tsx';
import { Answer, SHAPES } from './Answer.tsx';
import { Editor } from './Editor.tsx';
import { Sides } from './Side.tsx';

const STORAGE_KEY = 'ccmeter.promql';
const shapes = SHAPES.map((value) => ({ value, label: texts.views[value] }));

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
      const [raw, graph] = await Promise.all([
        api.prometheus('query', { ...expr, time: String(range.end) }, signal),
        // What is no number over time (a range, a text) has a table alone.
        api
          .prometheus('query_range', { ...expr, start: String(range.start), end: String(range.end), step: String(step) }, signal)
          .catch(() => null),
      ]);
      return { raw, graph, range, step };
    },
    placeholderData: keepPreviousData,
    retry: false,
  }));
  const slots = useSlots(() => []);
  // Names are read here, so that hiding them is followed at once.
  const said = createMemo(() => {
    if (query.isPending || !query.data) return undefined;
    const { raw, range, step } = query.data;
    const graph = readResult(query.data.graph);
    const series = graph?.kind === 'matrix' ? graph.series : null;
    return { raw, table: readResult(raw), graph: series && linesOfMatrix(series, range, step, slots()), series: series?.length ?? 0 };
  });
  const shape = () => SHAPES.find((one) => one === state().by) ?? 'graph';
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
        <h1>{texts.name}</h1>
        <RangePicker
          choice={state().range}
          shown={resolveRange(state().range, now(), null)}
          nowMs={now}
          onChange={(range) => change({ range })}
        />
      </div>
      <div class="promql-box">
        <Editor api={api} text={text()} onText={setText} onRun={run} />
        <button type="button" class="button button-primary" title={texts.askHint} onClick={() => run()}>
          {texts.ask}
        </button>
      </div>
      <Show when={query.isError && state().expr !== ''}>
        <Notice tone="warning">
          <strong>{texts.cannot}</strong> {query.error?.message}
        </Notice>
      </Show>
      <div class="promql-columns">
        <div class="numbers" classList={{ 'is-old': query.isError, 'is-waiting': query.isFetching }} aria-busy={query.isFetching}>
          <Show when={state().expr !== ''}>
            <div class="promql-bar">
              <Segmented
                label={texts.shown}
                options={shapes}
                value={shape()}
                onChange={(by) => change({ by: by === 'graph' ? '' : by }, true)}
              />
              <Links />
            </div>
          </Show>
          <Switch>
            <Match when={state().expr === ''}>
              <Blank title={texts.blank}>
                <p>{texts.blankHelp}</p>
              </Blank>
            </Match>
            <Match when={query.isPending && !query.isError}>
              <div class="panel">
                <div class="skeleton skeleton-chart" />
              </div>
            </Match>
            <Match when={said()}>
              {(known) => (
                <SharedChartsProvider value={charts}>
                  <Answer said={known()} shape={shape()} nowSeconds={now() / 1000} />
                </SharedChartsProvider>
              )}
            </Match>
          </Switch>
        </div>
        <Sides asked={asked()} onChoose={run} onForget={() => setAsked(writeHistory([]))} />
      </div>
    </div>
  );
}

/** Ways to take the question elsewhere: as a link, or to Grafana. */
function Links() {
  const [state] = useViewState();
  const location = useLocation();
  const [copied, setCopied] = createSignal(false);
  const grafana = () => grafanaLink(preferences().grafana, state().expr, state().range);
  const copy = () => {
    void navigator.clipboard?.writeText(window.location.origin + location.pathname + location.search);
    setCopied(true);
    setTimeout(() => setCopied(false), COPIED_MS);
  };
  return (
    <div class="promql-links">
      <button type="button" class="button" onClick={copy}>
        <span role="status">{copied() ? texts.copied : texts.copyLink}</span>
      </button>
      <Show when={grafana()} fallback={<span class="quiet promql-hint">{texts.grafanaHint}</span>}>
        {(link) => (
          <a class="button" href={link()} target="_blank" rel="noreferrer">
            {common.openInGrafana}
          </a>
        )}
      </Show>
    </div>
  );
}

const COPIED_MS = 1500;

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
