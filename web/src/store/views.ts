/** Every view: where it is, what it is called, and the key that follows `g`. */
export const VIEWS = [
  { path: '/', name: 'Overview', key: 'o' },
  { path: '/live', name: 'Live', key: 'l' },
  { path: '/sessions', name: 'Sessions', key: 's' },
  { path: '/cost', name: 'Cost', key: 'c' },
  { path: '/tokens', name: 'Tokens', key: 't' },
  { path: '/projects', name: 'Projects', key: 'p' },
  { path: '/tools', name: 'Tools', key: 'u' },
  { path: '/activity', name: 'Activity', key: 'a' },
  { path: '/code', name: 'Code', key: 'd' },
  { path: '/health', name: 'Health', key: 'h' },
  { path: '/promql', name: 'PromQL', key: 'q' },
  { path: '/settings', name: 'Settings', key: 'e' },
] as const;

export type View = (typeof VIEWS)[number];

/** The view that a path belongs to: `/sessions/abc` to Sessions. */
export function viewAt(path: string): View | undefined {
  return VIEWS.find((view) => (view.path === '/' ? path === '/' : path === view.path || path.startsWith(`${view.path}/`)));
}
