import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createRandom } from '../../deploy/local/demo/random.ts';
import { writeHistory } from '../../deploy/local/demo/tree.ts';
import { readLedger } from '../tools/ledger.ts';
import { getJson, type Status, startExporter, until } from '../tools/parts.ts';
import { startPrometheus } from '../tools/prometheus.ts';
import { needs, pathOf } from '../tools/tools.ts';

const MAIN = join(import.meta.dirname, '..', '..', 'exporter', 'src', 'main.ts');
const run = promisify(execFile);

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'ccmeter-backfill-'));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

test(
  'a database that has nothing gets everything, while the exporter goes on; a second time changes nothing',
  needs('prometheus'),
  async () => {
    const stateDir = join(directory, 'state');
    writeHistory(join(directory, 'claude'), Date.now(), createRandom(5), 20);
    const exporter = await startExporter(['--claude-dir', join(directory, 'claude'), '--state-dir', stateDir]);
    await until(
      () => getJson<Status>(`${exporter.url}/-/status`),
      ({ phase }) => phase === 'ready',
    );
    const prometheus = await startPrometheus(pathOf('prometheus'));
    const ask = async (query: string) => {
      const { data } = await getJson<{ data: { result: { value: [number, string] }[] } }>(
        `${prometheus.url}/api/v1/query?query=${encodeURIComponent(query)}`,
      );
      return Number(data.result[0]?.value[1]);
    };
    const ledger = readLedger(stateDir);
    for (const round of ['first', 'second']) {
      const args = ['backfill', '--state-dir', stateDir, '--remote-write-url', `${prometheus.url}/api/v1/write`];
      const { stdout, stderr } = await run(process.execPath, [MAIN, ...args]);
      expect([stdout, stderr]).toEqual(['', expect.stringMatching(/: [\d,]+ samples written in [\d.]+ s\n$/)]);
      expect(await ask('sum(max_over_time(ccmeter_tokens_total[60d]))'), round).toBe(ledger.total('ccmeter_tokens_total'));
      expect(await ask('sum(max_over_time(ccmeter_sessions_total[60d]))'), round).toBe(ledger.total('ccmeter_sessions_total'));
    }
    await exporter.stop();
    await prometheus.close();
  },
);
