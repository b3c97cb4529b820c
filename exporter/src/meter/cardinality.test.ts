import { cpSync } from 'node:fs';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type Label, labels, metrics, OTHER } from '../contract/index.ts';
import { Health } from '../health.ts';
import { Ledger } from '../ledger/ledger.ts';
import { SeriesBook } from '../ledger/series.ts';
import { countAll } from '../ledger/settle.ts';
import { responseFact, sessionFact, temporaryDirectory } from '../testing.ts';
import type { Fact, SessionFact } from '../track/fact.ts';
import { LabelBounds, MAX_SERIES_OF_A_METRIC } from './cardinality.ts';
import { renderPage, toPageFamily } from './page.ts';
import { collectFamilies, type Family } from './points.ts';

const NOW = Date.parse('2026-03-01T12:05:00.000Z');
const LIMIT = labels.project.limit;

/** A session of a project with one response of so many tokens, the longer ago the higher the number. */
function sessionOf(project: string, number: number, tokens: number, lastMs = NOW - 3600_000 - number * 1000): Fact[] {
  const sessionId = `5e551011-0000-4000-a000-${String(number).padStart(12, '0')}`;
  const output = { input: 0, output: tokens, cacheRead: 0, write5m: 0, write1h: 0 };
  return [
    sessionFact({ sessionId, key: `session:${sessionId}`, project, timeMs: lastMs - 60_000, lastMs, lastMainMs: lastMs }),
    responseFact({ key: `response:${number}`, sessionId, timeMs: lastMs, tokens: output }),
  ];
}

let directory: string;
beforeEach(() => {
  const temporary = temporaryDirectory();
  directory = temporary.path;
  return () => temporary[Symbol.dispose]();
});

function count(ledger: Ledger, facts: Iterable<Fact>, nowMs = NOW): void {
  ledger.begin();
  for (const fact of facts) ledger.put(fact);
  ledger.commit([]);
  ledger.settle(nowMs);
}

/** Tokens by project, as they are shown. */
function tokens(book: SeriesBook): Map<string, number> {
  const found = new Map<string, number>();
  for (const { metric, values, value } of book.all())
    if (metric === 'ccmeter_tokens_total') found.set(values[0] ?? '', (found.get(values[0] ?? '') ?? 0) + value);
  return found;
}

const sum = (values: Iterable<number>) => [...values].reduce((total, value) => total + value, 0);

describe('a ledger with 1,000 projects and 10,000 sessions', { timeout: 60_000 }, () => {
  const PROJECTS = 1000;
  const SESSIONS = 10_000;
  /** Project 0 is the least used; those that come first in the ledger are not the most used. */
  const facts = () => Array.from({ length: SESSIONS }, (_, at) => sessionOf(`project-${at % PROJECTS}`, at, 100 + (at % PROJECTS))).flat();
  const total = (SESSIONS / PROJECTS) * sum(Array.from({ length: PROJECTS }, (_, at) => 100 + at));

  const made = temporaryDirectory();
  beforeAll(() => {
    const ledger = new Ledger(made.path, 'laptop');
    count(ledger, facts());
    ledger.close();
  }, 60_000);
  afterAll(() => made[Symbol.dispose]());
  beforeEach(() => cpSync(made.path, directory, { recursive: true }));

  test('shows the most used projects by name, the others as one, and loses no token', () => {
    const ledger = new Ledger(directory, 'laptop');
    const shown = tokens(ledger.book);
    expect(shown.size).toBe(LIMIT + 1);
    expect(sum(shown.values())).toBe(total);
    const named = Array.from({ length: LIMIT }, (_, at) => `project-${PROJECTS - 1 - at}`);
    expect([...shown.keys()].sort()).toEqual([...named, OTHER].sort());
    expect(ledger.book.bounds.fill()).toContainEqual({ label: 'project', limit: LIMIT, admitted: LIMIT, folded: PROJECTS - LIMIT });
    for (const [, size] of ledger.book.sizes()) expect(size).toBeLessThanOrEqual(MAX_SERIES_OF_A_METRIC);

    // The page has them all, and of sessions only the newest of the last day.
    const families = collectFamilies('laptop', ledger.book, ledger.sessionsSince(NOW - 86_400_000), new Health(NOW), NOW);
    const pointsOf = (name: Family['metric']) => families.find(({ metric }) => metric === name)?.points ?? [];
    const infos = pointsOf('ccmeter_session_info');
    expect(infos.length).toBe(1000);
    expect(infos.every(({ startMs }) => startMs > NOW - 3600_000 - 1_100_000)).toBe(true);
    const series = new Set(families.flatMap(({ points }) => points.flatMap(({ labels: own }) => own.project ?? [])));
    expect(series.size).toBe(LIMIT + 1);
    expect(renderPage(families.map(toPageFamily), 'prometheus').length).toBeLessThan(8e6);
    ledger.close();
  });

  test('says the same in one scan without a ledger', () => {
    const ledger = new Ledger(directory, 'laptop');
    const shown = tokens(ledger.book);
    ledger.close();

    const book = new SeriesBook();
    const all = facts();
    const sessions = new Map(all.filter((fact): fact is SessionFact => fact.type === 'session').map((fact) => [fact.sessionId, fact]));
    countAll(all, book, (id) => sessions.get(id), NOW);
    expect(tokens(book)).toEqual(shown);
  });

  test('moves nothing afterwards, whatever comes', () => {
    const ledger = new Ledger(directory, 'laptop');
    const before = tokens(ledger.book);
    const grow = (number: number, more: number) => {
      const known = ledger.get(`response:${number}`);
      if (known?.type !== 'response') throw new Error('no such response');
      return { ...known, tokens: { ...known.tokens, output: known.tokens.output + more } };
    };
    // A folded project and a named one go on, and a new one comes with more than any other.
    count(ledger, [grow(3, 1_000_000), grow(997, 7), ...sessionOf('late', 20_000, 5_000_000)], NOW + 60_000);
    const expected = new Map(before);
    expected.set(OTHER, (before.get(OTHER) ?? 0) + 1_000_000 + 5_000_000);
    expected.set('project-997', (before.get('project-997') ?? 0) + 7);
    expect(tokens(ledger.book)).toEqual(expected);
    ledger.close();
    const again = new Ledger(directory, 'laptop');
    expect(tokens(again.book)).toEqual(expected);
    expect(again.book.bounds.fill()).toContainEqual({ label: 'project', limit: LIMIT, admitted: LIMIT, folded: PROJECTS - LIMIT + 1 });
    again.close();
  });
});

test('who comes first has a place, and keeps it when more come than there is room for', { timeout: 60_000 }, () => {
  const ledger = new Ledger(directory, 'laptop');
  count(ledger, sessionOf('first', 1, 1));
  count(ledger, Array.from({ length: LIMIT + 10 }, (_, at) => sessionOf(`project-${at}`, at + 2, 100 + at)).flat(), NOW + 60_000);
  const shown = tokens(ledger.book);
  expect(shown.size).toBe(LIMIT + 1);
  expect(shown.get('first')).toBe(1);
  expect(shown.has('project-10')).toBe(false);
  expect(shown.has('project-11')).toBe(true);
  // 0 to 10 had no room.
  expect(shown.get(OTHER)).toBe(sum(Array.from({ length: 11 }, (_, at) => 100 + at)));
  ledger.close();
});

test('a value that was folded stays so where the limit is raised later', () => {
  const places = Array.from({ length: LIMIT }, (_, at) => `project-${at}`);
  const bounds = new LabelBounds();
  for (const project of places) bounds.know('project', project);
  expect(bounds.admit('project', 'late')).toBe(OTHER);
  // As after an update with more room: nothing but what was folded is known.
  const raised = new LabelBounds(bounds.folded());
  expect(raised.admit('project', 'late')).toBe(OTHER);
  expect(raised.admit('project', 'later')).toBe('later');
});

test('unknown, empty and other need no place; what is no name gets none', () => {
  const bounds = new LabelBounds();
  for (const value of ['', 'unknown', OTHER]) expect(bounds.admit('project', value)).toBe(value);
  expect(bounds.admit('project', 'x'.repeat(257))).toBe(OTHER);
  expect(bounds.admit('project', 'x'.repeat(256))).toBe('x'.repeat(256));
  expect(bounds.admit('kind', 'anything')).toBe('anything');
  bounds.confirm();
  expect(bounds.fill()).toContainEqual({ label: 'project', limit: LIMIT, admitted: 1, folded: 0 });
});

test('gauges show what has a place and what there is room for, and take no place from counters', () => {
  const bounds = new LabelBounds();
  for (let at = 0; at < LIMIT - 1; at++) bounds.know('project', `project-${at}`);
  expect(bounds.show('project', 'guest')).toBe('guest');
  expect(bounds.show('project', 'another')).toBe(OTHER);
  expect(bounds.admit('project', 'counted')).toBe('counted');
  bounds.confirm();
  expect(bounds.show('project', 'counted')).toBe('counted');
  expect(bounds.show('project', 'guest')).toBe(OTHER);
});

test('gauges of folded values are put together', () => {
  const book = new SeriesBook();
  for (let at = 0; at < LIMIT; at++) book.bounds.know('project', `project-${at}`);
  const health = new Health(NOW);
  for (const [project, value] of [
    ['project-1', 1],
    ['a', 10],
    ['b', 100],
  ] as const)
    health.set('ccmeter_todos', { project, status: 'pending' }, value);
  const todos = collectFamilies('laptop', book, [], health, NOW).find(({ metric }) => metric === 'ccmeter_todos')?.points ?? [];
  expect(todos.map(({ labels: { project }, value }) => [project, value])).toEqual([
    ['project-1', 1],
    [OTHER, 110],
  ]);
});

test('a metric has a bound, whatever its labels make of each other', { timeout: 60_000 }, () => {
  const book = new SeriesBook();
  const names = (label: { limit: number }) => Array.from({ length: label.limit }, (_, at) => `name-${at}`);
  let made = 0;
  for (const project of names(labels.project))
    for (const model of names(labels.model)) {
      const series = book.of({ metric: 'ccmeter_requests_total', labels: { project, model, agent: 'main' } });
      series.value += 1;
      made += 1;
    }
  expect(book.decideBounds()).toBe(false);
  expect(book.sizes().get('ccmeter_requests_total')).toBe(MAX_SERIES_OF_A_METRIC + 1);
  expect(book.total('ccmeter_requests_total')).toBe(made);
  const other = [...book.all()].filter(({ values }) => values[0] === OTHER);
  expect(other.map(({ values, value }) => [values.join(' '), value])).toEqual([['other other main', made - MAX_SERIES_OF_A_METRIC]]);
  // All series of a histogram are in one place.
  for (let at = 0; at < labels.project.limit * 10; at++)
    book.observe({ metric: 'ccmeter_tool_duration_seconds', labels: { tool: `tool-${at}` }, value: 1, observed: true });
  expect((book.sizes().get('ccmeter_tool_duration_seconds') ?? 0) % 13).toBe(0);
});

test.each(Object.entries(labels) as [string, Label][])(
  'the row of %s: a limit is of a list that is open, and ranked by a counter that has it',
  (name, row) => {
    if (row.limit === undefined) return expect(row.rankedBy).toBeUndefined();
    expect(row.values).toBeUndefined();
    const ranking = Object.entries(metrics).find(([metric]) => metric === row.rankedBy)?.[1];
    expect(ranking).toMatchObject({ kind: 'counter', kept: 'ledger', labels: expect.arrayContaining([name]) });
  },
);
