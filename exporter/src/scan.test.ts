import { appendFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { Health } from './health.ts';
import { Ledger } from './ledger/ledger.ts';
import { createLog } from './log.ts';
import { Scanner } from './scan.ts';
import { responseText, SESSION, temporaryDirectory } from './testing.ts';

const NOW = Date.parse('2026-03-01T12:05:00.000Z');
const OTHER = SESSION.replace(/1$/, '2');

/** A scanner over a directory; `onNow` is called whenever it asks for the time. */
function createBench(directory: string, onNow: () => void = () => {}, worthThreadsBytes = Number.POSITIVE_INFINITY) {
  const ledger = new Ledger(join(directory, 'state'), 'laptop');
  const now = () => {
    onNow();
    return NOW;
  };
  const health = new Health(NOW);
  const scanner = new Scanner({
    claudeDirs: [join(directory, 'claude')],
    ledger,
    health,
    log: createLog('silent'),
    now,
    worthThreadsBytes,
  });
  return {
    ledger,
    health,
    scanner,
    async close() {
      await scanner.close();
      ledger.close();
    },
  };
}

function write(directory: string, name: string, content: string): string {
  const path = join(directory, 'claude', name);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, content);
  return path;
}

test('a transcript that grows while other files are looked at is read in the same go', async () => {
  using directory = temporaryDirectory();
  write(directory.path, `projects/-p/${SESSION}.jsonl`, `${responseText()}\n`);
  write(directory.path, 'stats-cache.json', '{"modelUsage":{},"totalSessions":1}');
  const late = write(directory.path, `projects/-p/${OTHER}.jsonl`, '');
  let grown = false;
  const bench = createBench(directory.path, () => {
    if (grown) return;
    grown = true;
    appendFileSync(late, `${responseText({ id: 'msg_01BBBBBBBBBBBBBBBBBBBBBB', output: 32 })}\n`);
    bench.scanner.look(late);
  });
  await bench.scanner.sweep();
  expect(grown).toBe(true);
  expect(bench.ledger.book.total('ccmeter_requests_total')).toBe(2);
  await bench.close();
});

test('typed commands are read on from where they were, also after a restart', async () => {
  using directory = temporaryDirectory();
  const typed = (skill: string, at: number) =>
    `${JSON.stringify({ display: `/${skill}`, timestamp: NOW - at, project: '/code/harbour', sessionId: SESSION })}\n`;
  const path = write(directory.path, 'history.jsonl', typed('clear', 9000) + typed('model', 8000).slice(0, 20));
  const first = createBench(directory.path);
  await first.scanner.sweep();
  expect(first.ledger.book.total('ccmeter_skill_invocations_total')).toBe(1);
  await first.close();
  appendFileSync(path, typed('model', 8000).slice(20));
  const second = createBench(directory.path);
  await second.scanner.sweep();
  await second.scanner.sweep();
  expect(second.ledger.book.total('ccmeter_skill_invocations_total')).toBe(2);
  await second.close();
});

test.each([
  ['alone', Number.POSITIVE_INFINITY],
  ['with threads', 0],
])('what is there at the start, read %s, counts once, and what comes later is read on from there', async (_, worthThreadsBytes) => {
  using directory = temporaryDirectory();
  const ids = ['A', 'B', 'C', 'D', 'E'].map((letter) => `msg_01${letter.repeat(22)}`);
  const lines = ids.map((id, at) => `${responseText({ id, output: 10 + at, at: `2026-03-01T12:0${at}:30.000Z` })}\n`);
  const growing = write(directory.path, `projects/-p/${SESSION}.jsonl`, lines.slice(0, 2).join(''));
  // A copy of the same session, which goes on in another folder.
  write(directory.path, `projects/-q/${SESSION}.jsonl`, lines.slice(1, 3).join(''));
  write(directory.path, `projects/-p/${OTHER}.jsonl`, `{"torn\n${lines[3]}`);
  const bench = createBench(directory.path, () => {}, worthThreadsBytes);
  await bench.scanner.sweep();
  const total = (metric: Parameters<typeof bench.ledger.book.total>[0]) => bench.ledger.book.total(metric);
  expect(total('ccmeter_requests_total')).toBe(4);
  expect(total('ccmeter_sessions_total')).toBe(2);
  expect(total('ccmeter_active_seconds_total')).toBe(120_000);
  expect(bench.health.value('ccmeter_exporter_unreadable_lines_total', { reason: 'not_json' })).toBe(1);
  expect(bench.scanner.progress()).toMatchObject({ phase: 'ready', files: 3, filesRead: 3, bytesRead: bench.scanner.progress().bytes });
  appendFileSync(growing, lines[4] ?? '');
  await bench.scanner.sweep();
  expect(total('ccmeter_requests_total')).toBe(5);
  expect(bench.health.value('ccmeter_exporter_lines_total', {})).toBe(7);
  await bench.close();
});
