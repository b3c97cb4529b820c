import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, onTestFinished, test } from 'vitest';
import { createRandom } from '../../deploy/local/demo/random.ts';
import { writeHistory } from '../../deploy/local/demo/tree.ts';
import { claimPort } from '../../deploy/local/processes.ts';
import { startCollector } from '../../exporter/src/meter/testing.ts';
import { startApi, startExporter, until, untilWritten } from '../tools/parts.ts';
import { startPrometheus } from '../tools/prometheus.ts';
import { needs, pathOf } from '../tools/tools.ts';

const MAIN = join(import.meta.dirname, '..', '..', 'exporter', 'src', 'main.ts');
const execute = promisify(execFile);

interface Diagnosis {
  status: string;
  checks: { id: string; status: string; found: string }[];
}

test('the doctor of the exporter finds real parts well, and says which one is gone', needs('prometheus'), async () => {
  const directory = mkdtempSync(join(tmpdir(), 'ccmeter-doctor-'));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  writeHistory(join(directory, 'claude'), Date.now(), createRandom(7), 3);
  const prometheus = await startPrometheus(pathOf('prometheus'));
  onTestFinished(() => prometheus.close());
  const collector = await startCollector();
  onTestFinished(() => collector.close());
  const place = ['--claude-dir', join(directory, 'claude'), '--state-dir', join(directory, 'exporter'), '--host', 'laptop'];
  const { stdout: sourceKey } = await execute(process.execPath, [MAIN, 'init', ...place.slice(2)]);
  const api = await startApi(['--prometheus-url', prometheus.url, '--state-dir', join(directory, 'api'), '--source-key', sourceKey.trim()]);
  onTestFinished(() => api.stop());
  const port = String(await claimPort('port', 0));
  const options = [...place, '--port', port, '--events-url', `${api.url}/events`, '--remote-write-url', `${prometheus.url}/api/v1/write`];
  const environment = { OTEL_EXPORTER_OTLP_ENDPOINT: collector.url };
  const exporter = await startExporter(options, environment);
  onTestFinished(() => exporter.stop());
  await untilWritten(exporter);

  const examine = async (): Promise<Record<string, string>> => {
    const run = execute(process.execPath, [MAIN, 'doctor', '--json', ...options], { env: { ...process.env, ...environment } });
    const { stdout } = await run.catch((error: { stdout: string }) => error);
    const { checks }: Diagnosis = JSON.parse(stdout);
    return Object.fromEntries(checks.map(({ id, status, found }) => [id, status === 'ok' ? 'ok' : `${status}: ${found}`]));
  };
  // Variables of this machine are its own matter.
  const ids = ['files', 'watch', 'ledger', 'lag', 'exporter', 'key', 'events', 'remote_write', 'otlp', 'clock'];
  const well = Object.fromEntries(ids.map((id) => [id, 'ok']));
  expect(await until(examine, ({ exporter: found }) => found === 'ok')).toMatchObject(well);

  await prometheus.stop();
  await exporter.stop();
  expect(await examine()).toMatchObject({
    ...well,
    exporter: expect.stringContaining('None answers'),
    remote_write: expect.stringContaining('failure'),
    ledger: 'ok',
  });
});
