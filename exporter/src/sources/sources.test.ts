import { execFileSync } from 'node:child_process';
import { mkdirSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import { Health } from '../health.ts';
import { memoryFacts, SESSION, sessionFact, temporaryDirectory } from '../testing.ts';
import type { SessionFact } from '../track/fact.ts';
import { Sources } from './sources.ts';

const NOW = Date.parse('2026-03-01T12:05:00.000Z');
const HASH = '0123456789abcdef';

/** A configuration directory, its sources, and what they found. */
class Bench implements Disposable {
  readonly facts = memoryFacts();
  readonly health = new Health(0);
  readonly asked: { path: string; ms: number }[] = [];
  readonly running = new Set<number>();
  readonly known: SessionFact[] = [];
  nowMs = NOW;
  sources: Sources;
  readonly #directory = temporaryDirectory();

  constructor() {
    this.sources = this.restart();
  }

  get dir(): string {
    return this.#directory.path;
  }

  /** Sources that have seen nothing yet, as after a restart of the exporter. */
  restart(): Sources {
    this.sources = new Sources({
      facts: this.facts,
      health: this.health,
      now: () => this.nowMs,
      again: (path, ms) => this.asked.push({ path, ms }),
      isRunning: (pid) => this.running.has(pid),
      runningSessions: () => this.known,
    });
    return this.sources;
  }

  write(name: string, content: string, modifiedMs = NOW - 60_000): string {
    const path = join(this.dir, name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, content);
    this.touch(name, modifiedMs);
    return path;
  }

  touch(name: string, modifiedMs: number): void {
    utimesSync(join(this.dir, name), modifiedMs / 1000, modifiedMs / 1000);
  }

  sweep(transcripts: { path: string; modifiedMs: number; bytes: number }[] = []): void {
    this.sources.sweep([this.dir], transcripts);
    while (this.sources.step());
    this.sources.refresh();
  }

  session(): SessionFact | undefined {
    const fact = this.facts.get(`session:${SESSION}`);
    return fact?.type === 'session' ? fact : undefined;
  }

  value(metric: Parameters<Health['clear']>[0], labels: Record<string, string> = {}): number | undefined {
    const wanted = JSON.stringify(Object.entries(labels).sort());
    return this.health.points().find((point) => point.metric === metric && JSON.stringify(Object.entries(point.labels).sort()) === wanted)
      ?.value;
  }

  [Symbol.dispose](): void {
    this.#directory[Symbol.dispose]();
  }
}

function todos(...statuses: string[]): string {
  return JSON.stringify(statuses.map((status, at) => ({ content: `number ${at}`, status, activeForm: `doing ${at}` })));
}

let bench: Bench;
beforeEach(() => {
  bench = new Bench();
  return () => bench[Symbol.dispose]();
});

describe('todos', () => {
  const FILE = `todos/${SESSION}-agent-${SESSION}.json`;

  test('are shown while their session lives', () => {
    bench.facts.put(sessionFact({ lastMs: NOW - 60_000 }));
    bench.write(FILE, todos('completed', 'in_progress', 'pending', 'pending'));
    bench.sweep();
    expect(bench.value('ccmeter_todos', { project: 'harbour', status: 'pending' })).toBe(2);
    expect(bench.value('ccmeter_todos', { project: 'harbour', status: 'in_progress' })).toBe(1);
    expect(bench.value('ccmeter_todos', { project: 'harbour', status: 'completed' })).toBe(1);
    bench.nowMs += 3600_000;
    bench.sweep();
    expect(bench.value('ccmeter_todos', { project: 'harbour', status: 'pending' })).toBeUndefined();
  });

  test('are shown again when their session goes on', () => {
    bench.facts.put(sessionFact({ lastMs: NOW - 60_000 }));
    bench.write(FILE, todos('pending'));
    bench.nowMs += 3600_000;
    bench.sweep();
    expect(bench.value('ccmeter_todos', { project: 'harbour', status: 'pending' })).toBeUndefined();
    bench.facts.put(sessionFact({ lastMs: bench.nowMs }));
    bench.sources.lookAtSession(join(bench.dir, 'projects', '-p', `${SESSION}.jsonl`));
    bench.sources.refresh();
    expect(bench.value('ccmeter_todos', { project: 'harbour', status: 'pending' })).toBe(1);
  });

  test('are shown again after a restart, without reading', () => {
    bench.facts.put(sessionFact({ lastMs: NOW - 60_000 }));
    bench.write(FILE, todos('pending'));
    bench.sweep();
    const [before] = bench.facts.all().filter(({ type }) => type === 'todo');
    bench.health.clear('ccmeter_todos');
    bench.restart();
    bench.sweep();
    expect(bench.value('ccmeter_todos', { project: 'harbour', status: 'pending' })).toBe(1);
    expect(bench.facts.all().find(({ type }) => type === 'todo')).toBe(before);
  });

  test('a list that is emptied is finished', () => {
    bench.facts.put(sessionFact({ lastMs: NOW }));
    bench.write(FILE, todos('pending'));
    bench.sweep();
    bench.write(FILE, '[]', NOW - 30_000);
    bench.sweep();
    expect(bench.facts.get(`todo:${SESSION}:${SESSION}`)).toMatchObject({ counts: { pending: 0, inProgress: 0, completed: 0 } });
    expect(bench.health.points().filter(({ metric }) => metric === 'ccmeter_todos')).toEqual([]);
  });

  test('an empty list that nobody knew leaves no trace', () => {
    bench.write(FILE, '[]');
    bench.sweep();
    expect(bench.facts.all()).toEqual([]);
  });

  test('a half-written list is tried again, and counts as unusable when it stays so', () => {
    bench.write(FILE, '[{"content":"paint');
    for (let round = 0; round < 6; round++) bench.sweep();
    expect(bench.asked).toHaveLength(3);
    expect(bench.value('ccmeter_exporter_unusable_sources_total', { source: 'todos', reason: 'not_json' })).toBe(1);
    bench.write(FILE, todos('pending'), NOW - 1000);
    bench.sweep();
    expect(bench.facts.get(`todo:${SESSION}:${SESSION}`)).toMatchObject({ counts: { pending: 1 } });
  });

  test('a foreign name counts once', () => {
    bench.write('todos/notes.json', '[]');
    bench.sweep();
    bench.sweep();
    expect(bench.value('ccmeter_exporter_unusable_sources_total', { source: 'todos', reason: 'foreign_name' })).toBe(1);
  });

  test('a link is not followed', () => {
    const elsewhere = bench.write('elsewhere.json', todos('pending'));
    mkdirSync(join(bench.dir, 'todos'));
    symlinkSync(elsewhere, join(bench.dir, FILE));
    bench.sweep();
    bench.sources.lookAtSession(join(bench.dir, 'projects', '-p', `${SESSION}.jsonl`));
    expect(bench.facts.all()).toEqual([]);
  });

  test('an old list is found again when its session goes on', () => {
    bench.write(FILE, todos('pending'), NOW - 48 * 3600_000);
    bench.sweep();
    bench.write(FILE, todos('completed'));
    bench.sources.lookAtSession(join(bench.dir, 'projects', '-p', `${SESSION}.jsonl`));
    expect(bench.facts.get(`todo:${SESSION}:${SESSION}`)).toMatchObject({ counts: { completed: 1 } });
  });
});

describe('tasks', () => {
  const task = (id: number, status: string) => JSON.stringify({ id: `${id}`, subject: 's', description: 'd', status, blocks: [] });

  test('a folder is a list', () => {
    bench.write(`tasks/${SESSION}/1.json`, task(1, 'completed'));
    bench.write(`tasks/${SESSION}/2.json`, task(2, 'in_progress'));
    bench.write(`tasks/${SESSION}/.highwatermark`, '2');
    bench.touch(`tasks/${SESSION}`, NOW - 60_000);
    bench.sweep();
    expect(bench.facts.get(`todo:${SESSION}:tasks`)).toMatchObject({ counts: { pending: 0, inProgress: 1, completed: 1 } });
  });

  test('a task that changes moves the list, a folder that is emptied finishes it', () => {
    bench.write(`tasks/${SESSION}/1.json`, task(1, 'pending'));
    bench.touch(`tasks/${SESSION}`, NOW - 60_000);
    bench.sweep();
    bench.write(`tasks/${SESSION}/1.json`, task(1, 'completed'), NOW - 30_000);
    bench.sweep();
    expect(bench.facts.get(`todo:${SESSION}:tasks`)).toMatchObject({ counts: { pending: 0, completed: 1 } });
    rmSync(join(bench.dir, `tasks/${SESSION}/1.json`));
    bench.touch(`tasks/${SESSION}`, NOW - 10_000);
    bench.sweep();
    expect(bench.facts.get(`todo:${SESSION}:tasks`)).toMatchObject({ counts: { pending: 0, inProgress: 0, completed: 0 } });
  });

  test('the list of a team has no session, and its name stays here', () => {
    bench.write('tasks/harbour-team/1.json', task(1, 'pending'));
    bench.sweep();
    expect(bench.facts.all()).toMatchObject([{ type: 'todo', sessionId: 'unknown', counts: { pending: 1 } }]);
    expect(JSON.stringify(bench.facts.all())).not.toContain('harbour-team');
  });

  test('a file of another shape counts by its reason', () => {
    bench.write(`tasks/${SESSION}/1.json`, '{"title":"x"}');
    bench.sweep();
    bench.sweep();
    expect(bench.value('ccmeter_exporter_unusable_sources_total', { source: 'tasks', reason: 'wrong_shape' })).toBe(1);
  });
});

describe('file history', () => {
  const version = (number: number, text: string, modifiedMs?: number) =>
    bench.write(`file-history/${SESSION}/${HASH}@v${number}`, text, modifiedMs);

  test('each version is compared with the one before, once', () => {
    version(1, 'a\nb\n');
    version(2, 'a\nx\nc\n');
    bench.sweep();
    const key = `filehistory:${SESSION}/${HASH}@v2`;
    const before = bench.facts.get(key);
    expect(before).toMatchObject({ sessionId: SESSION, version: 2, added: 1, removed: 0, modified: 1, timeMs: NOW - 60_000 });
    bench.restart();
    bench.sweep();
    expect(bench.facts.get(key)).toBe(before);
  });

  test('a version whose predecessor is gone counts by its reason, once', () => {
    version(3, 'a\n');
    bench.sweep();
    version(7, 'a\n');
    bench.sweep();
    expect(bench.facts.all()).toEqual([]);
    expect(bench.value('ccmeter_exporter_unusable_sources_total', { source: 'file_history', reason: 'no_predecessor' })).toBe(2);
  });

  test('what is too large, or is no text, counts by its reason', () => {
    version(1, 'a\n');
    version(2, 'x'.repeat(2 * 1024 * 1024 + 1));
    version(3, 'a\0b');
    version(4, 'a\n');
    bench.sweep();
    expect(bench.value('ccmeter_exporter_unusable_sources_total', { source: 'file_history', reason: 'too_large' })).toBe(2);
    expect(bench.value('ccmeter_exporter_unusable_sources_total', { source: 'file_history', reason: 'binary' })).toBe(1);
  });

  test('a version that is being written is left until it is quiet', () => {
    version(1, 'a\n');
    const path = version(2, 'a\nb', NOW - 50);
    bench.sweep();
    expect(bench.facts.all()).toEqual([]);
    expect(bench.asked.map((one) => one.path)).toEqual([path]);
    bench.nowMs += 1000;
    bench.sources.look(path);
    bench.sources.step();
    expect(bench.facts.all()).toMatchObject([{ added: 1 }]);
  });
});

describe('stats cache', () => {
  const stats = (sessions: number) => JSON.stringify({ version: 1, modelUsage: { m: { inputTokens: 7 } }, totalSessions: sessions });

  test('is shown, told again only when it says something else, and gone with its file', () => {
    const path = bench.write('stats-cache.json', stats(3));
    bench.sweep();
    expect(bench.value('ccmeter_stats_sessions')).toBe(3);
    expect(bench.value('ccmeter_stats_tokens', { model: 'm', tokens_kind: 'input' })).toBe(7);
    const [before] = bench.facts.all();
    bench.touch('stats-cache.json', NOW - 5000);
    bench.sweep();
    expect(bench.facts.all()[0]).toBe(before);
    bench.write('stats-cache.json', stats(4), NOW - 1000);
    bench.sources.look(path);
    expect(bench.value('ccmeter_stats_sessions')).toBe(4);
    expect(bench.facts.all()[0]).not.toBe(before);
    rmSync(path);
    bench.sweep();
    expect(bench.value('ccmeter_stats_sessions')).toBeUndefined();
  });

  test('a broken file leaves the last good numbers', () => {
    bench.write('stats-cache.json', stats(3));
    bench.sweep();
    bench.write('stats-cache.json', stats(4).slice(0, 20), NOW - 1000);
    for (let round = 0; round < 5; round++) bench.sweep();
    expect(bench.value('ccmeter_stats_sessions')).toBe(3);
    expect(bench.asked).toHaveLength(3);
    expect(bench.value('ccmeter_exporter_unusable_sources_total', { source: 'stats_cache', reason: 'not_json' })).toBe(1);
  });

  test('a file that has just changed is left until it is quiet', () => {
    const path = bench.write('stats-cache.json', stats(3), NOW - 100);
    bench.sweep();
    expect(bench.value('ccmeter_stats_sessions')).toBeUndefined();
    expect(bench.asked).toEqual([{ path, ms: 200 }]);
  });
});

describe('running sessions', () => {
  const PID = 4242;
  const file = (status: string, updatedAt = NOW) =>
    JSON.stringify({ pid: PID, sessionId: SESSION, startedAt: NOW - 600_000, status, updatedAt });

  beforeEach(() => {
    bench.running.add(PID);
    bench.facts.put(sessionFact({ lastMs: NOW - 60_000 }));
  });

  test('say whether they are busy', () => {
    const path = bench.write(`sessions/${PID}.json`, file('busy'));
    bench.sweep();
    expect(bench.session()?.process).toEqual({ status: 'busy', atMs: NOW });
    bench.write(`sessions/${PID}.json`, file('idle', NOW + 5000), NOW - 1000);
    bench.sources.look(path);
    expect(bench.session()?.process).toEqual({ status: 'idle', atMs: NOW + 5000 });
  });

  test('a status that is said again moves nothing', () => {
    const path = bench.write(`sessions/${PID}.json`, file('busy'));
    bench.sweep();
    const before = bench.session();
    bench.write(`sessions/${PID}.json`, file('busy', NOW + 5000), NOW - 1000);
    bench.sources.look(path);
    expect(bench.session()).toBe(before);
  });

  test('are over when their file vanishes', () => {
    const path = bench.write(`sessions/${PID}.json`, file('idle'));
    bench.sweep();
    rmSync(path);
    bench.nowMs += 5000;
    bench.sources.look(path);
    expect(bench.session()?.process).toEqual({ status: 'gone', atMs: NOW + 5000 });
  });

  test('are over when their process is gone, once', () => {
    bench.write(`sessions/${PID}.json`, file('idle'));
    bench.sweep();
    bench.running.clear();
    bench.nowMs += 5000;
    bench.sweep();
    const over = bench.session();
    expect(over?.process).toEqual({ status: 'gone', atMs: NOW + 5000 });
    bench.nowMs += 5000;
    bench.sweep();
    expect(bench.session()).toBe(over);
  });

  test('of another machine go on although their process cannot be seen', () => {
    bench.running.clear();
    bench.write(`sessions/${PID}.json`, file('busy'));
    bench.sweep();
    expect(bench.session()?.process?.status).toBe('gone');
    for (const [round, status] of ['idle', 'busy'].entries()) {
      bench.write(`sessions/${PID}.json`, file(status, NOW + round), NOW - 1000 + round);
      bench.sweep();
      expect(bench.session()?.process?.status).toBe(status);
    }
    rmSync(join(bench.dir, `sessions/${PID}.json`));
    bench.sweep();
    expect(bench.session()?.process?.status).toBe('gone');
  });

  test('that two processes have are over with the last of them', () => {
    const other = bench.write('sessions/4243.json', file('idle').replace(`${PID}`, '4243'));
    bench.running.add(4243);
    const path = bench.write(`sessions/${PID}.json`, file('idle'));
    bench.sweep();
    rmSync(path);
    bench.sweep();
    expect(bench.session()?.process?.status).toBe('idle');
    rmSync(other);
    bench.sweep();
    expect(bench.session()?.process?.status).toBe('gone');
  });

  test('whose file vanished while the exporter was away are over', () => {
    const session = sessionFact({ process: { status: 'busy', atMs: NOW - 60_000 } });
    bench.facts.put(session);
    bench.known.push(session);
    bench.restart();
    bench.sweep();
    expect(bench.session()?.process).toEqual({ status: 'gone', atMs: NOW });
  });

  test('whose transcript comes later are told then', () => {
    bench.write(`sessions/${PID}.json`, file('busy').replace(SESSION, SESSION.replace(/1$/, '2')));
    bench.sweep();
    bench.facts.put(sessionFact({ sessionId: SESSION.replace(/1$/, '2') }));
    bench.sweep();
    expect(bench.facts.get(`session:${SESSION.replace(/1$/, '2')}`)).toMatchObject({ process: { status: 'busy' } });
  });

  test('when they end, their unfinished lists are counted anew', () => {
    bench.write(`todos/${SESSION}-agent-${SESSION}.json`, todos('pending'));
    const path = bench.write(`sessions/${PID}.json`, file('idle'));
    bench.sweep();
    const before = bench.facts.get(`todo:${SESSION}:${SESSION}`);
    rmSync(path);
    bench.sweep();
    expect(bench.facts.get(`todo:${SESSION}:${SESSION}`)).not.toBe(before);
    expect(bench.value('ccmeter_todos', { project: 'harbour', status: 'pending' })).toBeUndefined();
  });

  test.each([
    ['another name', 'notes.json', '{}', 'foreign_name'],
    ['another shape', '7.json', '{"pid":7}', 'wrong_shape'],
  ])('%s is counted, not trusted', (_, name, content, reason) => {
    bench.write(`sessions/${name}`, content);
    bench.sweep();
    bench.sweep();
    expect(bench.value('ccmeter_exporter_unusable_sources_total', { source: 'sessions', reason })).toBe(1);
  });
});

test('retention follows the settings and the transcripts', () => {
  const DAY = 24 * 3600_000;
  bench.write('settings.json', '{"cleanupPeriodDays":10}');
  const path = join(bench.dir, 'projects', '-p', `${SESSION}.jsonl`);
  bench.sweep([{ path, modifiedMs: NOW - 4 * DAY, bytes: 1234 }]);
  expect(bench.value('ccmeter_history_deletion_timestamp_seconds')).toBe((NOW + 6 * DAY) / 1000);
  expect(bench.value('ccmeter_history_at_risk_bytes')).toBe(1234);
  expect(bench.value('ccmeter_history_retention_seconds')).toBe(10 * 24 * 3600);
  bench.sweep([]);
  expect(bench.value('ccmeter_history_deletion_timestamp_seconds')).toBeUndefined();
});

test('settings that are kept elsewhere are read through the link', () => {
  symlinkSync(bench.write('dotfiles/claude-settings', '{"cleanupPeriodDays":99}'), join(bench.dir, 'settings.json'));
  bench.sweep();
  expect(bench.value('ccmeter_history_retention_seconds')).toBe(99 * 24 * 3600);
});

test('a link that leads to itself is counted, and the default holds', () => {
  symlinkSync(join(bench.dir, 'settings.json'), join(bench.dir, 'settings.json'));
  bench.sweep();
  expect(bench.value('ccmeter_history_retention_seconds')).toBe(30 * 24 * 3600);
  expect(bench.value('ccmeter_exporter_read_errors_total', { reason: 'eloop' })).toBe(1);
});

test('the directory of a transcript is looked at, also where only a folder above it was given', () => {
  bench.write(`backup/todos/${SESSION}-agent-${SESSION}.json`, todos('pending'));
  bench.sweep([{ path: join(bench.dir, 'backup', 'projects', '-p', `${SESSION}.jsonl`), modifiedMs: NOW, bytes: 1 }]);
  expect(bench.facts.all()).toMatchObject([{ type: 'todo' }]);
});

test('a pipe in the place of a file holds nothing up', () => {
  execFileSync('mkfifo', [join(bench.dir, 'stats-cache.json')]);
  bench.sweep();
  expect(bench.facts.all()).toEqual([]);
});
