import { A, useParams } from '@solidjs/router';
import { createMemo, Match, Show, Switch } from 'solid-js';
import type { SessionDetail, StoredEvent } from '../../api/client.ts';
import { ChartPanel } from '../../charts/ChartPanel.tsx';
import type { Slots } from '../../charts/colours.ts';
import { createSharedCharts, SharedChartsProvider } from '../../charts/shared.ts';
import { labelText } from '../../format/labels.ts';
import { modelLabel } from '../../format/model.ts';
import { formatCompact, formatCount, formatShare, formatUsd, formatUsdExact, formatWords } from '../../format/number.ts';
import { formatDuration, formatSeconds, formatSpan } from '../../format/time.ts';
import { TOKENS, USD } from '../../format/units.ts';
import { usedOfWindow, windowOf } from '../../store/context.ts';
import { useSlots } from '../../store/known.ts';
import { keptState, writeState } from '../../store/location.ts';
import { useServices } from '../../store/services.ts';
import { useSession } from '../../store/session-events.ts';
import { lengthOf, sessionCost, sessionTokens } from '../../store/sessions.ts';
import { answersOf, contextOf, sessionMarks, settle, type Turn, turnsOf } from '../../store/timeline.ts';
import { useViewState } from '../../store/view-state.ts';
import { live as liveTexts } from '../../texts/live.ts';
import { session as texts } from '../../texts/session.ts';
import { TablePanel } from '../../ui/DataTable.tsx';
import { Tokens, Usd } from '../../ui/Figures.tsx';
import { Failed, Old } from '../../ui/NumbersView.tsx';
import { type TotalFigure, Totals } from '../../ui/Totals.tsx';
import { ViewLoading } from '../../ui/ViewLoading.tsx';
import { Timeline } from './Timeline.tsx';
import { Turns } from './Turns.tsx';

/** One session: what it used, on which models, with which tools, and what happened in it. */
export default function Session() {
  const [state] = useViewState();
  const parameters = useParams<{ id: string }>();
  const id = () => decodeURIComponent(parameters.id);
  const session = useSession(id);
  const slots = useSlots(() => session.detail()?.models ?? []);
  return (
    <div class="view">
      <div class="toolbar">
        <h1>
          <A class="crumb" href={`/sessions${writeState(keptState(state()))}`}>
            {texts.crumb}
          </A>{' '}
          {labelText('project', session.detail()?.project ?? '')}
        </h1>
        <Show when={session.detail()}>
          {(known) => (
            <>
              <span class={`state state-${known().state}`}>{liveTexts.states[known().state]}</span>
              <code class="session-id">{known().id}</code>
              <A class="button toolbar-end" href={`/live${writeState({ ...keptState(state()), sessions: [known().id] })}`}>
                {texts.showEvents}
              </A>
            </>
          )}
        </Show>
      </div>
      <Switch>
        <Match when={session.error() && !session.detail()}>
          <Failed message={session.error()?.message ?? ''} onRetry={session.retry} />
        </Match>
        <Match when={session.isPending()}>
          <ViewLoading totals={6} />
        </Match>
        <Match when={session.detail()}>
          {(known) => (
            <div class="numbers" classList={{ 'is-old': session.error() !== null }}>
              <Show when={session.error()}>
                {(error) => <Old askedAtMs={session.askedAtMs()} message={error().message} onRetry={session.retry} />}
              </Show>
              <Details
                session={known()}
                events={session.events()}
                slots={slots()}
                hasMore={session.hasMore()}
                isLoading={session.isLoadingMore()}
                onMore={session.loadMore}
              />
            </div>
          )}
        </Match>
      </Switch>
    </div>
  );
}

function Details(props: {
  session: SessionDetail;
  events: readonly StoredEvent[];
  slots: Required<Slots>;
  hasMore: boolean;
  isLoading: boolean;
  onMore(): void;
}) {
  const { now } = useServices();
  const answers = createMemo(() => answersOf(settle(props.events)));
  const turns = createMemo(() => turnsOf(props.events));
  const marks = createMemo(() => sessionMarks(turns()));
  const charts = createSharedCharts(null, marks);
  const nowSeconds = () => now() / 1000;
  const newest = () => (props.hasMore ? texts.newest(formatCount(props.events.length)) : '');
  return (
    <>
      <p class="period">
        <strong>{labelText('host', props.session.source)}</strong>
        <span>{formatSpan(Date.parse(props.session.firstAt) / 1000, Date.parse(props.session.lastAt) / 1000)}</span>
        <span>{formatWords(turns().length, texts.turnsOf)}</span>
        <Show when={props.session.todos}>
          {(todos) => (
            <span>
              {texts.todos(formatCount(todos().completed), formatCount(todos().completed + todos().inProgress + todos().pending))}
              {todos().abandoned ? texts.abandoned : ''}
            </span>
          )}
        </Show>
      </p>
      <Totals figures={figuresOf(props.session, turns())} />
      <SharedChartsProvider value={charts}>
        <div class="grid">
          <Timeline turns={turns()} slots={props.slots} figure={newest()} />
          <ChartPanel
            title={texts.costOver}
            class="panel-half"
            stack={sessionCost(answers(), props.slots)}
            format={USD}
            nowSeconds={nowSeconds()}
            figure={<span class="quiet">{newest()}</span>}
          />
          <ChartPanel
            title={texts.tokensOver}
            class="panel-half"
            stack={sessionTokens(answers())}
            format={TOKENS}
            nowSeconds={nowSeconds()}
            figure={<span class="quiet">{newest()}</span>}
          />
          <Turns turns={turns()} slots={props.slots} hasMore={props.hasMore} isLoading={props.isLoading} onMore={props.onMore} />
          <Models session={props.session} slots={props.slots} />
          <Tools session={props.session} />
          <Names
            title={texts.namesTitle}
            rows={[
              ...props.session.subagents.map((one) => ({ name: labelText('agent_type', one.name), count: one.count })),
              ...props.session.skills.map((one) => ({ name: labelText('skill', one.name), count: one.count })),
            ]}
          />
          <Names
            title={texts.errors}
            rows={props.session.errors.map((one) => ({ name: labelText('category', one.category), count: one.count }))}
          />
        </div>
      </SharedChartsProvider>
    </>
  );
}

function Models(props: { session: SessionDetail; slots: Required<Slots> }) {
  return (
    <TablePanel
      title={texts.models}
      class="panel-half"
      label={texts.model}
      rows={props.session.usage}
      columns={[
        {
          key: 'cost',
          name: texts.cost,
          value: (row) => row.costUsd,
          cell: (row) => <Usd value={row.costUsd} atLeast={row.unpricedRequests > 0} />,
        },
        { key: 'requests', name: texts.requestsColumn, value: (row) => row.requests, cell: (row) => formatCount(row.requests) },
        { key: 'output', name: texts.output, value: (row) => row.outputTokens, cell: (row) => <Tokens value={row.outputTokens} /> },
        {
          key: 'read',
          name: texts.read,
          value: (row) => row.cacheReadTokens,
          cell: (row) => <Tokens value={row.cacheReadTokens} />,
          spare: true,
        },
      ]}
      main="cost"
      keyOf={(row) => `${row.model} ${row.agent}`}
      name={(row) => (
        <span title={row.model}>
          <span class={`swatch slot-${props.slots.model.get(row.model) ?? 'rest'}`} />
          {modelLabel(row.model)}
          {row.agent === 'subagent' ? texts.subagents : ''}
        </span>
      )}
    />
  );
}

function Tools(props: { session: SessionDetail }) {
  return (
    <TablePanel
      title={texts.tools}
      class="panel-half"
      label={texts.tool}
      rows={props.session.tools}
      nothing={texts.noTool}
      columns={[
        { key: 'finished', name: texts.callsColumn, value: (row) => row.finished, cell: (row) => formatCount(row.finished) },
        {
          key: 'failed',
          name: texts.failedColumn,
          value: (row) => row.failed,
          cell: (row) => <span classList={{ failed: row.failed > 0 }}>{formatCount(row.failed)}</span>,
        },
        {
          key: 'average',
          name: texts.average,
          value: (row) => row.averageSeconds,
          cell: (row) => (row.averageSeconds === null ? '–' : formatSeconds(row.averageSeconds)),
        },
      ]}
      main="finished"
      keyOf={(row) => row.tool}
      name={(row) => <span>{row.tool}</span>}
    />
  );
}

function Names(props: { title: string; rows: readonly { name: string; count: number }[] }) {
  return (
    <Show when={props.rows.length > 0}>
      <TablePanel
        title={props.title}
        class="panel-half"
        label={texts.name}
        rows={props.rows}
        columns={[{ key: 'count', name: texts.timesColumn, value: (row) => row.count, cell: (row) => formatCount(row.count) }]}
        main="count"
        keyOf={(row) => row.name}
        name={(row) => <span title={row.name}>{row.name}</span>}
      />
    </Show>
  );
}

function figuresOf(session: SessionDetail, turns: readonly Turn[]): TotalFigure[] {
  const seconds = lengthOf(session);
  const calls = session.toolCalls;
  const contexts = contextOf(turns).map((point) => point.tokens);
  const most = Math.max(0, ...contexts);
  const model = session.usage.find((row) => row.agent === 'main')?.model ?? null;
  return [
    {
      name: texts.cost,
      number: session.costUsd,
      value: formatUsd(session.costUsd),
      exact: formatUsdExact(session.costUsd),
      sub: seconds >= 60 ? texts.aMinute(formatUsd((session.costUsd / seconds) * 60)) : '',
      lowerBound: session.unpricedRequests > 0,
      about: texts.costAbout,
    },
    {
      name: texts.tokens,
      number: session.tokens,
      value: formatCompact(session.tokens),
      exact: texts.tokensExact(formatCount(session.tokens)),
      sub: texts.requests(formatCount(session.requests)),
    },
    {
      name: texts.lasted,
      number: seconds,
      value: formatDuration(seconds),
      exact: formatDuration(seconds),
      sub: formatWords(turns.length, texts.turnsOf),
      about: texts.lastedAbout,
    },
    {
      name: texts.calls,
      number: calls,
      value: formatCount(calls),
      exact: texts.callsExact(formatCount(calls)),
      sub: calls > 0 ? texts.failed(formatCount(session.failures), formatShare(session.failures / calls)) : '',
    },
    {
      name: texts.lines,
      number: session.lines.added,
      value: `+${formatCount(session.lines.added)} −${formatCount(session.lines.removed)}`,
      exact: texts.linesExact(formatCount(session.lines.added), formatCount(session.lines.removed)),
      sub: session.files.length > 0 ? texts.files(formatCount(session.files.length)) : '',
      about: texts.linesAbout,
    },
    {
      name: texts.context,
      number: most,
      value: most === 0 ? '–' : formatCompact(most),
      exact: texts.contextExact(formatCount(most)),
      sub: most === 0 ? '' : texts.ofWindow(formatShare(usedOfWindow(model, { tokens: most, most })), formatCompact(windowOf(model, most))),
      about: texts.contextAbout,
      course: contexts,
    },
  ];
}
