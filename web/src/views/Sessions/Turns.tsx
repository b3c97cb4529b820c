import { createMemo, createSignal, For, Show } from 'solid-js';
import type { StoredEvent } from '../../api/client.ts';
import type { Slots } from '../../charts/colours.ts';
import { describeEvent, typeName } from '../../format/event.ts';
import { labelText } from '../../format/labels.ts';
import { modelLabel } from '../../format/model.ts';
import { formatCompact, formatCount, formatUsd } from '../../format/number.ts';
import { formatClockSeconds, formatDay, formatDuration, formatMoment } from '../../format/time.ts';
import { ranked } from '../../store/ask.ts';
import { modelOf, type Turn, usedIn } from '../../store/timeline.ts';
import { common } from '../../texts/common.ts';
import { session as texts } from '../../texts/session.ts';
import { Count } from '../../ui/Figures.tsx';
import { ChevronIcon } from '../../ui/icons.tsx';
import { Panel } from '../../ui/Panel.tsx';

const FIRST_TURNS = 20;

/** The turns of a session, the newest first; each opens to show what happened in it. */
export function Turns(props: { turns: readonly Turn[]; slots: Required<Slots>; hasMore: boolean; isLoading: boolean; onMore(): void }) {
  const [all, setAll] = createSignal(false);
  const newest = createMemo(() => [...props.turns].reverse());
  const shown = () => (all() ? newest() : newest().slice(0, FIRST_TURNS));
  return (
    <Panel
      title={texts.turnList}
      class="panel-full"
      figure={
        <>
          <Count value={props.turns.length} />
          <span class="quiet">{texts.turnListHelp}</span>
        </>
      }
    >
      <Show when={props.turns.length > 0} fallback={<p class="panel-nothing quiet">{texts.nothing}</p>}>
        <ol class="turns">
          {/* By when it began, so that an open turn stays open while the last one grows. */}
          <For each={shown().map((turn) => turn.startMs)}>
            {(startMs) => (
              <Show when={shown().find((turn) => turn.startMs === startMs)}>{(turn) => <TurnRow turn={turn()} slots={props.slots} />}</Show>
            )}
          </For>
        </ol>
        <div class="turns-more">
          <Show when={newest().length > FIRST_TURNS}>
            <button type="button" class="button" aria-expanded={all()} onClick={() => setAll(!all())}>
              {all() ? common.showFewer : common.showAll(formatCount(newest().length))}
            </button>
          </Show>
          <Show when={props.hasMore}>
            <button type="button" class="button" disabled={props.isLoading} onClick={() => props.onMore()}>
              {texts.older}
            </button>
          </Show>
        </div>
      </Show>
    </Panel>
  );
}

function TurnRow(props: { turn: Turn; slots: Required<Slots> }) {
  const [open, setOpen] = createSignal(false);
  const used = createMemo(() => usedIn(props.turn));
  const model = () => modelOf(props.turn);
  return (
    <li class="turn">
      <button type="button" class="turn-head" aria-expanded={open()} onClick={() => setOpen(!open())}>
        <ChevronIcon />
        <span class="turn-number">{formatCount(props.turn.number)}</span>
        <time datetime={new Date(props.turn.startMs).toISOString()} title={formatMoment(props.turn.startMs / 1000)}>
          {formatDay(props.turn.startMs / 1000)} {formatClockSeconds(props.turn.startMs)}
        </time>
        <span class="turn-model">
          <Show when={model()}>
            {(name) => (
              <>
                <span class={`swatch slot-${props.slots.model.get(name()) ?? 'rest'}`} />
                {modelLabel(name())}
              </>
            )}
          </Show>
        </span>
        <span class="turn-tools">
          <Tools turn={props.turn} />
        </span>
        <span class="turn-figure">{formatDuration((props.turn.endMs - props.turn.startMs) / 1000)}</span>
        <span class="turn-figure" title={texts.tokensExact(formatCount(used().tokens))}>
          {formatCompact(used().tokens)}
        </span>
        <span class="turn-figure turn-cost">
          {used().unpriced ? '≥ ' : ''}
          {formatUsd(used().costUsd)}
        </span>
      </button>
      <Show when={open()}>
        <ol class="timeline-rows">
          <For each={props.turn.rows}>{(row) => <EventRow row={row} />}</For>
        </ol>
      </Show>
    </li>
  );
}

/** Tools of the turn by how often, with what failed; compactions, subagents and todos beside them. */
function Tools(props: { turn: Turn }) {
  const tools = createMemo(() => {
    const counts: Record<string, number> = Object.create(null);
    for (const { call } of props.turn.calls) counts[call.tool] = (counts[call.tool] ?? 0) + 1;
    return ranked(counts);
  });
  const failed = () => props.turn.calls.filter(({ call }) => call.result === 'error').length;
  return (
    <>
      <Show when={props.turn.compactedMs.length > 0}>
        <span class="chip chip-strong">{texts.compacted}</span>
      </Show>
      <For each={tools()}>
        {([tool, count]) => (
          <span class="chip">{count > 1 ? texts.times(labelText('tool', tool), formatCount(count)) : labelText('tool', tool)}</span>
        )}
      </For>
      <For each={props.turn.spawned}>{({ type }) => <span class="chip chip-agent">{labelText('agent_type', type)}</span>}</For>
      <Show when={props.turn.todos}>
        {(todos) => <span class="chip">{texts.todos(formatCount(todos().done), formatCount(todos().all))}</span>}
      </Show>
      <Show when={failed() > 0}>
        <span class="failed">{texts.failedCalls(formatCount(failed()))}</span>
      </Show>
    </>
  );
}

function EventRow(props: { row: StoredEvent }) {
  const said = createMemo(() => describeEvent(props.row.event));
  const timeMs = () => Date.parse(props.row.event.timestamp);
  return (
    <li class="timeline-row">
      <time datetime={props.row.event.timestamp} title={formatMoment(timeMs() / 1000)}>
        {formatClockSeconds(timeMs())}
      </time>
      <span class={`event-type event-type-${props.row.event.type}`}>{typeName(props.row.event.type)}</span>
      <span title={said().detail}>{said().text}</span>
      <span class="turn-figure">{said().costUsd === undefined ? '' : formatUsd(said().costUsd ?? 0)}</span>
    </li>
  );
}
