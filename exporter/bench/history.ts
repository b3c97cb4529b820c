import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { findPrometheus } from '../../deploy/local/find-prometheus.ts';
import { cacheDir } from '../../deploy/local/options.ts';
import { createVoice } from '../../deploy/local/say.ts';
import { startPrometheus } from '../../tests/tools/prometheus.ts';
import { Health } from '../src/health.ts';
import { Ledger } from '../src/ledger/ledger.ts';
import { createLog } from '../src/log.ts';
import { createHistory } from '../src/meter/history.ts';
import { peakOf } from './measure.ts';

const SAMPLES = 1_000_000;
const SERIES = 500;
const DAYS = 90;
const BAR_SECONDS = 10;

/** The change log of a long history into a fresh Prometheus, as a first start does it, until Prometheus has every sample. */
export async function history(): Promise<string[]> {
  const found = await findPrometheus({ cacheDir: cacheDir(process.env), yes: false, voice: createVoice(process.stderr) });
  if ('tried' in found) return [`no Prometheus: ${found.tried.join('; ')}`];
  const directory = mkdtempSync(join(tmpdir(), 'ccmeter-bench-'));
  const prometheus = await startPrometheus(found.program);
  try {
    const ledger = fillLedger(directory);
    const health = new Health(Date.now());
    const url = `${prometheus.url}/api/v1/write`;
    const begun = performance.now();
    const writer = createHistory({ url, headers: {}, sink: 'bench', ledger, health, log: createLog('warn'), fetch, now: Date.now });
    while (ledger.pendingSamples('bench') > 0) await writer.flush(60_000);
    const seconds = (performance.now() - begun) / 1000;
    const refused = health.value('ccmeter_exporter_refused_samples_total', { sink: 'remote_write' });
    await writer.close();
    const total = await ask(prometheus.url, 'sum(max_over_time(ccmeter_tokens_total[100d]))');
    const counted = ledger.book.total('ccmeter_tokens_total');
    ledger.close();
    return [
      `${SAMPLES.toLocaleString('en')} samples of ${SERIES} series over ${DAYS} days into Prometheus ${found.version}`,
      `${seconds.toFixed(1)} s, ${Math.round(SAMPLES / seconds).toLocaleString('en')} samples/s (bar: ${BAR_SECONDS} s), ${refused} refused`,
      `tokens there ${total}, counted ${counted}${total === counted ? '' : ': NOT THE SAME'}; peak of this process ${peakOf(process.pid)?.toFixed(0)} MB`,
    ];
  } finally {
    await prometheus.close();
    rmSync(directory, { recursive: true, force: true });
  }
}

async function ask(url: string, query: string): Promise<number> {
  const response = await fetch(`${url}/api/v1/query?query=${encodeURIComponent(query)}`);
  const { data }: { data: { result: { value: [number, string] }[] } } = JSON.parse(await response.text());
  return Number(data.result[0]?.value[1]);
}

/** A ledger whose change log is as `settle` would write it: pairs of the old value and the new, in the order of time. */
function fillLedger(directory: string): Ledger {
  new Ledger(directory, 'laptop').close();
  const database = new DatabaseSync(join(directory, 'ledger.db'));
  const addSeries = database.prepare(
    'INSERT INTO series (id, metric, labels, start_ms, last_ms, value, debt) VALUES (?, ?, ?, ?, ?, ?, 0)',
  );
  const addSample = database.prepare('INSERT INTO samples (seq, series, time_ms, value) VALUES (?, ?, ?, ?)');
  const endMs = Math.floor(Date.now() / 60_000) * 60_000;
  const beginMs = endMs - DAYS * 86_400_000;
  const values = new Array<number>(SERIES + 1).fill(0);
  database.exec('BEGIN');
  for (let at = 0; at < SAMPLES / 2; at++) {
    const series = 1 + (at % SERIES);
    const minuteMs = beginMs + Math.floor(((endMs - beginMs) / 60_000 / (SAMPLES / 2)) * at) * 60_000;
    addSample.run(2 * at + 1, series, minuteMs + 1, values[series] ?? 0);
    values[series] = (values[series] ?? 0) + 100 + (at % 977);
    addSample.run(2 * at + 2, series, minuteMs + 30_000, values[series] ?? 0);
  }
  const kinds = ['input', 'output', 'cache_read', 'cache_write_5m', 'cache_write_1h'];
  for (let id = 1; id <= SERIES; id++) {
    const labels = [`project-${id % 100}`, `claude-model-${id % 7}`, 'main', kinds[Math.floor((id - 1) / 100)]];
    addSeries.run(id, 'ccmeter_tokens_total', JSON.stringify(labels), beginMs, endMs, values[id] ?? 0);
  }
  database.exec('COMMIT');
  database.close();
  return new Ledger(directory, 'laptop');
}
