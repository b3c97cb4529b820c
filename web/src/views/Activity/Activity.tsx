import { createMemo, Show } from 'solid-js';
import { Calendar } from '../../charts/Calendar.tsx';
import { ChartPanel } from '../../charts/ChartPanel.tsx';
import { HourTable } from '../../charts/HourTable.tsx';
import { formatCount } from '../../format/number.ts';
import { formatDate, formatDuration, formatWeekday } from '../../format/time.ts';
import { COUNT, SECONDS } from '../../format/units.ts';
import { type ActivityNumbers, loadActivity } from '../../store/activity.ts';
import { streaks } from '../../store/days.ts';
import { Count } from '../../ui/Figures.tsx';
import { NumbersView } from '../../ui/NumbersView.tsx';
import { changeOf, type TotalFigure, Totals } from '../../ui/Totals.tsx';

const DURATION = { ...SECONDS, short: formatDuration, exact: formatDuration };

/** When one worked: hours, days, streaks, active time, sessions and how long they lasted. */
export default function Activity() {
  return (
    <NumbersView
      name="Activity"
      question={(state) => ({ range: state.range, filters: state.filters })}
      load={loadActivity}
      isEmpty={(numbers) => numbers.totals.messages === 0 && numbers.totals.sessions === 0}
      nothing="Nothing happened in this time"
      filters={['project', 'host']}
    >
      {({ numbers, change, nowSeconds }) => (
        <>
          <Totals figures={figuresOf(numbers())} />
          <div class="grid">
            <HourTable
              title="Hours of the week"
              hours={numbers().hours}
              unit="messages"
              query={numbers().hoursQuery}
              figure={busiest(numbers().hours)}
            />
            <Calendar
              title="Messages per day"
              days={numbers().days}
              format={COUNT}
              unit="messages"
              figure="the last year, whatever range is chosen"
              onDay={(day) => change({ range: { kind: 'absolute', start: day.start, end: day.end } })}
            />
            <ChartPanel
              title="Active time"
              class="panel-half"
              stack={numbers().active}
              format={DURATION}
              nowSeconds={nowSeconds()}
              figure={formatDuration(numbers().totals.activeSeconds)}
            />
            <ChartPanel
              title="Sessions begun"
              class="panel-half"
              stack={numbers().sessions}
              format={COUNT}
              nowSeconds={nowSeconds()}
              figure={<Count value={numbers().totals.sessions} />}
            />
            <ChartPanel
              title="How long sessions lasted"
              class="panel-full"
              stack={numbers().durations}
              format={DURATION}
              shape="lines"
              nowSeconds={nowSeconds()}
              figure={<span class="quiet">from first line to last, told when they are over</span>}
            />
          </div>
          <MemberSince first={numbers().first} />
        </>
      )}
    </NumbersView>
  );
}

function figuresOf({ totals, before, days }: ActivityNumbers): TotalFigure[] {
  const rows = streaks(days);
  return [
    {
      name: 'Active time',
      number: totals.activeSeconds,
      value: formatDuration(totals.activeSeconds),
      exact: 'Time in which something happened in a session, gaps above five minutes left out; two sessions at once count twice',
      sub: totals.sessions > 0 ? `${formatDuration(totals.activeSeconds / totals.sessions)} a session` : '',
      change: changeOf(totals.activeSeconds, before?.activeSeconds, formatDuration),
    },
    {
      name: 'Messages',
      number: totals.messages,
      value: formatCount(totals.messages),
      exact: `${formatCount(totals.messages)} prompts and responses`,
      sub: `${formatCount(totals.prompts)} prompts`,
      change: changeOf(totals.messages, before?.messages, formatCount),
    },
    {
      name: 'Days in a row',
      number: rows.now,
      value: formatCount(rows.now),
      exact: 'Days with a message until now; a day without one ends the row',
      sub: `longest in a year: ${formatCount(rows.longest)}`,
    },
    {
      name: 'Active days',
      number: rows.active,
      value: formatCount(rows.active),
      exact: `Days with a message, of the last ${formatCount(days.length)}`,
      sub: `of the last ${formatCount(days.length)}`,
    },
  ];
}

function busiest(hours: readonly (readonly number[])[]): string {
  const cells = hours.flatMap((row, index) => row.map((value, hour) => ({ value, hour, weekday: index + 1 })));
  const top = cells.reduce((best, cell) => (cell.value > best.value ? cell : best), { value: 0, hour: 0, weekday: 1 });
  return top.value === 0 ? '' : `most on ${formatWeekday(top.weekday, 'long')} at ${String(top.hour).padStart(2, '0')}:00`;
}

function MemberSince(props: { first: number | null }) {
  const text = createMemo(() => (props.first === null ? null : formatDate(props.first)));
  return (
    <Show when={text()}>
      <p class="view-note">The first thing counted is of {text()}.</p>
    </Show>
  );
}
