import type { Random } from './random.ts';

/** Sessions begun on a day: Sunday first. */
const SESSIONS_BY_WEEKDAY = [0.6, 3.4, 4, 3.8, 3.6, 2.6, 0.7];
/** How likely a session begins in an hour of the day, local time. */
const BY_HOUR = [0, 0, 0, 0, 0, 0, 0, 1, 4, 9, 12, 10, 5, 7, 11, 10, 8, 6, 3, 2, 3, 4, 2, 1];

const DAY_MS = 86_400_000;

/** When sessions begin in the days before `nowMs`: more on weekdays, around noon, and slowly more over the weeks. */
export function sessionTimes(nowMs: number, days: number, random: Random): number[] {
  const times = Array.from({ length: days + 1 }, (_, ago) => nowMs - (days - ago) * DAY_MS).flatMap((day, index) =>
    timesOfDay(day, 0.6 + (0.8 * index) / days, random),
  );
  return times.filter((time) => time < nowMs - 600_000).sort((a, b) => a - b);
}

function timesOfDay(dayMs: number, growth: number, random: Random): number[] {
  const date = new Date(dayMs);
  const expected = (SESSIONS_BY_WEEKDAY[date.getDay()] ?? 0) * growth;
  const count = Math.floor(expected + random.next());
  const hours = BY_HOUR.map((weight, hour) => [hour, weight] as const);
  return Array.from({ length: count }, () => {
    const hour = random.weighted(hours);
    return new Date(date.getFullYear(), date.getMonth(), date.getDate(), hour, 0, 0).getTime() + random.whole(0, 3_599_000);
  });
}
