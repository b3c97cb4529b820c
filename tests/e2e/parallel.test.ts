import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { type Scan, scanInParallel, scanOnce } from '../../exporter/src/once.ts';
import { Packer, Unpacker } from '../../exporter/src/track/pack.ts';
import { needs, pathOf } from '../tools/tools.ts';

const FIXTURES = join(import.meta.dirname, '..', 'fixtures', 'transcripts');

/** Every series with its value, in a fixed order. */
function seriesOf({ book }: Scan): string[] {
  return [...book.all()].map(({ metric, values, value, startMs }) => `${metric} ${values.join(' ')} ${value} ${startMs}`).sort();
}

function sessionsOf({ sessions }: Scan): object[] {
  return sessions.toSorted((a, b) => (a.sessionId < b.sessionId ? -1 : 1));
}

function healthOf({ health }: Scan): string[] {
  return health
    .points()
    .map((point) => JSON.stringify(point))
    .sort();
}

async function expectSame(dirs: readonly string[]): Promise<Scan> {
  const nowMs = Date.now() + 86_400_000;
  const alone = scanOnce(dirs, nowMs, () => {});
  const parallel = await scanInParallel(dirs, nowMs, () => {}, 'UTC', undefined, undefined, 0);
  expect(seriesOf(parallel)).toEqual(seriesOf(alone));
  expect(sessionsOf(parallel)).toEqual(sessionsOf(alone));
  expect(healthOf(parallel)).toEqual(healthOf(alone));
  expect(parallel.bytes).toBe(alone.bytes);
  return parallel;
}

test('threads that read give what reading alone gives', async () => {
  const scan = await expectSame([FIXTURES]);
  expect(scan.facts.length).toBeGreaterThan(50);
});

test('a backup of all transcripts beside them changes nothing', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'ccmeter-parallel-'));
  try {
    cpSync(FIXTURES, join(directory, 'one'), { recursive: true });
    cpSync(FIXTURES, join(directory, 'two'), { recursive: true });
    const both = await expectSame([join(directory, 'one'), join(directory, 'two')]);
    const one = scanOnce([join(directory, 'one')], Date.now() + 86_400_000, () => {});
    const total = (scan: Scan, metric: Parameters<Scan['book']['total']>[0]) => scan.book.total(metric);
    for (const metric of ['ccmeter_sessions_total', 'ccmeter_tool_calls_total', 'ccmeter_active_seconds_total'] as const) {
      expect(total(both, metric), metric).toBe(total(one, metric));
    }
  } finally {
    rmSync(directory, { recursive: true });
  }
});

test('a file that cannot be read is counted, and the others are read', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'ccmeter-parallel-'));
  try {
    cpSync(FIXTURES, join(directory, 'claude'), { recursive: true });
    mkdirSync(join(directory, 'claude', 'more'));
    writeFileSync(join(directory, 'claude', 'more', '5e551011-0000-4000-a000-0000000000aa.jsonl'), '{"type":"assistant"');
    await expectSame([join(directory, 'claude')]);
  } finally {
    rmSync(directory, { recursive: true });
  }
});

test('facts survive the way between threads', () => {
  const { facts } = scanOnce([FIXTURES], Date.now(), () => {});
  const packer = new Packer();
  for (const fact of facts) packer.pack(fact);
  const end = packer.length;
  const unpacked = new Unpacker(packer.take()).takeUntil(end);
  expect(unpacked).toEqual(facts);
  expect(packer.length).toBe(0);
});

test('on all real transcripts as well', { ...needs('corpus'), timeout: 300_000 }, async () => {
  await expectSame([pathOf('corpus')]);
});
