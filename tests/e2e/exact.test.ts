import { appendFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createRandom } from '../../deploy/local/demo/random.ts';
import { writeHistory } from '../../deploy/local/demo/tree.ts';
import { assistantLine, transcript, userLine } from '../fixtures/lines.ts';
import { readLedger } from '../tools/ledger.ts';
import { askPanel, comparePanels, MINUTE, nextMinute } from '../tools/panels.ts';
import { type Part, startApi, startExporter, until, untilWritten } from '../tools/parts.ts';
import { startPrometheus, type TestPrometheus } from '../tools/prometheus.ts';
import { needs, pathOf, type ToolName } from '../tools/tools.ts';

const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

describe.each([
  ['Prometheus', 'prometheus'],
  ['Prometheus 3', 'prometheus3'],
] as [string, ToolName][])('what the dashboard shows is what the ledger says, on %s', (_, tool) => {
  const options = needs(tool);
  const directory = mkdtempSync(join(tmpdir(), 'ccmeter-exact-'));
  const claudeDir = join(directory, 'claude');
  const stateDir = join(directory, 'exporter');
  const random = createRandom(42);
  let prometheus: TestPrometheus;
  let exporter: Part;
  let api: Part;

  /** A transcript of its own, in a project of its own. */
  function transcriptPath(project: string, sessionId: string): string {
    const folder = join(claudeDir, 'projects', `-home-demo-${project}`);
    mkdirSync(folder, { recursive: true });
    return join(folder, `${sessionId}.jsonl`);
  }

  function startCounting(): Promise<Part> {
    const write = ['--remote-write-url', `${prometheus.url}/api/v1/write`, '--remote-write-id', prometheus.dataId];
    return startExporter(['--claude-dir', claudeDir, '--state-dir', stateDir, ...write]);
  }

  const ask = (id: string, begin: number, end: number, more = '') => askPanel(api.url, id, begin, end, more);
  const compare = (begin: number, end: number) => comparePanels(api.url, stateDir, random, begin, end);

  beforeAll(async () => {
    if (options.skip) return;
    prometheus = await startPrometheus(pathOf(tool));
    writeHistory(claudeDir, Date.now() - 3 * DAY, random, 60);
    api = await startApi(['--prometheus-url', prometheus.url, '--state-dir', join(directory, 'api')]);
    exporter = await startCounting();
    await untilWritten(exporter);
  });

  afterAll(async () => {
    if (options.skip) return;
    await exporter.stop();
    await api.stop();
    await prometheus.close();
    rmSync(directory, { recursive: true, force: true });
  });

  test('over history: quick ranges and random ones', options, async () => {
    const end = nextMinute();
    for (const length of [HOUR, DAY, 7 * DAY, 30 * DAY, 400 * DAY]) await compare(end - length, end);
    for (let round = 0; round < 100; round++) {
      const begin = end - random.whole(1, 70 * 24 * 60) * MINUTE;
      await compare(begin, Math.min(end, begin + random.whole(1, 20 * 24 * 60) * MINUTE));
    }
    const ledger = readLedger(stateDir);
    expect(ledger.added('ccmeter_tokens_total', 0, end)).toBe(ledger.total('ccmeter_tokens_total'));
    expect(ledger.total('ccmeter_tokens_total')).toBeGreaterThan(1_000_000);
  });

  test('over the seam: lines written now, a session of two seconds, a response that grows', options, async () => {
    const before = readLedger(stateDir).total('ccmeter_tokens_total');
    const context = { sessionId: random.uuid(), cwd: '/home/demo/seam' };
    const path = transcriptPath('seam', context.sessionId);
    const at = Date.now();
    const time = (ms: number) => new Date(at + ms).toISOString();
    const first = assistantLine({
      context,
      timestamp: time(-1500),
      messageId: 'msg_01SEAM',
      usage: { input: 5, output: 1 },
      stopReason: null,
    });
    writeFileSync(path, transcript([userLine({ context, timestamp: time(-2000) }), first]));
    await until(
      async () => readLedger(stateDir).total('ccmeter_tokens_total'),
      (total) => total === before + 6,
    );
    const last = assistantLine({ context, timestamp: time(0), messageId: 'msg_01SEAM', usage: { input: 5, output: 70 } });
    appendFileSync(path, transcript([last]));
    await until(
      async () => readLedger(stateDir).total('ccmeter_tokens_total'),
      (total) => total === before + 75,
    );
    await untilWritten(exporter);
    const end = nextMinute();
    for (const length of [2 * MINUTE, 10 * MINUTE, HOUR, DAY, 30 * DAY]) await compare(end - length, end);
    const { series } = await ask('tokens', end - 10 * MINUTE, end, '&by=project');
    expect(series).toContainEqual(expect.objectContaining({ labels: { project: 'seam' }, value: 75 }));
  });

  test('over a pause of days in which nothing ran', options, async () => {
    await exporter.stop();
    const context = { sessionId: random.uuid(), cwd: '/home/demo/pause' };
    const lines = Array.from({ length: 40 }, (_, at) => {
      const timestamp = new Date(Date.now() - 2 * DAY + at * HOUR).toISOString();
      return assistantLine({ context, timestamp, model: 'claude-haiku-5-5', usage: { input: 100 + at, output: 10 } });
    });
    writeFileSync(transcriptPath('pause', context.sessionId), transcript(lines));
    exporter = await startCounting();
    await untilWritten(exporter);
    const end = nextMinute();
    const { series } = await ask('requests', end - 3 * DAY, end - 12 * HOUR, '&by=project');
    expect(series).toContainEqual(expect.objectContaining({ labels: { project: 'pause' }, value: 37 }));
    for (const length of [HOUR, DAY, 7 * DAY, 30 * DAY]) await compare(end - length, end);
    for (let round = 0; round < 15; round++) {
      const begin = end - random.whole(1, 4 * 24 * 60) * MINUTE;
      await compare(begin, Math.min(end, begin + random.whole(1, 24 * 60) * MINUTE));
    }
  });

  test('a database that is new gets all of it again', options, async () => {
    await prometheus.close();
    await exporter.stop();
    await api.stop();
    prometheus = await startPrometheus(pathOf(tool));
    api = await startApi(['--prometheus-url', prometheus.url, '--state-dir', join(directory, 'api')]);
    exporter = await startCounting();
    await untilWritten(exporter);
    const end = nextMinute();
    for (const length of [HOUR, 7 * DAY, 400 * DAY]) await compare(end - length, end);
  });
});
