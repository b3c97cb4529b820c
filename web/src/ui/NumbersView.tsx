import { keepPreviousData, useQuery } from '@tanstack/solid-query';
import { type Accessor, createEffect, createMemo, For, type JSX, Match, onCleanup, Show, Switch } from 'solid-js';
import type { Api } from '../api/client.ts';
import { createSharedCharts, SharedChartsProvider } from '../charts/shared.ts';
import { labelText } from '../format/labels.ts';
import { formatAgo, formatClock, formatDate, formatSpan } from '../format/time.ts';
import type { Frame, Scope } from '../store/ask.ts';
import { FILTERS, type FilterName, type Filters, type ViewState } from '../store/location.ts';
import { type RangeChoice, rangeNames, resolveRange } from '../store/range.ts';
import { createRefresher } from '../store/refresh.ts';
import { createClock, useServices } from '../store/services.ts';
import { useViewState } from '../store/view-state.ts';
import { FilterMenu } from './FilterMenu.tsx';
import { Blank, Notice } from './Message.tsx';
import { RangePicker } from './RangePicker.tsx';
import { ViewLoading } from './ViewLoading.tsx';

const filterNames: Record<FilterName, string> = { project: 'Project', model: 'Model', host: 'Host', agent: 'Agent' };

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
  loading?: JSX.Element;
  children(parts: ViewParts<Numbers>): JSX.Element;
}) {
  const { api, live, now } = useServices();
  const [state, change] = useViewState();
  const question = createMemo(() => props.question(state()));
  const query = useQuery(() => ({
    queryKey: [props.name, question()],
    queryFn: ({ signal }) => props.load(api, question(), now(), signal),
    placeholderData: keepPreviousData,
  }));
  const numbers = () => (query.isPending ? undefined : query.data);

  // Numbers change when events come and when a minute is over, as the range moves with the clock.
  const refresher = createRefresher(() => (document.hidden ? Promise.resolve() : query.refetch()));
  onCleanup(live.onChange(() => refresher.request()));
  const minute = createClock(() => Math.floor(now() / 60_000), 1000);
  createEffect((before: number) => {
    if (minute() !== before) refresher.request();
    return minute();
  }, minute());
  onCleanup(() => refresher.close());

  const usable = () => props.filters ?? FILTERS;
  const filtered = () => usable().some((name) => state().filters[name].length > 0);
  const setFilter = (name: FilterName, values: string[]) => change({ filters: { ...state().filters, [name]: values } });
  const clear = () => change({ filters: { project: [], model: [], host: [], agent: [] } });
  const charts = createSharedCharts((range) => change({ range: { kind: 'absolute', ...range } }));

  return (
    <div class="view">
      <div class="toolbar">
        <h1>{props.name}</h1>
        <FilterBar names={usable()} filters={state().filters} numbers={numbers()} onChange={setFilter} />
        <RangePicker
          choice={state().range}
          shown={numbers()?.range ?? resolveRange(state().range, now(), null)}
          nowMs={now}
          onChange={(range) => change({ range })}
        />
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
                    {...(isAll(state().range) ? {} : { onAll: () => change({ range: { kind: 'quick', name: 'all' } }) })}
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
                  <Period frame={shown()} choice={state().range} />
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
}) {
  const options = (name: FilterName): readonly string[] => (name === 'agent' ? ['main', 'subagent'] : (props.numbers?.options[name] ?? []));
  // A filter in force is always shown, so that it can be taken off; one machine needs no filter.
  const shown = () =>
    FILTERS.filter(
      (name) => props.filters[name].length > 0 || (props.names.includes(name) && (name !== 'host' || options(name).length > 1)),
    );
  return (
    <fieldset class="filters">
      <legend class="visually-hidden">Filters</legend>
      <For each={shown()}>
        {(name) => (
          <FilterMenu
            label={filterNames[name]}
            options={options(name)}
            chosen={props.filters[name]}
            textOf={(value) => labelText(name, value)}
            onChange={(values) => props.onChange(name, values)}
          />
        )}
      </For>
    </fieldset>
  );
}

/** The range in words, and what it is compared with. */
function Period(props: { frame: Frame; choice: RangeChoice }) {
  const range = () => props.frame.range;
  return (
    <p class="period">
      <strong>{props.choice.kind === 'quick' ? rangeNames[props.choice.name] : 'Chosen range'}</strong>
      <span>{formatSpan(range().start, range().end)}</span>
      <Show when={props.frame.beforeRange} fallback={<span>nothing earlier to compare with</span>}>
        {(before) => <span>compared with {formatSpan(before().start, before().end)}</span>}
      </Show>
    </p>
  );
}

/** The last good numbers are on screen, and no newer ones can be had. */
function Old(props: { askedAtMs: number; message: string; onRetry(): void }) {
  const { now } = useServices();
  const time = createClock(now, 1000);
  return (
    <Notice tone="warning" action={<RetryButton onRetry={props.onRetry} />}>
      <strong>
        These numbers are from {formatClock(props.askedAtMs / 1000)}, {formatAgo(props.askedAtMs, time())}.
      </strong>{' '}
      {props.message}
    </Notice>
  );
}

/** There are no numbers, and what is known of why. */
export function Failed(props: { message: string; onRetry(): void }) {
  return (
    <Blank title="No numbers" alert action={<RetryButton onRetry={props.onRetry} />}>
      <p>{props.message}</p>
      <p>This page tries again by itself. Events and sessions are still shown under Live if they arrive.</p>
    </Blank>
  );
}

function RetryButton(props: { onRetry(): void }) {
  return (
    <button type="button" class="button" onClick={() => props.onRetry()}>
      Try again
    </button>
  );
}

/** Nothing was counted: because of the filters, because of the range, or because nothing was ever counted. */
function Empty(props: { frame: Frame; nothing: string; filtered: boolean; onClear(): void; onAll?: () => void }) {
  return (
    <Switch>
      <Match when={props.frame.first === null}>
        <Blank title="Nothing counted yet">
          <p>
            ccmeter reads what Claude Code leaves in its directory. As soon as it finds a conversation there, it is counted and shown here.
          </p>
          <p>
            If Claude Code keeps its data elsewhere, start ccmeter with <code>npm start -- --claude-dir DIR</code>. Without any data,{' '}
            <code>npm run demo</code> shows a made-up one.
          </p>
        </Blank>
      </Match>
      <Match when={props.filtered}>
        <Blank
          title="Nothing fits these filters"
          action={
            <button type="button" class="button" onClick={() => props.onClear()}>
              Clear filters
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
                  Show all time
                </button>
              )}
            </Show>
          }
        >
          <p>{formatSpan(props.frame.range.start, props.frame.range.end)}</p>
          <Show when={props.frame.first}>{(first) => <p>History begins on {formatDate(first())}.</p>}</Show>
        </Blank>
      </Match>
    </Switch>
  );
}
