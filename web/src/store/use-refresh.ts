import { createEffect, onCleanup } from 'solid-js';
import { preferences, type Refresh } from '../format/preferences.ts';
import { createRefresher } from './refresh.ts';
import { createClock, useServices } from './services.ts';

/** Asks again when events come and when a minute is over, as ranges move with the clock: as often as the preferences say, and not while nobody looks. */
export function useRefresh(refetch: () => Promise<unknown>): void {
  const { live, now } = useServices();
  const ask = () => (document.hidden ? Promise.resolve() : refetch());
  const refresher = createRefresher(ask, undefined, () => leastMs(preferences().refresh));
  onCleanup(live.onChange(() => refresher.request()));
  const minute = createClock(() => Math.floor(now() / 60_000), 1000);
  createEffect((before: number) => {
    if (minute() !== before) refresher.request();
    return minute();
  }, minute());
  onCleanup(() => refresher.close());
}

function leastMs(refresh: Refresh): number {
  if (refresh === 'off') return Number.POSITIVE_INFINITY;
  return refresh === 'live' ? 0 : Number(refresh) * 1000;
}
