/** When the day and the month of a moment began in a time zone. */
export function startsOf(nowMs: number, timeZone: string | undefined): { todayMs: number; monthMs: number } {
  const format = new Intl.DateTimeFormat('en-u-ca-iso8601-nu-latn', {
    timeZone,
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  });
  const localOf = (ms: number) => {
    const parts = Object.fromEntries(format.formatToParts(ms).map(({ type, value }) => [type, Number(value)]));
    return {
      year: parts.year ?? 0,
      month: parts.month ?? 1,
      day: parts.day ?? 1,
      hour: parts.hour ?? 0,
      minute: parts.minute ?? 0,
      second: parts.second ?? 0,
    };
  };
  /** The moment at which clocks there show this: guessed by the offset at the guess, twice, since the offset may change in between. */
  const momentOf = (wallMs: number) => {
    const offsetAt = (ms: number) => {
      const { year, month, day, hour, minute, second } = localOf(ms);
      return Date.UTC(year, month - 1, day, hour, minute, second) - Math.floor(ms / 1000) * 1000;
    };
    const first = wallMs - offsetAt(wallMs);
    return wallMs - offsetAt(first);
  };
  const { year, month, day } = localOf(nowMs);
  return { todayMs: momentOf(Date.UTC(year, month - 1, day)), monthMs: momentOf(Date.UTC(year, month - 1, 1)) };
}
