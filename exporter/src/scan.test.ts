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
function createBench(directory: string, onNow: () => void = () => {}) {
  const ledger = new Ledger(join(directory, 'state'), 'laptop');
  const now = () => {
    onNow();
    return NOW;
  };
  const scanner = new Scanner({
    claudeDirs: [join(directory, 'claude')],
    ledger,
    health: new Health(NOW),
    log: createLog('silent'),
    now,
  });
  return {
    ledger,
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
