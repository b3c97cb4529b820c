import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createRandom } from '../../deploy/local/demo/random.ts';
import { writeHistory } from '../../deploy/local/demo/tree.ts';
import { findPrometheus } from '../../deploy/local/find-prometheus.ts';
import { cacheDir } from '../../deploy/local/options.ts';
import { createVoice } from '../../deploy/local/say.ts';
import { quantile } from '../../exporter/bench/measure.ts';
import { startApi, startExporter, untilWritten } from '../../tests/tools/parts.ts';
import { startPrometheus } from '../../tests/tools/prometheus.ts';
import { addedQuery, questions } from '../src/promql/queries.ts';

const ROUNDS = 400;
/** As many again before them: Node compiles what is asked often, and a dashboard asks often. */
const WARM_UP = 400;
const BAR_MS = 1.5;
const DAY_SECONDS = 86_400;

/** Questions as dashboards ask them, of live data, so that nothing is kept. */
const CALLS: Record<string, { path: string; parameters(nowSeconds: number): Record<string, string> }> = {
  'one number': { path: 'query', parameters: (now) => ({ query: 'sum(ccmeter_tokens_total)', time: String(now) }) },
  '90 days by model': {
    path: 'query',
    parameters: (now) => ({ query: addedQuery(questions.tokens, { by: ['model'], filters: {} }, 90 * DAY_SECONDS), time: String(now) }),
  },
  '1,000 points of every series': {
    path: 'query_range',
    parameters: (now) => ({ query: 'ccmeter_tokens_total', start: String(now - 1000 * 60), end: String(now), step: '60' }),
  },
};

/** What a question costs more through us than when Prometheus is asked directly: both are asked in turn, on the same data. */
export async function proxy(): Promise<string[]> {
  const found = await findPrometheus({ cacheDir: cacheDir(process.env), yes: false, voice: createVoice() });
  if ('tried' in found) return [`no Prometheus: ${found.tried.join('; ')}`];
  const directory = mkdtempSync(join(tmpdir(), 'ccmeter-bench-'));
  const prometheus = await startPrometheus(found.program);
  const api = await startApi(['--prometheus-url', prometheus.url, '--state-dir', join(directory, 'api'), '--query-rate', '100000']);
  try {
    await fill(directory, prometheus);
    const lines: string[] = [];
    for (const [name, call] of Object.entries(CALLS)) lines.push(await compare(name, call, prometheus.url, api.url));
    return lines;
  } finally {
    await api.stop();
    await prometheus.close();
    rmSync(directory, { recursive: true, force: true });
  }
}

async function fill(directory: string, { url, dataId }: { url: string; dataId: string }): Promise<void> {
  writeHistory(join(directory, 'claude'), Date.now(), createRandom(1), 90);
  const write = ['--remote-write-url', `${url}/api/v1/write`, '--remote-write-id', dataId];
  const exporter = await startExporter(['--claude-dir', join(directory, 'claude'), '--state-dir', join(directory, 'exporter'), ...write]);
  await untilWritten(exporter);
  await exporter.stop();
}

async function compare(name: string, call: (typeof CALLS)[string], direct: string, through: string): Promise<string> {
  const times = { direct: [] as number[], through: [] as number[] };
  for (let round = -WARM_UP; round < ROUNDS; round += 1) {
    for (const [way, url] of round % 2 === 0
      ? [['direct', direct] as const, ['through', through] as const]
      : [['through', through] as const, ['direct', direct] as const]) {
      const ms = await ask(`${url}/api/v1/${call.path}`, call.parameters(Math.floor(Date.now() / 1000)));
      if (round >= 0) times[way].push(ms);
    }
  }
  const at = (share: number) => ({ direct: quantile(times.direct, share), through: quantile(times.through, share) });
  const [half, most] = [at(0.5), at(0.99)];
  const added = half.through - half.direct;
  return `${name.padEnd(30)} Prometheus p50 ${half.direct.toFixed(2)} p99 ${most.direct.toFixed(2)} ms, through us p50 ${half.through.toFixed(2)} p99 ${most.through.toFixed(2)} ms: +${added.toFixed(2)} ms (bar: +${BAR_MS})`;
}

async function ask(url: string, parameters: Record<string, string>): Promise<number> {
  const begun = performance.now();
  const response = await fetch(url, { method: 'POST', body: new URLSearchParams(parameters), headers: { 'accept-encoding': 'identity' } });
  await response.arrayBuffer();
  if (!response.ok) throw new Error(`${url} answered ${response.status}`);
  return performance.now() - begun;
}
