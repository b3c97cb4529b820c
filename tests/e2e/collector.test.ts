import { appendFileSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { pipeline } from '../../deploy/dashboards/pipeline.ts';
import { createRandom } from '../../deploy/local/demo/random.ts';
import { writeHistory } from '../../deploy/local/demo/tree.ts';
import { alerts } from '../../deploy/rules/alerts.ts';
import { assistantLine, transcript } from '../fixtures/lines.ts';
import { createCollector, type TestCollector } from '../tools/collector.ts';
import { startContainers } from '../tools/containers.ts';
import { readLedger } from '../tools/ledger.ts';
import { comparePanels, MINUTE, nextMinute } from '../tools/panels.ts';
import { getJson, type Part, startApi, startExporter, until } from '../tools/parts.ts';
import { startPrometheus, type TestPrometheus } from '../tools/prometheus.ts';
import { needs, pathOf, type ToolName } from '../tools/tools.ts';
import { startVictoriaMetrics } from '../tools/victoria-metrics.ts';

/** Exports come this often here, else every minute. */
const EXPORT_MS = 400;

/** What a way is made of. */
interface Stack {
  prometheus: TestPrometheus;
  collector: TestCollector;
  close(): Promise<void>;
}

interface Way {
  name: string;
  wants: ToolName[];
  /** What the collector has taken waits on disk, and not in memory. */
  keeps: boolean;
  start(directory: string): Promise<Stack>;
}

/** Programs of this machine. */
function native(startDatabase: () => Promise<TestPrometheus>, configurations: string[]): Way['start'] {
  return async (directory) => {
    const prometheus = await startDatabase();
    const sink = {
      CCMETER_COLLECTOR_PROMETHEUS: `${prometheus.url}/api/v1/otlp`,
      CCMETER_COLLECTOR_REMOTE_WRITE: `${prometheus.url}/api/v1/write`,
    };
    const collector = await createCollector(directory, sink, configurations);
    const close = async () => {
      await collector.kill();
      await prometheus.close();
    };
    return { prometheus, collector, close };
  };
}

const REMOTE_WRITE = ['deploy/collector/remote-write.yaml'];

const WAYS: Way[] = [
  {
    name: 'OTLP into Prometheus 3',
    wants: ['collector', 'prometheus3'],
    keeps: true,
    start: native(() => startPrometheus(pathOf('prometheus3'), ['--web.enable-otlp-receiver']), []),
  },
  {
    name: 'remote write into Prometheus',
    wants: ['collector', 'prometheus'],
    keeps: false,
    start: native(() => startPrometheus(pathOf('prometheus')), REMOTE_WRITE),
  },
  {
    name: 'remote write into VictoriaMetrics',
    wants: ['collector', 'victoriametrics'],
    keeps: false,
    start: native(startVictoriaMetrics, REMOTE_WRITE),
  },
  { name: 'the images of compose.yaml', wants: ['images'], keeps: true, start: startContainers },
];

describe.each(WAYS)('exporter, collector with our configuration, $name', ({ wants: tools, keeps, start }) => {
  const wants = needs(...tools);
  const directory = mkdtempSync(join(tmpdir(), 'ccmeter-collector-'));
  const claudeDir = join(directory, 'claude');
  const stateDir = join(directory, 'exporter');
  let stack: Stack;
  let prometheus: TestPrometheus;
  let collector: TestCollector;
  let exporter: Part;
  let api: Part;
  const random = createRandom(7);
  let written = 0;

  beforeAll(async () => {
    if (wants.skip) return;
    stack = await start(join(directory, 'collector'));
    ({ prometheus, collector } = stack);
    await collector.start();
    writeHistory(claudeDir, Date.now() - 3_600_000, random, 20);
    api = await startApi(['--prometheus-url', prometheus.url, '--state-dir', join(directory, 'api')]);
    exporter = await startExporter(['--claude-dir', claudeDir, '--state-dir', stateDir, '--log-level', 'error'], {
      OTEL_EXPORTER_OTLP_ENDPOINT: collector.grpcUrl,
      OTEL_METRIC_EXPORT_INTERVAL: String(EXPORT_MS),
      OTEL_METRIC_EXPORT_TIMEOUT: String(EXPORT_MS),
    });
  });

  afterAll(async () => {
    if (!wants.skip) {
      await exporter.stop();
      await api.stop();
      await stack.close();
    }
    rmSync(directory, { recursive: true, force: true });
  });

  /** All series that Prometheus has now, as lines of a page, without what names the process that sent them. */
  async function stored(): Promise<Map<string, number>> {
    const query = encodeURIComponent('{__name__=~"ccmeter_.+"}');
    const { data } = await getJson<{ data: { result: { metric: Record<string, string>; value: [number, string] }[] } }>(
      `${prometheus.url}/api/v1/query?query=${query}`,
    );
    return new Map(
      data.result.map(({ metric, value }) => {
        const { __name__: name = '', job, instance, ...labels } = metric;
        expect(job).toBe('ccmeter');
        expect(instance).toMatch(/^[0-9a-f-]{36}$/);
        return [seriesName(name, labels), Number(value[1])];
      }),
    );
  }

  /** The same of the page that a scrape gets. */
  async function page(): Promise<Map<string, number>> {
    const text = await (await fetch(`${exporter.url}/metrics`)).text();
    const samples = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
    return new Map(samples.map(parseSample));
  }

  /** Until Prometheus has what the page shows. A series is shown at 0 on a page when it is born, so that may take a second look. */
  async function untilSame(): Promise<void> {
    await until(
      async () => compare(await stored(), await page()),
      (found) => found.length === 0,
    );
  }

  /** Over all history, the last minutes, and ranges at random. */
  async function expectExactPanels(): Promise<void> {
    const end = nextMinute();
    const wish = (begin: number, until = end) => comparePanels(api.url, stateDir, random, begin, until);
    for (const minutes of [2, 60, 24 * 60, 400 * 24 * 60]) await wish(end - minutes * MINUTE);
    for (let round = 0; round < 10; round++) {
      const begin = end - random.whole(1, 20 * 24 * 60) * MINUTE;
      await wish(begin, Math.min(end, begin + random.whole(1, 5 * 24 * 60) * MINUTE));
    }
  }

  const tokens = () => readLedger(stateDir).total('ccmeter_tokens_total');

  async function storedTokens(): Promise<number> {
    const series = await stored();
    return [...series].reduce((sum, [name, value]) => sum + (name.startsWith('ccmeter_tokens_total{') ? value : 0), 0);
  }

  /** A response of so many tokens, now. */
  async function respond(count: number): Promise<void> {
    const before = tokens();
    const context = { sessionId: '5e551011-0000-4000-a000-00000000c011', cwd: '/home/demo/collector' };
    const folder = join(claudeDir, 'projects', '-home-demo-collector');
    mkdirSync(folder, { recursive: true });
    written += 1;
    const line = assistantLine({ context, messageId: `msg_01COLLECT${written}`, usage: { input: 0, output: count } });
    appendFileSync(join(folder, `${context.sessionId}.jsonl`), transcript([line]));
    await until(
      async () => tokens(),
      (total) => total === before + count,
    );
  }

  async function failures(): Promise<number> {
    const name = [...(await page())].find(([series]) => /^ccmeter_exporter_exports_total\{.*result="failed"/.test(series));
    return name?.[1] ?? 0;
  }

  test('names, labels and totals are those of the page', wants, async () => {
    await until(
      () => fetch(`${exporter.url}/-/ready`),
      ({ ok }) => ok,
    );
    await untilSame();
    expect(await storedTokens()).toBe(tokens());
    expect(tokens()).toBeGreaterThan(1_000_000);
  });

  test('what the dashboard shows is what the ledger says, for all of history', wants, async () => {
    const ledger = readLedger(stateDir);
    const [begin, end] = [0, nextMinute()];
    expect(ledger.added('ccmeter_tokens_total', begin, end - 24 * 60 * MINUTE)).toBeGreaterThan(1_000_000);
    await expectExactPanels();
  });

  test('a collector that was killed for the time of many exports: totals are right, nothing twice', wants, async () => {
    await respond(11);
    await until(storedTokens, (total) => total === tokens());
    await collector.kill();
    const failed = await failures();
    await respond(22);
    await until(failures, (count) => count >= failed + 5);
    await respond(33);
    await collector.start();
    await untilSame();
    expect(await storedTokens()).toBe(tokens());
    await expectExactPanels();
  });

  test('a Prometheus that was away: the queue of the collector, killed meanwhile as well, has everything', wants, async () => {
    await prometheus.stop();
    await respond(44);
    const { metricsUrl } = collector;
    const waiting = async () => Number(/^otelcol_exporter_queue_size\{.*\} (\S+)$/m.exec(await (await fetch(metricsUrl)).text())?.[1] ?? 0);
    if (keeps) await until(waiting, (size) => size > 0);
    await collector.kill();
    await collector.start();
    await respond(55);
    await prometheus.start();
    await untilSame();
    expect(await storedTokens()).toBe(tokens());
    // The queue in memory may have lost when it was that a total rose.
    if (keeps) await expectExactPanels();
  });

  test('the figures of the collector that dashboards and alerts ask for exist', wants, async () => {
    const read = async () => (await fetch(collector.metricsUrl)).text();
    const figures = await until(read, (text) => text.includes('otelcol_receiver_accepted_metric_points'));
    const asked = [pipeline, ...alerts].flatMap((one) => JSON.stringify(one).match(/otelcol_\w+/g) ?? []);
    // Remote write has a queue of its own, without figures; nothing has been refused yet.
    const absent = !keeps ? /queue|refused/ : /refused/;
    for (const name of asked.filter((figure) => !absent.test(figure))) expect(figures).toContain(`${name}{`);
  });

  test("Claude Code's own telemetry, sent as deltas, arrives as totals", wants, async () => {
    const begun = BigInt(Date.now()) * 1_000_000n;
    for (const [at, value] of [1.5, 2.5].entries()) {
      const step = BigInt(at) * 1_000_000_000n;
      const response = await fetch(`${collector.httpUrl}/v1/metrics`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(nativeCost(begun + step, begun + step + 1_000_000_000n, value)),
      });
      expect(response.status, await response.text()).toBe(200);
    }
    // In two seconds, when the second delta is no longer in the future.
    const ask = () =>
      getJson<{ data: { result: { metric: Record<string, string>; value: [number, string] }[] } }>(
        `${prometheus.url}/api/v1/query?query=claude_code_cost_usage_USD_total`,
      );
    const { data } = await until(ask, (answer) => answer.data.result[0]?.value[1] === '4');
    expect(data.result).toHaveLength(1);
    expect(data.result[0]?.metric).toMatchObject({ job: 'claude-code', model: 'm', session_id: 's' });
  });
});

/** What Claude Code sends by default: a delta. */
function nativeCost(startTimeUnixNano: bigint, timeUnixNano: bigint, asDouble: number): object {
  const attributes = Object.entries({ model: 'm', 'session.id': 's', 'user.email': 'ada@example.org' }).map(([key, stringValue]) => ({
    key,
    value: { stringValue },
  }));
  const point = { attributes, startTimeUnixNano: String(startTimeUnixNano), timeUnixNano: String(timeUnixNano), asDouble };
  const sum = { aggregationTemporality: 1, isMonotonic: true, dataPoints: [point] };
  const resource = { attributes: [{ key: 'service.name', value: { stringValue: 'claude-code' } }] };
  const scope = { name: 'com.anthropic.claude_code' };
  return { resourceMetrics: [{ resource, scopeMetrics: [{ scope, metrics: [{ name: 'claude_code.cost.usage', unit: 'USD', sum }] }] }] };
}

function seriesName(name: string, labels: Record<string, string>): string {
  // Prometheus 3 writes the bounds of buckets its own way, 60 as 60.0; a label without a value is no label.
  const entries = Object.entries(labels)
    .filter(([, value]) => value !== '')
    .map(([key, value]) => `${key}="${key === 'le' && value !== '+Inf' ? Number(value) : value}"`);
  return `${name}{${entries.sort().join(',')}}`;
}

function parseSample(line: string): [string, number] {
  const [, name = '', inside = '', value = ''] = /^([^{ ]+)(?:\{(.*)\})? (\S+)$/.exec(line) ?? [];
  const labels = [...inside.matchAll(/(\w+)="((?:[^"\\]|\\.)*)"/g)].map(([, key = '', text = '']) => [key, text]);
  return [seriesName(name, Object.fromEntries(labels)), Number(value)];
}

/** What moves by itself: the exporter's own health, and what depends on the moment. */
const MOVES = /^ccmeter_(exporter|sessions_active|history)_?/;

/** The first differences between two pages. */
function compare(left: Map<string, number>, right: Map<string, number>): string[] {
  const differs = (name: string) =>
    !left.has(name) || !right.has(name) || (!MOVES.test(name) && Math.abs((left.get(name) ?? 0) - (right.get(name) ?? 0)) > 1e-9);
  return [...new Set([...left.keys(), ...right.keys()])].filter(differs).map((name) => `${name}: ${left.get(name)} and ${right.get(name)}`);
}
