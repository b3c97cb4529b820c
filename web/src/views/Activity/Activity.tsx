import { Show } from 'solid-js';
import { Calendar } from '../../charts/Calendar.tsx';
import { ChartPanel } from '../../charts/ChartPanel.tsx';
import { HourTable } from '../../charts/HourTable.tsx';
import { courseOf } from '../../charts/options/forms.ts';
import { labelText } from '../../format/labels.ts';
import { formatCount, formatWords } from '../../format/number.ts';
import { formatDate, formatDuration, formatMoment, formatWeekday } from '../../format/time.ts';
import { COUNT, SECONDS } from '../../format/units.ts';
import { type ActivityNumbers, HOUR_DAYS, hourDaysOf, loadActivity } from '../../store/activity.ts';
import { streaks } from '../../store/days.ts';
import { lengthOf } from '../../store/sessions.ts';
import { activity as texts } from '../../texts/activity.ts';
import { Count } from '../../ui/Figures.tsx';
import { NumbersView } from '../../ui/NumbersView.tsx';
import { Segmented } from '../../ui/Segmented.tsx';
import { changeOf, type TotalFigure, Totals } from '../../ui/Totals.tsx';

const DURATION = { ...SECONDS, short: formatDuration, exact: formatDuration };
const hourDays = HOUR_DAYS.map((days) => ({ value: String(days), label: texts.days(String(days)) }));

/** When one worked: hours, days, streaks, active time, sessions and how long they lasted. */
export default function Activity() {
  return (
    <NumbersView
      name={texts.name}
      question={(state) => ({ range: state.range, filters: state.filters, hourDays: hourDaysOf(state.by) })}
      load={loadActivity}
      isEmpty={(numbers) => numbers.totals.messages === 0 && numbers.totals.sessions === 0}
      nothing={texts.nothing}
      filters={['project', 'host']}
    >
      {({ numbers, state, change, nowSeconds }) => (
        <>
          <Totals figures={figuresOf(numbers())} />
          <div class="grid">
            <HourTable
              title={texts.hours}
              hours={numbers().hours}
              unit={texts.messagesUnit}
              query={numbers().hoursQuery}
              figure={<span class="quiet">{busiest(numbers().hours)}</span>}
              aside={
                <Segmented
                  label={texts.hoursOf}
                  options={hourDays}
                  value={String(hourDaysOf(state().by))}
                  onChange={(days) => change({ by: days === '30' ? '' : days })}
                />
              }
            />
            <Calendar
              title={texts.perDay}
              days={numbers().days}
              format={COUNT}
              unit={texts.messagesUnit}
              onDay={(day) => change({ range: { kind: 'absolute', start: day.start, end: day.end } })}
            />
            <ChartPanel
              title={texts.activeTime}
              class="panel-half"
              stack={numbers().active}
              format={DURATION}
              nowSeconds={nowSeconds()}
              figure={formatDuration(numbers().totals.activeSeconds)}
            />
            <ChartPanel
              title={texts.begun}
              class="panel-half"
              stack={numbers().sessions}
              format={COUNT}
              nowSeconds={nowSeconds()}
              figure={<Count value={numbers().totals.sessions} />}
            />
            <ChartPanel
              title={texts.messages}
              class="panel-half"
              stack={numbers().messages}
              format={COUNT}
              nowSeconds={nowSeconds()}
              figure={<Count value={numbers().totals.messages} />}
            />
            <ChartPanel
              title={texts.lasted}
              class="panel-half"
              stack={numbers().durations}
              format={DURATION}
              shape="lines"
              nowSeconds={nowSeconds()}
              figure={<span class="quiet">{texts.lastedHelp}</span>}
            />
          </div>
          <Show when={numbers().first}>{(first) => <p class="view-note">{texts.first(formatDate(first()))}</p>}</Show>
        </>
      )}
    </NumbersView>
  );
}

function figuresOf(numbers: ActivityNumbers): TotalFigure[] {
  const { totals, before, days, longest, peak } = numbers;
  const rows = streaks(days.days);
  const all = formatCount(days.days.length);
  return [
    {
      name: texts.activeTime,
      number: totals.activeSeconds,
      value: formatDuration(totals.activeSeconds),
      exact: formatDuration(totals.activeSeconds),
      sub: totals.sessions > 0 ? texts.aSession(formatDuration(totals.activeSeconds / totals.sessions)) : '',
      change: changeOf(totals.activeSeconds, before?.activeSeconds, formatDuration),
      about: texts.activeAbout,
      queries: [totals.queries.active],
      course: courseOf(numbers.active),
    },
    {
      name: texts.messages,
      number: totals.messages,
      value: formatCount(totals.messages),
      exact: texts.messagesExact(formatCount(totals.messages)),
      sub: texts.prompts(formatCount(totals.prompts)),
      change: changeOf(totals.messages, before?.messages, formatCount),
      about: texts.messagesAbout,
      queries: [totals.queries.messages],
      course: courseOf(numbers.messages),
    },
    {
      name: texts.row,
      number: rows.now,
      value: formatCount(rows.now),
      exact: texts.rowExact(formatCount(rows.now)),
      sub: texts.longestRow(formatCount(rows.longest)),
      about: texts.rowAbout,
      queries: [days.query],
    },
    {
      name: texts.activeDays,
      number: rows.active,
      value: formatCount(rows.active),
      exact: texts.activeDaysExact(formatCount(rows.active), all),
      sub: texts.ofLast(all),
      queries: [days.query],
    },
    {
      name: texts.longest,
      number: longest && lengthOf(longest),
      value: longest ? formatDuration(lengthOf(longest)) : '–',
      exact: longest ? texts.longestExact(projectOf(longest), formatMoment(Date.parse(longest.firstAt) / 1000)) : texts.noSession,
      sub: longest ? projectOf(longest) : texts.noSession,
      about: texts.longestAbout,
    },
    {
      name: texts.atOnce,
      number: peak?.sessions ?? null,
      value: peak ? formatCount(peak.sessions) : '–',
      exact: peak ? texts.atOnceExact(formatWords(peak.sessions, ['session', 'sessions']), atOf(peak.at)) : texts.noSession,
      sub: peak ? atOf(peak.at) : texts.noSession,
      about: texts.atOnceAbout,
    },
  ];
}

function atOf(at: string): string {
  return formatMoment(Date.parse(at) / 1000);
}

function projectOf({ project }: { project: string | null }): string {
  return labelText('project', project ?? 'unknown');
}

function busiest(hours: readonly (readonly number[])[]): string {
  const cells = hours.flatMap((row, index) => row.map((value, hour) => ({ value, hour, weekday: index + 1 })));
  const top = cells.reduce((best, cell) => (cell.value > best.value ? cell : best), { value: 0, hour: 0, weekday: 1 });
  return top.value === 0 ? '' : texts.most(formatWeekday(top.weekday, 'long'), `${String(top.hour).padStart(2, '0')}:00`);
}
