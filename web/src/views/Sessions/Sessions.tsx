import { A, useNavigate } from '@solidjs/router';
import { useInfiniteQuery } from '@tanstack/solid-query';
import { createVirtualizer } from '@tanstack/solid-virtual';
import { createEffect, createMemo, createSignal, For, type JSX, Match, onMount, Show, Switch } from 'solid-js';
import type { SessionSummary } from '../../api/client.ts';
import { saveCsv } from '../../charts/export.ts';
import { labelText, labelTitle } from '../../format/labels.ts';
import { modelLabel } from '../../format/model.ts';
import { formatCompact, formatCount, formatUsd, formatUsdExact } from '../../format/number.ts';
import { formatClock, formatDay, formatDuration, formatMoment } from '../../format/time.ts';
import { keptState, NO_FILTERS, writeState } from '../../store/location.ts';
import { resolveRange } from '../../store/range.ts';
import { useServices } from '../../store/services.ts';
import {
  costPerMinute,
  lengthOf,
  loadSessions,
  readSort,
  SESSION_STATES,
  type SessionOrder,
  searchSessions,
  writeSort,
} from '../../store/sessions.ts';
import { useRefresh } from '../../store/use-refresh.ts';
import { useViewState } from '../../store/view-state.ts';
import { live as liveTexts } from '../../texts/live.ts';
import { sessions as texts } from '../../texts/session.ts';
import { filters as filterTexts } from '../../texts/shell.ts';
import { FilterMenu } from '../../ui/FilterMenu.tsx';
import { DownIcon, UpIcon } from '../../ui/icons.tsx';
import { Blank } from '../../ui/Message.tsx';
import { Failed, Old } from '../../ui/NumbersView.tsx';
import { RangePicker } from '../../ui/RangePicker.tsx';

const ROW_PIXELS = 40;
/** The next page is asked for when this many rows are left below. */
const AHEAD_ROWS = 40;

interface SessionColumn {
  name: string;
  order?: SessionOrder;
  help?: string;
  class: string;
  cell(session: SessionSummary): JSX.Element;
}

const tokens = (value: number) => <span title={texts.tokens(formatCount(value))}>{formatCompact(value)}</span>;

const columns: SessionColumn[] = [
  {
    name: texts.columns.state,
    class: 'cell-state',
    cell: (session) => <span class={`state state-${session.state}`}>{liveTexts.states[session.state]}</span>,
  },
  {
    name: texts.columns.project,
    class: 'cell-project',
    cell: (session) => (
      <span title={labelTitle('project', session.project ?? '')}>{labelText('project', session.project ?? texts.unknownProject)}</span>
    ),
  },
  {
    name: texts.columns.last,
    order: 'last',
    class: 'cell-time',
    cell: (session) => (
      <time datetime={session.lastAt} title={formatMoment(Date.parse(session.lastAt) / 1000)}>
        {formatDay(Date.parse(session.lastAt) / 1000)} {formatClock(Date.parse(session.lastAt) / 1000)}
      </time>
    ),
  },
  { name: texts.columns.lasted, order: 'duration', class: 'cell-number', cell: (session) => formatDuration(lengthOf(session)) },
  {
    name: texts.columns.models,
    class: 'cell-models',
    cell: (session) => <span title={session.models.join(', ')}>{session.models.map(modelLabel).join(', ')}</span>,
  },
  { name: texts.columns.requests, order: 'requests', class: 'cell-number', cell: (session) => formatCount(session.requests) },
  { name: texts.columns.tokens, order: 'tokens', class: 'cell-number', cell: (session) => tokens(session.tokens) },
  { name: texts.columns.input, class: 'cell-number', cell: (session) => tokens(session.kinds.input) },
  { name: texts.columns.output, class: 'cell-number', cell: (session) => tokens(session.kinds.output) },
  { name: texts.columns.read, help: texts.help.read, class: 'cell-number', cell: (session) => tokens(session.kinds.cacheRead) },
  {
    name: texts.columns.write,
    help: texts.help.write,
    class: 'cell-number',
    cell: ({ kinds }) => (
      <span title={texts.writes(formatCount(kinds.cacheWrite5m), formatCount(kinds.cacheWrite1h))}>
        {formatCompact(kinds.cacheWrite5m + kinds.cacheWrite1h)}
      </span>
    ),
  },
  {
    name: texts.columns.cost,
    order: 'cost',
    class: 'cell-number cell-cost',
    cell: (session) => (
      <span
        title={`${formatUsdExact(session.costUsd)}${session.unpricedRequests > 0 ? texts.unpriced(formatCount(session.unpricedRequests)) : ''}`}
      >
        {session.unpricedRequests > 0 ? '≥ ' : ''}
        {formatUsd(session.costUsd)}
      </span>
    ),
  },
  {
    name: texts.columns.minute,
    help: texts.help.minute,
    class: 'cell-number',
    cell: (session) => {
      const rate = costPerMinute(session);
      return rate === null ? <span class="quiet">–</span> : formatUsd(rate);
    },
  },
  {
    name: texts.columns.lines,
    help: texts.help.lines,
    class: 'cell-number',
    cell: ({ lines }) =>
      lines.added + lines.removed === 0 ? (
        <span class="quiet">–</span>
      ) : (
        <>
          <span class="added">+{formatCompact(lines.added)}</span> <span class="removed">−{formatCompact(lines.removed)}</span>
        </>
      ),
  },
  {
    name: texts.columns.tools,
    order: 'tools',
    help: texts.help.tools,
    class: 'cell-number',
    cell: (session) => formatCount(session.toolCalls),
  },
  {
    name: texts.columns.failed,
    order: 'failures',
    help: texts.help.failed,
    class: 'cell-number',
    cell: (session) => (
      <span classList={{ failed: session.failures > 0, quiet: session.failures === 0 }}>{formatCount(session.failures)}</span>
    ),
  },
];

/** Every session: ordered and filtered by the API, page by page, in a list that draws what is seen. */
export default function Sessions() {
  const { api, now } = useServices();
  const [state, change] = useViewState();
  const question = createMemo(() => ({ range: state().range, filters: state().filters, states: state().states, sort: state().sort }));
  const query = useInfiniteQuery(() => ({
    queryKey: ['sessions', question()],
    queryFn: ({ pageParam, signal }) => loadSessions(api, question(), pageParam, now(), signal),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next,
  }));
  useRefresh(() => query.refetch());
  const data = () => (query.isPending ? undefined : query.data);
  const known = createMemo(() => data()?.pages.flatMap((page) => page.sessions) ?? []);
  const shown = createMemo(() => searchSessions(known(), state().text));
  const values = (pick: (session: SessionSummary) => readonly string[]) => [...new Set(known().flatMap(pick))].sort();
  const setFilter = (name: 'project' | 'model' | 'host') => (chosen: string[]) =>
    change({ filters: { ...state().filters, [name]: chosen } });
  const filtered = () =>
    state().states.length > 0 || Object.values(state().filters).some((chosen) => chosen.length > 0) || state().text !== '';
  const csv = () =>
    saveCsv('ccmeter-sessions.csv', [
      [
        ...['session', 'project', 'host', 'state', 'first', 'last', 'models', 'requests', 'tokens'],
        ...['input', 'output', 'cache_read', 'cache_write_5m', 'cache_write_1h', 'cost_usd', 'lines_added', 'lines_removed'],
        ...['tool_calls', 'failures'],
      ],
      ...shown().map((one) => [
        one.id,
        labelTitle('project', one.project ?? ''),
        labelTitle('host', one.source),
        one.state,
        one.firstAt,
        one.lastAt,
        one.models.join(' '),
        one.requests,
        one.tokens,
        ...[one.kinds.input, one.kinds.output, one.kinds.cacheRead, one.kinds.cacheWrite5m, one.kinds.cacheWrite1h],
        one.costUsd,
        one.lines.added,
        one.lines.removed,
        one.toolCalls,
        one.failures,
      ]),
    ]);

  return (
    <div class="view sessions-view">
      <div class="toolbar">
        <h1>{texts.name}</h1>
        <fieldset class="filters">
          <legend class="visually-hidden">{filterTexts.label}</legend>
          <input
            class="input"
            type="search"
            placeholder={texts.find}
            aria-label={texts.findHelp}
            value={state().text}
            onInput={(event) => change({ text: event.currentTarget.value }, true)}
          />
          <FilterMenu
            label={texts.state}
            options={SESSION_STATES}
            chosen={state().states}
            textOf={(name) => liveTexts.states[name] ?? name}
            onChange={(states) => change({ states })}
          />
          <FilterMenu
            label={filterTexts.names.project}
            options={values((session) => (session.project ? [session.project] : []))}
            chosen={state().filters.project}
            textOf={(name) => labelText('project', name)}
            onChange={setFilter('project')}
          />
          <FilterMenu
            label={filterTexts.names.model}
            options={values((session) => session.models)}
            chosen={state().filters.model}
            textOf={modelLabel}
            onChange={setFilter('model')}
          />
          <Show when={values((session) => [session.source]).length > 1 || state().filters.host.length > 0}>
            <FilterMenu
              label={filterTexts.names.host}
              options={values((session) => [session.source])}
              chosen={state().filters.host}
              textOf={(name) => labelText('host', name)}
              onChange={setFilter('host')}
            />
          </Show>
          <button type="button" class="button" onClick={csv} disabled={shown().length === 0}>
            {texts.csv}
          </button>
        </fieldset>
        <RangePicker
          choice={state().range}
          shown={resolveRange(state().range, now(), null)}
          nowMs={now}
          onChange={(range) => change({ range })}
        />
      </div>
      <Show when={query.isError && data()}>
        <Old list askedAtMs={query.dataUpdatedAt} message={query.error?.message ?? ''} onRetry={() => query.refetch()} />
      </Show>
      <Switch>
        <Match when={query.isPending}>
          <div class="panel" aria-busy="true">
            <p class="visually-hidden" role="status">
              {texts.asking}
            </p>
            <For each={[1, 2, 3, 4, 5, 6, 7, 8, 9, 10]}>{() => <div class="skeleton skeleton-row" />}</For>
          </div>
        </Match>
        <Match when={query.isError && !data()}>
          <Failed message={query.error?.message ?? ''} onRetry={() => query.refetch()} />
        </Match>
        <Match when={known().length === 0}>
          <Blank
            title={filtered() ? texts.nothingFits : texts.nothing}
            action={
              <button
                type="button"
                class="button"
                onClick={() =>
                  change({
                    range: { kind: 'quick', name: 'all' },
                    filters: NO_FILTERS,
                    states: [],
                    text: '',
                  })
                }
              >
                {texts.showAll}
              </button>
            }
          >
            <p>{texts.from}</p>
          </Blank>
        </Match>
        <Match when={true}>
          <List
            sessions={shown()}
            sort={readSort(state().sort)}
            old={query.isError}
            onSort={(sort) => change({ sort: writeSort(sort) })}
            onEnd={() => query.hasNextPage && !query.isFetchingNextPage && !query.isError && query.fetchNextPage()}
            foot={`${texts.loaded(formatCount(shown().length))}${query.hasNextPage ? texts.more : ''}`}
            hrefOf={(session) => `/sessions/${encodeURIComponent(session.id)}${writeState(keptState(state()))}`}
          />
        </Match>
      </Switch>
    </div>
  );
}

function List(props: {
  sessions: readonly SessionSummary[];
  sort: { by: SessionOrder; down: boolean };
  old: boolean;
  foot: string;
  onSort(sort: { by: SessionOrder; down: boolean }): void;
  onEnd(): void;
  hrefOf(session: SessionSummary): string;
}) {
  const navigate = useNavigate();
  let element!: HTMLDivElement;
  // Told on mount only: before, the element belongs to a template's document, and the virtualizer would not watch it.
  const [list, setList] = createSignal<HTMLDivElement>();
  onMount(() => setList(element));
  const virtualizer = createVirtualizer({
    get count() {
      return props.sessions.length;
    },
    getScrollElement: () => list() ?? null,
    estimateSize: () => ROW_PIXELS,
    getItemKey: (index) => props.sessions[index]?.id ?? index,
    overscan: 12,
  });
  createEffect(() => {
    const last = virtualizer.getVirtualItems().at(-1);
    if (last && last.index >= props.sessions.length - AHEAD_ROWS) props.onEnd();
  });
  const turn = (order: SessionOrder) => props.onSort({ by: order, down: props.sort.by === order ? !props.sort.down : true });
  const sortOf = (order: SessionOrder | undefined) =>
    order === undefined || props.sort.by !== order ? undefined : props.sort.down ? 'descending' : 'ascending';
  // biome-ignore-start lint/a11y/useSemanticElements: rows are placed one by one, which the layout of a table does not allow
  // biome-ignore-start lint/a11y/useFocusableInteractive: the list scrolls by keys, links and buttons in it have the focus
  return (
    <section class="panel session-table" classList={{ 'is-old': props.old }} aria-label={texts.name}>
      {/* Focusable, so that it can be scrolled by keyboard. */}
      <div class="session-scroll" ref={element} tabindex="0" role="table" aria-label={texts.name} aria-rowcount={props.sessions.length}>
        <div class="session-row session-columns" role="row">
          <For each={columns}>
            {(column) => (
              <span class={column.class} role="columnheader" aria-sort={sortOf(column.order)} title={column.help}>
                <Show when={column.order} fallback={column.name}>
                  {(order) => (
                    <button type="button" class="sort" onClick={() => turn(order())}>
                      {column.name}
                      <Show when={props.sort.by === order()}>{props.sort.down ? <DownIcon /> : <UpIcon />}</Show>
                    </button>
                  )}
                </Show>
              </span>
            )}
          </For>
        </div>
        <Show when={props.sessions.length > 0} fallback={<p class="panel-nothing quiet">{texts.nothingFits}</p>}>
          <div class="session-rows" role="rowgroup" style={{ height: `${virtualizer.getTotalSize()}px` }}>
            <For each={virtualizer.getVirtualItems()}>
              {(item) => (
                <Show when={props.sessions[item.index]}>
                  {(session) => (
                    // The project is a link for the keyboard; a click anywhere in the row does the same.
                    // biome-ignore lint/a11y/useKeyWithClickEvents: the link in the row has the keys
                    <div
                      class="session-row session-line"
                      role="row"
                      tabindex="-1"
                      style={{ top: `${item.start}px` }}
                      onClick={() => navigate(props.hrefOf(session()))}
                    >
                      <For each={columns}>
                        {(column) => (
                          <span class={column.class} role="cell">
                            <Show when={column.name === texts.columns.project} fallback={column.cell(session())}>
                              <A class="link" href={props.hrefOf(session())}>
                                {column.cell(session())}
                              </A>
                            </Show>
                          </span>
                        )}
                      </For>
                    </div>
                  )}
                </Show>
              )}
            </For>
          </div>
        </Show>
      </div>
      <p class="stream-foot">{props.foot}</p>
    </section>
  );
  // biome-ignore-end lint/a11y/useSemanticElements: see above
  // biome-ignore-end lint/a11y/useFocusableInteractive: see above
}
