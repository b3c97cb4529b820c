import { events } from '@ccmeter/exporter/contract';
import { createVirtualizer } from '@tanstack/solid-virtual';
import { createEffect, createMemo, createSignal, For, on, onMount, Show } from 'solid-js';
import type { StoredEvent } from '../../api/client.ts';
import { describeEvent, searchText, typeName } from '../../format/event.ts';
import { labelText, labelTitle } from '../../format/labels.ts';
import { formatCompact, formatCount, formatUsd, formatUsdExact } from '../../format/number.ts';
import { formatClockSeconds, formatDay, formatMoment } from '../../format/time.ts';
import { type LiveSession, MAX_ROWS, projectOf, sessionIdOf } from '../../store/live.ts';
import { createOlder } from '../../store/older.ts';
import { createClock, useServices } from '../../store/services.ts';
import { countUntil, createRowFilter, passes, type StreamFilter } from '../../store/stream-filter.ts';
import { useViewState } from '../../store/view-state.ts';
import { live as liveTexts, stream as texts } from '../../texts/live.ts';
import { FilterMenu } from '../../ui/FilterMenu.tsx';
import { PauseIcon, PlayIcon } from '../../ui/icons.tsx';
import { createElementSize } from '../../ui/size.ts';

const ROW_PIXELS = 34;
/** Two lines a row where there is no room for columns. */
const NARROW_ROW_PIXELS = 54;
const NARROW_PIXELS = 620;
/** Scrolled further than this, the list stands still. */
const TOP_PIXELS = 8;
/** While the list follows, nobody is further down than this; all of it is there as soon as it stands still. */
const FOLLOWED_ROWS = 300;
/** Older events are fetched when this many rows are left below. */
const AHEAD_ROWS = 40;
/** So much of a session's id tells it from others. */
const SESSION_LETTERS = 8;
const types = Object.keys(events).sort();

/** Every event, newest first. Scrolling down or the button stops the list; what comes meanwhile is counted. */
export function Stream() {
  const { api, live, now } = useServices();
  const time = createClock(now, 60_000);
  const [state, change] = useViewState();
  let element!: HTMLDivElement;
  // Told on mount only: before, the element belongs to a template's document without a window, and the virtualizer would not watch it.
  const [list, setList] = createSignal<HTMLDivElement>();
  onMount(() => setList(element));
  const [stoppedAt, setStoppedAt] = createSignal<number | null>(null);
  const size = createElementSize(list);
  const narrow = () => (size()?.width ?? NARROW_PIXELS) < NARROW_PIXELS;

  const words = {
    textOf: searchText,
    projectOfSession: (id: string | null) => (id === null ? undefined : live.state().sessions.get(id)?.project),
  };
  const filter = createMemo((): StreamFilter => {
    const { types, sessions, text, filters } = state();
    return { types, sessions, text, projects: filters.project, sources: filters.host };
  });
  const filterRows = createRowFilter(words);
  const matching = createMemo(() => filterRows(live.state().rows, filter(), MAX_ROWS));
  const until = createMemo(() => {
    const stop = stoppedAt();
    return stop === null ? matching().length : countUntil(matching(), stop);
  });
  const { older, load } = createOlder(api, filter, ({ event }) => passes(filter(), event, words));
  const total = () => Math.min(MAX_ROWS, until() + older().rows.length);
  const count = () => (stoppedAt() === null ? Math.min(total(), FOLLOWED_ROWS) : total());
  const waiting = () => matching().length - until();
  const rowAt = (index: number) => (index < until() ? matching().at(until() - 1 - index) : older().rows[index - until()]);

  const virtualizer = createVirtualizer({
    get count() {
      return count();
    },
    getScrollElement: () => list() ?? null,
    estimateSize: () => (narrow() ? NARROW_ROW_PIXELS : ROW_PIXELS),
    getItemKey: (index) => rowAt(index)?.seq ?? index,
    overscan: 12,
  });
  createEffect(on(narrow, () => virtualizer.measure(), { defer: true }));
  createEffect(() => {
    const last = virtualizer.getVirtualItems().at(-1)?.index ?? 0;
    const oldest = live.state().rows.at(0);
    if (oldest && count() === total() && total() < MAX_ROWS && last >= total() - AHEAD_ROWS) void load(oldest.seq);
  });

  const stop = () => setStoppedAt((before) => before ?? live.state().lastSeq);
  const follow = () => {
    setStoppedAt(null);
    list()?.scrollTo({ top: 0 });
  };
  // Only the reader's own scrolling counts, not that of the list as it grows.
  const scrolled = (event: Event & { currentTarget: HTMLDivElement }) => {
    if (event.currentTarget.scrollTop > TOP_PIXELS) stop();
    else if (waiting() === 0 && stoppedAt() !== null && !pressed()) setStoppedAt(null);
  };
  const [pressed, setPressed] = createSignal(false);
  const press = () => {
    setPressed(stoppedAt() === null);
    if (stoppedAt() === null) stop();
    else follow();
  };
  const sessions = createMemo(() => [...live.state().sessions.values()]);
  const valuesOf = (pick: (session: LiveSession) => string) => [...new Set(sessions().map(pick).filter(Boolean))].sort();
  const sources = createMemo(() => valuesOf((session) => session.source));
  const setFilter = (name: 'project' | 'host') => (chosen: string[]) => change({ filters: { ...state().filters, [name]: chosen } });
  const sessionText = (id: string) => {
    const project = live.state().sessions.get(id)?.project;
    return [project && labelText('project', project), id.slice(0, SESSION_LETTERS)].filter(Boolean).join(' ');
  };

  return (
    <section class="stream panel" aria-label={texts.title} classList={{ 'is-narrow': narrow() }}>
      <div class="stream-head">
        <h2>{texts.title}</h2>
        <input
          class="input stream-search"
          type="search"
          placeholder={texts.find}
          aria-label={texts.find}
          value={state().text}
          onInput={(event) => change({ text: event.currentTarget.value }, true)}
        />
        <FilterMenu
          label={texts.type}
          options={types}
          chosen={state().types}
          textOf={typeName}
          onChange={(chosen) => change({ types: chosen })}
        />
        <FilterMenu
          label={texts.project}
          options={valuesOf((session) => session.project)}
          chosen={state().filters.project}
          textOf={(project) => labelText('project', project)}
          onChange={setFilter('project')}
        />
        <FilterMenu
          label={texts.session}
          options={valuesOf((session) => session.id)}
          chosen={state().sessions}
          textOf={sessionText}
          onChange={(chosen) => change({ sessions: chosen })}
        />
        <Show when={sources().length > 1 || state().filters.host.length > 0}>
          <FilterMenu
            label={texts.source}
            options={sources()}
            chosen={state().filters.host}
            textOf={(host) => labelText('host', host)}
            onChange={setFilter('host')}
          />
        </Show>
        <button type="button" class="button" aria-pressed={stoppedAt() !== null} onClick={press}>
          {stoppedAt() === null ? <PauseIcon /> : <PlayIcon />}
          {stoppedAt() === null ? texts.pause : texts.follow}
        </button>
      </div>
      <div class="event stream-columns" aria-hidden="true">
        <span>{texts.columns.time}</span>
        <span>{texts.columns.type}</span>
        <span>{texts.columns.project}</span>
        <span>{texts.columns.what}</span>
        <span class="event-tokens">{texts.columns.tokens}</span>
        <span class="event-cost">{texts.columns.cost}</span>
      </div>
      <div class="stream-body">
        <Show when={stoppedAt() !== null && waiting() > 0}>
          <button type="button" class="stream-new" onClick={follow}>
            {texts.fresh(formatCount(waiting()))}
          </button>
        </Show>
        {/* Focusable, so that it can be scrolled by keyboard. */}
        <div class="stream-list" ref={element} tabindex="0" role="log" aria-label={texts.list} aria-live="off" onScroll={scrolled}>
          <Show when={count() > 0} fallback={<p class="stream-none quiet">{texts.nothing}</p>}>
            <div class="stream-rows" style={{ height: `${virtualizer.getTotalSize()}px` }}>
              <For each={virtualizer.getVirtualItems()}>
                {(item) => (
                  <Show when={rowAt(item.index)}>
                    {(row) => (
                      <StreamRow
                        row={row()}
                        top={item.start}
                        today={formatDay(time() / 1000)}
                        project={projectOf(row().event) ?? words.projectOfSession(sessionIdOf(row().event))}
                      />
                    )}
                  </Show>
                )}
              </For>
            </div>
          </Show>
        </div>
      </div>
      <p class="stream-foot">
        <Show when={matching().length !== live.state().rows.length} fallback={texts.all(formatCount(total()))}>
          {texts.some(formatCount(total()), formatCount(live.state().rows.length + older().rows.length))}
        </Show>
        <Show when={stoppedAt() !== null}>{texts.paused}</Show>
        <Show when={older().loading}>{texts.older}</Show>
      </p>
    </section>
  );
}

function StreamRow(props: { row: StoredEvent; top: number; today: string; project: string | undefined }) {
  const said = createMemo(() => describeEvent(props.row.event));
  const timeMs = () => Date.parse(props.row.event.timestamp);
  const day = () => formatDay(timeMs() / 1000);
  return (
    <div class="event" style={{ top: `${props.top}px` }}>
      <time datetime={props.row.event.timestamp} title={formatMoment(timeMs() / 1000)}>
        {day() === props.today ? formatClockSeconds(timeMs()) : day()}
      </time>
      <span class={`event-type event-type-${props.row.event.type}`}>{typeName(props.row.event.type)}</span>
      <span class="event-project" title={props.project && labelTitle('project', props.project)}>
        {props.project && labelText('project', props.project)}
      </span>
      <span class="event-text" title={said().detail}>
        {said().text}
      </span>
      <Show when={said().tokens !== undefined}>
        <span class="event-tokens" title={liveTexts.tokens(formatCount(said().tokens ?? 0))}>
          {formatCompact(said().tokens ?? 0)}
        </span>
        <Show when={said().costUsd} fallback={<span class="event-cost quiet">{said().costUsd === 0 ? formatUsd(0) : texts.noPrice}</span>}>
          {(cost) => (
            <span class="event-cost" title={formatUsdExact(cost())}>
              {formatUsd(cost())}
            </span>
          )}
        </Show>
      </Show>
    </div>
  );
}
