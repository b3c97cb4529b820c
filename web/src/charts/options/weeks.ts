import { formatMonth } from '../../format/time.ts';
import { weekHour } from '../../format/zone.ts';
import type { Day } from '../../store/days.ts';

/** A column of a calendar. */
interface Week {
  /** Seven days; null before the first and after the last. */
  days: (Day | null)[];
  /** Where a month begins in this week: a moment of it. */
  month: number | null;
}

/** Days in columns of weeks that begin on the given weekday. */
export function weeksOf(days: readonly Day[], weekStart: number, timeZone?: string): Week[] {
  const weeks: Week[] = [];
  let month = '';
  for (const day of days) {
    // Noon is on the day whatever clocks did.
    const noon = day.start + 43_200;
    const place = (weekHour(noon, timeZone).weekday - weekStart + 7) % 7;
    if (place === 0 || weeks.length === 0) weeks.push({ days: new Array<null>(7).fill(null), month: null });
    const week = weeks.at(-1);
    if (!week) continue;
    week.days[place] = day;
    const name = formatMonth(noon, timeZone === undefined ? {} : { timeZone });
    if (name !== month && place < 4) week.month = noon;
    if (place < 4) month = name;
  }
  return weeks;
}
