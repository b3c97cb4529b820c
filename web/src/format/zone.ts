import { preferences } from './preferences.ts';

const formatters = new Map<string, Intl.DateTimeFormat>();

/** Seconds that local time is ahead of UTC at a moment, in the zone of the preferences unless another is named. */
export function zoneOffset(seconds: number, timeZone = preferences().timeZone): number {
  if (timeZone === '') return -new Date(seconds * 1000).getTimezoneOffset() * 60;
  const parts = Object.fromEntries(
    formatterFor(timeZone)
      .formatToParts(seconds * 1000)
      .map((part) => [part.type, Number(part.value)]),
  );
  const { year = 1970, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = parts;
  return Date.UTC(year, month - 1, day, hour, minute, second) / 1000 - Math.floor(seconds);
}

/** The moment at which clocks show this wall time, told as if it were UTC. Guessed twice, as the offset may change in between. */
export function fromWall(wallSeconds: number, timeZone = preferences().timeZone): number {
  const guess = wallSeconds - zoneOffset(wallSeconds, timeZone);
  return wallSeconds - zoneOffset(guess, timeZone);
}

const DAY = 86_400;

/** The midnight before a moment, or `days` days away from that one. */
export function midnight(seconds: number, days = 0, timeZone = preferences().timeZone): number {
  const wall = seconds + zoneOffset(seconds, timeZone);
  return fromWall((Math.floor(wall / DAY) + days) * DAY, timeZone);
}

/** Weekday (1 is Monday) and hour of a moment. */
export function weekHour(seconds: number, timeZone = preferences().timeZone): { weekday: number; hour: number } {
  const wall = seconds + zoneOffset(seconds, timeZone);
  return { weekday: ((Math.floor(wall / DAY) + 3) % 7) + 1, hour: Math.floor((wall % DAY) / 3600) };
}

function formatterFor(timeZone: string): Intl.DateTimeFormat {
  const known = formatters.get(timeZone);
  if (known) return known;
  const made = new Intl.DateTimeFormat('en-u-ca-iso8601-nu-latn', {
    timeZone,
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  });
  formatters.set(timeZone, made);
  return made;
}
