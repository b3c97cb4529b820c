/** How much of a subscription is used. */
export const quota = {
  label: 'Subscription',
  windows: { five_hour: '5 hours', seven_day: '7 days' } as Readonly<Record<string, string>>,
  name: (window: string) => `Subscription, ${window}`,
  nameOn: (window: string, host: string) => `Subscription, ${window}, ${host}`,
  used: (share: string) => `${share} used`,
  of: (share: string, window: string) => `${share} of ${window}`,
  anew: (time: string) => `anew in ${time}`,
  pace: (share: string) => `at this pace ${share} by then`,
  about: 'As Claude Code told its status line with the last response.',
};
