/** Words within numbers and times. */
export const numbers = {
  noChange: 'no change',
  noneBefore: 'none before',
  times: (count: string) => `${count} times`,
  points: (count: string) => `${count} pts`,
};

export const times = {
  now: 'now',
  ago: (time: string) => `${time} ago`,
  milliseconds: 'ms',
  seconds: 's',
  minutes: 'min',
  hours: 'h',
  days: 'd',
};
