import { useLocation, useNavigate } from '@solidjs/router';
import { useQueryClient } from '@tanstack/solid-query';
import { preferences, setPreferences } from '../format/preferences.ts';
import { range as rangeTexts, actions as texts } from '../texts/shell.ts';
import { THEMES, useTheme } from '../ui/theme.ts';
import type { Action } from './actions.ts';
import { DEFAULT_STATE, keptState, NO_FILTERS, writeState } from './location.ts';
import { QUICK_RANGES, resolveRange, shiftRange, widenRange } from './range.ts';
import { useServices } from './services.ts';
import { useViewState, useWayBack } from './view-state.ts';
import { VIEWS } from './views.ts';

/** All that can be done, for the view and the link in force. */
export function useActions(): () => Action[] {
  const navigate = useNavigate();
  const location = useLocation();
  const [state, change] = useViewState();
  const [, goBack] = useWayBack();
  const { now } = useServices();
  const { theme, choose } = useTheme();
  const queries = useQueryClient();
  const shown = () => resolveRange(state().range, now(), null);
  return () => [
    ...VIEWS.map((view) => ({
      group: texts.groups.go,
      name: view.name,
      keys: ['g', view.key],
      run: () => navigate(`${view.path}${writeState(keptState(state()))}`),
    })),
    ...QUICK_RANGES.map((name, index) => ({
      group: texts.groups.time,
      name: rangeTexts.names[name],
      keys: [String(index + 1)],
      run: () => change({ range: { kind: 'quick', name } }),
    })),
    {
      group: texts.groups.time,
      name: texts.earlier,
      keys: ['['],
      run: () => change({ range: { kind: 'absolute', ...shiftRange(shown(), -1, now()) } }),
    },
    {
      group: texts.groups.time,
      name: texts.later,
      keys: [']'],
      run: () => change({ range: { kind: 'absolute', ...shiftRange(shown(), 1, now()) } }),
    },
    {
      group: texts.groups.time,
      name: texts.zoomOut,
      keys: ['z'],
      run: () => change({ range: { kind: 'absolute', ...widenRange(shown(), now()) } }),
    },
    { group: texts.groups.time, name: texts.back, keys: ['b'], run: goBack },
    { group: texts.groups.show, name: texts.clear, keys: ['x'], run: () => change({ filters: NO_FILTERS }) },
    {
      group: texts.groups.show,
      name: state().kiosk ? texts.endKiosk : texts.kiosk,
      keys: ['k'],
      run: () => change({ kiosk: !state().kiosk }),
    },
    {
      group: texts.groups.show,
      name: texts.theme,
      keys: ['t'],
      run: () => choose(THEMES[(THEMES.indexOf(theme()) + 1) % THEMES.length] ?? 'system'),
    },
    {
      group: texts.groups.show,
      name: preferences().privacy ? texts.names : texts.noNames,
      keys: ['p'],
      run: () => setPreferences({ privacy: !preferences().privacy }),
    },
    {
      group: texts.groups.show,
      name: texts.marks,
      keys: ['m'],
      run: () => change({ marks: state().marks.length === 0 ? DEFAULT_STATE.marks : [] }),
    },
    { group: texts.groups.show, name: texts.refresh, keys: ['r'], run: () => void queries.invalidateQueries() },
    {
      group: texts.groups.show,
      name: texts.link,
      keys: ['c'],
      run: () => void navigator.clipboard?.writeText(window.location.origin + location.pathname + location.search),
    },
  ];
}
