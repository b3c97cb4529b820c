import type { Api, Health } from '../api/client.ts';
import { byLabel, createAsker, type Frame, pivot, type Scope } from './ask.ts';

/** How one machine's exporter is. */
export interface ExporterRow {
  host: string;
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
}

export interface HealthNumbers extends Frame {
  health: Health;
  exporters: readonly ExporterRow[];
  unreadable: Readonly<Record<string, number>>;
  readErrors: Readonly<Record<string, number>>;
  exports: Readonly<Record<string, Readonly<Record<string, number>>>>;
  events: Readonly<Record<string, number>>;
  queries: { exporters: readonly string[]; unreadable: string; readErrors: string; exports: string };
}

/** Asks how the exporters are; what the API says of itself comes along. */
export async function loadHealth(api: Api, question: Scope, nowMs: number, signal?: AbortSignal): Promise<HealthNumbers> {
  const health = await api.health(signal);
  const { frame, answer } = await createAsker(api, question, nowMs, signal);
  const by = (id: Parameters<typeof answer>[0], label: string) => answer(id, { by: label });
  const [ready, files, lines, backlog, outbox, pending, refused, series, last, unreadable, readErrors, exports, events] = await Promise.all(
    [
      by('exporter_ready', 'host'),
      by('exporter_files', 'host'),
      by('exporter_lines', 'host'),
      by('exporter_backlog', 'host'),
      by('exporter_outbox', 'host'),
      by('exporter_pending', 'host'),
      by('exporter_refused', 'host'),
      by('exporter_series', 'host'),
      by('exporter_last_export', 'host,sink'),
      by('exporter_unreadable', 'reason'),
      by('exporter_read_errors', 'reason'),
      by('exporter_exports', 'sink,result'),
      by('exporter_events', 'result'),
    ],
  );
  const columns = [ready, files, lines, backlog, outbox, pending, refused, series] as const;
  const values = columns.map((column) => byLabel(column, 'host'));
  const latest = pivot(last, 'host', 'sink');
  const hosts = [...new Set(values.flatMap((column) => Object.keys(column)))].sort();
  const exporters = hosts.map((host): ExporterRow => {
    const at = (index: number) => values[index]?.[host] ?? 0;
    const times = Object.values(latest[host] ?? {});
    return {
      host,
      ready: at(0) > 0,
      files: at(1),
      lines: at(2),
      backlogBytes: at(3),
      outboxEvents: at(4),
      pendingSamples: at(5),
      refusedSamples: at(6),
      series: at(7),
      lastExport: times.length > 0 ? Math.max(...times) : null,
    };
  });
  return {
    ...frame,
    health,
    exporters,
    unreadable: byLabel(unreadable, 'reason'),
    readErrors: byLabel(readErrors, 'reason'),
    exports: pivot(exports, 'sink', 'result'),
    events: byLabel(events, 'result'),
    queries: {
      exporters: [...columns, last].map((column) => column.query),
      unreadable: unreadable.query,
      readErrors: readErrors.query,
      exports: exports.query,
    },
  };
}
