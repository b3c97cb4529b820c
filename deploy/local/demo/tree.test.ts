import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createRandom } from './random.ts';
import { writeHistory } from './tree.ts';

const NOW = Date.UTC(2026, 10, 20, 12);
const DAYS = 30;
let directory: string;

beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'ccmeter-demo-'));
  for (const name of ['one', 'two']) writeHistory(join(directory, name), NOW, createRandom(7), DAYS);
});

afterAll(() => rmSync(directory, { recursive: true }));

function transcripts(name: string): Map<string, string> {
  const root = join(directory, name);
  const files = readdirSync(root, { recursive: true, encoding: 'utf8' }).filter((path) => path.endsWith('.jsonl'));
  return new Map(files.sort().map((path) => [path, readFileSync(join(root, path), 'utf8')]));
}

interface Read {
  timestamp: string;
  isSidechain: boolean;
  message?: { id?: string; stop_reason?: string | null; usage?: { output_tokens: number } };
}

function lines(): { path: string; line: Read }[] {
  return [...transcripts('one')].flatMap(([path, text]) =>
    text
      .trimEnd()
      .split('\n')
      .map((line) => ({ path, line: JSON.parse(line) as Read })),
  );
}

test('is the same for the same seed', () => {
  expect([...transcripts('one')]).toEqual([...transcripts('two')]);
});

test('ends now and begins when it should', () => {
  const times = lines().map(({ line }) => Date.parse(line.timestamp));
  expect(Math.max(...times)).toBeLessThanOrEqual(NOW);
  expect(Math.min(...times)).toBeGreaterThan(NOW - (DAYS + 1) * 86_400_000);
});

test('keeps subagents in transcripts of their own', () => {
  const sidechains = lines().filter(({ line }) => line.isSidechain);
  expect(sidechains.length).toBeGreaterThan(0);
  expect(sidechains.every(({ path }) => /[0-9a-f-]{36}\/subagents\/agent-[0-9a-f]+\.jsonl$/.test(path))).toBe(true);
});

test('writes a response in several lines, output growing, with a stop reason at the end', () => {
  const responses = Map.groupBy(
    lines().filter(({ line }) => line.message?.usage),
    ({ line }) => line.message?.id,
  );
  const streamed = [...responses.values()].filter((parts) => parts.length > 1).map((parts) => parts.map(({ line }) => line.message));
  expect(streamed.length).toBeGreaterThan(10);
  for (const [first, last] of streamed) {
    expect(first?.stop_reason).toBeNull();
    expect(last?.usage?.output_tokens).toBeGreaterThan(first?.usage?.output_tokens ?? Number.POSITIVE_INFINITY);
    expect(last?.stop_reason).not.toBeNull();
  }
});

test('has something of everything that is counted', () => {
  const all = [...transcripts('one').values()].join('');
  for (const part of [
    '"name":"TodoWrite"',
    '"isCompactSummary":true',
    'git commit',
    'gh pr create',
    '"name":"Skill"',
    '"structuredPatch":[{',
  ]) {
    expect(all).toContain(part);
  }
});

test('has statistics of Claude Code that end some days ago and count every line', () => {
  const stats = JSON.parse(readFileSync(join(directory, 'one', 'stats-cache.json'), 'utf8'));
  expect(stats.lastComputedDate).toBe('2026-11-17');
  expect(stats.dailyActivity.at(-1).date <= stats.lastComputedDate).toBe(true);
  expect(stats.totalSessions).toBeGreaterThan(10);
});
