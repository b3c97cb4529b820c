/** What stands on the time axis. */
export const marks = {
  menu: 'Marks',
  names: {
    model: 'Models',
    price: 'Prices',
    version: 'Claude Code versions',
    compaction: 'Compactions',
    commit: 'Commits',
    pull_request: 'Pull requests',
  },
  firstModel: (model: string) => `First use of ${model}`,
  mostlyModel: (now: string, before: string) => `Mostly ${now} from here, before ${before}`,
  price: (models: string) => `New price: ${models}`,
  version: (version: string) => `Claude Code ${version}`,
  words: {
    compaction: ['compaction', 'compactions'],
    commit: ['commit', 'commits'],
    pull_request: ['pull request', 'pull requests'],
  },
  many: (count: string) => `${count} marks`,
} as const;
