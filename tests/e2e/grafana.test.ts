import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createRandom } from '../../deploy/local/demo/random.ts';
import { writeHistory } from '../../deploy/local/demo/tree.ts';
import { CALLS, ordered, send } from '../tools/grafana.ts';
import { type Part, startApi, startExporter, untilWritten } from '../tools/parts.ts';
import { startPrometheus, type TestPrometheus } from '../tools/prometheus.ts';
import { needs, pathOf, type ToolName } from '../tools/tools.ts';

describe.each([
  ['Prometheus', 'prometheus'],
  ['Prometheus 3', 'prometheus3'],
] as [string, ToolName][])("Grafana's data source has from us what it has from %s", (_, tool) => {
  const options = needs(tool);
  const directory = mkdtempSync(join(tmpdir(), 'ccmeter-grafana-'));
  let prometheus: TestPrometheus;
  let exporter: Part;
  let api: Part;

  beforeAll(async () => {
    if (options.skip) return;
    prometheus = await startPrometheus(pathOf(tool));
    writeHistory(join(directory, 'claude'), Date.now() - 600_000, createRandom(7), 10);
    api = await startApi(['--prometheus-url', prometheus.url, '--state-dir', join(directory, 'api')]);
    const write = ['--remote-write-url', `${prometheus.url}/api/v1/write`, '--remote-write-id', prometheus.dataId];
    exporter = await startExporter(['--claude-dir', join(directory, 'claude'), '--state-dir', join(directory, 'exporter'), ...write]);
    await untilWritten(exporter);
    // Its gauges would change between two questions.
    await exporter.stop();
  });

  afterAll(async () => {
    if (options.skip) return;
    await api.stop();
    await prometheus.close();
    rmSync(directory, { recursive: true, force: true });
  });

  test(
    'a label that is no plain name is refused here, because it becomes part of an address; Prometheus 3 would take it',
    options,
    async () => {
      const { status } = await send(api.url, { method: 'GET', path: 'label/a-b/values', parameters: [] });
      expect(status).toBe(400);
    },
  );

  test.each(Object.entries(CALLS))('%s', options, async (_name, call) => {
    const [theirs, ours] = [await send(prometheus.url, call), await send(api.url, call)];
    expect(ours.status).toBe(theirs.status);
    expect(ours.contentType).toBe(theirs.contentType);
    if (theirs.status === 200) expect(ordered(ours.body)).toEqual(ordered(theirs.body));
    // Refused here before it goes there: the words are ours, the shape and the kind are theirs.
    else expect(ours.body).toEqual({ ...Object(theirs.body), error: expect.any(String) });
  });

  test('and that is not nothing', options, async () => {
    const { body } = await send(api.url, CALLS['a graph']);
    expect(Object(body).data.result.length).toBeGreaterThan(1);
  });
});
