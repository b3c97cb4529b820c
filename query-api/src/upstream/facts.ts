import type { Upstream } from './prometheus.ts';

/** What Prometheus says of itself; null where it does not. Times are RFC 3339. */
export interface PrometheusFacts {
  version: string | null;
  startedAt: string | null;
  /** How long or how much it keeps, in its own words: `10y`, `15d or 5GB`. */
  retention: string | null;
  /** What is in memory: series, and the samples that it has taken since its start. */
  head: { series: number | null; appendedSamples: number | null };
  /** Bytes of its blocks and its log on disk, and of its process. */
  storageBytes: number | null;
  memoryBytes: number | null;
  reload: { ok: boolean | null; at: string | null };
  corruptions: number | null;
  /** Metrics with the most series in memory. */
  largest: { name: string; series: number }[];
}

/** Asks Prometheus for everything that it says of itself. Others that speak its query API may know some of it, or nothing. */
export async function askFacts(upstream: Upstream, signal: AbortSignal): Promise<PrometheusFacts> {
  const seen = (path: string) => upstream.inspect(path, signal).catch(() => undefined);
  const [version, runtime, tsdb, page] = await Promise.all([
    upstream.version(signal),
    seen('status/runtimeinfo'),
    seen('status/tsdb'),
    upstream.metricsPage(signal).catch(() => undefined),
  ]);
  return readFacts(version, recordOf(runtime), recordOf(tsdb), readPage(page ?? ''));
}

type Values = ReadonlyMap<string, number>;

function readFacts(version: string | null, runtime: Record<string, unknown>, tsdb: Record<string, unknown>, own: Values): PrometheusFacts {
  const head = recordOf(tsdb.headStats);
  const storage = [
    'prometheus_tsdb_storage_blocks_bytes',
    'prometheus_tsdb_wal_storage_size_bytes',
    'prometheus_tsdb_head_chunks_storage_size_bytes',
  ];
  const sizes = storage.flatMap((name) => own.get(name) ?? []);
  const reloaded = own.get('prometheus_config_last_reload_successful');
  return {
    version,
    startedAt: timeOf(runtime.startTime),
    retention: textOf(runtime.storageRetention),
    head: { series: numberOf(head.numSeries), appendedSamples: own.get('prometheus_tsdb_head_samples_appended_total') ?? null },
    storageBytes: sizes.length === 0 ? null : sizes.reduce((sum, size) => sum + size, 0),
    memoryBytes: own.get('process_resident_memory_bytes') ?? null,
    reload: {
      ok: typeof runtime.reloadConfigSuccess === 'boolean' ? runtime.reloadConfigSuccess : reloaded === undefined ? null : reloaded === 1,
      at: timeOf(runtime.lastConfigTime),
    },
    corruptions: numberOf(runtime.corruptionCount),
    largest: readLargest(tsdb.seriesCountByMetricName),
  };
}

const LARGEST = 10;

function readLargest(value: unknown): PrometheusFacts['largest'] {
  const entries = Array.isArray(value) ? value.map(recordOf) : [];
  return entries
    .flatMap(({ name, value: series }) => (typeof name === 'string' && typeof series === 'number' ? [{ name, series }] : []))
    .slice(0, LARGEST);
}

/** The sums over all labels of each metric on a page of Prometheus' text format. */
export function readPage(page: string): Values {
  const sums = new Map<string, number>();
  for (const line of page.split('\n')) {
    const [, name, value] = SAMPLE.exec(line) ?? [];
    const number = Number(value);
    if (name !== undefined && Number.isFinite(number)) sums.set(name, (sums.get(name) ?? 0) + number);
  }
  return sums;
}

const SAMPLE = /^([a-zA-Z_:][\w:]*)(?:\{.*\})? (\S+)/;

function recordOf(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : {};
}

function numberOf(value: unknown): number | null {
  return typeof value === 'number' && Number.isFinite(value) ? value : null;
}

function textOf(value: unknown): string | null {
  return typeof value === 'string' && value !== '' ? value : null;
}

/** What Go leaves empty is the year 1. */
function timeOf(value: unknown): string | null {
  const time = typeof value === 'string' ? Date.parse(value) : Number.NaN;
  return Number.isNaN(time) || time <= 0 ? null : new Date(time).toISOString();
}
