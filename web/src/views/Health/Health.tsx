import { useQuery } from '@tanstack/solid-query';
import { Match, Show, Switch } from 'solid-js';
import { labelText, labelTitle } from '../../format/labels.ts';
import { formatBytes, formatCount } from '../../format/number.ts';
import { formatAgo, formatDuration } from '../../format/time.ts';
import { useDiagnosis } from '../../store/diagnosis.ts';
import { type ExporterRow, type HealthNumbers, loadHealth } from '../../store/health.ts';
import { NO_FILTERS } from '../../store/location.ts';
import { createClock, useServices } from '../../store/services.ts';
import { health as texts } from '../../texts/health.ts';
import { type Column, TablePanel } from '../../ui/DataTable.tsx';
import { Count } from '../../ui/Figures.tsx';
import { Notice } from '../../ui/Message.tsx';
import { NamesPanel } from '../../ui/NamesPanel.tsx';
import { Failed, Old } from '../../ui/NumbersView.tsx';
import { ViewLoading } from '../../ui/ViewLoading.tsx';
import { Checks, SelfTest } from './Checks.tsx';
import { Hops } from './Hops.tsx';
import { PrometheusPanel } from './PrometheusPanel.tsx';
import { Troubles } from './Troubles.tsx';

const EVERY_MS = 10_000;

/** How each hop of the pipeline is, from the transcripts to this page. */
export default function Health() {
  const { api, live, now } = useServices();
  const time = createClock(now, 1000);
  const doctor = useDiagnosis(EVERY_MS);
  const query = useQuery(() => ({
    queryKey: ['pipeline'],
    queryFn: ({ signal }) => loadHealth(api, { range: { kind: 'quick', name: '1h' }, filters: NO_FILTERS }, now(), signal),
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
        <h1>{texts.name}</h1>
        <Show when={diagnosis()}>{(known) => <span class={`badge badge-${known().status}`}>{texts.overall[known().status]}</span>}</Show>
        <button type="button" class="button toolbar-end" onClick={retry}>
          {texts.checkNow}
        </button>
      </div>
      <Show when={live.connection() === 'lost'}>
        <Notice tone="warning">
          <strong>{texts.streamLost}</strong> {texts.triedAgain}
        </Notice>
      </Show>
      <Show when={numbers()}>
        {(known) => (
          <div classList={{ 'is-old': query.isError }}>
            <Hops numbers={known()} nowMs={time()} />
          </div>
        )}
      </Show>
      <Show when={diagnosis()}>{(known) => <Checks diagnosis={known()} nowMs={time()} />}</Show>
      <SelfTest />
      <Switch>
        <Match when={query.isPending}>
          <ViewLoading totals={0} />
        </Match>
        <Match when={query.isError && !numbers()}>
          <Failed message={query.error?.message ?? ''} onRetry={retry} />
        </Match>
        <Match when={numbers()}>
          {(known) => (
            <div class="numbers" classList={{ 'is-old': query.isError }}>
              <Show when={query.isError}>
                <Old askedAtMs={known().askedAtMs} message={query.error?.message ?? ''} onRetry={retry} />
              </Show>
              <Full numbers={known()} nowMs={time()} />
            </div>
          )}
        </Match>
      </Switch>
    </div>
  );
}

function Full(props: { numbers: HealthNumbers; nowMs: number }) {
  return (
    <div class="grid">
      <TablePanel
        title={texts.exportersTitle}
        class="panel-full"
        label={texts.host}
        rows={props.numbers.exporters}
        columns={columnsAt(props.nowMs)}
        main="files"
        keyOf={(row) => row.host}
        text={(row) => labelTitle('host', row.host)}
        name={(row) => <span title={labelTitle('host', row.host)}>{labelText('host', row.host)}</span>}
        queries={props.numbers.queries.exporters}
        figure={<Count value={props.numbers.exporters.length} />}
        nothing={texts.noHost}
      />
      <PrometheusPanel facts={props.numbers.facts} askedAtMs={props.numbers.askedAtMs} />
      <Troubles numbers={props.numbers} />
      <TablePanel
        title={texts.sent}
        class="panel-half"
        label={texts.where}
        rows={Object.entries(props.numbers.exports).map(([sink, results]) => ({ sink, ok: results.ok ?? 0, failed: results.failed ?? 0 }))}
        columns={[
          { key: 'ok', name: texts.accepted, value: (row) => row.ok, cell: (row) => formatCount(row.ok) },
          {
            key: 'failed',
            name: texts.failed,
            value: (row) => row.failed,
            cell: (row) => <span classList={{ failed: row.failed > 0 }}>{formatCount(row.failed)}</span>,
          },
        ]}
        main="ok"
        keyOf={(row) => row.sink}
        name={(row) => <span>{labelText('sink', row.sink)}</span>}
        queries={[props.numbers.queries.exports]}
        figure={<span class="quiet">{texts.sentFigure}</span>}
      />
      <NamesPanel
        title={texts.events}
        label="result"
        columns={[texts.what, texts.times]}
        sums={{
          values: props.numbers.events,
          total: Object.values(props.numbers.events).reduce((sum, value) => sum + value, 0),
          query: props.numbers.queries.events,
          unnarrowed: [],
        }}
        cell={(value) => formatCount(value)}
        figure={<span class="quiet">{texts.since}</span>}
        nothing={texts.eventsNone}
      />
    </div>
  );
}

function columnsAt(nowMs: number): Column<ExporterRow>[] {
  const { columns } = texts;
  const count = (key: 'lines' | 'outboxEvents' | 'pendingSamples' | 'series', name: string): Column<ExporterRow> => ({
    key,
    name,
    value: (row) => row[key],
    cell: (row) => formatCount(row[key]),
    spare: true,
  });
  return [
    { key: 'ready', name: columns.state, value: (row) => Number(row.ready), cell: (row) => (row.ready ? texts.ready : texts.reading) },
    { key: 'version', name: columns.version, value: () => null, cell: (row) => row.version || '–', spare: true },
    { key: 'files', name: columns.files, value: (row) => row.files, cell: (row) => formatCount(row.files) },
    count('lines', columns.lines),
    { key: 'backlog', name: columns.backlog, value: (row) => row.backlogBytes, cell: (row) => formatBytes(row.backlogBytes), spare: true },
    count('outboxEvents', columns.outbox),
    count('pendingSamples', columns.pending),
    {
      key: 'refused',
      name: columns.refused,
      help: texts.columnHelp.refused,
      value: (row) => row.refusedSamples,
      cell: (row) => <span classList={{ failed: row.refusedSamples > 0 }}>{formatCount(row.refusedSamples)}</span>,
      spare: true,
    },
    count('series', columns.series),
    {
      key: 'deletion',
      name: columns.deletion,
      help: texts.columnHelp.deletion,
      value: (row) => row.deletion,
      cell: (row) => <span title={texts.atRisk(formatBytes(row.atRiskBytes))}>{deletionText(row.deletion, nowMs)}</span>,
      spare: true,
    },
    {
      key: 'last',
      name: columns.last,
      value: (row) => row.lastExport,
      cell: (row) => (row.lastExport === null ? <span class="quiet">{texts.never}</span> : formatAgo(row.lastExport * 1000, nowMs)),
    },
  ];
}

function deletionText(deletion: number | null, nowMs: number): string {
  if (deletion === null) return '–';
  const left = deletion - nowMs / 1000;
  return left <= 0 ? texts.due : texts.inTime(formatDuration(left));
}
