import { common } from './common.ts';

/** What is around every view: navigation, range, filters, and what is said where there are no numbers. */
export const shell = {
  skip: 'Skip to content',
  views: 'Views',
  viewsNow: (name: string) => `Views: ${name}`,
  settings: 'Settings',
  find: 'Find a view or an action',
  findHint: 'Find (Ctrl K)',
  found: 'Found',
  nothingFound: 'Nothing found',
  endKiosk: 'End kiosk mode',
  theme: (now: string, next: string) => `Theme: ${now}. Change to ${next}.`,
  noPage: 'There is no such page',
  toOverview: 'Go to the overview',
  home: 'ccmeter: overview',
  connection: {
    open: { text: 'Live', title: 'Events arrive as they happen' },
    connecting: { text: 'Connecting', title: 'The stream of events is being opened' },
    lost: { text: 'Disconnected', title: 'The stream of events is tried again by itself' },
  },
  pipeline: {
    ok: { text: 'Healthy', title: 'Every hop of the pipeline is well' },
    warning: { text: 'Look here', title: 'A hop of the pipeline needs a look' },
    failure: { text: 'Broken', title: 'A hop of the pipeline is broken' },
    unknown: { text: 'Health', title: 'How each hop of the pipeline is' },
  },
};

export const range = {
  label: 'Time range',
  all: 'All',
  chosen: 'Chosen range',
  compared: (span: string) => `compared with ${span}`,
  nothingBefore: 'nothing earlier to compare with',
  zoomOut: 'Zoom out',
  zoomOutHint: 'Zoom out: twice as much time (z)',
  back: 'Back',
  backHint: 'Back to where I was (b)',
  fromTo: 'From and to',
  from: 'From',
  to: 'To',
  show: 'Show',
  mustBeLater: 'Must be later than the beginning.',
  names: {
    '1h': 'Last hour',
    '24h': 'Last 24 hours',
    '7d': 'Last 7 days',
    '30d': 'Last 30 days',
    '90d': 'Last 90 days',
    all: 'All time',
  },
};

export const filters = {
  label: 'Filters',
  names: { project: 'Project', model: 'Model', host: 'Host', agent: 'Agent' },
  find: (name: string) => `Find a ${name.toLowerCase()}`,
  count: (name: string, count: string) => `${name}: ${count}`,
  says: (name: string, chosen: string) => `${name} filter: ${chosen || 'all'}`,
  menu: (name: string) => `${name} filter`,
  showAll: 'Show all',
};

/** Faces of a view without numbers. */
export const faces = {
  old: (time: string, age: string) => `These numbers are from ${time}, ${age}.`,
  oldList: (time: string, age: string) => `This list is from ${time}, ${age}.`,
  failed: 'No numbers',
  failedHelp: 'This page tries again by itself. Events and sessions are still shown under Live if they arrive.',
  retry: common.tryAgain,
  unloaded: 'This view could not be loaded',
  reload: 'Load the page again',
  never: 'Nothing counted yet',
  neverHelp:
    'ccmeter reads what Claude Code leaves in its directory. As soon as it finds a conversation there, it is counted and shown here.',
  elsewhere: ['If Claude Code keeps its data elsewhere, start ccmeter with ', '. Without any data, ', ' shows a made-up one.'],
  filtered: 'Nothing fits these filters',
  clear: 'Clear filters',
  allTime: 'Show all time',
  unreachable: 'The query API does not answer. Is ccmeter still running?',
  status: (status: number) => `The query API answered ${status}.`,
  begins: (date: string) => `History begins on ${date}.`,
} as const;

/** What can be done by key or from the palette. */
export const actions = {
  groups: { go: 'Go to', time: 'Time', show: 'Show' },
  earlier: 'Earlier',
  later: 'Later',
  zoomOut: 'Zoom out',
  back: 'Back to where I was',
  clear: 'Clear all filters',
  kiosk: 'Kiosk mode',
  endKiosk: 'End kiosk mode',
  theme: 'Next theme',
  names: 'Show names',
  noNames: 'Hide names (privacy)',
  link: 'Copy a link to this',
  refresh: 'Ask for the numbers again',
  marks: 'Show or hide all marks',
};

/** The help behind `?`. */
export const help = {
  title: 'Keys',
  close: 'Close',
  everywhere: 'Everywhere',
  onChart: 'On a chart',
  find: 'Find a view or an action',
  search: 'Search in a list',
  this: 'This help',
  bars: 'From bar to bar',
  draw: 'Look closer: draw over the bars',
};

/** The views, as they are called. */
export const viewNames = {
  overview: 'Overview',
  live: 'Live',
  sessions: 'Sessions',
  cost: 'Cost',
  tokens: 'Tokens',
  projects: 'Projects',
  tools: 'Tools',
  activity: 'Activity',
  code: 'Code',
  todos: 'Todos',
  insights: 'Insights',
  health: 'Health',
  promql: 'PromQL',
  settings: 'Settings',
};

/** Where a session waits for its user. */
export const notifier = { waits: (project: string) => `${project} waits for you` };
