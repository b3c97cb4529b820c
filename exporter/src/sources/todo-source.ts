import { createHash } from 'node:crypto';
import type { Stats } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { UNKNOWN } from '../contract/index.ts';
import type { SessionFact, TodoFact, TodoTask } from '../track/fact.ts';
import { isOver, isUnfinished, noteTodos, TASK_LIST, type TodoSight, todoKey } from '../track/todos.ts';
import { listFolder, Seen, statOf } from './files.ts';
import type { SourceReader } from './source.ts';
import { readTask, readTodoFileName, readTodoList, TASK_FILE } from './todo-files.ts';

/** A list or task larger than this is not read. The largest seen in the wild has 40 kB. */
const MAX_TODO_BYTES = 4 * 1024 * 1024;

/** A file that has not changed for so long is not asked about again by the sweep: a session that goes on has its lists looked at anyway. */
const SETTLED_MS = 24 * 3600_000;

/** So many of them are remembered; beyond that all are asked about once more. */
const MAX_ASLEEP = 200_000;

/** So many unfinished lists are kept in mind for the gauge; beyond that those seen first are left out. */
const MAX_OPEN_LISTS = 10_000;

const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** Reads `todos/` and `tasks/` of configuration directories. */
export class TodoSource {
  readonly #reader: SourceReader;
  readonly #seen = new Seen();
  /** Files and folders that have not changed for long. */
  readonly #asleep = new Set<string>();
  /** Keys of lists with something left to do. */
  readonly #open = new Set<string>();
  /** Those of them whose session is over, by session: most lists of a long history, and nothing to show of them until it goes on. */
  readonly #over = new Map<string, Set<string>>();

  constructor(reader: SourceReader) {
    this.#reader = reader;
  }

  /** Looks at all lists of a directory. */
  sweep(dir: string): void {
    const { countError } = this.#reader;
    for (const name of listFolder(join(dir, 'todos'), countError).files) {
      const path = join(dir, 'todos', name);
      if (!this.#asleep.has(path)) this.#lookAtList(path, name);
    }
    for (const name of listFolder(join(dir, 'tasks'), countError).folders) {
      const path = join(dir, 'tasks', name);
      if (!this.#asleep.has(path)) this.#lookAtTasks(path, name);
    }
  }

  /** Looks at the lists of one session. */
  look(dir: string, sessionId: string): void {
    const name = `${sessionId}-agent-${sessionId}.json`;
    for (const key of this.#over.get(sessionId) ?? []) this.#open.add(key);
    this.#over.delete(sessionId);
    this.#lookAtList(join(dir, 'todos', name), name);
    this.#lookAtTasks(join(dir, 'tasks', sessionId), sessionId);
  }

  /** Looks at one file of todos or tasks. */
  lookAt(path: string): void {
    const folder = dirname(path);
    if (basename(folder) === 'todos') this.#lookAtList(path, basename(path));
    else this.#lookAtTasks(folder, basename(folder));
  }

  /** A session is over: its unfinished lists are counted anew. */
  reopen(sessionId: string): void {
    for (const list of this.#openLists()) {
      if (list.sessionId === sessionId) this.#reader.facts.put({ ...list });
    }
  }

  /** Brings the gauge up to date. */
  refresh(nowMs: number): void {
    const cells = new Map<string, { labels: { project: string; status: string }; value: number }>();
    for (const list of this.#openLists()) {
      const session = this.#session(list.sessionId);
      if (isOver(list, session, nowMs)) {
        this.#setAside(list);
        continue;
      }
      const project = session?.project ?? UNKNOWN;
      for (const [status, key] of STATUSES) {
        const cell = cells.get(`${status} ${project}`) ?? { labels: { project, status }, value: 0 };
        cell.value += list.counts[key];
        cells.set(`${status} ${project}`, cell);
      }
    }
    this.#reader.health.replace('ccmeter_todos', [...cells.values()]);
  }

  #lookAtList(path: string, name: string): void {
    const stats = statOf(path, this.#reader.countError);
    if (!stats?.isFile()) return;
    const modifiedMs = Math.trunc(stats.mtimeMs);
    if (this.#reader.now() - modifiedMs > SETTLED_MS) this.#letSleep(path);
    if (!this.#seen.changed(path, stats)) return;
    const names = readTodoFileName(name);
    if (names === undefined) {
      this.#reader.refuse('todos', 'foreign_name', path, modifiedMs);
      return;
    }
    if (this.#isKnown(names, stats)) return;
    const read = this.#reader.readAs('todos', path, MAX_TODO_BYTES, readTodoList);
    if (read === 'later') this.#lookAgain(path);
    if (read === 'later' || read === undefined) return;
    this.#note({ ...names, timeMs: modifiedMs, list: read.value });
  }

  /** What was read in an earlier life of the exporter need not be read again; an empty list that nobody knew tells nothing. */
  #isKnown(names: { sessionId: string; agentId: string }, stats: Stats): boolean {
    const known = this.#reader.facts.get(todoKey(names));
    if (known?.type !== 'todo') return stats.size === '[]'.length;
    this.#remember(known);
    return known.timeMs >= Math.trunc(stats.mtimeMs);
  }

  /** A folder of tasks is read as a whole when anything in it has changed. */
  #lookAtTasks(folder: string, name: string): void {
    const { now, countError, facts } = this.#reader;
    const stats = statOf(folder, countError);
    if (!stats?.isDirectory()) return;
    let changed = this.#seen.changed(folder, stats);
    let latestMs = Math.trunc(stats.mtimeMs);
    const files: { id: string; path: string; modifiedMs: number }[] = [];
    for (const file of listFolder(folder, countError).files) {
      const path = join(folder, file);
      const id = TASK_FILE.exec(file)?.[1];
      const stat = id === undefined ? undefined : statOf(path, countError);
      if (id === undefined || stat === undefined) continue;
      changed = this.#seen.changed(path, stat) || changed;
      latestMs = Math.max(latestMs, Math.trunc(stat.mtimeMs));
      files.push({ id, path, modifiedMs: Math.trunc(stat.mtimeMs) });
    }
    if (now() - latestMs > SETTLED_MS) this.#letSleep(folder);
    if (!changed) return;
    const names = namesOf(name);
    const known = facts.get(todoKey(names));
    if (known?.type === 'todo') this.#remember(known);
    if (known?.type === 'todo' ? known.timeMs >= latestMs : files.length === 0) return;
    this.#note({ ...names, timeMs: latestMs, list: { tasks: this.#readTasks(files), whole: true } });
  }

  #readTasks(files: readonly { id: string; path: string; modifiedMs: number }[]): Record<string, TodoTask> {
    const tasks: Record<string, TodoTask> = {};
    for (const { id, path, modifiedMs } of files) {
      const read = this.#reader.readAs('tasks', path, MAX_TODO_BYTES, readTask);
      if (read === 'later') this.#lookAgain(path);
      if (read === 'later' || read === undefined) continue;
      tasks[id] = { status: read.value.status, timeMs: modifiedMs };
    }
    return tasks;
  }

  #letSleep(path: string): void {
    if (this.#asleep.size >= MAX_ASLEEP) this.#asleep.clear();
    this.#asleep.add(path);
  }

  /** A file that is half written is not settled, however old it says it is. */
  #lookAgain(path: string): void {
    this.#seen.forget(path);
    this.#asleep.delete(path);
    this.#asleep.delete(dirname(path));
  }

  #note(sight: TodoSight): void {
    this.#remember(noteTodos(this.#reader.facts, sight));
  }

  #remember(list: TodoFact): void {
    this.#open.delete(list.key);
    if (!isUnfinished(list)) return;
    this.#open.add(list.key);
    const [oldest] = this.#open;
    if (this.#open.size > MAX_OPEN_LISTS && oldest !== undefined) this.#open.delete(oldest);
  }

  #setAside({ key, sessionId }: TodoFact): void {
    this.#open.delete(key);
    this.#over.set(sessionId, (this.#over.get(sessionId) ?? new Set()).add(key));
    const [oldest] = this.#over.keys();
    if (this.#over.size > MAX_OPEN_LISTS && oldest !== undefined) this.#over.delete(oldest);
  }

  *#openLists(): Generator<TodoFact> {
    for (const key of this.#open) {
      const list = this.#reader.facts.get(key);
      if (list?.type === 'todo' && isUnfinished(list)) yield list;
      else this.#open.delete(key);
    }
  }

  #session(sessionId: string): SessionFact | undefined {
    const session = this.#reader.facts.get(`session:${sessionId}`);
    return session?.type === 'session' ? session : undefined;
  }
}

/** The folder of a session is named after it; that of a team has a name that somebody chose, of which only a digest is kept. */
function namesOf(folder: string): { sessionId: string; agentId: string } {
  if (UUID.test(folder)) return { sessionId: folder, agentId: TASK_LIST };
  return { sessionId: UNKNOWN, agentId: `${TASK_LIST}:${createHash('sha256').update(folder).digest('hex').slice(0, 16)}` };
}

const STATUSES = [
  ['pending', 'pending'],
  ['in_progress', 'inProgress'],
  ['completed', 'completed'],
] as const;
