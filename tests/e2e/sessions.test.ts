import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createRandom } from '../../deploy/local/demo/random.ts';
import { writeHistory } from '../../deploy/local/demo/tree.ts';
import type { SessionDetail, SessionSummary, Stats } from '../../query-api/src/client.ts';
import { getJson, type Part, type Status, startApi, startExporter, until, untilWritten } from '../tools/parts.ts';
import { startPrometheus, type TestPrometheus } from '../tools/prometheus.ts';
import { needs, pathOf } from '../tools/tools.ts';

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;
const NANO = 1e9;

interface Panel {
  series: { labels: Record<string, string>; value: number }[];
}

/** Signed events, taken in and added up by session, against what Prometheus says of the same transcripts. */
describe('sessions add up to the metrics', () => {
  const options = needs('prometheus');
  const directory = mkdtempSync(join(tmpdir(), 'ccmeter-sessions-'));
  const keysFile = join(directory, 'keys.json');
  let prometheus: TestPrometheus;
  let exporter: Part;
  let api: Part;
  let sessions: SessionSummary[];

  async function allSessions(): Promise<SessionSummary[]> {
    const found: SessionSummary[] = [];
    let cursor: string | null = '';
    while (cursor !== null) {
      const path: string = `${api.url}/api/sessions?sort=cost&limit=17${cursor === '' ? '' : `&cursor=${cursor}`}`;
      const page = await getJson<{ sessions: SessionSummary[]; next: string | null }>(path);
      found.push(...page.sessions);
      cursor = page.next;
    }
    return found;
  }

  /** Totals over everything, by the values of a label. */
  async function totals(id: string, by: string): Promise<Map<string, number>> {
    const end = Math.ceil((Date.now() + 1) / MINUTE) * MINUTE;
    const { series } = await getJson<Panel>(`${api.url}/api/panels/${id}?start=${(end - 400 * DAY) / 1000}&end=${end / 1000}&by=${by}`);
    return new Map(series.map(({ labels, value }) => [labels[by] ?? '', id === 'cost' ? Math.round(value * NANO) : value]));
  }

  function sums(amountOf: (session: SessionSummary) => number): Map<string, number> {
    const byProject = new Map<string, number>();
    for (const session of sessions) byProject.set(session.project ?? '', (byProject.get(session.project ?? '') ?? 0) + amountOf(session));
    return new Map([...byProject].filter(([, value]) => value !== 0));
  }

  beforeAll(async () => {
    if (options.skip) return;
    prometheus = await startPrometheus(pathOf('prometheus'));
    writeHistory(join(directory, 'claude'), Date.now() - DAY, createRandom(7), 30);
    writeFileSync(keysFile, '{"keys":[]}');
    api = await startApi(['--prometheus-url', prometheus.url, '--state-dir', join(directory, 'api'), '--source-keys-file', keysFile]);
    const write = ['--remote-write-url', `${prometheus.url}/api/v1/write`, '--remote-write-id', prometheus.dataId];
    const read = ['--claude-dir', join(directory, 'claude'), '--state-dir', join(directory, 'exporter')];
    exporter = await startExporter([...read, ...write, '--events-url', `${api.url}/events`]);
    const { host, publicKey } = await getJson<Status>(`${exporter.url}/-/status`);
    // Nobody is let in until the key is there; then everything that has waited comes.
    writeFileSync(keysFile, JSON.stringify({ keys: [{ source_id: host, public_key: publicKey }] }));
    await untilWritten(exporter);
    await until(
      () => getJson<Status>(`${exporter.url}/-/status`),
      ({ outboxEvents }) => outboxEvents === 0,
    );
    sessions = await allSessions();
  });

  afterAll(async () => {
    if (!options.skip) {
      await exporter.stop();
      await api.stop();
      await prometheus.close();
    }
    rmSync(directory, { recursive: true, force: true });
  });

  test('tokens, requests and money by project', options, async () => {
    expect(sums(({ tokens }) => tokens)).toEqual(await totals('tokens', 'project'));
    expect(sums(({ requests }) => requests)).toEqual(await totals('requests', 'project'));
    expect(sums(({ costUsd }) => Math.round(costUsd * NANO))).toEqual(await totals('cost', 'project'));
    expect(sums(() => 1)).toEqual(await totals('sessions', 'project'));
    expect(sessions.length).toBeGreaterThan(20);
  });

  test('tokens and money by model, of each session', options, async () => {
    const details: { session: SessionDetail }[] = [];
    for (const { id } of sessions) details.push(await getJson<{ session: SessionDetail }>(`${api.url}/api/sessions/${id}`));
    const tokens = new Map<string, number>();
    const money = new Map<string, number>();
    for (const { session } of details) {
      for (const { model, costUsd, inputTokens, outputTokens, cacheReadTokens, cacheWrite5mTokens, cacheWrite1hTokens } of session.usage) {
        const all = inputTokens + outputTokens + cacheReadTokens + cacheWrite5mTokens + cacheWrite1hTokens;
        tokens.set(model, (tokens.get(model) ?? 0) + all);
        if (costUsd !== 0) money.set(model, (money.get(model) ?? 0) + Math.round(costUsd * NANO));
      }
    }
    expect(tokens).toEqual(await totals('tokens', 'model'));
    expect(money).toEqual(await totals('cost', 'model'));
  });

  test('tool calls by tool and by what came of them', options, async () => {
    const end = Math.ceil((Date.now() + 1) / MINUTE) * MINUTE;
    const { tools, calls } = await getJson<Stats>(`${api.url}/api/stats?start=${(end - 400 * DAY) / 1000}&end=${end / 1000}`);
    expect(new Map(tools.filter(({ finished }) => finished > 0).map(({ tool, finished }) => [tool, finished]))).toEqual(
      await totals('tool_calls', 'tool'),
    );
    const results = await totals('tool_calls', 'result');
    expect(calls).toMatchObject({
      failed: results.get('error') ?? 0,
      rejected: results.get('rejected') ?? 0,
      blocked: results.get('blocked') ?? 0,
    });
    expect(calls.finished).toBeGreaterThan(50);
    expect(sums(({ toolCalls }) => toolCalls)).toEqual(await totals('tool_calls', 'project'));
  });

  test('money of the last 24 hours is within that of the whole minutes around them', options, async () => {
    const { costUsd } = await getJson<Stats>(`${api.url}/api/stats`);
    const now = Date.now();
    const ask = async (begin: number, end: number) => {
      const { series } = await getJson<Panel>(`${api.url}/api/panels/cost?start=${Math.floor(begin / 1000)}&end=${Math.floor(end / 1000)}`);
      return series[0]?.value ?? 0;
    };
    expect(costUsd.last24Hours).toBeLessThanOrEqual((await ask(now - DAY - 2 * MINUTE, now + MINUTE)) + 1e-6);
    expect(costUsd.last24Hours).toBeGreaterThanOrEqual((await ask(now - DAY + 2 * MINUTE, now + MINUTE)) - 1e-6);
  });
});
