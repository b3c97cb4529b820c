import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createLogFile } from '../../deploy/local/log-file.ts';
import { claimPort } from '../../deploy/local/processes.ts';
import { createPrometheus } from '../../deploy/local/prometheus.ts';

/** A Prometheus of a test. */
export interface TestPrometheus {
  url: string;
  /** Names its data, as `--remote-write-id` wants it. */
  dataId: string;
  /** Ends it and keeps its data. */
  stop(): Promise<void>;
  /** Starts it again on its data. */
  start(): Promise<void>;
  close(): Promise<void>;
}

/** Starts a Prometheus as `npm start` does, on a free port, with data in a directory of its own. */
export async function startPrometheus(program: string, more: readonly string[] = []): Promise<TestPrometheus> {
  const directory = mkdtempSync(join(tmpdir(), 'ccmeter-prometheus-'));
  const port = await claimPort('port', 0);
  const log = createLogFile(join(directory, 'log'));
  const create = () => createPrometheus({ program, directory, port, log, more, say: () => {} });
  let prometheus = create();
  await prometheus.part.start();
  return {
    url: prometheus.url,
    dataId: prometheus.dataId,
    stop: () => prometheus.part.stop(),
    async start() {
      prometheus = create();
      await prometheus.part.start();
    },
    async close() {
      await prometheus.part.stop();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}
