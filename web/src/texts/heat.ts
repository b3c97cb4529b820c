/** Calendars and the hours of the week. */
export const heat = {
  day: 'Day',
  weekday: 'Weekday',
  lastYear: 'the last year, whatever range is chosen',
};
