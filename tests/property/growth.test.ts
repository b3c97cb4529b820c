import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { createRandom, type Random } from '../../deploy/local/demo/random.ts';
import { type GrowingFile, inOrder, knowledge, Replay, readTree } from '../tools/replay.ts';

/**
 * Transcripts that grow give what one scan of them gives, whatever the pieces in which they are read. The same is tried with every byte as a
 * piece of its own, and on real transcripts, in `tests/e2e/growth.test.ts`.
 */

const CASES = join(import.meta.dirname, '..', 'fixtures', 'transcripts');
const BEFORE = Date.parse('2025-01-01T00:00:00.000Z');
const AFTER = Date.parse('2026-10-01T00:00:00.000Z');
const SEEDS = [1, 2];

/** The end of a session, and that a response was never finished, is noticed when it is so; who looks later sees something else. */
const NOTICED = /^ccmeter_(session_duration_seconds|unfinished_requests_total|todos_abandoned_total)/;

/** What counts on its way what came before it, between files only in the order of time; and what counts where something belongs. */
const IN_ORDER = /^ccmeter_(active_seconds_total|sessions_resumed_total|tool_duration_seconds|agent_(tokens|cost_usd)_total)/;

/** The hour of a response is that of the line that was counted first; in this case the first is not the earliest. */
const LABELS: Record<string, string[]> = { 'unordered-times': ['hour', 'weekday'] };

/** The model of a response is the one that was counted first: this case has a test of its own. */
const FALLBACK = 'model-fallback';

const without = (totals: Record<string, number>, ...patterns: RegExp[]) =>
  Object.fromEntries(Object.entries(totals).filter(([key]) => !patterns.some((pattern) => pattern.test(key))));

async function scanAtOnce(files: readonly GrowingFile[]): Promise<Replay> {
  const replay = new Replay(AFTER);
  for (const { path, bytes } of files) replay.append(path, bytes);
  await replay.sweep();
  return replay;
}

/** Lines come when they were written, in pieces; the clock goes with them. */
async function growInOrder(files: readonly GrowingFile[], random: Random): Promise<Replay> {
  const replay = new Replay(BEFORE);
  await replay.sweep();
  for (const { path, timeMs, bytes } of inOrder(files)) {
    for (let at = 0; at < bytes.length; ) {
      const size = random.whole(1, bytes.length);
      replay.append(path, bytes.subarray(at, at + size));
      at += size;
      if (random.next() < 0.7) await replay.sweep(timeMs);
    }
  }
  await replay.sweep(AFTER);
  return replay;
}

/** Pieces of all files come in any order, a copy before what it was copied from. */
async function growAnyhow(files: readonly GrowingFile[], random: Random): Promise<Replay> {
  const replay = new Replay(AFTER);
  if (random.next() < 0.5) await replay.sweep();
  const rest = files.map(({ path, bytes }) => ({ path, bytes }));
  while (rest.length > 0) {
    const index = random.whole(0, rest.length - 1);
    const file = rest[index];
    if (file === undefined) break;
    const size = random.whole(1, 600);
    replay.append(file.path, file.bytes.subarray(0, size));
    file.bytes = file.bytes.subarray(size);
    if (file.bytes.length === 0) rest.splice(index, 1);
    if (random.next() < 0.5) await replay.sweep();
  }
  await replay.sweep();
  return replay;
}

describe.each(readdirSync(CASES).filter((name) => name !== FALLBACK))('%s', (name) => {
  const files = readTree(join(CASES, name, 'claude'));

  test('read as it was written, in pieces, it gives the totals and events of one scan', async () => {
    const labels = LABELS[name] ?? [];
    const once = await scanAtOnce(files);
    for (const seed of SEEDS) {
      const grown = await growInOrder(files, createRandom(seed));
      expect(without(grown.totals(labels), NOTICED), `seed ${seed}`).toEqual(without(once.totals(labels), NOTICED));
      expect(knowledge(grown.events()), `seed ${seed}`).toEqual(knowledge(once.events()));
      await grown.close();
    }
    await once.close();
  }, 60_000);

  test('read in any order it gives the same totals, wherever they belong', async () => {
    // What is settled stays where it was first seen: these labels say where.
    const labels = ['project', 'agent', 'hour', 'weekday'];
    const fields = ['sessionId', 'project', 'agent', 'agentType', 'durationSeconds', 'timestamp'];
    const once = await scanAtOnce(files);
    for (const seed of SEEDS) {
      const grown = await growAnyhow(files, createRandom(seed));
      expect(without(grown.totals(labels), NOTICED, IN_ORDER), `seed ${seed}`).toEqual(without(once.totals(labels), NOTICED, IN_ORDER));
      expect(knowledge(grown.events(), fields), `seed ${seed}`).toEqual(knowledge(once.events(), fields));
      await grown.close();
    }
    await once.close();
  }, 60_000);
});

test('a response that falls back to another model stays with the one it was counted with, and counts once', async () => {
  const grown = await growInOrder(readTree(join(CASES, FALLBACK, 'claude')), createRandom(1));
  expect(grown.totals()).toMatchObject({
    'ccmeter_requests_total{project=harbour,model=claude-opus-5,agent=main}': 1,
    'ccmeter_tokens_total{project=harbour,model=claude-opus-5,agent=main,kind=output}': 60,
    // Of the first line; the whole has 2, and a total does not fall.
    'ccmeter_tokens_total{project=harbour,model=claude-opus-5,agent=main,kind=input}': 700,
  });
  expect(Object.keys(grown.totals()).filter((key) => key.includes('sonnet'))).toEqual([]);
  await grown.close();
});
