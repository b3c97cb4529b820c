/** What every view says. All texts of the dashboard are in this folder, a file a view. */
export const common = {
  nothing: 'Nothing in this time',
  none: 'None',
  tryAgain: 'Try again',
  copy: 'Copy',
  openInPromql: 'Open in PromQL',
  openInGrafana: 'Open in Grafana',
  time: 'Time',
  total: 'Total',
  marks: 'Marks',
  asTable: (title: string) => `${title}, as a table`,
  showAll: (rows: string) => `Show all ${rows}`,
  showFewer: 'Show fewer',
  compared: 'Compared',
  lowerBound: 'Lower bound: see below',
  inTheTimeBefore: (value: string) => `${value} in the time before`,
  since: (time: string) => `Since ${time}`,
  tokens: (count: string) => `${count} tokens`,
  orMore: (text: string) => `${text} or more`,
  unnarrowed: (names: readonly string[]) => `every ${names.join(' and ')}`,
  unnarrowedHelp: (names: readonly string[]) => `This is not counted by ${names.join(' or ')}, so that filter does not hold here.`,
  askingNumbers: 'Asking for the numbers',
  dearest: 'dearest first',
};

/** The menu in the corner of a panel, and what opens from it and from a figure. */
export const menu = {
  more: (title: string) => `${title}: more`,
  hint: 'Table, files, query',
  asChart: 'Show the chart',
  asTable: 'Show as a table',
  each: 'Show bar by bar',
  sum: 'Show added up',
  share: 'Show as shares',
  csv: 'Save as CSV',
  png: 'Save as PNG',
  query: 'Query and definition',
  definition: (name: string) => `${name}: what it is`,
  metric: { unit: 'Unit', from: 'From', moves: 'Moves' },
};

/** The three forms of a stacked chart. */
export const forms = { label: (title: string) => `${title}, drawn as`, each: 'Each', sum: 'Sum', share: 'Share' };

/** What a chart says beside its numbers. */
export const chart = {
  keys: (title: string) => `${title}. Arrow keys move from bar to bar.`,
  legend: (title: string) => `${title}: shown or hidden`,
  allHidden: 'All are hidden',
  nothing: 'Nothing',
  nothingHere: 'nothing',
  marks: (count: string) => `${count} marks`,
  soFar: 'so far',
};
