import { type Metric, metrics, units } from '@ccmeter/exporter/contract';
import { createMemo, createSignal, For, type JSX, Match, Show, Switch } from 'solid-js';
import { formatCount } from '../../format/number.ts';
import { promql as texts } from '../../texts/promql.ts';
import { Panel } from '../../ui/Panel.tsx';
import { Segmented } from '../../ui/Segmented.tsx';

const SIDES = ['examples', 'history', 'catalogue'] as const;
type Side = (typeof SIDES)[number];
const sides = SIDES.map((value) => ({ value, label: texts.sides[value] }));

const catalogue = Object.entries<Metric>(metrics);

/** Queries to begin with: examples, what was asked before, and all metrics there are. */
export function Sides(props: { asked: readonly string[]; onChoose(expr: string): void; onForget(): void }) {
  const [side, setSide] = createSignal<Side>('examples');
  return (
    <Panel title={texts.side} class="promql-side">
      <Segmented label={texts.side} options={sides} value={side()} onChange={setSide} />
      <Switch>
        <Match when={side() === 'examples'}>
          <Examples onChoose={props.onChoose} />
        </Match>
        <Match when={side() === 'history'}>
          <History {...props} />
        </Match>
        <Match when={side() === 'catalogue'}>
          <Catalogue onChoose={props.onChoose} />
        </Match>
      </Switch>
    </Panel>
  );
}

function Choice(props: { expr: string; onChoose(expr: string): void; children?: JSX.Element }) {
  return (
    <li>
      <button type="button" title={props.expr} onClick={() => props.onChoose(props.expr)}>
        <code>{props.expr}</code>
        {props.children}
      </button>
    </li>
  );
}

/** What the catalogue itself would ask of each metric. */
function Examples(props: { onChoose(expr: string): void }) {
  return (
    <ul class="promql-list promql-scroll">
      <For each={catalogue}>
        {([, metric]) => (
          <Show when={metric.example}>
            {(example) => (
              <Choice expr={example()} onChoose={props.onChoose}>
                <span class="quiet">{firstSentence(metric.help)}</span>
              </Choice>
            )}
          </Show>
        )}
      </For>
    </ul>
  );
}

function firstSentence(text: string): string {
  return /^.*?[.:](?=\s|$)/.exec(text)?.[0].replace(/:$/, '.') ?? text;
}

function History(props: { asked: readonly string[]; onChoose(expr: string): void; onForget(): void }) {
  return (
    <Show when={props.asked.length > 0} fallback={<p class="quiet promql-none">{texts.nothingAsked}</p>}>
      <ul class="promql-list promql-scroll">
        <For each={props.asked}>{(expr) => <Choice expr={expr} onChoose={props.onChoose} />}</For>
      </ul>
      <p>
        <button type="button" class="button" onClick={() => props.onForget()}>
          {texts.forget}
        </button>
      </p>
    </Show>
  );
}

/** All metrics there are, with what they count. */
function Catalogue(props: { onChoose(expr: string): void }) {
  const [text, setText] = createSignal('');
  const rows = createMemo(() => {
    const words = text().toLowerCase().split(/\s+/);
    return catalogue.filter(([name, metric]) => words.every((word) => `${name} ${metric.help}`.toLowerCase().includes(word)));
  });
  const exprOf = (name: string, metric: Metric) => metric.example ?? (metric.kind === 'histogram' ? `${name}_count` : name);
  return (
    <>
      <input
        class="input promql-find"
        type="search"
        placeholder={texts.findMetric}
        aria-label={texts.findMetric}
        value={text()}
        onInput={(event) => setText(event.currentTarget.value)}
      />
      <p class="quiet promql-count" role="status">
        {texts.metrics(formatCount(rows().length))}
      </p>
      <ul class="promql-list promql-scroll">
        <For each={rows()}>
          {([name, metric]) => (
            <li>
              <button type="button" title={exprOf(name, metric)} onClick={() => props.onChoose(exprOf(name, metric))}>
                <code>{name}</code>
                <span class="quiet">{metric.help}</span>
                <span class="quiet">
                  {metric.kind}
                  {units[metric.unit].words[1] ? `, ${units[metric.unit].words[1]}` : ''}, {texts.labels.toLowerCase()}{' '}
                  {metric.labels.join(', ')}
                </span>
              </button>
            </li>
          )}
        </For>
      </ul>
    </>
  );
}
