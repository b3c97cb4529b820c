import { createMemo, createSignal, For, Show } from 'solid-js';
import { preferences } from '../format/preferences.ts';
import { formatDate, formatMonth, formatWeekday } from '../format/time.ts';
import type { Format } from '../format/units.ts';
import { levelOf } from '../store/activity.ts';
import type { Day } from '../store/days.ts';
import { Panel } from '../ui/Panel.tsx';
import { PanelMenu } from '../ui/PanelMenu.tsx';
import { fileName, saveCsv } from './export.ts';
import { weeksOf } from './options/weeks.ts';

/** A year of days as squares, a column per week. A day can be chosen; all of them are in the table behind. */
export function Calendar(props: {
  title: string;
  days: readonly Day[];
  format: Format;
  /** What the numbers are: `messages`. */
  unit: string;
  onDay(day: Day): void;
  figure?: string;
  class?: string;
}) {
  const [table, setTable] = createSignal(false);
  const most = createMemo(() => Math.max(0, ...props.days.map((day) => day.value)));
  const weeks = createMemo(() => weeksOf(props.days, preferences().weekStart));
  const tell = (day: Day) => `${formatDate(day.start)}: ${props.format.exact(day.value)} ${props.unit}`.trim();
  const rows = () => [['day', props.title], ...props.days.map((day) => [isoDay(day.start), day.value])];
  return (
    <Panel
      title={props.title}
      class={props.class ?? 'panel-full'}
      figure={props.figure}
      menu={
        <PanelMenu
          title={props.title}
          table={{ shown: table(), toggle: () => setTable(!table()) }}
          onCsv={() => saveCsv(fileName('', props.title, 'csv'), rows())}
        />
      }
    >
      <Show when={!table()} fallback={<DayTable {...props} />}>
        <div class="calendar-scroll" ref={(element) => queueMicrotask(() => element.scrollTo({ left: element.scrollWidth }))}>
          <div class="calendar">
            <div class="calendar-names" aria-hidden="true">
              <For each={[0, 1, 2, 3, 4, 5, 6]}>
                {(row) => <span>{row % 2 === 1 ? formatWeekday(((preferences().weekStart - 1 + row) % 7) + 1) : ''}</span>}
              </For>
            </div>
            <For each={weeks()}>
              {(week) => (
                <div class="calendar-week">
                  <span class="calendar-month">{week.month ? formatMonth(week.month) : ''}</span>
                  <For each={week.days}>
                    {(day) =>
                      day === null ? (
                        <span class="calendar-none" />
                      ) : (
                        <button
                          type="button"
                          class={`calendar-day heat-${levelOf(day.value, most())}`}
                          title={tell(day)}
                          aria-label={tell(day)}
                          tabindex={day.value > 0 ? 0 : -1}
                          onClick={() => props.onDay(day)}
                        />
                      )
                    }
                  </For>
                </div>
              )}
            </For>
          </div>
        </div>
        <HeatKey least={props.format.short(0)} most={props.format.short(most())} />
      </Show>
    </Panel>
  );
}

/** What the strengths of colour mean. */
export function HeatKey(props: { least: string; most: string }) {
  return (
    <p class="heat-key">
      <span>{props.least}</span>
      <For each={[0, 1, 2, 3, 4, 5]}>{(level) => <span class={`heat-box heat-${level}`} />}</For>
      <span>{props.most}</span>
    </p>
  );
}

function DayTable(props: { title: string; days: readonly Day[]; format: Format }) {
  const used = () => props.days.filter((day) => day.value > 0).reverse();
  return (
    // Focusable, so that it can be scrolled by keyboard.
    <section class="table-scroll" tabindex="0" aria-label={`${props.title}, as a table`}>
      <table class="table">
        <thead>
          <tr>
            <th scope="col">Day</th>
            <th scope="col">{props.title}</th>
          </tr>
        </thead>
        <tbody>
          <For each={used()}>
            {(day) => (
              <tr>
                <th scope="row">{formatDate(day.start)}</th>
                <td>{props.format.exact(day.value)}</td>
              </tr>
            )}
          </For>
        </tbody>
      </table>
    </section>
  );
}

function isoDay(seconds: number): string {
  return formatDate(seconds, { locale: 'en-CA' });
}
