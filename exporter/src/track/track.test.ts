import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Line } from '../parse/line.ts';
import { parseLine } from '../parse/parse.ts';
import { mainOrigin, memoryFacts, responseFact, responseText, SESSION } from '../testing.ts';
import { trackApiErrors, trackCompactions } from './errors.ts';
import type { Origin, ResponseFact } from './fact.ts';
import { trackPrompts } from './prompts.ts';
import { projectOf, stateOf, trackSessions } from './sessions.ts';
import { mergeResponses, trackUsage } from './usage.ts';

function line(text: string): Line {
  const parsed = parseLine(text);
  if (parsed === undefined || parsed.type === 'unreadable') throw new Error(`not a line: ${text}`);
  return parsed;
}

function track(...seen: [text: string, origin?: Partial<Origin>][]): ResponseFact[] {
  const facts = memoryFacts();
  for (const [text, origin] of seen) trackUsage(facts, line(text), mainOrigin(origin));
  return facts.all().filter((fact) => fact.type === 'response');
}

test('a response written as several lines counts once, with the largest output', () => {
  const [fact, ...rest] = track(
    [responseText({ output: 2, stop: null })],
    [responseText({ output: 40, stop: null })],
    [responseText({ output: 31 })],
  );
  expect(rest).toEqual([]);
  expect(fact).toMatchObject({ tokens: { output: 40 }, finished: true });
});

test('usage is taken whole, not field by field', () => {
  const [fact] = track([responseText({ output: 40, input: 3 })], [responseText({ output: 2, input: 900 })]);
  expect(fact?.tokens).toMatchObject({ output: 40, input: 3 });
});

test('the same response in another file counts once, at its earliest time', () => {
  const facts = track([responseText({ at: '2026-03-02T08:00:00.000Z' }), { file: 'other', sessionId: 'copy' }], [responseText()]);
  expect(facts).toHaveLength(1);
  expect(facts[0]).toMatchObject({ timeMs: Date.parse('2026-03-01T12:00:30.000Z'), sessionId: SESSION });
});

test("another gateway's id holds only within its file", () => {
  expect(track([responseText({ id: 'msg_abcdefghijkl' })], [responseText({ id: 'msg_abcdefghijkl' }), { file: 'other' }])).toHaveLength(2);
  expect(track([responseText({ id: 'msg_abcdefghijkl' })], [responseText({ id: 'msg_abcdefghijkl' })])).toHaveLength(1);
});

test("a copy of a file is that file, and another gateway's id holds in it as well", () => {
  const seen: [string, Partial<Origin>] = [responseText({ id: 'msg_abcdefghijkl' }), { file: 'agent-a1', subagent: true }];
  expect(track(seen, seen)).toHaveLength(1);
  expect(track(seen, [seen[0], { ...seen[1], sessionId: 'another' }])).toHaveLength(2);
});

test('without an id every line stands alone, also when it is read again', () => {
  const first: [string] = [responseText({ id: '', uuid: 'a' })];
  expect(track(first, [responseText({ id: '', uuid: 'b' })], first)).toHaveLength(2);
});

test('a copy of the main conversation in a subagent transcript stays with the main conversation', () => {
  const [fact] = track([responseText(), { file: 'other', subagent: true }], [responseText()]);
  expect(fact?.agent).toBe('main');
});

test('a settled response keeps its place and its model; its figures may still grow', () => {
  const settled = responseFact({ settled: true });
  const seen = responseFact({ timeMs: 1, sessionId: 'other', model: 'claude-haiku-5-5', tokens: { ...settled.tokens, output: 99 } });
  expect(mergeResponses(settled, seen)).toEqual({ ...settled, tokens: seen.tokens });
});

test('merging does not depend on the order of sight', () => {
  const sight = fc.record({
    timeMs: fc.integer({ min: 0, max: 3 }),
    sessionId: fc.constantFrom('a', 'b'),
    agent: fc.constantFrom('main' as const, 'subagent' as const),
    model: fc.constantFrom('x', 'y'),
    finished: fc.boolean(),
    fast: fc.boolean(),
    tokens: fc.record({
      input: fc.integer({ min: 0, max: 2 }),
      output: fc.integer({ min: 0, max: 2 }),
      cacheRead: fc.integer({ min: 0, max: 2 }),
      write5m: fc.integer({ min: 0, max: 2 }),
      write1h: fc.integer({ min: 0, max: 2 }),
    }),
  });
  const sights = fc
    .array(sight, { minLength: 1, maxLength: 6 })
    .chain((list) => fc.tuple(fc.constant(list), fc.shuffledSubarray(list, { minLength: list.length })));
  fc.assert(
    fc.property(sights, ([inOrder, shuffled]) => {
      const merge = (list: typeof inOrder) => list.map((one) => responseFact(one)).reduce(mergeResponses);
      expect(merge(shuffled)).toEqual(merge(inOrder));
    }),
  );
});

const prompt = (content: unknown, more: object = {}) =>
  JSON.stringify({ type: 'user', uuid: 'u', timestamp: '2026-03-01T12:00:00.000Z', message: { role: 'user', content }, ...more });

test.each([
  ['text', prompt('Please turn the lamp on.'), 1],
  ['a text block', prompt([{ type: 'text', text: 'Please.' }]), 1],
  ['a picture alone', prompt([{ type: 'image' }]), 1],
  ['a tool result', prompt([{ type: 'tool_result', tool_use_id: 't' }], { toolUseResult: {} }), 0],
  ['a command', prompt('<command-name>/clear</command-name>'), 0],
  ['a notice', prompt('[Request interrupted by user for tool use]'), 0],
  ['a summary', prompt('This session is being continued', { isCompactSummary: true }), 0],
  ['what Claude Code adds', prompt('Caveat', { isMeta: true }), 0],
  ["a subagent's task", prompt('Look for it', { isSidechain: true }), 0],
])('a prompt typed by a person: %s', (_, text, expected) => {
  const facts = memoryFacts();
  trackPrompts(facts, line(text), mainOrigin());
  trackPrompts(facts, line(text), mainOrigin({ file: 'other' }));
  expect(facts.all()).toHaveLength(expected);
});

test('an error and a compaction that stand in two transcripts belong where they were first, whichever is read first', () => {
  const text = (at: string, more: object) => JSON.stringify({ type: 'user', uuid: 'u', timestamp: at, message: { content: 'x' }, ...more });
  for (const more of [{ isCompactSummary: true }, { type: 'assistant', isApiErrorMessage: true }]) {
    const sights: [string, string][] = [
      [text('2026-03-01T12:00:00.000Z', more), 'first'],
      [text('2026-03-02T12:00:00.000Z', more), 'copy'],
    ];
    for (const order of [sights, [...sights].reverse()]) {
      const facts = memoryFacts();
      for (const [one, sessionId] of order) {
        trackApiErrors(facts, line(one), mainOrigin({ sessionId }));
        trackCompactions(facts, line(one), mainOrigin({ sessionId }));
      }
      expect(facts.all()).toMatchObject([{ sessionId: 'first', timeMs: Date.parse('2026-03-01T12:00:00.000Z') }]);
    }
  }
});

test('a session has the project of its main transcript, wherever its subagents work', () => {
  const facts = memoryFacts();
  const elsewhere = responseText().replaceAll('harbour', 'harbour/src');
  trackSessions(facts, line(elsewhere), mainOrigin({ subagent: true }));
  expect(facts.all()).toMatchObject([{ project: 'src', begun: false }]);
  trackSessions(facts, line(responseText({ at: '2026-03-01T13:00:00.000Z' })), mainOrigin());
  trackSessions(facts, line(elsewhere), mainOrigin({ subagent: true }));
  expect(facts.all()).toMatchObject([{ project: 'harbour', begun: true, timeMs: Date.parse('2026-03-01T13:00:00.000Z') }]);
});

test.each([
  ['/home/someone/code/harbour', 'harbour'],
  ['/home/someone/code/harbour/', 'harbour'],
  ['R:\\57. Work\\harbour', 'harbour'],
  ['/', '/'],
  ['C:\\', 'C:'],
  ['', 'unknown'],
  ['/home/someone/code/harbour/.claude/worktrees/fix-lamp', 'harbour'],
  ['/home/someone/code/harbour/.claude/worktrees/fix-lamp/src', 'harbour'],
  ['R:\\57. Work\\harbour\\.claude\\worktrees\\z2', 'harbour'],
  ['/home/someone/.claude/projects', 'projects'],
])('the project of %s is %s', (cwd, project) => {
  expect(projectOf(cwd)).toBe(project);
});

test('a line of the future is one of now, so that later lines still tell how the session stands', () => {
  const facts = memoryFacts();
  const now = Date.parse('2026-03-01T12:00:30.000Z');
  const state = () => facts.all().map((fact) => (fact.type === 'session' ? stateOf(fact, now + 1000) : ''));
  trackSessions(facts, line(responseText({ at: '2026-12-01T12:00:00.000Z', stop: 'tool_use' })), mainOrigin({ nowMs: now - 1 }));
  expect(state()).toEqual(['working']);
  trackSessions(facts, line(responseText({ stop: 'end_turn' })), mainOrigin({ nowMs: now }));
  expect(state()).toEqual(['waiting']);
});

test('a session works, waits, idles and is over', () => {
  const facts = memoryFacts();
  const at = Date.parse('2026-03-01T12:00:30.000Z');
  const state = (afterMs: number) => facts.all().map((fact) => (fact.type === 'session' ? stateOf(fact, at + afterMs) : ''));
  trackSessions(facts, line(responseText({ stop: 'tool_use' })), mainOrigin());
  expect(state(1000)).toEqual(['working']);
  trackSessions(facts, line(responseText({ stop: 'end_turn' })), mainOrigin());
  expect(state(1000)).toEqual(['waiting']);
  expect(state(6 * 60_000)).toEqual(['idle']);
  expect(state(31 * 60_000)).toEqual(['over']);
});
