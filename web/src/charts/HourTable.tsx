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
  const valueAt = (weekday: number, hour: number) => props.hours[weekday - 1]?.[hour] ?? 0;
  const two = (hour: number) => String(hour).padStart(2, '0');
  const tell = (weekday: number, hour: number) =>
    `${formatWeekday(weekday, 'long')} ${two(hour)}:00 – ${two((hour + 1) % 24)}:00: ${formatCount(valueAt(weekday, hour))} ${props.unit}` +
    (total() > 0 ? `, ${formatShare(valueAt(weekday, hour) / total())}` : '');
  return (
    <HeatPanel
      title={props.title}
      figure={props.figure}
      aside={props.aside}
      query={props.query}
      rows={() => [
        ['weekday', ...HOURS.map(two)],
        ...weekdays().map((day) => [formatWeekday(day, 'long'), ...HOURS.map((hour) => valueAt(day, hour))]),
      ]}
      table={{
        columns: [texts.weekday, ...HOURS.map(two)],
        rows: weekdays().map((day) => [formatWeekday(day, 'long'), ...HOURS.map((hour) => formatCount(valueAt(day, hour)))]),
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
                        <td class={`heat-box heat-${levelOf(valueAt(weekday, hour), most())}`} title={tell(weekday, hour)}>
                          <span class="visually-hidden">{formatCount(valueAt(weekday, hour))}</span>
                        </td>
                      )}
                    </For>
                  </tr>
                )}
              </For>
            </tbody>
          </table>
        </div>
      )}
    </HeatPanel>
  );
}
