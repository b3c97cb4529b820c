import { useLocation, useNavigate } from '@solidjs/router';
import { type Accessor, createMemo } from 'solid-js';
import { readState, type ViewState, writeState } from './location.ts';

/** The state of the view, read from the URL, and the way to change it. Typing replaces the entry in the history instead of adding one. */
export function useViewState(): [state: Accessor<ViewState>, change: (part: Partial<ViewState>, replace?: boolean) => void] {
  const location = useLocation();
  const navigate = useNavigate();
  const state = createMemo(() => readState(location.search));
  const change = (part: Partial<ViewState>, replace = false) =>
    navigate(`${location.pathname}${writeState({ ...state(), ...part })}`, { scroll: false, replace });
  return [state, change];
}
