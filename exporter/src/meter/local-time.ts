import { labels } from '../contract/index.ts';

/** The hour of the week of a time in milliseconds since 1970: 0 from Monday midnight to one, 167 the last of Sunday. */
export type LocalTime = (timeMs: number) => number;

/** Clocks of all time zones differ by a multiple of this, and change at such moments. */
const SLOT_MS = 15 * 60_000;

/** So many quarters of an hour are remembered: half a year of use without a pause. */
const MAX_SLOTS = 20_000;

/**
 * Local time of a zone such as `Europe/Berlin`, with its changes of the clock: in autumn one hour holds two, in spring one holds none.
 * Pure: the zone is given, and what is remembered is only what would come out again.
 */
export function createLocalTime(timeZone: string): LocalTime {
  const format = new Intl.DateTimeFormat('en-GB', { timeZone, hour: '2-digit', weekday: 'long', hourCycle: 'h23' });
  const slots = new Map<number, number>();
  return (timeMs) => {
    const slot = Math.floor(timeMs / SLOT_MS);
    const known = slots.get(slot);
    if (known !== undefined) return known;
    if (slots.size >= MAX_SLOTS) slots.clear();
    const hour = readParts(format.formatToParts(slot * SLOT_MS));
    slots.set(slot, hour);
    return hour;
  };
}

function readParts(parts: readonly Intl.DateTimeFormatPart[]): number {
  const text = (type: string) => parts.find((part) => part.type === type)?.value.toLowerCase() ?? '';
  return WEEKDAYS.indexOf(text('weekday')) * 24 + Number(text('hour'));
}

const WEEKDAYS: readonly string[] = labels.weekday.values;

/** The labels of an hour of the week. */
export function hourLabels(hourOfWeek: number): { hour: string; weekday: string } {
  return { hour: String(hourOfWeek % 24).padStart(2, '0'), weekday: WEEKDAYS[Math.floor(hourOfWeek / 24)] ?? 'monday' };
}

/** The time zone of this machine, or that of the environment variable TZ. */
export function systemTimeZone(): string {
  const { timeZone } = Intl.DateTimeFormat().resolvedOptions();
  // What ICU says of a TZ that is empty or names no zone; it does not take it as a zone.
  return timeZone === 'Etc/Unknown' ? 'UTC' : timeZone;
}
