import { createMemo, For, type JSX } from 'solid-js';
import { formatCount, formatShare } from '../format/number.ts';
import { preferences } from '../format/preferences.ts';
import { formatWeekday } from '../format/time.ts';
import { levelOf } from '../store/activity.ts';
import { heat as texts } from '../texts/heat.ts';
import { HeatPanel } from './HeatPanel.tsx';

const HOURS = Array.from({ length: 24 }, (_, hour) => hour);

/** Weekdays by hours as a table of shades; it is a table for those who hear it, too. */
export function HourTable(props: {
  title: string;
  hours: readonly (readonly number[])[];
  unit: string;
  query: string;
  figure?: JSX.Element;
  aside?: JSX.Element;
}) {
  const most = createMemo(() => Math.max(0, ...props.hours.flat()));
  const total = createMemo(() => props.hours.flat().reduce((sum, value) => sum + value, 0));
  const weekdays = () => [0, 1, 2, 3, 4, 5, 6].map((row) => ((preferences().weekStart - 1 + row) % 7) + 1);
  const byHour = createMemo(() => HOURS.map((hour) => props.hours.reduce((sum, row) => sum + (row[hour] ?? 0), 0)));
  const mostOfAll = () => Math.max(1, ...byHour());
  const valueAt = (weekday: number, hour: number) => props.hours[weekday - 1]?.[hour] ?? 0;
  const two = (hour: number) => String(hour).padStart(2, '0');
  const tell = (day: string, hour: number, value: number) =>
    `${day} ${two(hour)}:00 – ${two((hour + 1) % 24)}:00: ${formatCount(value)} ${props.unit}` +
    (total() > 0 ? `, ${formatShare(value / total())}` : '');
  return (
    <HeatPanel
      title={props.title}
      figure={props.figure}
      aside={props.aside}
      query={props.query}
      rows={() => [
        ['weekday', ...HOURS.map(two)],
        ...weekdays().map((day) => [formatWeekday(day, 'long'), ...HOURS.map((hour) => valueAt(day, hour))]),
        [texts.allDays, ...byHour()],
      ]}
      table={{
        columns: [texts.weekday, ...HOURS.map(two)],
        rows: [
          ...weekdays().map((day) => [formatWeekday(day, 'long'), ...HOURS.map((hour) => formatCount(valueAt(day, hour)))]),
          [texts.allDays, ...byHour().map((value) => formatCount(value))],
        ],
      }}
      least="0"
      most={formatCount(most())}
    >
      {(ref) => (
        <div class="table-side" ref={ref}>
          <table class="hours">
            <thead>
              <tr>
                <th scope="col">
                  <span class="visually-hidden">{texts.weekday}</span>
                </th>
                <For each={HOURS}>
                  {(hour) => (
                    <th scope="col" classList={{ 'hour-minor': hour % 3 !== 0 }}>
                      <span class="heat-text">{two(hour)}</span>
                    </th>
                  )}
                </For>
              </tr>
            </thead>
            <tbody>
              <For each={weekdays()}>
                {(weekday) => (
                  <tr>
                    <th scope="row">
                      <span class="heat-text">{formatWeekday(weekday)}</span>
                    </th>
                    <For each={HOURS}>
                      {(hour) => (
                        <td
                          class={`heat-box heat-${levelOf(valueAt(weekday, hour), most())}`}
                          title={tell(formatWeekday(weekday, 'long'), hour, valueAt(weekday, hour))}
                          data-value={valueAt(weekday, hour)}
                        >
                          <span class="visually-hidden">{formatCount(valueAt(weekday, hour))}</span>
                        </td>
                      )}
                    </For>
                  </tr>
                )}
              </For>
            </tbody>
            <tfoot>
              <tr>
                <th scope="row">
                  <span class="heat-text">{texts.all}</span>
                </th>
                <For each={byHour()}>
                  {(value, hour) => (
                    <td class="hour-sum" title={tell(texts.allDays, hour(), value)} data-value={value}>
                      <span class="heat-box" style={{ height: `${(100 * value) / mostOfAll()}%` }} />
                      <span class="visually-hidden">{formatCount(value)}</span>
                    </td>
                  )}
                </For>
              </tr>
            </tfoot>
          </table>
        </div>
      )}
    </HeatPanel>
  );
}
