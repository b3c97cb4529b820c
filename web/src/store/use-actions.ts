import { useLocation, useNavigate } from '@solidjs/router';
import { preferences, setPreferences } from '../format/preferences.ts';
import { THEMES, useTheme } from '../ui/theme.ts';
import type { Action } from './actions.ts';
import { keptState, writeState } from './location.ts';
import { QUICK_RANGES, rangeNames, resolveRange, shiftRange, widenRange } from './range.ts';
import { useServices } from './services.ts';
import { useViewState } from './view-state.ts';
import { VIEWS } from './views.ts';

/** All that can be done, for the view and the link in force. */
export function useActions(): () => Action[] {
  const navigate = useNavigate();
  const location = useLocation();
  const [state, change] = useViewState();
  const { now } = useServices();
  const { theme, choose } = useTheme();
  const shown = () => resolveRange(state().range, now(), null);
  const clear = { project: [], model: [], host: [], agent: [] };
  return () => [
    ...VIEWS.map((view) => ({
      group: 'Go to' as const,
      name: view.name,
      keys: ['g', view.key],
      run: () => navigate(`${view.path}${writeState(keptState(state()))}`),
    })),
    ...QUICK_RANGES.map((name, index) => ({
      group: 'Time' as const,
      name: rangeNames[name],
      keys: [String(index + 1)],
      run: () => change({ range: { kind: 'quick', name } }),
    })),
    { group: 'Time', name: 'Earlier', keys: ['['], run: () => change({ range: { kind: 'absolute', ...shiftRange(shown(), -1, now()) } }) },
    { group: 'Time', name: 'Later', keys: [']'], run: () => change({ range: { kind: 'absolute', ...shiftRange(shown(), 1, now()) } }) },
    { group: 'Time', name: 'Zoom out', keys: ['z'], run: () => change({ range: { kind: 'absolute', ...widenRange(shown(), now()) } }) },
    { group: 'Time', name: 'Back to where I was', keys: ['b'], run: () => navigate(-1) },
    { group: 'Show', name: 'Clear all filters', keys: ['x'], run: () => change({ filters: clear }) },
    { group: 'Show', name: state().kiosk ? 'End kiosk mode' : 'Kiosk mode', keys: ['k'], run: () => change({ kiosk: !state().kiosk }) },
    {
      group: 'Show',
      name: 'Next theme',
      keys: ['t'],
      run: () => choose(THEMES[(THEMES.indexOf(theme()) + 1) % THEMES.length] ?? 'system'),
    },
    {
      group: 'Show',
      name: preferences().privacy ? 'Show names' : 'Hide names (privacy)',
      keys: ['p'],
      run: () => setPreferences({ privacy: !preferences().privacy }),
    },
    {
      group: 'Show',
      name: 'Copy a link to this',
      keys: ['c'],
      run: () => void navigator.clipboard?.writeText(window.location.origin + location.pathname + location.search),
    },
  ];
}
