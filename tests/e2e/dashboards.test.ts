import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { dashboards } from '../../deploy/dashboards/build.ts';
import { encodeWriteRequest } from '../../exporter/src/meter/remote-write.ts';
import { getJson } from '../tools/parts.ts';
import { startPrometheus, type TestPrometheus } from '../tools/prometheus.ts';
import { needs, pathOf, type ToolName } from '../tools/tools.ts';
import { EXPECTED, SERIES } from './dashboards.numbers.ts';

/** What Grafana fills in: an hour in view, one machine of two, everything else. */
const FILLED: Record<string, string> = {
  $__range: '3600s',
  // One bar over all of it.
  $__interval: '3600s',
  $__rate_interval: '600s',
  '$host"': 'h"',
  '$project"': '.*"',
  '$model"': '.*"',
  '$user_email"': 'ada@.*"',
};

interface Target {
  refId: string;
  expr: string;
}

interface GrafanaPanel {
  title: string;
  type: string;
  targets?: Target[];
  panels?: GrafanaPanel[];
}

/** Every query of the files that Grafana reads, named by dashboard, panel and query. */
const QUERIES = dashboards.flatMap(({ uid }) => {
  const path = join(import.meta.dirname, '..', '..', 'deploy', 'grafana', 'dashboards', `${uid}.json`);
  const { panels } = JSON.parse(readFileSync(path, 'utf8')) as { panels: GrafanaPanel[] };
  return panels
    .flatMap((panel) => [panel, ...(panel.panels ?? [])])
    .flatMap(({ title, targets = [] }) => targets.map(({ refId, expr }) => [`${uid} / ${title} / ${refId}`, expr] as const));
});

describe.each([
  ['Prometheus', 'prometheus'],
  ['Prometheus 3', 'prometheus3'],
] as [string, ToolName][])('every query of every panel, on %s', (_, tool) => {
  const options = needs(tool);
  const end = Math.floor(Date.now() / 60_000) * 60_000 - 60_000;
  let prometheus: TestPrometheus;

  beforeAll(async () => {
    if (options.skip) return;
    prometheus = await startPrometheus(pathOf(tool));
    const series = SERIES.map(({ name, labels, samples }) => ({
      name,
      labels,
      // Ascending, as remote write wants it.
      samples: samples(end).toSorted((a, b) => a.timeMs - b.timeMs),
    }));
    const response = await fetch(`${prometheus.url}/api/v1/write`, {
      method: 'POST',
      headers: { 'content-type': 'application/x-protobuf', 'content-encoding': 'snappy', 'x-prometheus-remote-write-version': '0.1.0' },
      body: new Uint8Array(encodeWriteRequest(series)),
    });
    expect(response.status, await response.text()).toBe(204);
  });

  afterAll(async () => {
    if (!options.skip) await prometheus.close();
  });

  test.each(QUERIES)('%s', options, async (name, expr) => {
    const query = Object.entries(FILLED).reduce((text, [variable, value]) => text.replaceAll(variable, value), expr);
    expect(query, 'variables that are not filled in').not.toContain('$');
    const { data } = await getJson<{ data: { result: { metric: Record<string, string>; value: [number, string] }[] } }>(
      `${prometheus.url}/api/v1/query?time=${end / 1000}&query=${encodeURIComponent(query)}`,
    );
    const shown = Object.fromEntries(
      data.result.map(({ metric, value }) => [Object.values(metric).sort().join(' '), round(Number(value[1]))]),
    );
    expect(shown).toEqual(EXPECTED[name]);
  });
});

test('every query has a number that it must give', () => {
  expect(QUERIES.map(([name]) => name).sort()).toEqual(Object.keys(EXPECTED).sort());
});

function round(value: number): number {
  return Number(value.toPrecision(6));
}
