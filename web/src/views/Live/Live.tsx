import { useQuery } from '@tanstack/solid-query';
import { createMemo, For, Match, Show, Switch } from 'solid-js';
import type { Api } from '../../api/client.ts';
import { REPLAY_EVENTS } from '../../api/stream.ts';
import { modelSlots } from '../../charts/colours.ts';
import { formatCompact, formatCount, formatUsd, formatUsdExact, formatWords } from '../../format/number.ts';
import { formatClock } from '../../format/time.ts';
import { askOptions } from '../../store/ask.ts';
import { knownSince, sessionsNow, usedSince } from '../../store/live.ts';
import { createClock, useServices } from '../../store/services.ts';
import { Blank, Notice } from '../../ui/Message.tsx';
import { SessionCard } from './SessionCard.tsx';
import { Stream } from './Stream.tsx';

/** The time over which the present rate is told. */
const RATE_MINUTES = 10;
const HEALTH_EVERY_MS = 15_000;

/** What happens now: sessions at work, and every event as it comes. */
export function Live() {
  const { api, live, now } = useServices();
  const time = createClock(now, 1000);
  const sessions = createMemo(() => sessionsNow(live.state(), time()));
  const rateFrom = createMemo(() => time() - RATE_MINUTES * 60_000);
  const lately = createMemo(() => usedSince(live.state(), rateFrom()));
  /** Busy machines tell more in these minutes than a new page is given: then it says since when. */
  const lateSince = createMemo(() => knownSince(live.state(), rateFrom(), REPLAY_EVENTS));
  const health = useQuery(() => ({ queryKey: ['health'], queryFn: ({ signal }) => api.health(signal), refetchInterval: HEALTH_EVERY_MS }));
  const known = useQuery(() => ({
    queryKey: ['models'],
    queryFn: ({ signal }) => askModels(api, now(), signal),
    staleTime: Number.POSITIVE_INFINITY,
  }));
  const slots = createMemo(() => {
    const seen = [...live.state().sessions.values()].flatMap((session) => session.model ?? []);
    return modelSlots([...(known.isSuccess ? known.data : []), ...seen]);
  });
  const empty = () => live.state().rows.length === 0;
  const count = (state: string) => sessions().filter((row) => row.state === state).length;

  return (
    <div class="view live">
      <div class="toolbar">
        <h1>Live</h1>
        <p class="live-counts" role="status">
          <For each={['working', 'waiting', 'idle']}>
            {(state) => (
              <Show when={count(state) > 0}>
                <span class={`state state-${state}`}>
                  {count(state)} {state}
                </span>
              </Show>
            )}
          </For>
        </p>
        <dl class="lately" title={`Responses that began in the last ${RATE_MINUTES} minutes`}>
          <dt>{lateSince() > rateFrom() ? `Since ${formatClock(lateSince() / 1000)}` : `Last ${RATE_MINUTES} min`}</dt>
          <dd title={`${formatCount(lately().tokens)} tokens`}>{formatCompact(lately().tokens)} tokens</dd>
          <dd title={formatUsdExact(lately().costUsd)}>{formatUsd(lately().costUsd)}</dd>
          <dd>{formatWords(lately().requests, ['response', 'responses'])}</dd>
        </dl>
      </div>
      <Show when={live.connection() === 'open' && health.isSuccess && !health.data.prometheus.reachable}>
        <Notice tone="warning">
          <strong>Prometheus cannot be reached, so the overview has no numbers.</strong> Events still arrive here.{' '}
          {health.isSuccess ? health.data.prometheus.error : ''}
        </Notice>
      </Show>
      <Show when={live.connection() === 'lost' && !empty()}>
        <Notice tone="warning">
          <strong>The connection is lost.</strong> What is below is what was known then; missed events are fetched when it is back.
        </Notice>
      </Show>
      <Switch>
        <Match when={empty() && live.connection() === 'connecting'}>
          <LiveLoading />
        </Match>
        <Match when={empty() && live.connection() === 'lost'}>
          <Blank title="No connection to the events" alert>
            <p>The query API does not answer. Is ccmeter still running? This page tries again by itself.</p>
          </Blank>
        </Match>
        <Match when={empty()}>
          <Blank title="Waiting for the first event">
            <p>Write something to Claude Code: sessions appear here within a second, with what they use.</p>
          </Blank>
        </Match>
        <Match when={!empty()}>
          <div class="live-columns" classList={{ 'is-old': live.connection() === 'lost' }}>
            <section class="sessions" aria-label="Sessions at work">
              <h2>Sessions</h2>
              <Show when={sessions().length > 0} fallback={<p class="quiet">No session was active in the last 30 minutes.</p>}>
                <ul class="session-list">
                  {/* By id, so that a card stays in place in the page while its numbers tick. */}
                  <For each={sessions().map((row) => row.session.id)}>
                    {(id) => (
                      <Show when={sessions().find((row) => row.session.id === id)}>
                        {(row) => <SessionCard session={row().session} state={row().state} nowMs={time()} slots={slots()} />}
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

async function askModels(api: Api, nowMs: number, signal: AbortSignal): Promise<string[]> {
  const { first } = await api.range(signal);
  return (await askOptions(api, first, nowMs, signal)).model;
}

function LiveLoading() {
  return (
    <div class="live-columns" aria-busy="true">
      <section class="sessions">
        <h2>Sessions</h2>
        <p class="visually-hidden" role="status">
          Connecting to the events
        </p>
        <For each={[1, 2, 3]}>{() => <div class="skeleton skeleton-card" />}</For>
      </section>
      <section class="stream panel">
        <For each={[1, 2, 3, 4, 5, 6, 7, 8]}>{() => <div class="skeleton skeleton-row" />}</For>
      </section>
    </div>
  );
}
