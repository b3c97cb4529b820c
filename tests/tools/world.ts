import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { claimPort } from '../../deploy/local/processes.ts';
import { getJson, type Part, type Status, startApi, startExporter, until, untilWritten } from './parts.ts';
import { startPrometheus, type TestPrometheus } from './prometheus.ts';
import { pathOf } from './tools.ts';

/** Everything that `npm start` runs, on transcripts of a test. For tests that said `needs('prometheus', 'web')`. */
export interface World {
  directory: string;
  claudeDir: string;
  /** Of the exporter, where its ledger is. */
  stateDir: string;
  prometheus: TestPrometheus;
  exporter: Part;
  api: Part;
  /** Waits until everything in the transcripts is in Prometheus, and every event in the query API. */
  settle(): Promise<void>;
  close(): Promise<void>;
}

/**
 * Starts a world. `write` writes the transcripts, or none; `before` puts something between the query API and Prometheus and gives back the
 * address that is asked then.
 */
export async function startWorld(
  write: (claudeDir: string) => void,
  { host = 'laptop', before = async (url: string) => url }: { host?: string; before?: (prometheusUrl: string) => Promise<string> } = {},
): Promise<World> {
  const directory = mkdtempSync(join(tmpdir(), 'ccmeter-world-'));
  const [claudeDir, stateDir] = [join(directory, 'claude'), join(directory, 'exporter')];
  mkdirSync(join(claudeDir, 'projects'), { recursive: true });
  write(claudeDir);
  const prometheus = await startPrometheus(pathOf('prometheus'));
  const port = await claimPort('port', 0);
  const asked = ['--prometheus-url', await before(prometheus.url), '--exporter-url', `http://127.0.0.1:${port}`];
  const api = await startApi([...asked, '--state-dir', join(directory, 'api'), '--web-dir', pathOf('web')]);
  const told = ['--remote-write-url', `${prometheus.url}/api/v1/write`, '--remote-write-id', prometheus.dataId];
  const read = ['--claude-dir', claudeDir, '--state-dir', stateDir, '--host', host, '--port', String(port)];
  const exporter = await startExporter([...read, ...told, '--events-url', `${api.url}/events`]);
  const world: World = {
    directory,
    claudeDir,
    stateDir,
    prometheus,
    exporter,
    api,
    async settle() {
      await untilWritten(exporter);
      await until(
        () => getJson<Status>(`${exporter.url}/-/status`),
        ({ outboxEvents }) => outboxEvents === 0,
      );
    },
    async close() {
      await exporter.stop();
      await api.stop();
      await prometheus.close();
      rmSync(directory, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
    },
  };
  await world.settle();
  return world;
}
