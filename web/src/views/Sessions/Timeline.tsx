import { createMemo, For, type JSX, Show } from 'solid-js';
import type { Slots } from '../../charts/colours.ts';
import { saveCsv } from '../../charts/export.ts';
import { describeEvent } from '../../format/event.ts';
import { labelText } from '../../format/labels.ts';
import { modelLabel } from '../../format/model.ts';
import { formatCompact, formatCount, formatUsd, formatWords } from '../../format/number.ts';
import { formatClock, formatClockSeconds, formatDuration, formatMoment } from '../../format/time.ts';
import { windowOf } from '../../store/context.ts';
import { contextOf, modelOf, placeOf, type Stretch, sessionMarks, stretchesOf, type Turn, usedIn } from '../../store/timeline.ts';
import { session as texts } from '../../texts/session.ts';
import { MarkIcon } from '../../ui/icons.tsx';
import { Panel } from '../../ui/Panel.tsx';
import { PanelMenu } from '../../ui/PanelMenu.tsx';

/** Nothing is drawn narrower, in parts of the whole, so that short things are seen. */
const LEAST = 0.002;

/** Turns, tools, subagents, context and todos of a session, one below the other on one time axis. */
export function Timeline(props: { turns: readonly Turn[]; slots: Required<Slots>; figure: string }) {
  const stretches = createMemo(() => stretchesOf(props.turns));
  const place = (ms: number) => placeOf(stretches(), ms);
  const span = (startMs: number, endMs: number) => {
    const from = place(startMs);
    return { left: `${100 * from}%`, width: `${100 * Math.max(LEAST, place(endMs) - from)}%` };
  };
  const calls = createMemo(() => props.turns.flatMap((turn) => turn.calls));
  const spawned = createMemo(() => subagentsOf(props.turns));
  const todos = createMemo(() => props.turns.flatMap((turn) => turn.todos ?? []));
  const marks = createMemo(() => sessionMarks(props.turns));
  return (
    <Show when={props.turns.length > 0}>
      <Panel
        title={texts.timeline}
        class="panel-full"
        figure={
          <span class="quiet">
            {texts.timelineHelp}
            {props.figure ? `, ${props.figure}` : ''}
          </span>
        }
        menu={<PanelMenu title={texts.timeline} onCsv={() => saveCsv('ccmeter-session-turns.csv', turnRows(props.turns))} />}
      >
        <div class="lanes">
          <Lane name={texts.lanes.turns}>
            <For each={props.turns}>
              {(turn) => (
                <span
                  class={`lane-block slot-${props.slots.model.get(modelOf(turn) ?? '') ?? 'rest'}`}
                  style={span(turn.startMs, turn.endMs)}
                  title={turnText(turn)}
                />
              )}
            </For>
          </Lane>
          <Lane name={texts.lanes.tools}>
            <For each={calls()}>
              {(call) => (
                <span
                  class={`lane-block lane-tool result-${call.call.result}`}
                  style={span(call.startMs, call.endMs)}
                  title={`${formatClockSeconds(call.startMs)} ${describeEvent(call.event.event).text}`}
                />
              )}
            </For>
          </Lane>
          <Show when={spawned().length > 0}>
            <Lane name={texts.lanes.agents}>
              <For each={spawned()}>
                {(agent) => (
                  <span class="lane-block lane-agent" style={span(agent.startMs, agent.endMs)} title={agent.text}>
                    {agent.name}
                  </span>
                )}
              </For>
            </Lane>
          </Show>
          <Lane name={texts.lanes.context} tall>
            <Context turns={props.turns} place={place} />
          </Lane>
          <Show when={todos().length > 0}>
            <Lane name={texts.lanes.todos}>
              <For each={todos()}>
                {(list) => (
                  <span class="lane-text" style={{ left: `${100 * place(list.atMs)}%` }}>
                    {formatCount(list.done)}/{formatCount(list.all)}
                  </span>
                )}
              </For>
            </Lane>
          </Show>
          <div class="lane-marks" aria-hidden="true">
            <For each={marks()}>
              {(mark) => (
                <span class="lane-mark" style={{ left: `${100 * place(mark.seconds * 1000)}%` }} title={mark.text}>
                  <MarkIcon kind={mark.kind} />
                </span>
              )}
            </For>
            <For each={breaksOf(stretches())}>
              {(gap) => (
                <span class="lane-break" style={{ left: `${100 * gap.from}%`, width: `${100 * (gap.to - gap.from)}%` }} title={gap.text} />
              )}
            </For>
          </div>
          <Axis stretches={stretches()} />
        </div>
      </Panel>
    </Show>
  );
}

function Lane(props: { name: string; tall?: boolean; children: JSX.Element }) {
  return (
    <div class="lane" classList={{ 'lane-tall': props.tall ?? false }}>
      <span class="lane-name">{props.name}</span>
      <div class="lane-track">{props.children}</div>
    </div>
  );
}

const HEIGHT = 100;

/** How full the context was, with a fall where the conversation was summed up. */
function Context(props: { turns: readonly Turn[]; place(ms: number): number }) {
  const points = createMemo(() => contextOf(props.turns));
  const most = () => Math.max(0, ...points().map((point) => point.tokens));
  const window = () => windowOf(modelOf(props.turns.at(-1) ?? { responses: [] }), most());
  const path = () =>
    points()
      .map(({ atMs, tokens }) => `${(1000 * props.place(atMs)).toFixed(1)} ${(HEIGHT - (HEIGHT * tokens) / window()).toFixed(1)}`)
      .join('L');
  const first = () => 1000 * props.place(points()[0]?.atMs ?? 0);
  const last = () => 1000 * props.place(points().at(-1)?.atMs ?? 0);
  return (
    <Show when={points().length > 1}>
      <svg class="sparkline" viewBox={`0 0 1000 ${HEIGHT}`} preserveAspectRatio="none" role="img" aria-label={texts.lanes.context}>
        <path class="sparkline-area" d={`M${path()}L${last()} ${HEIGHT}L${first()} ${HEIGHT}Z`} />
        <path class="sparkline-line" d={`M${path()}`} vector-effect="non-scaling-stroke" />
      </svg>
      <span class="lane-scale">{texts.windowOf(formatCompact(window()))}</span>
    </Show>
  );
}

/** Where the parts of the axis begin, thinned out where they are too close. */
function Axis(props: { stretches: readonly Stretch[] }) {
  const ticks = () => {
    const found: { at: number; text: string }[] = [];
    for (const { startMs, endMs, from, to } of props.stretches) {
      for (const part of TICK_PARTS) {
        const at = from + part * (to - from);
        if (at - (found.at(-1)?.at ?? -1) > TICK) found.push({ at, text: formatClock((startMs + part * (endMs - startMs)) / 1000) });
      }
    }
    return found;
  };
  return (
    <div class="lane lane-axis" aria-hidden="true">
      <span class="lane-name" />
      <div class="lane-track">
        <For each={ticks()}>{(tick) => <span style={{ left: `${100 * tick.at}%` }}>{tick.text}</span>}</For>
      </div>
    </div>
  );
}

/** Labels stand at least so far apart, in parts of the axis. */
const TICK = 0.09;
/** Where in a part of the axis labels may stand. */
const TICK_PARTS = [0, 0.25, 0.5, 0.75];

function breaksOf(stretches: readonly Stretch[]): { from: number; to: number; text: string }[] {
  return stretches.slice(1).flatMap((stretch, index) => {
    const before = stretches[index];
    return before ? [{ from: before.to, to: stretch.from, text: formatDuration((stretch.startMs - before.endMs) / 1000) }] : [];
  });
}

const STARTERS = ['Task', 'Agent'];

/** Subagents with the time of the call that started them; one whose call is not over stands where it began. */
function subagentsOf(turns: readonly Turn[]): { startMs: number; endMs: number; name: string; text: string }[] {
  return turns.flatMap((turn) => {
    const calls = turn.calls.filter(({ call }) => STARTERS.includes(call.tool));
    return turn.spawned.map(({ atMs, type }) => {
      const call = calls.find((one) => Math.abs(one.startMs - atMs) < 2000) ?? null;
      const [startMs, endMs] = [call?.startMs ?? atMs, call?.endMs ?? atMs];
      const name = labelText('agent_type', type);
      return { startMs, endMs, name, text: `${name}, ${formatClockSeconds(startMs)}, ${formatDuration((endMs - startMs) / 1000)}` };
    });
  });
}

function turnText(turn: Turn): string {
  const used = usedIn(turn);
  const model = modelOf(turn);
  return [
    `${texts.turn(formatCount(turn.number))}, ${formatMoment(turn.startMs / 1000)}`,
    model && modelLabel(model),
    formatDuration((turn.endMs - turn.startMs) / 1000),
    `${formatCompact(used.tokens)} ${texts.tokens.toLowerCase()}, ${formatUsd(used.costUsd)}`,
    formatWords(turn.calls.length, ['call', 'calls']),
  ]
    .filter(Boolean)
    .join('\n');
}

function turnRows(turns: readonly Turn[]): (string | number)[][] {
  const head = ['turn', 'start', 'end', 'model', 'requests', 'tokens', 'output_tokens', 'cost_usd', 'tool_calls', 'failed'];
  return [
    head,
    ...turns.map((turn) => {
      const used = usedIn(turn);
      const times = [turn.startMs, turn.endMs].map((ms) => new Date(ms).toISOString());
      const failed = turn.calls.filter(({ call }) => call.result === 'error').length;
      const counts = [turn.responses.length, used.tokens, used.outputTokens, used.costUsd, turn.calls.length, failed];
      return [turn.number, ...times, modelOf(turn) ?? '', ...counts];
    }),
  ];
}
