import { describe, expect, test } from 'vitest';
import { memoryFacts, SESSION } from '../testing.ts';
import { type CommandSight, noteCommand } from './commands.ts';

const NOON = Date.parse('2026-03-01T12:00:00.000Z');

function typed(timeMs: number, wish: Partial<CommandSight> = {}): CommandSight {
  return { skill: 'compact', timeMs: NOON + timeMs, sessionId: SESSION, project: 'harbour', ...wish };
}

function told(timeMs: number, line: string, wish: Partial<CommandSight> = {}): CommandSight {
  return typed(timeMs, { line, ...wish });
}

function without(sight: CommandSight): CommandSight {
  const { sessionId: _, ...rest } = sight;
  return rest;
}

const SECOND = 1000;

/** Each case: what is seen, and how many uses it is, in whatever order it is seen. */
describe.each<[string, CommandSight[], number]>([
  ['a typed command', [typed(0)], 1],
  ['a command written twice, as until 2.0', [typed(0), typed(350)], 1],
  ['a command typed again', [typed(0), typed(1500)], 2],
  ['a command that a transcript tells of, too', [typed(0), told(40, 'a')], 1],
  ['a transcript line a little before', [typed(0), told(-600, 'a')], 1],
  ['a command that took its time', [typed(0), told(77 * SECOND, 'a')], 1],
  ['a transcript line much later', [typed(0), told(180 * SECOND, 'a')], 2],
  ['twice typed, twice told', [typed(0), told(40, 'a'), typed(20 * SECOND), told(20 * SECOND + 40, 'b')], 2],
  ['two lines of a transcript', [told(0, 'a'), told(100, 'b')], 2],
  ['a line that was copied', [told(0, 'a'), told(50, 'a')], 1],
  ['over the border of a slot', [typed(119_990), told(120_010, 'a')], 1],
  ['another session at the same time', [typed(0), typed(0, { sessionId: 'other' })], 2],
  ['another project at the same time', [typed(0), typed(0, { project: 'quay' })], 2],
  ['another command at the same time', [typed(0), typed(0, { skill: 'clear' })], 2],
  ['an old history without sessions', [without(typed(0)), told(40, 'a')], 1],
  ['names of every object', [typed(0, { skill: 'constructor' }), typed(0, { skill: '__proto__' })], 2],
])('%s', (_, sights, uses) => {
  test.each([
    ['in order', sights],
    ['backwards', sights.toReversed()],
  ])('%s', (_order, order) => {
    const facts = memoryFacts();
    for (const sight of order) noteCommand(facts, sight);
    expect(facts.all()).toHaveLength(uses);
    for (const sight of order) noteCommand(facts, sight);
    expect(facts.all()).toHaveLength(uses);
  });
});

test('the time of typing is the better one, and the transcript knows the session', () => {
  const facts = memoryFacts();
  noteCommand(facts, told(40, 'a'));
  noteCommand(facts, without(typed(0)));
  expect(facts.all()).toMatchObject([{ timeMs: NOON, sessionId: SESSION, typed: true, line: 'a' }]);
});

test('once counted, time and session stay', () => {
  const facts = memoryFacts();
  noteCommand(facts, told(40, 'a'));
  const [fact] = facts.all();
  if (fact !== undefined) facts.put({ ...fact, settled: true });
  noteCommand(facts, typed(0));
  expect(facts.all()).toMatchObject([{ timeMs: NOON + 40, typed: true }]);
});

test('a storm of one command has a bound, and what is beyond it is told', () => {
  const facts = memoryFacts();
  const counted = Array.from({ length: 300 }, (_, at) => noteCommand(facts, told(at, `line-${at}`)));
  expect(facts.all()).toHaveLength(200);
  expect(counted.filter((one) => !one)).toHaveLength(100);
});
