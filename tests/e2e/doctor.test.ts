import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createRandom } from '../../deploy/local/demo/random.ts';
import { writeHistory } from '../../deploy/local/demo/tree.ts';
import { claimPort } from '../../deploy/local/processes.ts';
import { getJson, type Part, startApi, startExporter, until, untilWritten } from '../tools/parts.ts';
import { startProgram } from '../tools/program.ts';
import { startPrometheus, type TestPrometheus } from '../tools/prometheus.ts';
import { needs, pathOf, type ToolName } from '../tools/tools.ts';

interface Diagnosis {
  status: string;
  checks: { id: string; status: string; found: string; remedy: string | null }[];
}

const API = join(import.meta.dirname, '..', '..', 'query-api', 'src', 'main.ts');

/** Without the moments of questions. */
const valuesOf = (body: unknown) => JSON.stringify(body).replaceAll(/"value":\[[\d.]+,/g, '"value":[');

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

  test('sends a session of its own through every hop and leaves nothing of it', options, async () => {
    const { events } = await getJson<{ events: { stored: number } }>(`${api.url}/api/health`);
    const tokens = () => getJson(`${api.url}/api/v1/query?query=sum(ccmeter_tokens_total)`);
    const sessions = () => getJson(`${api.url}/api/sessions?limit=500`);
    const before = [await tokens(), await sessions()];
    const place = ['--port', new URL(api.url).port, '--state-dir', join(directory, 'api'), '--prometheus-url', prometheus.url];
    const doctor = startProgram(process.execPath, [API, 'doctor', '--e2e', '--exporter-url', exporter.url, ...place]);
    const code = await doctor.ended;
    const lines = doctor.said().split('\n');
    expect(lines.filter((line) => !line.startsWith('[  ok  ]'))).toEqual(['', 'A session of its own, sent through every hop:', '']);
    for (const title of ['A transcript is read and counted', 'Signed events are stored', 'The stream tells them', 'A question finds it'])
      expect(lines).toContainEqual(expect.stringMatching(new RegExp(`${title}: .* \\([\\d.]+ ms\\)$`)));
    expect(code).toBe(0);
    expect([await tokens(), await sessions()].map(valuesOf)).toEqual(before.map(valuesOf));
    expect((await getJson<{ events: { stored: number } }>(`${api.url}/api/health`)).events.stored).toBe(events.stored);
    const probe = await getJson<{ data: { result: unknown[] } }>(`${api.url}/api/v1/query?query=ccmeter_api_self_test_timestamp_seconds`);
    expect(probe.data.result).toEqual([]);
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

test('where the query API wants users, who may write its state goes in without a token', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'ccmeter-doctor-'));
  const place = ['--state-dir', directory, '--prometheus-url', 'http://127.0.0.1:1', '--exporter-url', 'none', '--access', 'users'];
  const made = startProgram(process.execPath, [API, 'token', 'add', 'someone', '--role', 'read', '--state-dir', directory]);
  expect(await made.ended).toBe(0);
  const api = await startApi(place);
  const doctor = startProgram(process.execPath, [API, 'doctor', '--e2e', '--no-write', '--port', new URL(api.url).port, ...place]);
  await doctor.ended;
  expect(doctor.said()).toMatch(/\[ {2}ok {2}\] The session adds up: /);
  expect(doctor.said()).toMatch(/\[ {2}ok {2}\] Nothing of it is left: /);
  expect(doctor.said()).toMatch(/\[ {2}\? {3}\] Prometheus takes a sample: Nothing is written, as asked\./);
  // A login that is over.
  expect((await fetch(`${api.url}/api/health`)).status).toBe(401);
  await api.stop();
  rmSync(directory, { recursive: true, force: true });
});
