import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { createRandom } from '../../deploy/local/demo/random.ts';
import { type GrowingFile, inOrder, knowledge, Replay, readTree } from '../tools/replay.ts';
import { needs, pathOf } from '../tools/tools.ts';

const CASES = join(import.meta.dirname, '..', 'fixtures', 'transcripts');
const BEFORE = Date.parse('2025-01-01T00:00:00.000Z');
const AFTER = Date.parse('2026-10-01T00:00:00.000Z');

/** As in `tests/property/growth.test.ts`: seen when it is so, and by the time at which something was first counted. */
const NOTICED = /^ccmeter_(session_duration_seconds|unfinished_requests_total|todos_abandoned_total)/;
const LABELS = ['hour', 'weekday'];

const totals = (replay: Replay) => Object.fromEntries(Object.entries(replay.totals(LABELS)).filter(([key]) => !NOTICED.test(key)));

async function expectSame(grown: Replay, files: readonly GrowingFile[]): Promise<void> {
  const once = new Replay(AFTER);
  for (const { path, bytes } of files) once.append(path, bytes);
  await once.sweep();
  expect(totals(grown)).toEqual(totals(once));
  expect(knowledge(grown.events())).toEqual(knowledge(once.events()));
  await Promise.all([once.close(), grown.close()]);
}

/** Where a case is longer than this, seven bytes are a piece: with every byte it would take minutes. */
const LONG_BYTES = 8000;

// The model of this one is the one that was counted first.
test.each(readdirSync(CASES).filter((name) => name !== 'model-fallback'))(
  '%s grows byte by byte',
  async (name) => {
    const files = readTree(join(CASES, name, 'claude'));
    const size = files.reduce((sum, { bytes }) => sum + bytes.length, 0) > LONG_BYTES ? 7 : 1;
    const replay = new Replay(BEFORE);
    await replay.sweep();
    for (const { path, timeMs, bytes } of inOrder(files)) {
      for (let at = 0; at < bytes.length; at += size) {
        replay.append(path, bytes.subarray(at, at + size));
        await replay.sweep(timeMs);
      }
    }
    await replay.sweep(AFTER);
    await expectSame(replay, files);
  },
  120_000,
);

test('a line that is taken back stays counted, and everything else counts once', async () => {
  const lines = inOrder(readTree(join(CASES, 'streamed-response', 'claude')));
  const replay = new Replay(BEFORE);
  await replay.sweep();
  let length = 0;
  for (const { path, timeMs, bytes } of lines) {
    replay.append(path, bytes);
    await replay.sweep(timeMs);
    // As 2.1.69 does after an error of the stream: the last line goes, and is written again.
    replay.cut(path, length);
    await replay.sweep(timeMs);
    replay.append(path, bytes);
    await replay.sweep(timeMs);
    length += bytes.length;
  }
  await replay.sweep(AFTER);
  await expectSame(replay, readTree(join(CASES, 'streamed-response', 'claude')));
});

/** Real transcripts at successive moments, each the beginning of the next. */
function readMoments(): { path: string; moments: Buffer[] }[] {
  const root = join(pathOf('corpus'), '..', 'corpus-growth');
  return readdirSync(root).flatMap((repository) =>
    readdirSync(join(root, repository)).map((session) => ({
      path: join('projects', repository, `${session}.jsonl`),
      moments: readdirSync(join(root, repository, session))
        .sort()
        .map((name) => readFileSync(join(root, repository, session, name))),
    })),
  );
}

describe('real transcripts', () => {
  const options = needs('corpus');
  const read = () => readMoments().map(({ path, moments }) => ({ path, bytes: moments.at(-1) ?? Buffer.alloc(0) }));

  test('read at the moments at which they were kept, they give what the last of them gives', options, async () => {
    const replay = new Replay(BEFORE);
    await replay.sweep();
    const files = readMoments();
    expect(files.length).toBeGreaterThan(5);
    for (const { path, moments } of files) {
      let seen = 0;
      for (const moment of moments) {
        replay.append(path, moment.subarray(seen));
        seen = moment.length;
        // Whoever looks at that moment sees the last line of it.
        await replay.sweep(Math.max(...inOrder([{ path, bytes: moment }]).map(({ timeMs }) => timeMs)));
      }
    }
    await replay.sweep(AFTER);
    await expectSame(replay, read());
  });

  test('read in pieces of any size, all together, they give the same', options, async () => {
    const random = createRandom(7);
    const replay = new Replay(BEFORE);
    await replay.sweep();
    const files = read();
    for (const { path, timeMs, bytes } of inOrder(files)) {
      for (let at = 0; at < bytes.length; ) {
        const size = random.whole(1, 20_000);
        replay.append(path, bytes.subarray(at, at + size));
        at += size;
        if (random.next() < 0.3) await replay.sweep(timeMs);
      }
    }
    await replay.sweep(AFTER);
    await expectSame(replay, files);
  });
});
