import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createRandom } from '../../deploy/local/demo/random.ts';
import { writeHistory } from '../../deploy/local/demo/tree.ts';
import { getJson, type Part, startApi, startExporter, untilWritten } from '../tools/parts.ts';
import { startPrometheus, type TestPrometheus } from '../tools/prometheus.ts';
import { needs, pathOf, type ToolName } from '../tools/tools.ts';

const X = 'ccmeter_tokens_total';

/** What somebody could write to see more than their own project, and what dashboards write. The answer is never about another one. */
const QUERIES = [
  X,
  `sum by (project) (${X})`,
  `count by (project) ({__name__=~".+"})`,
  `${X}{project!="nothing"}`,
  `${X}{project=~".*"} or ${X}`,
  `${X} # \r or ${X}`,
  `${X} # comment\n or ${X}`,
  `max_over_time(sum by (project) (${X})[1h:10m])`,
  `max_over_time(${X}[30d]) - min_over_time(${X}[30d])`,
  `${X} and on (project) ccmeter_cost_usd_total`,
  `ccmeter_requests_total * on (project) group_left () count by (project) (${X})`,
  `topk(100, ${X} offset 1h)`,
  `sum by (project) (${X} @ end())`,
  `{__name__="${X}",}`,
  `${X}{kind="input",}`,
  `absent(${X}{kind="none"})`,
  `-${X}`,
];

describe.each([
  ['Prometheus', 'prometheus'],
  ['Prometheus 3', 'prometheus3'],
] as [string, ToolName][])('who may see one project, on %s', (_, tool) => {
  const options = needs(tool);
  const directory = mkdtempSync(join(tmpdir(), 'ccmeter-scope-'));
  let prometheus: TestPrometheus;
  let api: Part;
  let project: string;

  const values = (url: string) => getJson<{ data: string[] }>(`${url}/api/v1/label/project/values`);

  beforeAll(async () => {
    if (options.skip) return;
    prometheus = await startPrometheus(pathOf(tool));
    writeHistory(join(directory, 'claude'), Date.now(), createRandom(11), 5);
    const write = ['--remote-write-url', `${prometheus.url}/api/v1/write`, '--remote-write-id', prometheus.dataId];
    const exporter = await startExporter(['--claude-dir', join(directory, 'claude'), '--state-dir', join(directory, 'exporter'), ...write]);
    await untilWritten(exporter);
    await exporter.stop();
    const { data } = await values(prometheus.url);
    expect(data.length).toBeGreaterThan(1);
    project = data[0] ?? '';
    api = await startApi(['--prometheus-url', prometheus.url, '--state-dir', join(directory, 'api'), '--scope', `*:project=${project}`]);
  });

  afterAll(async () => {
    if (options.skip) return;
    await api.stop();
    await prometheus.close();
    rmSync(directory, { recursive: true, force: true });
  });

  test.each(QUERIES)('%j', options, async (query) => {
    const body = new URLSearchParams({ query, time: String(Math.floor(Date.now() / 1000)) });
    const response = await fetch(`${api.url}/api/v1/query`, { method: 'POST', body });
    const text = await response.text();
    expect(response.status, text).toBe(200);
    const { data }: { data: { result: { metric: Record<string, string> }[] } } = JSON.parse(text);
    for (const { metric } of data.result) expect([project, undefined]).toContain(metric.project);
  });

  test('and that project is seen', options, async () => {
    const { data } = await getJson<{ data: { result: unknown[] } }>(`${api.url}/api/v1/query?query=last_over_time(${X}[30d])`);
    expect(data.result.length).toBeGreaterThan(0);
    expect((await values(api.url)).data).toEqual([project]);
    const { series } = await getJson<{ series: { labels: object }[] }>(
      `${api.url}/api/panels/tokens?start=${Math.floor(Date.now() / 1000) - 30 * 86_400}&end=${Math.floor(Date.now() / 1000)}&by=project`,
    );
    expect(series.map(({ labels }) => labels)).toEqual([{ project }]);
  });
});
