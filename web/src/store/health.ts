import type { Api, Health, PrometheusFacts } from '../api/client.ts';
import { byLabel, createAsker, type Frame, pivot, type Scope } from './ask.ts';

/** How one machine's exporter is. */
export interface ExporterRow {
  host: string;
  version: string;
  ready: boolean;
  files: number;
  lines: number;
  backlogBytes: number;
  outboxEvents: number;
  pendingSamples: number;
  refusedSamples: number;
  series: number;
  /** Of the sink that was last heard of. */
  lastExport: number | null;
  /** When Claude Code deletes the oldest transcript, and how much it deletes within a week. */
  deletion: number | null;
  atRiskBytes: number;
}

/** Something that could not be used or was not known: what, why or of which version, and how often. */
export interface Trouble {
  name: string;
  more: string;
  count: number;
}

/** How many names of a label are shown, of how many at the most. */
export interface LabelRoom {
  label: string;
  values: number;
  limit: number;
}

export interface HealthNumbers extends Frame {
  health: Health;
  exporters: readonly ExporterRow[];
  /** What Prometheus says of itself; none where that is not for us. */
  facts: PrometheusFacts | null;
  unreadable: readonly Trouble[];
  readErrors: readonly Trouble[];
  unknown: readonly Trouble[];
  unusable: readonly Trouble[];
  rooms: readonly LabelRoom[];
  exports: Readonly<Record<string, Readonly<Record<string, number>>>>;
  events: Readonly<Record<string, number>>;
  queries: Readonly<Record<'unreadable' | 'readErrors' | 'unknown' | 'unusable' | 'rooms' | 'exports' | 'events', string>> & {
    exporters: readonly string[];
  };
}

/** From this part of its limit on, a label is worth a row. */
const NEAR = 0.8;

/** Asks how the exporters are; what the API and Prometheus say of themselves comes along. */
export async function loadHealth(api: Api, question: Scope, nowMs: number, signal?: AbortSignal): Promise<HealthNumbers> {
  const health = await api.health(signal);
  const { frame, answer } = await createAsker(api, question, nowMs, signal);
  const by = (id: Parameters<typeof answer>[0], label: string) => answer(id, { by: label });
  const perHost = await Promise.all([
    by('exporter_ready', 'host'),
    by('exporter_files', 'host'),
    by('exporter_lines', 'host'),
    by('exporter_backlog', 'host'),
    by('exporter_outbox', 'host'),
    by('exporter_pending', 'host'),
    by('exporter_refused', 'host'),
    by('exporter_series', 'host'),
    by('history_at_risk', 'host'),
  ]);
  const [last, deletion, builds, unreadable, readErrors, unknown, unusable, values, limits, exports, events, facts] = await Promise.all([
    by('exporter_last_export', 'host,sink'),
    by('history_deletion', 'host'),
    by('exporter_build', 'host,version'),
    by('exporter_unreadable', 'reason'),
    by('exporter_read_errors', 'reason'),
    by('exporter_unknown', 'record_kind,record_name,version'),
    by('exporter_unusable', 'source,reason'),
    by('exporter_label_values', 'label'),
    by('exporter_label_limits', 'label'),
    by('exporter_exports', 'sink,result'),
    by('exporter_events', 'result'),
    api.prometheusFacts(signal).catch(() => null),
  ]);
  const columns = perHost.map((column) => byLabel(column, 'host'));
  const latest = pivot(last, 'host', 'sink');
  const versions = pivot(builds, 'host', 'version');
  const deletions = byLabel(deletion, 'host');
  const hosts = [...new Set(columns.flatMap((column) => Object.keys(column)))].sort();
  const exporters = hosts.map((host): ExporterRow => {
    const at = (index: number) => columns[index]?.[host] ?? 0;
    const times = Object.values(latest[host] ?? {});
    return {
      host,
      version: Object.keys(versions[host] ?? {}).join(', '),
      ready: at(0) > 0,
      files: at(1),
      lines: at(2),
      backlogBytes: at(3),
      outboxEvents: at(4),
      pendingSamples: at(5),
      refusedSamples: at(6),
      series: at(7),
      atRiskBytes: at(8),
      lastExport: times.length > 0 ? Math.max(...times) : null,
      deletion: deletions[host] ?? null,
    };
  });
  return {
    ...frame,
    health,
    exporters,
    facts,
    unreadable: troubles(unreadable, ({ reason = '' }) => [reason, '']),
    readErrors: troubles(readErrors, ({ reason = '' }) => [reason, '']),
    unknown: troubles(unknown, ({ record_kind = '', record_name = '', version = '' }) => [`${record_kind} ${record_name}`.trim(), version]),
    unusable: troubles(unusable, ({ source = '', reason = '' }) => [source, reason]),
    rooms: roomsOf(byLabel(values, 'label'), byLabel(limits, 'label')),
    exports: pivot(exports, 'sink', 'result'),
    events: byLabel(events, 'result'),
    queries: {
      exporters: [...perHost, last, deletion, builds].map((column) => column.query),
      unreadable: unreadable.query,
      readErrors: readErrors.query,
      unknown: unknown.query,
      unusable: unusable.query,
      rooms: values.query,
      exports: exports.query,
      events: events.query,
    },
  };
}

type Answer = { series: readonly { labels: Record<string, string>; value: number }[] };

/** What happened at all, the most often first. */
function troubles({ series }: Answer, nameOf: (labels: Record<string, string>) => [name: string, more: string]): Trouble[] {
  return series
    .filter((one) => one.value > 0)
    .map(({ labels, value }) => {
      const [name, more] = nameOf(labels);
      return { name, more, count: value };
    })
    .sort((one, other) => other.count - one.count || (one.name < other.name ? -1 : 1));
}

/** Labels of which nearly all names that have a place are taken. */
export function roomsOf(values: Readonly<Record<string, number>>, limits: Readonly<Record<string, number>>): LabelRoom[] {
  return Object.entries(limits)
    .map(([label, limit]) => ({ label, limit, values: values[label] ?? 0 }))
    .filter((room) => room.limit > 0 && room.values >= NEAR * room.limit)
    .sort((one, other) => other.values / other.limit - one.values / one.limit);
}

/** Samples a second between two looks at Prometheus; none where it does not tell, or has started anew. */
export function samplesPerSecond(
  before: { appended: number | null; atMs: number } | null,
  now: { appended: number | null; atMs: number },
): number | null {
  if (before?.appended == null || now.appended === null || now.atMs <= before.atMs || now.appended < before.appended) return null;
  return (1000 * (now.appended - before.appended)) / (now.atMs - before.atMs);
}
