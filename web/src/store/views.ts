import { viewNames } from '../texts/shell.ts';

/** Every view: where it is, what it is called, and the key that follows `g`. */
export const VIEWS = [
  { path: '/', name: viewNames.overview, key: 'o' },
  { path: '/live', name: viewNames.live, key: 'l' },
  { path: '/sessions', name: viewNames.sessions, key: 's' },
  { path: '/cost', name: viewNames.cost, key: 'c' },
  { path: '/tokens', name: viewNames.tokens, key: 't' },
  { path: '/projects', name: viewNames.projects, key: 'p' },
  { path: '/tools', name: viewNames.tools, key: 'u' },
  { path: '/activity', name: viewNames.activity, key: 'a' },
  { path: '/code', name: viewNames.code, key: 'd' },
  { path: '/todos', name: viewNames.todos, key: 'n' },
  { path: '/insights', name: viewNames.insights, key: 'i' },
  { path: '/health', name: viewNames.health, key: 'h' },
  { path: '/promql', name: viewNames.promql, key: 'q' },
  { path: '/settings', name: viewNames.settings, key: 'e' },
] as const;

export type View = (typeof VIEWS)[number];

/** The view that a path belongs to: `/sessions/abc` to Sessions. */
export function viewAt(path: string): View | undefined {
  return VIEWS.find((view) => (view.path === '/' ? path === '/' : path === view.path || path.startsWith(`${view.path}/`)));
}
