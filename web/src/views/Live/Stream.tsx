import { createVirtualizer } from '@tanstack/solid-virtual';
import { createEffect, createMemo, createSignal, For, on, onMount, Show } from 'solid-js';
import type { StoredEvent } from '../../api/client.ts';
import { describeEvent, searchText, typeNames } from '../../format/event.ts';
import { labelText, labelTitle } from '../../format/labels.ts';
import { formatCompact, formatCount, formatUsd, formatUsdExact } from '../../format/number.ts';
import { formatClockSeconds, formatDay, formatMoment } from '../../format/time.ts';
import { filterRows, projectOf, sessionIdOf } from '../../store/live.ts';
import { createClock, useServices } from '../../store/services.ts';
import { useViewState } from '../../store/view-state.ts';
import { FilterMenu } from '../../ui/FilterMenu.tsx';
import { PauseIcon, PlayIcon } from '../../ui/icons.tsx';
import { createElementSize } from '../../ui/size.ts';

const ROW_PIXELS = 34;
/** Two lines a row where there is no room for columns. */
const NARROW_ROW_PIXELS = 54;
const NARROW_PIXELS = 620;
/** Scrolled further than this, the list stands still. */
const TOP_PIXELS = 8;

/** Every event, newest first. Scrolling down or the button stops the list; what comes meanwhile is counted. */
export function Stream() {
  const { live, now } = useServices();
  const time = createClock(now, 60_000);
  const [state, change] = useViewState();
  let element!: HTMLDivElement;
  // Told on mount only: before, the element belongs to a template's document without a window, and the virtualizer would not watch it.
  const [list, setList] = createSignal<HTMLDivElement>();
  onMount(() => setList(element));
  const [stoppedAt, setStoppedAt] = createSignal<number | null>(null);
  const size = createElementSize(list);
  const narrow = () => (size()?.width ?? NARROW_PIXELS) < NARROW_PIXELS;

  const projectOfSession = (id: string | null) => (id === null ? undefined : live.state().sessions.get(id)?.project);
  const matching = createMemo(() =>
    filterRows(
      live.state().rows,
      { types: state().types, projects: state().filters.project, text: state().text },
      searchText,
      projectOfSession,
    ),
  );
  const shown = createMemo(() => {
    const stop = stoppedAt();
    return stop === null ? matching() : matching().filter((row) => row.seq <= stop);
  });
  const waiting = () => matching().length - shown().length;
  const rowAt = (index: number) => shown()[shown().length - 1 - index];

  const virtualizer = createVirtualizer({
    get count() {
      return shown().length;
    },
    getScrollElement: () => list() ?? null,
    estimateSize: () => (narrow() ? NARROW_ROW_PIXELS : ROW_PIXELS),
    getItemKey: (index) => rowAt(index)?.seq ?? index,
    overscan: 12,
  });

  createEffect(on(narrow, () => virtualizer.measure(), { defer: true }));

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
  const types = createMemo(() => [...new Set(live.state().rows.map((row) => row.event.type))].sort());
  const projects = createMemo(() =>
    [...new Set([...live.state().sessions.values()].map((session) => session.project).filter(Boolean))].sort(),
  );

  return (
    <section class="stream panel" aria-label="Events" classList={{ 'is-narrow': narrow() }}>
      <div class="stream-head">
        <h2>Events</h2>
        <input
          class="input stream-search"
          type="search"
          placeholder="Find in events"
          aria-label="Find in events"
          value={state().text}
          onInput={(event) => change({ text: event.currentTarget.value }, true)}
        />
        <FilterMenu
          label="Type"
          options={types()}
          chosen={state().types}
          textOf={(type) => typeName(type)}
          onChange={(chosen) => change({ types: chosen })}
        />
        <FilterMenu
          label="Project"
          options={projects()}
          chosen={state().filters.project}
          textOf={(project) => labelText('project', project)}
          onChange={(project) => change({ filters: { ...state().filters, project } })}
        />
        <button type="button" class="button" aria-pressed={stoppedAt() !== null} onClick={press}>
          {stoppedAt() === null ? <PauseIcon /> : <PlayIcon />}
          {stoppedAt() === null ? 'Pause' : 'Follow'}
        </button>
      </div>
      <div class="event stream-columns" aria-hidden="true">
        <span>Time</span>
        <span>Type</span>
        <span>Project</span>
        <span>What</span>
        <span class="event-tokens">Tokens</span>
        <span class="event-cost">Cost</span>
      </div>
      <div class="stream-body">
        <Show when={stoppedAt() !== null && waiting() > 0}>
          <button type="button" class="stream-new" onClick={follow}>
            {formatCount(waiting())} new
          </button>
        </Show>
        {/* Focusable, so that it can be scrolled by keyboard. */}
        <div
          class="stream-list"
          ref={element}
          tabindex="0"
          role="log"
          aria-label="Events, newest first"
          aria-live="off"
          onScroll={scrolled}
        >
          <Show when={shown().length > 0} fallback={<p class="stream-none quiet">No event fits these filters.</p>}>
            <div class="stream-rows" style={{ height: `${virtualizer.getTotalSize()}px` }}>
              <For each={virtualizer.getVirtualItems()}>
                {(item) => (
                  <Show when={rowAt(item.index)}>
                    {(row) => (
                      <StreamRow
                        row={row()}
                        top={item.start}
                        today={formatDay(time() / 1000)}
                        project={projectOf(row().event) ?? projectOfSession(sessionIdOf(row().event))}
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
        <Show when={shown().length !== live.state().rows.length} fallback={<>{formatCount(live.state().rows.length)} events</>}>
          {formatCount(shown().length)} of {formatCount(live.state().rows.length)} events
        </Show>
        <Show when={stoppedAt() !== null}>, paused</Show>
      </p>
    </section>
  );
}

function StreamRow(props: { row: StoredEvent; top: number; today: string; project: string | undefined }) {
  const said = createMemo(() => describeEvent(props.row.event));
  const timeMs = () => Date.parse(props.row.event.timestamp);
  const day = () => formatDay(timeMs() / 1000);
  return (
    <div class="event" style={{ transform: `translateY(${props.top}px)` }}>
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
        <span class="event-tokens" title={`${formatCount(said().tokens ?? 0)} tokens`}>
          {formatCompact(said().tokens ?? 0)}
        </span>
        <Show when={said().costUsd} fallback={<span class="event-cost quiet">{said().costUsd === 0 ? formatUsd(0) : 'no price'}</span>}>
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

function typeName(type: string): string {
  return Object.hasOwn(typeNames, type) ? typeNames[type as keyof typeof typeNames] : type;
}
