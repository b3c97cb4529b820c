import { useLocation, useNavigate } from '@solidjs/router';
import { type Accessor, createMemo, createSignal } from 'solid-js';
import { isHidden } from '../format/labels.ts';
import { useOptions } from './known.ts';
import { readState, unhide, type ViewState, writeState } from './location.ts';

/** How often another time was chosen on this page; a way back leads no further. */
const [moves, setMoves] = createSignal(0);

/** Whether there is a time to go back to, and the way there. */
export function useWayBack(): [can: Accessor<boolean>, goBack: () => void] {
  const navigate = useNavigate();
  return [
    () => moves() > 0,
    () => {
      setMoves((count) => Math.max(0, count - 1));
      navigate(-1);
    },
  ];
}

/** The state of the view, read from the URL, and the way to change it. Typing replaces the entry in the history instead of adding one. */
export function useViewState(): [state: Accessor<ViewState>, change: (part: Partial<ViewState>, replace?: boolean) => void] {
  const location = useLocation();
  const navigate = useNavigate();
  const written = createMemo(() => readState(location.search));
  // Links that were made while names were hidden name filters by stand-ins.
  const options = useOptions(() => hasHidden(written()));
  const state = createMemo(() => (hasHidden(written()) ? unhide(written(), options()) : written()));
  const change = (part: Partial<ViewState>, replace = false) => {
    if (part.range && !replace) setMoves((count) => count + 1);
    navigate(`${location.pathname}${writeState({ ...state(), ...part })}`, { scroll: false, replace });
  };
  return [state, change];
}

function hasHidden({ filters }: ViewState): boolean {
  return filters.project.some((text) => isHidden('project', text)) || filters.host.some((text) => isHidden('host', text));
}
