import { useQuery } from '@tanstack/solid-query';
import { For, Match, Show, Switch } from 'solid-js';
import { labelText, labelTitle } from '../../format/labels.ts';
import { formatBytes, formatCount } from '../../format/number.ts';
import { formatAgo, formatDuration, formatMoment } from '../../format/time.ts';
import { ranked } from '../../store/ask.ts';
import { type ExporterRow, type HealthNumbers, loadHealth } from '../../store/health.ts';
import { createClock, useServices } from '../../store/services.ts';
import { type Column, TablePanel } from '../../ui/DataTable.tsx';
import { Count } from '../../ui/Figures.tsx';
import { Notice } from '../../ui/Message.tsx';
import { Failed } from '../../ui/NumbersView.tsx';
import { Panel } from '../../ui/Panel.tsx';
import { type TotalFigure, Totals } from '../../ui/Totals.tsx';
import { ViewLoading } from '../../ui/ViewLoading.tsx';

const EVERY_MS = 10_000;

/** How each hop of the pipeline is, from the transcripts to this page. */
export default function Health() {
  const { api, live, now } = useServices();
  const time = createClock(now, 1000);
  const filters = { project: [], model: [], host: [], agent: [] };
  const doctor = useQuery(() => ({ queryKey: ['doctor'], queryFn: ({ signal }) => api.doctor(signal), refetchInterval: EVERY_MS }));
  const query = useQuery(() => ({
    queryKey: ['pipeline'],
    queryFn: ({ signal }) => loadHealth(api, { range: { kind: 'quick', name: '1h' }, filters }, now(), signal),
    refetchInterval: EVERY_MS,
  }));
  const numbers = () => (query.isPending ? undefined : query.data);
  const diagnosis = () => (doctor.isPending ? undefined : doctor.data);
  const retry = () => {
    void query.refetch();
    void doctor.refetch();
  };
  return (
    <div class="view">
      <div class="toolbar">
        <h1>Health</h1>
        <Show when={diagnosis()}>{(known) => <span class={`badge badge-${known().status}`}>{overall[known().status]}</span>}</Show>
        <button type="button" class="button toolbar-end" onClick={retry}>
          Check now
        </button>
      </div>
      <Show when={live.connection() === 'lost'}>
        <Notice tone="warning">
          <strong>The stream of events is lost.</strong> It is tried again by itself.
        </Notice>
      </Show>
      <Show when={diagnosis()}>
        {(known) => (
          <Panel title="The doctor's checks" figure={<span class="quiet">{formatAgo(Date.parse(known().checkedAt), time())}</span>}>
            <ul class="checks">
              <For each={known().checks}>
                {(check) => (
                  <li class="check">
                    <span class={`badge badge-${check.status}`}>{words[check.status]}</span>
                    <div>
                      <p>
                        <strong>{check.title}</strong>{' '}
                        <Show when={check.latencyMs !== null}>
                          <span class="quiet">{formatCount(Math.round(check.latencyMs ?? 0))} ms</span>
                        </Show>
                      </p>
                      <p class="quiet">{check.found}</p>
                      <Show when={check.remedy}>{(remedy) => <p>{remedy()}</p>}</Show>
                    </div>
                  </li>
                )}
              </For>
            </ul>
          </Panel>
        )}
      </Show>
      <Switch>
        <Match when={query.isPending}>
          <ViewLoading />
        </Match>
        <Match when={query.isError && !numbers()}>
          <Failed message={query.error?.message ?? ''} onRetry={retry} />
        </Match>
        <Match when={numbers()}>
          {(known) => (
            <div class="numbers" classList={{ 'is-old': query.isError }}>
              <Show when={query.isError}>
                <Notice tone="warning">
                  <strong>These numbers are from {formatAgo(known().askedAtMs, time())}.</strong> {query.error?.message}
                </Notice>
              </Show>
              <Totals figures={figuresOf(known(), time())} />
              <div class="grid">
                <TablePanel
                  title="Exporters"
                  class="panel-full"
                  label="Host"
                  rows={known().exporters}
                  columns={columnsAt(time())}
                  main="files"
                  keyOf={(row) => row.host}
                  text={(row) => labelTitle('host', row.host)}
                  name={(row) => <span title={labelTitle('host', row.host)}>{labelText('host', row.host)}</span>}
                  queries={known().queries.exporters}
                  figure={<Count value={known().exporters.length} />}
                  nothing="No exporter was heard of in the last minutes"
                />
                <Reasons
                  title="Lines that could not be used"
                  values={known().unreadable}
                  query={known().queries.unreadable}
                  none="Every line could be used"
                />
                <Reasons
                  title="Failed reads"
                  values={known().readErrors}
                  query={known().queries.readErrors}
                  none="Nothing failed to be read"
                />
                <TablePanel
                  title="Samples sent"
                  class="panel-half"
                  label="Where to"
                  rows={Object.entries(known().exports).map(
                    ([sink, results]) => ({ sink, ...results }) as { sink: string; ok?: number; failed?: number },
                  )}
                  columns={[
                    { key: 'ok', name: 'Accepted', value: (row) => row.ok ?? 0, cell: (row) => formatCount(row.ok ?? 0) },
                    {
                      key: 'failed',
                      name: 'Failed',
                      value: (row) => row.failed ?? 0,
                      cell: (row) => <span classList={{ failed: (row.failed ?? 0) > 0 }}>{formatCount(row.failed ?? 0)}</span>,
                    },
                  ]}
                  main="ok"
                  keyOf={(row) => row.sink}
                  name={(row) => <span>{labelText('sink', row.sink)}</span>}
                  queries={[known().queries.exports]}
                  figure={<span class="quiet">attempts since the exporters started</span>}
                />
                <Reasons title="Events sent" values={known().events} label="result" query="" none="No event was sent" />
              </div>
            </div>
          )}
        </Match>
      </Switch>
    </div>
  );
}

const overall = { ok: 'All is well', warning: 'Look at this', failure: 'Something is broken' } as const;
const words = { ok: 'Well', warning: 'Look', failure: 'Broken', unknown: 'Unknown' } as const;

function figuresOf({ health, exporters }: HealthNumbers, nowMs: number): TotalFigure[] {
  const sum = (pick: (row: ExporterRow) => number) => exporters.reduce((total, row) => total + pick(row), 0);
  const backlog = sum((row) => row.backlogBytes);
  const pending = sum((row) => row.pendingSamples);
  const { prometheus, events } = health;
  return [
    {
      name: 'Prometheus',
      number: null,
      value: prometheus.reachable ? (prometheus.version ?? 'reachable') : 'away',
      exact: prometheus.error ?? 'It answers',
      sub: prometheus.reachable ? 'answers' : (prometheus.error ?? ''),
    },
    {
      name: 'Not read yet',
      number: backlog,
      value: formatBytes(backlog),
      exact: `${formatCount(backlog)} bytes on disk are not read yet`,
      sub: `${formatCount(sum((row) => row.files))} transcripts`,
    },
    {
      name: 'Samples waiting',
      number: pending,
      value: formatCount(pending),
      exact: `${formatCount(pending)} samples are not accepted yet`,
      sub: `${formatCount(sum((row) => row.refusedSamples))} refused`,
    },
    {
      name: 'Events kept',
      number: events.stored,
      value: formatCount(events.stored),
      exact: events.lastReceivedAt
        ? `The last came ${formatMoment(Date.parse(events.lastReceivedAt) / 1000)}`
        : 'None came since the start',
      sub: events.lastReceivedAt
        ? `last ${formatAgo(Date.parse(events.lastReceivedAt), nowMs)}`
        : `API ${health.version}, up ${formatDuration(health.uptimeSeconds)}`,
    },
  ];
}

function columnsAt(nowMs: number): Column<ExporterRow>[] {
  return [
    { key: 'ready', name: 'State', value: (row) => Number(row.ready), cell: (row) => (row.ready ? 'Ready' : 'Reading') },
    { key: 'files', name: 'Transcripts', value: (row) => row.files, cell: (row) => formatCount(row.files) },
    { key: 'lines', name: 'Lines read', value: (row) => row.lines, cell: (row) => formatCount(row.lines), spare: true },
    { key: 'backlog', name: 'Not read', value: (row) => row.backlogBytes, cell: (row) => formatBytes(row.backlogBytes), spare: true },
    { key: 'outbox', name: 'Events waiting', value: (row) => row.outboxEvents, cell: (row) => formatCount(row.outboxEvents), spare: true },
    {
      key: 'pending',
      name: 'Samples waiting',
      value: (row) => row.pendingSamples,
      cell: (row) => formatCount(row.pendingSamples),
      spare: true,
    },
    { key: 'series', name: 'Series', value: (row) => row.series, cell: (row) => formatCount(row.series), spare: true },
    {
      key: 'last',
      name: 'Last sent',
      value: (row) => row.lastExport,
      cell: (row) => (row.lastExport === null ? <span class="quiet">never</span> : formatAgo(row.lastExport * 1000, nowMs)),
    },
  ];
}

function Reasons(props: { title: string; values: Readonly<Record<string, number>>; query: string; none: string; label?: string }) {
  const rows = () => ranked(props.values).map(([name, count]) => ({ name, count }));
  return (
    <TablePanel
      title={props.title}
      class="panel-half"
      label="What"
      rows={rows()}
      columns={[{ key: 'count', name: 'Times', value: (row) => row.count, cell: (row) => formatCount(row.count) }]}
      main="count"
      keyOf={(row) => row.name}
      name={(row) => <span title={row.name}>{labelText(props.label ?? 'reason', row.name)}</span>}
      queries={[props.query]}
      figure={<span class="quiet">since the exporters started</span>}
      nothing={props.none}
    />
  );
}
