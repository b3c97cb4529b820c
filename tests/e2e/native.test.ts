import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createNative } from '../../exporter/src/meter/native.ts';
import { renderPage, toPageFamily } from '../../exporter/src/meter/page.ts';
import { encodeWriteRequest } from '../../exporter/src/meter/remote-write.ts';
import { assistantLine, transcript, userLine } from '../fixtures/lines.ts';
import { getJson } from '../tools/parts.ts';
import { startPrometheus, type TestPrometheus } from '../tools/prometheus.ts';
import { Replay, readTree } from '../tools/replay.ts';
import { needs, pathOf } from '../tools/tools.ts';

/**
 * Dashboards made for Claude Code's own telemetry, on the page `/metrics/claude-code`: two sessions of two hours, looked at every minute.
 * The queries ask what public dashboards ask (sums and leaderboards by session, model, type, source and decision, rates by hour, cache
 * use), with the attributes that only telemetry has.
 */

const MINUTE_MS = 60_000;
const END = Math.floor(Date.now() / MINUTE_MS) * MINUTE_MS - MINUTE_MS;
const BEGIN = END - 120 * MINUTE_MS;
const SESSIONS = ['5e551011-0000-4000-a000-000000777001', '5e551011-0000-4000-a000-000000777002'];

const PERSON = 'organization_id=~".*",user_email=~".*"';
const COST = `claude_code_cost_usage_USD_total{${PERSON}}`;
const TOKENS = 'claude_code_token_usage_tokens_total';
const COUNT = 'claude_code_session_count_total';

/** Each session does this, one thing a minute. */
function linesOf(sessionId: string, beginMs: number): { timeMs: number; line: string }[] {
  const at = (minute: number) => new Date(beginMs + minute * MINUTE_MS).toISOString();
  const context = { sessionId };
  const name = sessionId.slice(-3);
  const edit = (minute: number, change: object): object[] => {
    const id = `toolu_01${name}${minute}`;
    const input = { file_path: '/home/someone/code/harbour/a.ts', old_string: 'a', new_string: 'b' };
    const use = assistantLine({ context, timestamp: at(minute), messageId: `msg_01${name}T${minute}`, usage: { input: 2, output: 50 } });
    Object.assign(use.message as object, { content: [{ type: 'tool_use', id, name: 'Edit', input }] });
    const result = userLine({ context, timestamp: at(minute + 0.5) });
    Object.assign(result, {
      message: { role: 'user', content: [{ type: 'tool_result', tool_use_id: id, content: 'ok', is_error: false, ...change }] },
    });
    return [use, result];
  };
  const commit = edit(9, {});
  Object.assign((commit[0] as { message: object }).message, {
    content: [{ type: 'tool_use', id: `toolu_01${name}9`, name: 'Bash', input: { command: 'git commit -m x && gh pr create --fill' } }],
  });
  Object.assign(commit[1] as object, { toolUseResult: { stdout: '[main 1a2b3c4] x\nhttps://github.com/someone/harbour/pull/7' } });
  const patched = edit(5, {});
  Object.assign(patched[1] as object, { toolUseResult: { filePath: 'a.ts', structuredPatch: [{ lines: ['-a', '+b', '+c'] }] } });
  const lines = [
    userLine({ context, timestamp: at(0) }),
    assistantLine({
      context,
      timestamp: at(1),
      messageId: `msg_01${name}A`,
      usage: { input: 100, output: 400, cacheRead: 8000, cacheWrite5m: 1000, cacheWrite1h: 500 },
    }),
    assistantLine({ context, timestamp: at(3), messageId: `msg_01${name}B`, model: 'claude-haiku-4-5-20251001', usage: { output: 300 } }),
    ...patched,
    ...edit(7, { is_error: true, content: "The user doesn't want to proceed with this tool use." }),
    ...commit,
    Object.assign(assistantLine({ context, timestamp: at(11), messageId: `msg_01${name}S`, usage: { output: 40 } }), { isSidechain: true }),
  ];
  return lines.map((line) => ({ timeMs: Date.parse((line as { timestamp: string }).timestamp), line: transcript([line as never]) }));
}

/** Samples of one look: the page as text, read back. */
function readPage(page: string): { name: string; labels: Record<string, string>; value: number }[] {
  return [...page.matchAll(/^(\w+)\{(.*)\} (\S+)$/gm)].map(([, name = '', labels = '', value]) => ({
    name,
    labels: Object.fromEntries([...labels.matchAll(/(\w+)="([^"]*)"/g)].map(([, label = '', text = '']) => [label, text])),
    value: Number(value),
  }));
}

/** Every look at the page, a minute apart, as series. */
async function lookForTwoHours() {
  const replay = new Replay(BEGIN);
  await replay.sweep();
  const native = createNative(() => true);
  const coming = SESSIONS.flatMap((id, at) => linesOf(id, BEGIN + (5 + at * 40) * MINUTE_MS)).sort((a, b) => a.timeMs - b.timeMs);
  const series = new Map<string, { name: string; labels: Record<string, string>; samples: { timeMs: number; value: number }[] }>();
  for (let nowMs = BEGIN; nowMs <= END; nowMs += MINUTE_MS) {
    for (let next = coming[0]; next !== undefined && next.timeMs <= nowMs; next = coming[0]) {
      const session = SESSIONS.find((id) => next?.line.includes(id));
      replay.append(`projects/-home-someone-code-harbour/${session}.jsonl`, Buffer.from(next.line));
      coming.shift();
    }
    await replay.sweep(nowMs);
    for (const { name, labels, value } of readPage(renderPage(native(replay.families()), 'prometheus'))) {
      const key = name + JSON.stringify(labels);
      const one = series.get(key) ?? { name, labels: { ...labels, job: 'claude-code', instance: 'localhost:10054' }, samples: [] };
      one.samples.push({ timeMs: nowMs, value });
      series.set(key, one);
    }
  }
  await replay.close();
  return [...series.values()];
}

/** Question, and the answer where it is exact; where a rate or an increase is estimated, how many values there are. */
const QUERIES: [query: string, answer: { exactly: number[] } | { values: number }][] = [
  [`count(count by (session_id) (max_over_time(${COUNT}{${PERSON}}[2h])))`, { exactly: [2] }],
  [`count by (terminal_type) (count by (session_id, terminal_type) (max_over_time(${COUNT}{${PERSON}}[2h])))`, { exactly: [2] }],
  [`sum(increase(${COUNT}{start_type!="agents_view"}[2h]))`, { values: 1 }],
  [`sum(increase(${COST}[2h]))`, { values: 1 }],
  [`topk(10, sum by (user_email) (increase(${COST}[2h])))`, { values: 1 }],
  [`topk(10, sum by (git_repo) (increase(${COST}[2h])))`, { values: 1 }],
  [`sum by (model) (increase(${COST}[2h]))`, { values: 2 }],
  [`sum by (query_source) (increase(${COST}[2h]))`, { values: 2 }],
  [`sum by (effort) (increase(${COST}[2h]))`, { values: 1 }],
  [`count(count by (user_id) (increase(${COST}[2h]) > 0))`, { exactly: [1] }],
  [`sum(rate(${COST}[2h])) * 3600`, { values: 1 }],
  [`sum by (model) (rate(${COST}[2h])) * 3600`, { values: 2 }],
  [`sum by (model) (changes(${COST}[2h]))`, { values: 2 }],
  [`sum by (type) (rate(${TOKENS}[2h])) * 60`, { values: 4 }],
  [`sum by (type) (${TOKENS})`, { exactly: [212, 1780, 16_000, 3000] }],
  [`sum(rate(${TOKENS}{type="cacheRead"}[2h])) / sum(rate(${TOKENS}{type=~"cacheRead|cacheCreation|input"}[2h]))`, { values: 1 }],
  ['sum(increase(claude_code_commit_count_total[2h])) or vector(0)', { values: 1 }],
  ['sum(claude_code_commit_count_total)', { exactly: [2] }],
  ['sum(claude_code_pull_request_count_total)', { exactly: [2] }],
  ['sum by (type) (claude_code_lines_of_code_count_total)', { exactly: [4, 2] }],
  ['sum by (decision) (claude_code_code_edit_tool_decision_total)', { exactly: [2, 2] }],
  ['sum by (language) (increase(claude_code_code_edit_tool_decision_total[2h]))', { values: 1 }],
  ['sum by (type) (claude_code_active_time_seconds_total)', { values: 1 }],
  // As Claude Code's own page names them.
  ['sum(claude_code_cost_usage_total) / sum(claude_code_cost_usage_USD_total)', { exactly: [1] }],
  ['sum(claude_code_token_usage_total) / sum(claude_code_token_usage_tokens_total)', { exactly: [1] }],
  ['sum(claude_code_active_time_total) / sum(claude_code_active_time_seconds_total)', { exactly: [1] }],
];

describe('a dashboard made for native telemetry', () => {
  const options = needs('prometheus');
  let prometheus: TestPrometheus;

  beforeAll(async () => {
    if (options.skip) return;
    prometheus = await startPrometheus(pathOf('prometheus'));
    const response = await fetch(`${prometheus.url}/api/v1/write`, {
      method: 'POST',
      headers: { 'content-type': 'application/x-protobuf', 'content-encoding': 'snappy', 'x-prometheus-remote-write-version': '0.1.0' },
      body: new Uint8Array(encodeWriteRequest(await lookForTwoHours())),
    });
    expect(response.status, await response.text()).toBe(204);
  });

  afterAll(async () => {
    if (!options.skip) await prometheus.close();
  });

  test.each(QUERIES)('%s', options, async (query, answer) => {
    const { data } = await getJson<{ data: { result: { value: [number, string] }[] } }>(
      `${prometheus.url}/api/v1/query?time=${END / 1000}&query=${encodeURIComponent(query)}`,
    );
    const values = data.result.map(({ value }) => Number(value[1]));
    if ('exactly' in answer) expect(values.sort((a, b) => a - b)).toEqual(answer.exactly.sort((a, b) => a - b));
    else {
      expect(values).toHaveLength(answer.values);
      for (const value of values) expect(value).toBeGreaterThan(0);
    }
  });
});

test('promtool finds nothing to say about any page', needs('promtool'), async () => {
  const replay = new Replay(END);
  for (const { path, bytes } of readTree(join(import.meta.dirname, '..', 'fixtures', 'transcripts'))) {
    replay.append(path.replace(/^.*?claude\//, ''), bytes);
  }
  await replay.sweep();
  const families = replay.families();
  for (const shown of [families.map(toPageFamily), createNative(() => true)(families)]) {
    const page = renderPage(shown, 'prometheus');
    expect(page.split('\n').length).toBeGreaterThan(20);
    const { status, stdout, stderr } = spawnSync(pathOf('promtool'), ['check', 'metrics'], { input: page, encoding: 'utf8' });
    expect({ status, stdout, stderr }).toEqual({ status: 0, stdout: '', stderr: '' });
  }
  await replay.close();
});
