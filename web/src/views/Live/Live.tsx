import { Popover } from '@kobalte/core/popover';
import { useQuery } from '@tanstack/solid-query';
import { createMemo, For, Match, Show, Switch } from 'solid-js';
import { REPLAY_EVENTS } from '../../api/stream.ts';
import { formatCompact, formatCount, formatUsd, formatUsdExact, formatWords } from '../../format/number.ts';
import { preferences } from '../../format/preferences.ts';
import { formatClock } from '../../format/time.ts';
import { useSlots } from '../../store/known.ts';
import { knownSince, usedSince } from '../../store/live.ts';
import { keptState, writeState } from '../../store/location.ts';
import { useOpenSessions } from '../../store/open-sessions.ts';
import { createClock, useServices } from '../../store/services.ts';
import { useViewState } from '../../store/view-state.ts';
import { common } from '../../texts/common.ts';
import { live as texts } from '../../texts/live.ts';
import { BellIcon } from '../../ui/icons.tsx';
import { Blank, Notice } from '../../ui/Message.tsx';
import { WaitingSwitches } from '../../ui/WaitingSwitches.tsx';
import { SessionCard } from './SessionCard.tsx';
import { Stream } from './Stream.tsx';

/** The time over which the present rate is told. */
const RATE_MINUTES = 10;
const HEALTH_EVERY_MS = 15_000;
const STATES = ['working', 'waiting', 'idle'] as const;

/** What happens now: sessions at work, and every event as it comes. */
export default function Live() {
  const { api, live, now } = useServices();
  const [state] = useViewState();
  const time = createClock(now, 1000);
  const open = useOpenSessions();
  const sessions = createMemo(() => {
    const { project, host } = state().filters;
    const fits = (chosen: readonly string[], value: string) => chosen.length === 0 || chosen.includes(value);
    return open().filter(({ session }) => fits(project, session.project) && fits(host, session.source));
  });
  const rateFrom = createMemo(() => time() - RATE_MINUTES * 60_000);
  const lately = createMemo(() => usedSince(live.state(), rateFrom()));
  /** Busy machines tell more in these minutes than a new page is given: then it says since when. */
  const lateSince = createMemo(() => knownSince(live.state(), rateFrom(), REPLAY_EVENTS));
  const health = useQuery(() => ({ queryKey: ['health'], queryFn: ({ signal }) => api.health(signal), refetchInterval: HEALTH_EVERY_MS }));
  const slots = useSlots(() => open().flatMap(({ session }) => session.model ?? []));
  const empty = () => live.state().rows.length === 0 && open().length === 0;
  const count = (name: string) => sessions().filter((row) => row.state === name).length;

  return (
    <div class="view live">
      <div class="toolbar">
        <h1>{texts.name}</h1>
        <p class="live-counts" role="status">
          <For each={STATES}>
            {(name) => (
              <Show when={count(name) > 0}>
                <span class={`state state-${name}`}>
                  {formatCount(count(name))} {texts.states[name]}
                </span>
              </Show>
            )}
          </For>
        </p>
        <dl class="lately" title={texts.latelyHelp(String(RATE_MINUTES))}>
          <dt>{lateSince() > rateFrom() ? common.since(formatClock(lateSince() / 1000)) : texts.lately(String(RATE_MINUTES))}</dt>
          <dd title={texts.tokens(formatCount(lately().tokens))}>{texts.tokens(formatCompact(lately().tokens))}</dd>
          <dd title={formatUsdExact(lately().costUsd)}>{formatUsd(lately().costUsd)}</dd>
          <dd>{formatWords(lately().requests, texts.response)}</dd>
        </dl>
        <Bell />
      </div>
      <Show when={live.connection() === 'open' && health.isSuccess && !health.data.prometheus.reachable}>
        <Notice tone="warning">
          <strong>{texts.noPrometheus}</strong> {texts.stillArrive} {health.isSuccess ? health.data.prometheus.error : ''}
        </Notice>
      </Show>
      <Show when={live.connection() === 'lost' && !empty()}>
        <Notice tone="warning">
          <strong>{texts.lost}</strong> {texts.lostHelp}
        </Notice>
      </Show>
      <Switch>
        <Match when={empty() && live.connection() === 'connecting'}>
          <LiveLoading />
        </Match>
        <Match when={empty() && live.connection() === 'lost'}>
          <Blank title={texts.none} alert>
            <p>{texts.noneHelp}</p>
          </Blank>
        </Match>
        <Match when={empty()}>
          <Blank title={texts.first}>
            <p>{texts.firstHelp}</p>
          </Blank>
        </Match>
        <Match when={!empty()}>
          <div class="live-columns" classList={{ 'is-old': live.connection() === 'lost' }}>
            <section class="sessions" aria-label={texts.atWork}>
              <h2>{texts.sessions}</h2>
              <Show when={sessions().length > 0} fallback={<p class="quiet">{texts.noSession}</p>}>
                <ul class="session-list">
                  {/* By id, so that a card stays in place in the page while its numbers tick. */}
                  <For each={sessions().map((row) => row.session.id)}>
                    {(id) => (
                      <Show when={sessions().find((row) => row.session.id === id)}>
                        {(row) => (
                          <SessionCard
                            session={row().session}
                            state={row().state}
                            nowMs={time()}
                            slots={slots()}
                            href={`/sessions/${encodeURIComponent(id)}${writeState(keptState(state()))}`}
                          />
                        )}
                      </Show>
                    )}
                  </For>
                </ul>
              </Show>
            </section>
            <Stream />
          </div>
        </Match>
      </Switch>
    </div>
  );
}

/** Whether one is told when a session waits, where one sees that it does. */
function Bell() {
  const on = () => preferences().notify || preferences().sound;
  return (
    <Popover gutter={6} placement="bottom-end">
      <Popover.Trigger class="button bell" classList={{ 'is-set': on() }} aria-label={texts.bell} title={texts.bell}>
        <BellIcon />
      </Popover.Trigger>
      <Popover.Portal>
        <Popover.Content class="popover" aria-label={texts.bell}>
          <p class="popover-title">{texts.bell}</p>
          <WaitingSwitches />
        </Popover.Content>
      </Popover.Portal>
    </Popover>
  );
}

function LiveLoading() {
  return (
    <div class="live-columns" aria-busy="true">
      <section class="sessions">
        <h2>{texts.sessions}</h2>
        <p class="visually-hidden" role="status">
          {texts.connecting}
        </p>
        <For each={[1, 2, 3]}>{() => <div class="skeleton skeleton-card" />}</For>
      </section>
      <section class="stream panel">
        <For each={[1, 2, 3, 4, 5, 6, 7, 8]}>{() => <div class="skeleton skeleton-row" />}</For>
      </section>
    </div>
  );
}
