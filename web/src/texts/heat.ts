/** Calendars and the hours of the week. */
export const heat = {
  day: 'Day',
  weekday: 'Weekday',
  all: 'All',
  allDays: 'All days',
  lastYear: 'the last year, whatever range is chosen',
};
