import { For, type JSX } from 'solid-js';
import { formatBytes, formatCount, formatWords } from '../../format/number.ts';
import { formatAgo, formatDuration } from '../../format/time.ts';
import type { ExporterRow, HealthNumbers } from '../../store/health.ts';
import { useServices } from '../../store/services.ts';
import { health as texts } from '../../texts/health.ts';

type Status = 'ok' | 'warning' | 'failure';

interface Hop {
  name: string;
  status: Status;
  value: JSX.Element;
  lines: readonly string[];
}

/** Samples are sent every few seconds; older than this, nothing comes. */
const STALE_MS = 120_000;

/** Every hop from the transcripts to this page, with what is fresh, what waits and what is away. */
export function Hops(props: { numbers: HealthNumbers; nowMs: number }) {
  const { live } = useServices();
  const hops = () =>
    hopsOf(props.numbers, live.connection(), live.state().rows.at(live.state().rows.length - 1)?.event.timestamp, props.nowMs);
  return (
    <ol class="hops" aria-label={texts.hops}>
      <For each={hops()}>
        {(hop) => (
          <li class={`hop hop-${hop.status}`}>
            <p class="hop-name">
              <span class="dot" aria-hidden="true" />
              {hop.name}
            </p>
            <p class="hop-value">{hop.value}</p>
            <For each={hop.lines}>{(line) => <p class="hop-line">{line}</p>}</For>
          </li>
        )}
      </For>
    </ol>
  );
}

function hopsOf(
  { health, exporters, facts }: HealthNumbers,
  connection: 'open' | 'connecting' | 'lost',
  newestEvent: string | undefined,
  nowMs: number,
): Hop[] {
  const sum = (pick: (row: ExporterRow) => number) => exporters.reduce((total, row) => total + pick(row), 0);
  const backlog = sum((row) => row.backlogBytes);
  const [pending, outbox] = [sum((row) => row.pendingSamples), sum((row) => row.outboxEvents)];
  const last = Math.max(...exporters.map((row) => row.lastExport ?? 0), 0) * 1000;
  const { prometheus, events } = health;
  return [
    {
      name: texts.hop.transcripts,
      status: sum((row) => row.files) > 0 ? 'ok' : 'warning',
      value: exporters.length > 0 ? texts.files(formatCount(sum((row) => row.files))) : texts.noFiles,
      lines: [backlog > 0 ? texts.notRead(formatBytes(backlog)) : texts.allRead],
    },
    {
      name: texts.hop.exporter,
      status: exporters.length === 0 ? 'failure' : sum((row) => row.refusedSamples) > 0 ? 'warning' : 'ok',
      value: exporters.length > 0 ? texts.exporters(formatCount(exporters.length)) : texts.noExporter,
      lines: [pending + outbox > 0 ? texts.waiting(formatCount(pending), formatCount(outbox)) : texts.nothingWaits],
    },
    {
      name: texts.hop.prometheus,
      status: !prometheus.reachable ? 'failure' : last > 0 && nowMs - last > STALE_MS ? 'warning' : 'ok',
      value: prometheus.reachable ? (prometheus.version ?? texts.reachable) : texts.away,
      lines: [
        last > 0 ? texts.fresh(formatAgo(last, nowMs)) : texts.neverSent,
        ...(prometheus.error ? [prometheus.error] : []),
        ...(facts?.retention ? [`${texts.facts.retention} ${facts.retention}`] : []),
      ],
    },
    {
      name: texts.hop.api,
      status: 'ok',
      value: texts.version(health.version),
      lines: [
        texts.up(formatDuration(health.uptimeSeconds)),
        texts.stored(formatCount(events.stored)),
        formatWords(events.clients, texts.client),
      ],
    },
    {
      name: texts.hop.page,
      status: connection === 'open' ? 'ok' : connection === 'lost' ? 'failure' : 'warning',
      value: texts.connection[connection],
      lines: [newestEvent ? texts.lastEvent(formatAgo(Date.parse(newestEvent), nowMs)) : texts.noEvent],
    },
  ];
}
