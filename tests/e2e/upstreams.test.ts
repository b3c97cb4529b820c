import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createRandom } from '../../deploy/local/demo/random.ts';
import { writeHistory } from '../../deploy/local/demo/tree.ts';
import { optionsFor } from '../tools/debian.ts';
import { CALLS, ordered, send } from '../tools/grafana.ts';
import { comparePanels, MINUTE, nextMinute } from '../tools/panels.ts';
import { getJson, type Part, startApi, startExporter, until, untilWritten } from '../tools/parts.ts';
import { needs, type Tool } from '../tools/tools.ts';
import { findGiven, openMimir, openThanos, openVictoriaMetrics, type TestUpstream } from '../tools/upstreams.ts';

/** Others that speak Prometheus' query API, written to by the exporter and asked through the query API. */

const thanos = findGiven('Thanos', 'CCMETER_TEST_THANOS');
const mimir = findGiven('Mimir', 'CCMETER_TEST_MIMIR');
const pathOf = (tool: Tool) => ('path' in tool ? tool.path : '');

/** Several cores may add up in another order each time, which changes the last digit. */
const comparable = (body: unknown) =>
  JSON.parse(JSON.stringify(ordered(body)), (_, value) => (/^\d+\.\d+$/.test(String(value)) ? Number(value).toPrecision(12) : value));

describe.each([
  ['VictoriaMetrics', needs('victoriametrics'), openVictoriaMetrics],
  ['Thanos', optionsFor(thanos), () => openThanos(pathOf(thanos))],
  ['Mimir', optionsFor(mimir), () => openMimir(pathOf(mimir))],
] as const)('%s behind the query API', (_, options, open) => {
  const directory = mkdtempSync(join(tmpdir(), 'ccmeter-upstream-'));
  const random = createRandom(7);
  let upstream: TestUpstream;
  let api: Part;

  beforeAll(async () => {
    if (options.skip) return;
    upstream = await open();
    writeHistory(join(directory, 'claude'), Date.now() - 600_000, random, 10);
    api = await startApi([
      '--prometheus-url',
      upstream.url,
      '--state-dir',
      join(directory, 'api'),
      '--exporter-url',
      'none',
      ...upstream.options,
    ]);
    const write = ['--remote-write-url', upstream.writeUrl, '--remote-write-id', 'one'];
    const headers = Object.entries(upstream.headers).map(([name, value]) => `${name}=${value}`);
    const exporter = await startExporter(
      ['--claude-dir', join(directory, 'claude'), '--state-dir', join(directory, 'exporter'), ...write],
      headers.length === 0 ? {} : { CCMETER_REMOTE_WRITE_HEADERS: headers.join(',') },
    );
    await untilWritten(exporter);
    // What is written is not there for questions in the same instant; the beginning of history is written last.
    await until(
      () => getJson<{ first: number | null }>(`${api.url}/api/range`),
      ({ first }) => first !== null,
    );
    await exporter.stop();
  });

  afterAll(async () => {
    if (!options.skip) {
      await api.stop();
      await upstream.close();
    }
    rmSync(directory, { recursive: true, force: true });
  });

  test('questions are answered to the token', options, async () => {
    const end = nextMinute();
    for (const minutes of [60, 24 * 60, 400 * 24 * 60])
      await comparePanels(api.url, join(directory, 'exporter'), random, end - minutes * MINUTE, end);
    for (let round = 0; round < 8; round += 1) {
      const begin = end - random.whole(1, 9 * 24 * 60) * MINUTE;
      await comparePanels(
        api.url,
        join(directory, 'exporter'),
        random,
        begin,
        Math.min(end, begin + random.whole(1, 3 * 24 * 60) * MINUTE),
      );
    }
  });

  test.each(Object.entries(CALLS))("Grafana's call %s has from us what it has from there", options, async (name, call) => {
    const [theirs, ours] = [await send(upstream.url, call, upstream.headers), await send(api.url, call)];
    if (upstream.unlike.includes(name)) expect(ours.status).toBeLessThan(500);
    else if (theirs.status === 200) expect([ours.status, comparable(ours.body)]).toEqual([200, comparable(theirs.body)]);
    // Refused here before it goes there, in the shape of Prometheus.
    else expect([ours.status, ours.body]).toEqual([400, { status: 'error', errorType: 'bad_data', error: expect.any(String) }]);
  });

  test('the doctor finds nothing that fails, and a sample goes there and back', options, async () => {
    const { checks } = await getJson<{ checks: { id: string; status: string; found: string }[] }>(`${api.url}/api/doctor`);
    expect(checks.filter(({ status }) => status === 'failure')).toEqual([]);
    expect(checks.find(({ id }) => id === 'clock')).toMatchObject({ status: 'ok' });
  });

  test('who may see one project sees that', options, async () => {
    const { data } = await getJson<{ data: string[] }>(`${api.url}/api/v1/label/project/values`);
    const [project = ''] = data;
    const narrow = await startApi([
      ...[
        '--prometheus-url',
        upstream.url,
        '--state-dir',
        join(directory, 'narrow'),
        '--scope',
        `*:project=${project}`,
        ...upstream.options,
      ],
    ]);
    expect(data.length).toBeGreaterThan(1);
    expect((await getJson<{ data: string[] }>(`${narrow.url}/api/v1/label/project/values`)).data).toEqual([project]);
    const query = encodeURIComponent('sum by (project) (last_over_time(ccmeter_tokens_total[30d]))');
    const answer = await getJson<{ data: { result: { metric: object }[] } }>(`${narrow.url}/api/v1/query?query=${query}`);
    expect(answer.data.result.map(({ metric }) => metric)).toEqual([{ project }]);
    await narrow.stop();
  });
});
