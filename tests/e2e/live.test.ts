import { appendFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createRandom } from '../../deploy/local/demo/random.ts';
import { writeHistory } from '../../deploy/local/demo/tree.ts';
import { assistantLine, transcript, userLine } from '../fixtures/lines.ts';
import { startBrowser } from '../tools/browser.ts';
import { getJson, type Part, type Status, startApi, startExporter, until, untilWritten } from '../tools/parts.ts';
import { startPrometheus, type TestPrometheus } from '../tools/prometheus.ts';
import { needs, pathOf } from '../tools/tools.ts';

const options = needs('prometheus', 'chromium', 'web');
const directory = mkdtempSync(join(tmpdir(), 'ccmeter-live-'));
const claudeDir = join(directory, 'claude');
const random = createRandom(5);
const context = { sessionId: random.uuid(), cwd: '/home/demo/lighthouse' };
const path = join(claudeDir, 'projects', '-home-demo-lighthouse', `${context.sessionId}.jsonl`);

let prometheus: TestPrometheus;
let api: Part;
let exporter: Part;
let browser: Browser;

beforeAll(async () => {
  if (options.skip) return;
  writeHistory(claudeDir, Date.now() - 86_400_000, random, 10);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, transcript([userLine({ context }), say(1)]));
  prometheus = await startPrometheus(pathOf('prometheus'));
  const paths = ['--state-dir', join(directory, 'api'), '--web-dir', pathOf('web')];
  api = await startApi(['--prometheus-url', prometheus.url, ...paths]);
  const write = ['--remote-write-url', `${prometheus.url}/api/v1/write`, '--remote-write-id', prometheus.dataId];
  exporter = await startExporter([
    '--claude-dir',
    claudeDir,
    '--state-dir',
    join(directory, 'exporter'),
    '--events-url',
    `${api.url}/events`,
    ...write,
  ]);
  await untilWritten(exporter);
  await until(
    () => getJson<Status>(`${exporter.url}/-/status`),
    ({ outboxEvents }) => outboxEvents === 0,
  );
  browser = await startBrowser();
});

afterAll(async () => {
  if (options.skip) return;
  await browser.close();
  await exporter.stop();
  await api.stop();
  await prometheus.close();
  rmSync(directory, { recursive: true, force: true });
});

/** A response of the watched session. */
function say(output: number) {
  return assistantLine({ context, model: 'claude-opus-5', usage: { input: 2, output } });
}

function appendLine(output: number): void {
  appendFileSync(path, transcript([say(output)]));
}

/** The output tokens of the watched session's project on the page. */
async function outputOnPage(): Promise<number> {
  const page = await (await fetch(`${exporter.url}/metrics`)).text();
  return Number(/^ccmeter_tokens_total\{.*project="lighthouse".*kind="output"\} (\d+)$/m.exec(page)?.[1]);
}

test('an appended line is on the page', options, async () => {
  const before = await outputOnPage();
  appendLine(100);
  await until(outputOnPage, (output) => output === before + 100);
});

test('an appended line is in the stream', options, async () => {
  const closing = new AbortController();
  const response = await fetch(`${api.url}/api/stream?type=usage&project=lighthouse`, { signal: closing.signal });
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
  appendLine(4321);
  let text = '';
  while (!text.includes('"outputTokens":4321')) text += (await reader?.read())?.value ?? '';
  expect(text).toMatch(/^id: \d+$/m);
  closing.abort();
});

test('an appended line is in Live and in Overview', options, async () => {
  const live = await browser.newPage();
  const overview = await browser.newPage();
  await live.goto(`${api.url}/live`);
  await overview.goto(`${api.url}/?range=1h&project=lighthouse`);
  const errors: string[] = [];
  for (const page of [live, overview]) page.on('console', (message) => message.type() === 'error' && errors.push(message.text()));
  await live.getByText('lighthouse').first().waitFor();
  await overview.getByText('Tokens').first().waitFor();
  appendLine(77_777);
  await Promise.all([
    live.getByText('77.8K').first().waitFor(),
    overview
      .getByText(/77\.\dK|8\d\.\dK/)
      .first()
      .waitFor(),
  ]);
  expect(errors).toEqual([]);
});
