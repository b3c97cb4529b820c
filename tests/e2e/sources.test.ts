import { readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { scanOnce } from '../../exporter/src/once.ts';
import { needs, pathOf } from '../tools/tools.ts';

const DAY_MS = 86_400_000;

/** The configuration directories of the corpus. */
function rootsOf(corpus: string): string[] {
  const names = readFileSync(join(corpus, '..', 'ROOTS.txt'), 'utf8')
    .trim()
    .split('\n');
  return names.map((name) => join(dirname(corpus), name));
}

/** Files below the roots, as `<kind> <names below it>`, and where each is. */
function filesOf(roots: readonly string[], kind: string): { path: string; name: string }[] {
  return roots.flatMap((root) => {
    const folder = join(root, kind);
    if (!statSync(folder, { throwIfNoEntry: false })?.isDirectory()) return [];
    const names = readdirSync(folder, { recursive: true }).map(String);
    return names.map((name) => ({ path: join(folder, name), name })).filter(({ path }) => statSync(path).isFile());
  });
}

function singleFiles(roots: readonly string[], name: string): string[] {
  return roots.map((root) => join(root, name)).filter((path) => statSync(path, { throwIfNoEntry: false })?.isFile());
}

/** Something is left to do. */
function isLeft({ pending, inProgress }: { pending: number; inProgress: number }): boolean {
  return pending + inProgress > 0;
}

const UUID = '[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}';

test('every real file beside the transcripts is read, or counted by the reason why not', { ...needs('corpus'), timeout: 300_000 }, () => {
  const roots = rootsOf(pathOf('corpus'));
  // Files beside the transcripts carry the time of their copy, and a list of a minute ago is not abandoned yet.
  const nowMs = Date.now() + DAY_MS;
  const scan = scanOnce(roots, nowMs, () => {});
  const unusable = (source: string, reason: string) => scan.health.value('ccmeter_exporter_unusable_sources_total', { source, reason });
  const total = (metric: Parameters<typeof scan.book.total>[0]) => scan.book.total(metric);
  expect(scan.health.points().filter(({ metric }) => metric === 'ccmeter_exporter_read_errors_total')).toEqual([]);

  // Todos: the words of the corpus are masked, sometimes also the `agent` in a file's name.
  const lists = filesOf(roots, 'todos');
  const named = lists.filter(({ name }) => new RegExp(`^${UUID}-agent-[0-9a-z-]+\\.json$`).test(name));
  expect(unusable('todos', 'foreign_name')).toBe(lists.length - named.length);
  expect(unusable('todos', 'not_json') + unusable('todos', 'wrong_shape')).toBe(0);

  // Tasks: every numbered file is a task; lists that were left unfinished are abandoned, as those in todos are.
  const tasks = filesOf(roots, 'tasks').filter(({ path }) => /^\d+\.json$/.test(basename(path)));
  expect(tasks.length).toBeGreaterThan(200);
  expect(unusable('tasks', 'not_json') + unusable('tasks', 'wrong_shape')).toBe(0);
  // Copies of one list in two directories are one list.
  const left = new Set(named.filter(({ path }) => isUnfinished(readFileSync(path, 'utf8'))).map(({ name }) => name));
  for (const { path, name } of tasks) if (isUnfinished(`[${readFileSync(path, 'utf8')}]`)) left.add(dirname(name));
  // Some lists are only in calls of TodoWrite and TaskCreate, because their files are gone.
  const files = new Set(named.map(({ name }) => name));
  const folders = new Set(tasks.map(({ path }) => basename(dirname(path))));
  const fromLines = scan.facts.filter(
    (fact) =>
      fact.type === 'todo' &&
      isLeft(fact.counts) &&
      (fact.key === `todo:${fact.sessionId}:${fact.sessionId}`
        ? !files.has(`${fact.sessionId}-agent-${fact.sessionId}.json`)
        : fact.key === `todo:${fact.sessionId}:tasks` && !folders.has(fact.sessionId)),
  );
  expect(total('ccmeter_todos_abandoned_total')).toBe(left.size + fromLines.length);

  // Kept versions: those with a predecessor are compared.
  const versions = filesOf(roots, 'file-history');
  const known = new Set(versions.map(({ path }) => path));
  const predecessor = (path: string) => path.replace(/@v(\d+)$/, (_, version: string) => `@v${Number(version) - 1}`);
  const orphans = versions.filter(({ path }) => !path.endsWith('@v1') && !known.has(predecessor(path)));
  expect(unusable('file_history', 'no_predecessor')).toBe(orphans.length);
  expect(unusable('file_history', 'foreign_name')).toBe(0);
  expect(unusable('file_history', 'too_different') + unusable('file_history', 'too_large') + unusable('file_history', 'binary')).toBe(0);
  const grown = versions.filter(({ path }) => known.has(predecessor(path))).map(({ path }) => lines(path) - lines(predecessor(path)));
  const byChange = (change: string) => sumOf(scan, 'ccmeter_file_history_lines_total', change);
  expect(byChange('added') - byChange('removed')).toBe(grown.reduce((sum, delta) => sum + delta, 0));

  // Stats caches: all of them, of every version.
  const stats = singleFiles(roots, 'stats-cache.json').map((path) => JSON.parse(readFileSync(path, 'utf8')));
  expect(scan.health.value('ccmeter_stats_sessions', {})).toBe(stats.reduce((sum, { totalSessions }) => sum + totalSessions, 0));
  expect(unusable('stats_cache', 'not_json') + unusable('stats_cache', 'wrong_shape')).toBe(0);

  // Running sessions: none of them runs here.
  expect(unusable('sessions', 'wrong_shape') + unusable('sessions', 'foreign_name')).toBe(0);
  const running = new Set(filesOf(roots, 'sessions').map(({ path }) => String(JSON.parse(readFileSync(path, 'utf8')).sessionId)));
  for (const session of scan.sessions) if (running.has(session.sessionId)) expect(session.process?.status).toBe('gone');

  // Typed prompts: every whole line is one, and commands are counted at most once for each time they were typed.
  const history = singleFiles(roots, 'history.jsonl').flatMap((path) => readFileSync(path, 'utf8').split('\n').slice(0, -1));
  const displays = history.map((line): string => JSON.parse(line).display);
  expect(unusable('history', 'not_json') + unusable('history', 'wrong_shape') + unusable('history', 'too_many')).toBe(0);
  expect(displays.length).toBeGreaterThan(2000);

  // And the hours are those of the messages.
  expect(total('ccmeter_hour_messages_total')).toBe(total('ccmeter_messages_total'));
});

function isUnfinished(text: string): boolean {
  const items: { status: string }[] = JSON.parse(text);
  return items.some(({ status }) => status === 'pending' || status === 'in_progress');
}

function lines(path: string): number {
  const text = readFileSync(path, 'utf8');
  return text.split('\n').length - (text.endsWith('\n') || text === '' ? 1 : 0);
}

function sumOf(scan: ReturnType<typeof scanOnce>, metric: string, value: string): number {
  const series = [...scan.book.all()].filter((one) => one.metric === metric && one.values.includes(value));
  return series.reduce((sum, one) => sum + one.value, 0);
}
