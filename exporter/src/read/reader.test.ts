import { execFileSync } from 'node:child_process';
import { appendFileSync, mkdirSync, renameSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { temporaryDirectory } from '../testing.ts';
import { forEachLine } from './lines.ts';
import { MAX_LINE_BYTES, type Position, Reader } from './reader.ts';

/** Reads a file as the exporter does, again and again, and remembers what it was told. */
function createFollower(path: string) {
  const lines: string[] = [];
  const restarts: string[] = [];
  let oversized = 0;
  let position: Position | undefined;
  const reader = new Reader(() => {
    oversized += 1;
  });
  return {
    lines,
    restarts,
    oversized: () => oversized,
    offset: () => position?.offset ?? 0,
    follow(maxBytes = Number.POSITIVE_INFINITY): boolean {
      const step = reader.step(path, position, maxBytes, (buffer, length) =>
        forEachLine(buffer, length, (start, end) => lines.push(buffer.toString('utf8', start, end))),
      );
      position = step.position;
      if (step.restarted) restarts.push(step.restarted);
      return step.more;
    },
  };
}

test('any split of the bytes gives the same lines, each once', () => {
  using directory = temporaryDirectory();
  const path = join(directory.path, 'a.jsonl');
  const text = fc.array(
    fc.string({ unit: 'binary', maxLength: 40 }).map((line) => line.replaceAll('\n', ' ')),
    { maxLength: 8 },
  );
  fc.assert(
    fc.property(text, fc.array(fc.nat({ max: 400 }), { maxLength: 6 }), (wanted, cuts) => {
      const bytes = Buffer.from(wanted.map((line) => `${line}\n`).join(''));
      writeFileSync(path, '');
      const follower = createFollower(path);
      let from = 0;
      for (const to of [...cuts.filter((cut) => cut < bytes.length).sort((a, b) => a - b), bytes.length]) {
        appendFileSync(path, bytes.subarray(from, to));
        from = to;
        follower.follow();
      }
      expect(follower.lines).toEqual(wanted.map((line) => Buffer.from(line).toString('utf8')));
      expect(follower.offset()).toBe(bytes.length);
    }),
    { numRuns: 200 },
  );
});

test('a line is read when its newline is there, not before', () => {
  using directory = temporaryDirectory();
  const path = join(directory.path, 'a.jsonl');
  writeFileSync(path, 'one\ntw');
  const follower = createFollower(path);
  follower.follow();
  expect(follower.lines).toEqual(['one']);
  appendFileSync(path, 'o\n');
  follower.follow();
  expect(follower.lines).toEqual(['one', 'two']);
});

test('a large file is read in steps that end between lines', () => {
  using directory = temporaryDirectory();
  const path = join(directory.path, 'a.jsonl');
  const wanted = Array.from({ length: 3000 }, (_, at) => `${at} ${'x'.repeat(1000)}`);
  writeFileSync(path, wanted.map((line) => `${line}\n`).join(''));
  const follower = createFollower(path);
  let steps = 1;
  while (follower.follow(100_000)) steps += 1;
  expect(follower.lines).toEqual(wanted);
  expect(steps).toBeGreaterThan(2);
});

test('a file that became shorter, or another content, is read from its beginning', () => {
  using directory = temporaryDirectory();
  const path = join(directory.path, 'a.jsonl');
  writeFileSync(path, 'one\ntwo\n');
  const follower = createFollower(path);
  follower.follow();
  truncateSync(path, 4);
  follower.follow();
  writeFileSync(path, 'three\nfour\nfive\n');
  follower.follow();
  expect(follower.lines).toEqual(['one', 'two', 'one', 'three', 'four', 'five']);
  expect(follower.restarts).toEqual(['truncated', 'replaced']);
});

test('a file that was put back with the same content goes on where it was', () => {
  using directory = temporaryDirectory();
  const path = join(directory.path, 'a.jsonl');
  writeFileSync(path, 'one\n');
  const follower = createFollower(path);
  follower.follow();
  writeFileSync(`${path}.new`, 'one\ntwo\n');
  renameSync(`${path}.new`, path);
  follower.follow();
  expect(follower.lines).toEqual(['one', 'two']);
  expect(follower.restarts).toEqual([]);
});

test('a line of several megabytes is read; one beyond the limit is counted and passed over', () => {
  using directory = temporaryDirectory();
  const path = join(directory.path, 'a.jsonl');
  const long = 'y'.repeat(5_000_000);
  writeFileSync(path, `${long}\nshort\n`);
  appendFileSync(path, Buffer.alloc(MAX_LINE_BYTES + 10, 0x78));
  const follower = createFollower(path);
  follower.follow();
  expect(follower.lines.map((line) => line.length)).toEqual([long.length, 5]);
  expect(follower.oversized()).toBe(0);
  appendFileSync(path, 'x\nafter\n');
  while (follower.follow());
  expect(follower.lines.at(-1)).toBe('after');
  expect(follower.oversized()).toBe(1);
});

test('what is not a regular file is refused and never waited for', () => {
  using directory = temporaryDirectory();
  const file = join(directory.path, 'real.jsonl');
  writeFileSync(file, 'one\n');
  const link = join(directory.path, 'link.jsonl');
  symlinkSync(file, link);
  expect(() => createFollower(link).follow()).toThrow(/ELOOP/);
  const folder = join(directory.path, 'folder.jsonl');
  mkdirSync(folder);
  expect(() => createFollower(folder).follow()).toThrow(/not a regular file/);
  const fifo = join(directory.path, 'fifo.jsonl');
  execFileSync('mkfifo', [fifo]);
  expect(() => createFollower(fifo).follow()).toThrow(/not a regular file/);
});
