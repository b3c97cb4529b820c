import { execFile } from 'node:child_process';
import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { getJson, type Status, startExporter, until } from '../tools/parts.ts';

const run = promisify(execFile);
const MAIN = join(import.meta.dirname, '..', '..', 'exporter', 'src', 'main.ts');
const CASE = join(import.meta.dirname, '..', 'fixtures', 'transcripts', 'gateway-ids', 'claude');

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'ccmeter-prices-'));
  cpSync(CASE, join(directory, 'claude'), { recursive: true });
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

/** A file of prices: what a million tokens of the gateway's model cost, in and out. */
function pricesOf(usd: number): string {
  const file = join(directory, `${usd}.json`);
  writeFileSync(file, JSON.stringify({ prices: [{ models: ['glm-5'], input: usd, output: usd }] }));
  return file;
}

/** Samples of one metric on a page, without their labels. */
const values = (page: string, metric: string) =>
  [...page.matchAll(new RegExp(`^${metric}\\{.*\\} (\\S+)$`, 'gm'))].map(([, value]) => Number(value));

/** 1402 input and 39 output tokens. */
const TOKENS = 1441;

test('a file of prices prices what the table does not know', async () => {
  const once = (...more: string[]) => run(process.execPath, [MAIN, 'once', '--claude-dir', join(directory, 'claude'), ...more]);
  const without = await once();
  expect([values(without.stdout, 'ccmeter_cost_usd_total'), values(without.stdout, 'ccmeter_unpriced_tokens_total').length]).toEqual([
    [],
    5,
  ]);
  const priced = await once('--prices', pricesOf(1000));
  expect(values(priced.stdout, 'ccmeter_cost_usd_total')).toEqual([TOKENS / 1000]);
  expect(values(priced.stdout, 'ccmeter_unpriced_tokens_total')).toEqual([]);
});

test('a mistake in it stops the start with one line that names its place', async () => {
  const file = join(directory, 'wrong.json');
  writeFileSync(file, '{"prices": [{"models": ["glm-5"], "input": "0.6", "output": 1}]}');
  const failed = run(process.execPath, [MAIN, 'once', '--claude-dir', join(directory, 'claude'), '--prices', file]);
  await expect(failed).rejects.toMatchObject({
    code: 2,
    stderr: `exporter: --prices is ${file}; prices[0].input is "0.6"; it wants a number of US dollars for a million tokens, from 0 to 10000\n`,
  });
});

test('over restarts a total goes up with a price and never down; what is too much is told', async () => {
  const options = ['--claude-dir', join(directory, 'claude'), '--state-dir', join(directory, 'state')];
  const shown = async (usd: number) => {
    const exporter = await startExporter([...options, '--log-level', 'error'], { CCMETER_PRICES: pricesOf(usd) });
    await until(
      () => getJson<Status>(`${exporter.url}/-/status`),
      ({ phase }) => phase === 'ready',
    );
    const page = await (await fetch(`${exporter.url}/metrics`)).text();
    await exporter.stop();
    return { cost: values(page, 'ccmeter_cost_usd_total'), excess: values(page, 'ccmeter_cost_excess_usd') };
  };
  expect(await shown(1000)).toEqual({ cost: [TOKENS / 1000], excess: [] });
  expect(await shown(2000)).toEqual({ cost: [(2 * TOKENS) / 1000], excess: [] });
  expect(await shown(500)).toEqual({ cost: [(2 * TOKENS) / 1000], excess: [(1.5 * TOKENS) / 1000] });
});
