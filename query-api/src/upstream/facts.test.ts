import { expect, test } from 'vitest';
import { askFacts, readPage } from './facts.ts';
import { createFixture } from './fixture.ts';

const signal = new AbortController().signal;

const PAGE = `# HELP prometheus_tsdb_head_samples_appended_total Samples.
# TYPE prometheus_tsdb_head_samples_appended_total counter
prometheus_tsdb_head_samples_appended_total{type="float"} 1.5e+06
prometheus_tsdb_head_samples_appended_total{type="histogram"} 10
prometheus_tsdb_storage_blocks_bytes 1000
prometheus_tsdb_wal_storage_size_bytes 24
process_resident_memory_bytes 5e+07
prometheus_config_last_reload_successful 1
go_gc_duration_seconds{quantile="0"} NaN
`;

const STATUS: Record<string, unknown> = {
  'status/runtimeinfo': {
    startTime: '2026-11-20T10:00:00Z',
    storageRetention: '10y',
    reloadConfigSuccess: false,
    lastConfigTime: '2026-11-20T10:00:01Z',
    corruptionCount: 2,
  },
  'status/tsdb': { headStats: { numSeries: 812 }, seriesCountByMetricName: [{ name: 'ccmeter_tokens_total', value: 400 }, { name: 7 }] },
};

test('Prometheus tells what it is, holds and keeps', async () => {
  const upstream = createFixture({ version: '3.5.0', inspect: (path) => STATUS[path], metricsPage: () => PAGE });
  expect(await askFacts(upstream, signal)).toEqual({
    version: '3.5.0',
    startedAt: '2026-11-20T10:00:00.000Z',
    retention: '10y',
    head: { series: 812, appendedSamples: 1_500_010 },
    storageBytes: 1024,
    memoryBytes: 50_000_000,
    reload: { ok: false, at: '2026-11-20T10:00:01.000Z' },
    corruptions: 2,
    largest: [{ name: 'ccmeter_tokens_total', series: 400 }],
  });
});

test('one that speaks only the query API leaves everything open', async () => {
  expect(await askFacts(createFixture({ version: 'mimir' }), signal)).toEqual({
    version: 'mimir',
    startedAt: null,
    retention: null,
    head: { series: null, appendedSamples: null },
    storageBytes: null,
    memoryBytes: null,
    reload: { ok: null, at: null },
    corruptions: null,
    largest: [],
  });
});

test('one that is away is an error', async () => {
  await expect(askFacts(createFixture({ version: null }), signal)).rejects.toThrow('cannot be reached');
});

test('of a page the samples of a metric are added up, and what is no number is left out', () => {
  expect(Object.fromEntries(readPage(PAGE))).not.toHaveProperty('go_gc_duration_seconds');
  expect(readPage('a{b="} 9 {"} 1\na{b="x y"} 2 1700000000000\n').get('a')).toBe(3);
});
