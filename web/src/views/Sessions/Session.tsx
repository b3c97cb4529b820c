import { A, useParams } from '@solidjs/router';
import { keepPreviousData, useQuery } from '@tanstack/solid-query';
import { createMemo, For, type JSX, Match, Show, Switch } from 'solid-js';
import type { SessionAnswer } from '../../api/client.ts';
import { ChartPanel } from '../../charts/ChartPanel.tsx';
import { modelSlots } from '../../charts/colours.ts';
import { describeEvent, typeNames } from '../../format/event.ts';
import { labelText, labelTitle } from '../../format/labels.ts';
import { modelLabel } from '../../format/model.ts';
import { formatCompact, formatCount, formatShare, formatUsd, formatUsdExact } from '../../format/number.ts';
import { formatClockSeconds, formatDuration, formatMoment, formatSeconds, formatSpan } from '../../format/time.ts';
import { USD } from '../../format/units.ts';
import { askOptions } from '../../store/ask.ts';
import { keptState, writeState } from '../../store/location.ts';
import { useServices } from '../../store/services.ts';
import { lengthOf, sessionCost } from '../../store/sessions.ts';
import { useRefresh } from '../../store/use-refresh.ts';
import { useViewState } from '../../store/view-state.ts';
import { TablePanel } from '../../ui/DataTable.tsx';
import { Count, Tokens, Usd } from '../../ui/Figures.tsx';
import { Notice } from '../../ui/Message.tsx';
import { Failed } from '../../ui/NumbersView.tsx';
import { Panel } from '../../ui/Panel.tsx';
import { type TotalFigure, Totals } from '../../ui/Totals.tsx';
import { ViewLoading } from '../../ui/ViewLoading.tsx';

/** Events of the timeline that are asked for. */
const MOST_EVENTS = 1000;
const FIRST_EVENTS = 200;

/** One session: what it used, on which models, with which tools, and what happened in it. */
export default function Session() {
  const { api, now } = useServices();
  const [state] = useViewState();
  const parameters = useParams<{ id: string }>();
  const query = useQuery(() => ({
    queryKey: ['session', parameters.id],
    queryFn: ({ signal }) => api.session(decodeURIComponent(parameters.id), MOST_EVENTS, null, signal),
    placeholderData: keepPreviousData,
  }));
  const models = useQuery(() => ({
    queryKey: ['models'],
    queryFn: async ({ signal }) => (await askOptions(api, (await api.range(signal)).first, now(), signal)).model,
    staleTime: Number.POSITIVE_INFINITY,
  }));
  useRefresh(() => query.refetch());
  const answer = () => (query.isPending ? undefined : query.data);
  const slots = createMemo(() => modelSlots([...(models.isSuccess ? models.data : []), ...(answer()?.session.models ?? [])]));
  return (
    <div class="view">
      <div class="toolbar">
        <h1>
          <A class="crumb" href={`/sessions${writeState(keptState(state()))}`}>
            Sessions
          </A>{' '}
          {labelText('project', answer()?.session.project ?? '')}
        </h1>
        <Show when={answer()}>
          {(known) => (
            <>
              <span class={`state state-${known().session.state}`}>{known().session.state}</span>
              <code class="session-id">{known().session.id}</code>
            </>
          )}
        </Show>
      </div>
      <Switch>
        <Match when={query.isPending}>
          <ViewLoading />
        </Match>
        <Match when={query.isError && !answer()}>
          <Failed message={query.error?.message ?? ''} onRetry={() => query.refetch()} />
        </Match>
        <Match when={answer()}>
          {(known) => (
            <div class="numbers" classList={{ 'is-old': query.isError }}>
              <Show when={query.isError}>
                <Notice tone="warning">
                  <strong>These numbers are old.</strong> {query.error?.message}
                </Notice>
              </Show>
              <Details answer={known()} slots={slots()} nowMs={now()} />
            </div>
          )}
        </Match>
      </Switch>
    </div>
  );
}

function Details(props: { answer: SessionAnswer; slots: ReadonlyMap<string, number>; nowMs: number }) {
  const session = () => props.answer.session;
  const cost = createMemo(() => sessionCost(props.answer.timeline, props.slots));
  const whole = () => props.answer.timeline.length < MOST_EVENTS;
  return (
    <>
      <p class="period">
        <strong>{labelText('host', session().source)}</strong>
        <span>{formatSpan(Date.parse(session().firstAt) / 1000, Date.parse(session().lastAt) / 1000)}</span>
        <Show when={session().todos}>
          {(todos) => (
            <span>
              {todos().completed} of {todos().completed + todos().inProgress + todos().pending} todos done
              {todos().abandoned ? ', left unfinished' : ''}
            </span>
          )}
        </Show>
      </p>
      <Totals figures={figuresOf(session())} />
      <div class="grid">
        <ChartPanel
          title="Cost over the session"
          class="panel-full"
          stack={cost()}
          format={USD}
          nowSeconds={props.nowMs / 1000}
          figure={<span class="quiet">{whole() ? '' : `of the newest ${formatCount(MOST_EVENTS)} events`}</span>}
        />
        <TablePanel
          title="Models"
          class="panel-half"
          label="Model"
          rows={session().usage}
          columns={[
            {
              key: 'cost',
              name: 'Cost',
              value: (row) => row.costUsd,
              cell: (row) => <Usd value={row.costUsd} atLeast={row.unpricedRequests > 0} />,
            },
            { key: 'requests', name: 'Requests', value: (row) => row.requests, cell: (row) => formatCount(row.requests) },
            { key: 'output', name: 'Output', value: (row) => row.outputTokens, cell: (row) => <Tokens value={row.outputTokens} /> },
            {
              key: 'read',
              name: 'Cache read',
              value: (row) => row.cacheReadTokens,
              cell: (row) => <Tokens value={row.cacheReadTokens} />,
              spare: true,
            },
          ]}
          main="cost"
          keyOf={(row) => `${row.model} ${row.agent}`}
          name={(row) => (
            <span title={row.model}>
              <span class={`swatch slot-${props.slots.get(row.model) ?? 'rest'}`} />
              {modelLabel(row.model)}
              {row.agent === 'subagent' ? ', subagents' : ''}
            </span>
          )}
        />
        <TablePanel
          title="Tools"
          class="panel-half"
          label="Tool"
          rows={session().tools}
          nothing="No tool was used"
          columns={[
            { key: 'finished', name: 'Calls', value: (row) => row.finished, cell: (row) => formatCount(row.finished) },
            {
              key: 'failed',
              name: 'Failed',
              value: (row) => row.failed,
              cell: (row) => <span classList={{ failed: row.failed > 0 }}>{formatCount(row.failed)}</span>,
            },
            {
              key: 'average',
              name: 'On average',
              value: (row) => row.averageSeconds,
              cell: (row) => (row.averageSeconds === null ? '–' : formatSeconds(row.averageSeconds)),
            },
          ]}
          main="finished"
          keyOf={(row) => row.tool}
          name={(row) => <span>{row.tool}</span>}
        />
        <Names
          title="Subagents and skills"
          rows={[
            ...session().subagents.map((one) => ({ name: labelText('agent_type', one.name), count: one.count })),
            ...session().skills.map((one) => ({ name: labelText('skill', one.name), count: one.count })),
          ]}
        />
        <Names title="Errors" rows={session().errors.map((one) => ({ name: labelText('category', one.category), count: one.count }))} />
        <Panel title="What happened" class="panel-full" figure={<Count value={props.answer.timeline.length} />}>
          {/* Focusable, so that it can be scrolled by keyboard. */}
          <ol class="timeline" tabindex="0">
            <For each={props.answer.timeline.slice(0, FIRST_EVENTS)}>
              {({ event }) => (
                <li class="timeline-row">
                  <time datetime={event.timestamp} title={formatMoment(Date.parse(event.timestamp) / 1000)}>
                    {formatClockSeconds(Date.parse(event.timestamp))}
                  </time>
                  <span class={`event-type event-type-${event.type}`}>{typeNames[event.type]}</span>
                  <span>{describeEvent(event).text}</span>
                </li>
              )}
            </For>
          </ol>
          <Show when={props.answer.timeline.length > FIRST_EVENTS}>
            <p class="panel-note">
              The newest {FIRST_EVENTS} of {formatCount(props.answer.timeline.length)} events.
            </p>
          </Show>
        </Panel>
      </div>
    </>
  );
}

function Names(props: { title: string; rows: readonly { name: string; count: number }[] }): JSX.Element {
  return (
    <TablePanel
      title={props.title}
      class="panel-half"
      label="Name"
      rows={props.rows}
      nothing="None"
      columns={[{ key: 'count', name: 'Times', value: (row) => row.count, cell: (row) => formatCount(row.count) }]}
      main="count"
      keyOf={(row) => row.name}
      name={(row) => <span title={row.name}>{row.name}</span>}
    />
  );
}

function figuresOf(session: SessionAnswer['session']): TotalFigure[] {
  const seconds = lengthOf(session);
  const calls = session.toolCalls;
  return [
    {
      name: 'Cost',
      number: session.costUsd,
      value: formatUsd(session.costUsd),
      exact: formatUsdExact(session.costUsd),
      sub: seconds >= 60 ? `${formatUsd((session.costUsd / seconds) * 60)} a minute` : '',
      lowerBound: session.unpricedRequests > 0,
    },
    {
      name: 'Tokens',
      number: session.tokens,
      value: formatCompact(session.tokens),
      exact: `${formatCount(session.tokens)} tokens`,
      sub: `${formatCount(session.requests)} requests`,
    },
    {
      name: 'Lasted',
      number: seconds,
      value: formatDuration(seconds),
      exact: 'From the first to the last event',
      sub: labelTitle('project', session.project ?? ''),
    },
    {
      name: 'Tool calls',
      number: calls,
      value: formatCount(calls),
      exact: `${formatCount(calls)} finished tool calls`,
      sub: calls > 0 ? `${formatCount(session.failures)} failed, ${formatShare(session.failures / calls)}` : '',
    },
  ];
}
