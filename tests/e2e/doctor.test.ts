import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createRandom } from '../../deploy/local/demo/random.ts';
import { writeHistory } from '../../deploy/local/demo/tree.ts';
import { claimPort } from '../../deploy/local/processes.ts';
import { getJson, type Part, startApi, startExporter, until, untilWritten } from '../tools/parts.ts';
import { startPrometheus, type TestPrometheus } from '../tools/prometheus.ts';
import { needs, pathOf, type ToolName } from '../tools/tools.ts';

interface Diagnosis {
  status: string;
  checks: { id: string; status: string; found: string; remedy: string | null }[];
}

describe.each([
  ['Prometheus', 'prometheus'],
  ['Prometheus 3', 'prometheus3'],
] as [string, ToolName][])('the doctor, with %s', (_, tool) => {
  const options = needs(tool);
  const directory = mkdtempSync(join(tmpdir(), 'ccmeter-doctor-'));
  let prometheus: TestPrometheus;
  let exporter: Part;
  let api: Part;

  const ask = () => getJson<Diagnosis>(`${api.url}/api/doctor`);
  const brief = ({ checks }: Diagnosis) =>
    Object.fromEntries(checks.map(({ id, status, found }) => [id, status === 'ok' ? 'ok' : `${status}: ${found}`]));

  beforeAll(async () => {
    if (options.skip) return;
    prometheus = await startPrometheus(pathOf(tool));
    writeHistory(join(directory, 'claude'), Date.now(), createRandom(7), 3);
    const port = String(await claimPort('port', 0));
    api = await startApi([
      ...['--prometheus-url', prometheus.url, '--state-dir', join(directory, 'api'), '--exporter-url', `http://127.0.0.1:${port}`],
    ]);
    const write = ['--remote-write-url', `${prometheus.url}/api/v1/write`, '--remote-write-id', prometheus.dataId];
    const events = ['--events-url', `${api.url}/events`];
    exporter = await startExporter([
      ...['--port', port, '--claude-dir', join(directory, 'claude'), '--state-dir', join(directory, 'exporter'), ...write, ...events],
    ]);
    await untilWritten(exporter);
  });

  afterAll(async () => {
    if (options.skip) return;
    await exporter.stop();
    await api.stop();
    rmSync(directory, { recursive: true, force: true });
  });

  test('finds the stack as npm start runs it well', options, async () => {
    const diagnosis = await until(ask, ({ status }) => status === 'ok').catch(ask);
    expect(brief(diagnosis)).toEqual(
      Object.fromEntries(['exporter', 'events', 'prometheus', 'clock', 'series', 'writes', 'retention', 'readers'].map((id) => [id, 'ok'])),
    );
  });

  test('finds out that Prometheus is gone, and says what to do', options, async () => {
    await prometheus.close();
    const { status, checks } = await ask();
    expect([status, checks.find(({ id }) => id === 'prometheus')]).toEqual([
      'failure',
      expect.objectContaining({ status: 'failure', remedy: expect.stringContaining('--prometheus-url') }),
    ]);
  });
});
