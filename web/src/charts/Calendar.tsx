import { createMemo, For } from 'solid-js';
import { preferences } from '../format/preferences.ts';
import { formatDate, formatMonth, formatWeekday } from '../format/time.ts';
import type { Format } from '../format/units.ts';
import { levelOf } from '../store/activity.ts';
import type { Day, Days } from '../store/days.ts';
import { heat as texts } from '../texts/heat.ts';
import { HeatPanel } from './HeatPanel.tsx';
import { weeksOf } from './options/weeks.ts';

/** A year of days as squares, a column per week. A day can be chosen; all of them are in the table behind. */
export function Calendar(props: {
  title: string;
  days: Days;
  format: Format;
  /** What the numbers are: `messages`. */
  unit: string;
  onDay(day: Day): void;
  class?: string;
}) {
  const days = () => props.days.days;
  const most = createMemo(() => Math.max(0, ...days().map((day) => day.value)));
  const weeks = createMemo(() => weeksOf(days(), preferences().weekStart));
  const tell = (day: Day) => `${formatDate(day.start)}: ${props.format.exact(day.value)} ${props.unit}`.trim();
  const used = () => days().filter((day) => day.value > 0);
  return (
    <HeatPanel
      title={props.title}
      class={props.class ?? 'panel-full'}
      figure={<span class="quiet">{texts.lastYear}</span>}
      query={props.days.query}
      rows={() => [['day', props.title], ...days().map((day) => [isoDay(day.start), day.value])]}
      table={{
        columns: [texts.day, props.title],
        rows: used()
          .map((day) => [formatDate(day.start), props.format.exact(day.value)])
          .reverse(),
      }}
      least={props.format.short(0)}
      most={props.format.short(most())}
    >
      {(ref) => (
        <div
          class="calendar-scroll"
          ref={(element) => {
            ref(element);
            queueMicrotask(() => element.scrollTo({ left: element.scrollWidth }));
          }}
        >
          <div class="calendar">
            <div class="calendar-names" aria-hidden="true">
              <For each={[0, 1, 2, 3, 4, 5, 6]}>
                {(row) => (
                  <span class="heat-text">{row % 2 === 0 ? formatWeekday(((preferences().weekStart - 1 + row) % 7) + 1) : ''}</span>
                )}
              </For>
            </div>
            <For each={weeks()}>
              {(week) => (
                <div class="calendar-week">
                  <span class="calendar-month heat-text">{week.month ? formatMonth(week.month) : ''}</span>
                  <For each={week.days}>
                    {(day) =>
                      day === null ? (
                        <span class="calendar-none" />
                      ) : (
                        <button
                          type="button"
                          class={`calendar-day heat-box heat-${levelOf(day.value, most())}`}
                          title={tell(day)}
                          data-value={day.value}
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
      )}
    </HeatPanel>
  );
}

function isoDay(seconds: number): string {
  return formatDate(seconds, { locale: 'en-CA' });
}
