import { keepPreviousData, useQuery } from '@tanstack/solid-query';
import { type Accessor, createMemo, For, type JSX, Match, onMount, Show, Switch } from 'solid-js';
import type { Api } from '../api/client.ts';
import { fetchCharts } from '../charts/StackedBars.tsx';
import { createSharedCharts, SharedChartsProvider } from '../charts/shared.ts';
import { labelText } from '../format/labels.ts';
import { formatAgo, formatClock, formatDate, formatSpan } from '../format/time.ts';
import type { Frame, Scope } from '../store/ask.ts';
import { FILTERS, type FilterName, type Filters, NO_FILTERS, type ViewState } from '../store/location.ts';
import { MARK_KINDS } from '../store/mark-kinds.ts';
import { loadMarks } from '../store/marks.ts';
import { type RangeChoice, resolveRange } from '../store/range.ts';
import { createClock, useServices } from '../store/services.ts';
import { useRefresh } from '../store/use-refresh.ts';
import { useViewState } from '../store/view-state.ts';
import { marks as markTexts } from '../texts/marks.ts';
import { faces, filters as filterTexts, range as rangeTexts } from '../texts/shell.ts';
import { FilterMenu } from './FilterMenu.tsx';
import { Blank, Notice } from './Message.tsx';
import { RangePicker } from './RangePicker.tsx';
import { ViewLoading } from './ViewLoading.tsx';

/** What the parts of a view are given. */
export interface ViewParts<Numbers> {
  numbers: Accessor<Numbers>;
  state: Accessor<ViewState>;
  change(part: Partial<ViewState>): void;
  nowSeconds: Accessor<number>;
}

/**
 * A view over the range and the filters of the link, in its four faces. It asks again when events come and when a minute is over; numbers
 * that can no longer be had stay on screen, marked as old.
 */
export function NumbersView<Question extends Scope, Numbers extends Frame>(props: {
  name: string;
  /** What of the link the numbers depend on. */
  question(state: ViewState): Question;
  load(api: Api, question: Question, nowMs: number, signal: AbortSignal): Promise<Numbers>;
  isEmpty(numbers: Numbers): boolean;
  /** What there is none of, where history is not empty: "No tool was used in this time". */
  nothing: string;
  /** Filters that this view has; all of them where it is not said. */
  filters?: readonly FilterName[];
  /** It is of times of its own, whatever range is chosen: without a range picker and without marks. */
  ownTime?: boolean;
  loading?: JSX.Element;
  children(parts: ViewParts<Numbers>): JSX.Element;
}) {
  const { api, now } = useServices();
  const [state, change] = useViewState();
  const question = createMemo(() => props.question(state()));
  const query = useQuery(() => ({
    queryKey: [props.name, question()],
    queryFn: ({ signal }) => props.load(api, question(), now(), signal),
    placeholderData: keepPreviousData,
  }));
  const numbers = () => (query.isPending ? undefined : query.data);
  const marks = useQuery(() => ({
    queryKey: ['marks', state().range, state().filters, state().marks],
    queryFn: ({ signal }) => loadMarks(api, { ...state(), kinds: state().marks }, now(), signal),
    placeholderData: keepPreviousData,
    enabled: !props.ownTime,
  }));
  onMount(fetchCharts);
  useRefresh(() => Promise.all([query.refetch(), ...(marks.isEnabled ? [marks.refetch()] : [])]));

  const usable = () => props.filters ?? FILTERS;
  const filtered = () => usable().some((name) => state().filters[name].length > 0);
  const setFilter = (name: FilterName, values: string[]) => change({ filters: { ...state().filters, [name]: values } });
  const clear = () => change({ filters: NO_FILTERS });
  const charts = createSharedCharts(
    (range) => change({ range: { kind: 'absolute', ...range } }),
    () => (marks.isSuccess ? marks.data : []),
  );

  return (
    <div class="view">
      <div class="toolbar">
        <h1>{props.name}</h1>
        <FilterBar names={usable()} filters={state().filters} numbers={numbers()} onChange={setFilter}>
          <Show when={!props.ownTime}>
            <FilterMenu
              label={markTexts.menu}
              options={MARK_KINDS}
              chosen={state().marks}
              textOf={(kind) => markTexts.names[MARK_KINDS.find((one) => one === kind) ?? 'model']}
              onChange={(kinds) => change({ marks: MARK_KINDS.filter((kind) => kinds.includes(kind)) })}
              plain
            />
          </Show>
        </FilterBar>
        <Show when={!props.ownTime}>
          <RangePicker
            choice={state().range}
            shown={numbers()?.range ?? resolveRange(state().range, now(), null)}
            nowMs={now}
            onChange={(range) => change({ range })}
          />
        </Show>
      </div>
      <Switch>
        <Match when={query.isPending}>{props.loading ?? <ViewLoading />}</Match>
        <Match when={query.isError && !numbers()}>
          <Failed message={query.error?.message ?? ''} onRetry={() => query.refetch()} />
        </Match>
        <Match when={numbers()}>
          {(shown) => (
            <>
              <Show when={query.isError}>
                <Old askedAtMs={shown().askedAtMs} message={query.error?.message ?? ''} onRetry={() => query.refetch()} />
              </Show>
              <Show
                when={!props.isEmpty(shown())}
                fallback={
                  <Empty
                    frame={shown()}
                    nothing={props.nothing}
                    filtered={filtered()}
                    onClear={clear}
                    {...(props.ownTime || isAll(state().range) ? {} : { onAll: () => change({ range: { kind: 'quick', name: 'all' } }) })}
                  />
                }
              >
                <div
                  class="numbers"
                  classList={{ 'is-old': query.isError, 'is-waiting': query.isPlaceholderData }}
                  aria-busy={query.isPlaceholderData}
                  data-start={shown().range.start}
                  data-end={shown().range.end}
                >
                  <Show when={!props.ownTime}>
                    <Period frame={shown()} choice={state().range} />
                  </Show>
                  <SharedChartsProvider value={charts}>
                    {props.children({ numbers: shown, state, change, nowSeconds: () => shown().askedAtMs / 1000 })}
                  </SharedChartsProvider>
                </div>
              </Show>
            </>
          )}
        </Match>
      </Switch>
    </div>
  );
}

function isAll(choice: RangeChoice): boolean {
  return choice.kind === 'quick' && choice.name === 'all';
}

function FilterBar(props: {
  names: readonly FilterName[];
  filters: Filters;
  numbers: Frame | undefined;
  onChange(name: FilterName, values: string[]): void;
  children?: JSX.Element;
}) {
  const options = (name: FilterName): readonly string[] => (name === 'agent' ? ['main', 'subagent'] : (props.numbers?.options[name] ?? []));
  // A filter in force is always shown, so that it can be taken off; one machine needs no filter.
  const shown = () =>
    FILTERS.filter(
      (name) => props.filters[name].length > 0 || (props.names.includes(name) && (name !== 'host' || options(name).length > 1)),
    );
  return (
    <fieldset class="filters">
      <legend class="visually-hidden">{filterTexts.label}</legend>
      <For each={shown()}>
        {(name) => (
          <FilterMenu
            label={filterTexts.names[name]}
            options={options(name)}
            chosen={props.filters[name]}
            textOf={(value) => labelText(name, value)}
            onChange={(values) => props.onChange(name, values)}
          />
        )}
      </For>
      {props.children}
    </fieldset>
  );
}

/** The range in words, and what it is compared with. */
function Period(props: { frame: Frame; choice: RangeChoice }) {
  const range = () => props.frame.range;
  return (
    <p class="period">
      <strong>{props.choice.kind === 'quick' ? rangeTexts.names[props.choice.name] : rangeTexts.chosen}</strong>
      <span>{formatSpan(range().start, range().end)}</span>
      <Show when={props.frame.beforeRange} fallback={<span>{rangeTexts.nothingBefore}</span>}>
        {(before) => <span>{rangeTexts.compared(formatSpan(before().start, before().end))}</span>}
      </Show>
    </p>
  );
}

/** The last good numbers are on screen, and no newer ones can be had. */
export function Old(props: { askedAtMs: number; message: string; list?: boolean; onRetry(): void }) {
  const { now } = useServices();
  const time = createClock(now, 1000);
  const told = () => (props.list ? faces.oldList : faces.old)(formatClock(props.askedAtMs / 1000), formatAgo(props.askedAtMs, time()));
  return (
    <Notice tone="warning" action={<RetryButton onRetry={props.onRetry} />}>
      <strong>{told()}</strong> {props.message}
    </Notice>
  );
}

/** There are no numbers, and what is known of why. */
export function Failed(props: { message: string; onRetry(): void }) {
  return (
    <Blank title={faces.failed} alert action={<RetryButton onRetry={props.onRetry} />}>
      <p>{props.message}</p>
      <p>{faces.failedHelp}</p>
    </Blank>
  );
}

function RetryButton(props: { onRetry(): void }) {
  return (
    <button type="button" class="button" onClick={() => props.onRetry()}>
      {faces.retry}
    </button>
  );
}

/** Nothing was counted: because of the filters, because of the range, or because nothing was ever counted. */
function Empty(props: { frame: Frame; nothing: string; filtered: boolean; onClear(): void; onAll?: () => void }) {
  return (
    <Switch>
      <Match when={props.frame.first === null}>
        <Blank title={faces.never}>
          <p>{faces.neverHelp}</p>
          <p>
            {faces.elsewhere[0]}
            <code>npm start -- --claude-dir DIR</code>
            {faces.elsewhere[1]}
            <code>npm run demo</code>
            {faces.elsewhere[2]}
          </p>
        </Blank>
      </Match>
      <Match when={props.filtered}>
        <Blank
          title={faces.filtered}
          action={
            <button type="button" class="button" onClick={() => props.onClear()}>
              {faces.clear}
            </button>
          }
        >
          <p>{formatSpan(props.frame.range.start, props.frame.range.end)}</p>
        </Blank>
      </Match>
      <Match when={true}>
        <Blank
          title={props.nothing}
          action={
            <Show when={props.onAll}>
              {(all) => (
                <button type="button" class="button" onClick={() => all()()}>
                  {faces.allTime}
                </button>
              )}
            </Show>
          }
        >
          <p>{formatSpan(props.frame.range.start, props.frame.range.end)}</p>
          <Show when={props.frame.first}>{(first) => <p>{faces.begins(formatDate(first()))}</p>}</Show>
        </Blank>
      </Match>
    </Switch>
  );
}
