import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { forEachLine } from '../read/lines.ts';
import { responseText } from '../testing.ts';
import { type CallKind, type Calls, kindOfCall } from './calls.ts';
import { parseLine } from './parse.ts';
import { type Skimmed, Skimmer } from './skim.ts';
import { readIsoTime, readTime } from './time.ts';

/** The calls of one file, as far as it has been read. */
function callsOf(known: Record<string, CallKind> = {}): Calls {
  const kinds = new Map(Object.entries(known));
  return { kindOf: (id) => kinds.get(id), note: (use) => void kinds.set(use.id, kindOfCall(use)) };
}

function skim(text: string, { calls = callsOf(), named = true } = {}): Skimmed {
  const bytes = Buffer.from(`before\n${text}\nafter`);
  return new Skimmer().skim(bytes, 7, bytes.length - 6, calls, named);
}

/** What was skimmed is what was parsed. Of the result of a plain call skimming tells less. */
function expectAsParsed(skimmed: Skimmed, text: string): void {
  if (skimmed === 'parse' || skimmed === 'torn' || skimmed === 'blank') return;
  const parsed = parseLine(text);
  if (skimmed === 'pass') expect(parsed).toBeUndefined();
  else if (skimmed.type !== 'tool_result') expect(skimmed).toEqual(parsed);
  else expect(parsed).toMatchObject({ type: 'tool_result', results: skimmed.results });
}

const result = (rest: object) => ({
  parentUuid: null,
  isSidechain: false,
  type: 'user',
  message: { role: 'user', content: [{ tool_use_id: 'toolu_1', type: 'tool_result', content: 'a "quoted" \\ text\n' }] },
  uuid: '00000000-0000-4000-a000-000000000002',
  timestamp: '2026-03-01T12:00:31.250Z',
  ...rest,
});

test.each([
  ['a response', responseText(), 'response'],
  ['a response without its final count', responseText({ stop: null }), 'response'],
  ['a prompt', '{"type":"user","isSidechain":false,"message":{"content":"hello"}}', 'prompt'],
  ['what a subagent was told', '{"type":"user","isSidechain":true,"message":{"content":"hello"}}', 'other'],
  ['a picture', '{"type":"user","message":{"content":[{"type":"image","source":{}}]}}', 'prompt'],
])('%s is read from its bytes', (_, text, type) => {
  const skimmed = skim(text);
  expect(skimmed).toMatchObject({ type });
  expect(skimmed).toEqual(parseLine(text));
});

test.each([
  ['nothing', '', 'blank'],
  ['white space', ' \t\r', 'blank'],
  ['no object', '[1]', 'parse'],
  ['half a line', '{"type":"user"', 'torn'],
  ['two lines in one', `{"type":"user","message":{"cont${responseText()}`, 'parse'],
  ['spaces', '{"type": "assistant"}', 'parse'],
  ['a space', '{"type":"user","isMeta": true,"message":{"content":"hello"}}', 'parse'],
  ['another space', '{"type":"user","isMeta":true ,"message":{"content":"hello"}}', 'parse'],
  ['a type that nothing counts', '{"parentUuid":null,"type":"progress","data":{"type":"assistant"}}', 'pass'],
  ['a field that is not known', '{"type":"user","fieldOfTomorrow":1,"message":{"content":"hello"}}', 'parse'],
  ['a command', '{"type":"user","message":{"content":"<command-name>/model</command-name>"}}', 'parse'],
  ['an interruption', '{"type":"user","message":{"content":[{"type":"text","text":"[Request interrupted by user]"}]}}', 'parse'],
  ['a message of Claude Code itself', responseText({ model: '<synthetic>' }), 'parse'],
  ['an odd time', responseText({ at: 'yesterday' }), 'parse'],
  ['something after the line', `${responseText()} {}`, 'parse'],
])('%s: %j is %s', (_, text, expected) => {
  expect(skim(text)).toBe(expected);
});

test('the result of a plain call is read up to its time', () => {
  const text = JSON.stringify(result({})).replace(/}$/, ',"toolUseResult":{"stdout":nonsense');
  expect(skim(`${text}}}`, { calls: callsOf({ toolu_1: 'plain' }) })).toEqual({
    type: 'tool_result',
    sidechain: false,
    uuid: '00000000-0000-4000-a000-000000000002',
    timeMs: Date.parse('2026-03-01T12:00:31.250Z'),
    results: [{ id: 'toolu_1', outcome: 'ok' }],
  });
});

test('in a file that does not say whose session it is, it is read to its end', () => {
  const text = JSON.stringify(result({ toolUseResult: { stdout: 'x' }, sessionId: 'later' }));
  expect(skim(text, { calls: callsOf({ toolu_1: 'plain' }), named: false })).toMatchObject({ sessionId: 'later' });
});

test.each([
  ['a call that is not known', {}, {}],
  ['a call whose output counts', { toolu_1: 'command' as const }, {}],
  ['an edit that says nothing of its lines', { toolu_1: 'edit' as const }, { toolUseResult: { stdout: '' } }],
  ['an edit that failed', { toolu_1: 'edit' as const }, { toolUseResult: 'Error' }],
  [
    'a call that failed',
    { toolu_1: 'plain' as const },
    { message: { content: [{ type: 'tool_result', tool_use_id: 'toolu_1', is_error: true }] } },
  ],
])('the result of %s is left to the parser', (_, known, rest) => {
  expect(skim(JSON.stringify(result(rest)), { calls: callsOf(known) })).toBe('parse');
});

test.each([
  [{ structuredPatch: [{ lines: ['+a', '-b', ' c', '+d'] }], filePath: '/x/é.ts' }, { added: 2, removed: 1 }, 'patch', 'typescript'],
  [{ type: 'create', structuredPatch: [], filePath: '/x.py', content: 'one\ntwo\n"three"' }, { added: 3, removed: 0 }, 'create', 'python'],
  [{ type: 'create', structuredPatch: [], filePath: '/x', content: '' }, { added: 0, removed: 0 }, 'create', 'other'],
  [{ type: 'update', structuredPatch: [], filePath: '/x.py', content: 'one' }, { added: 0, removed: 0 }, 'patch', 'python'],
])('lines of the edit %j', (toolUseResult, lines, linesFrom, language) => {
  const text = JSON.stringify(result({ toolUseResult }));
  const skimmed = skim(text, { calls: callsOf({ toolu_1: 'edit' }) });
  expect(skimmed).toMatchObject({ results: [{ id: 'toolu_1', outcome: 'ok', lines, linesFrom, language }] });
  expectAsParsed(skimmed, text);
});

test('times are those of the calendar', () => {
  const ms = fc.integer({ min: Date.parse('2023-12-30'), max: Date.parse('2100-01-02') });
  fc.assert(
    fc.property(ms, (timeMs) => {
      const text = new Date(timeMs).toISOString();
      expect(readIsoTime(Buffer.from(text), 0, text.length)).toBe(readTime(text));
    }),
    { numRuns: 5000 },
  );
});

test.each(['2026-02-31T00:00:00.000Z', '2026-13-01T00:00:00.000Z', '2026-01-01T24:00:00.000Z', '2026-01-01', '2026-01-0xT00:00:00.000Z'])(
  'the odd time %s is what it is elsewhere',
  (text) => {
    expect(readIsoTime(Buffer.from(text), 0, text.length)).toBe(readTime(text));
  },
);

const words = fc.constantFrom('assistant', 'user', 'progress', 'tool_use', 'tool_result', 'text', 'toolu_1', 'Edit', 'Bash', 'é"\\\n', '');
const keys = fc.constantFrom(
  ...['type', 'message', 'usage', 'content', 'timestamp', 'model', 'id', 'name', 'input', 'cache_creation', 'stop_reason', 'uuid'],
  ...['tool_use_id', 'is_error', 'isMeta', 'isSidechain', 'toolUseResult', 'structuredPatch', 'output_tokens', '__proto__', 'cwd', 'speed'],
);
const odd = fc.letrec<{ any: unknown }>((tie) => ({
  any: fc.oneof(
    { maxDepth: 5 },
    words,
    fc.constantFrom(true, false, null, 0, 17, -1, 1.5, '2026-03-01T12:00:31.250Z'),
    fc.string(),
    fc.dictionary(keys, tie('any'), { maxKeys: 6 }),
    fc.array(tie('any'), { maxLength: 3 }),
  ),
})).any;

test('what is read from bytes is what parsing gives, whatever the line', () => {
  const usual = fc.record(
    {
      type: fc.constantFrom('assistant', 'user', 'progress'),
      isSidechain: fc.boolean(),
      uuid: fc.uuid(),
      cwd: fc.string(),
      timestamp: fc.constantFrom('2026-03-01T12:00:31.250Z', '2026-03-01', ''),
      toolUseResult: odd,
      message: fc.oneof(
        odd,
        fc.record(
          {
            id: fc.string(),
            model: fc.string(),
            stop_reason: fc.constantFrom('end_turn', 'tool_use', null),
            usage: fc.dictionary(fc.constantFrom('input_tokens', 'output_tokens', 'cache_creation', 'speed'), odd),
            content: fc.oneof(fc.string(), fc.array(odd), odd),
          },
          { requiredKeys: [] },
        ),
      ),
    },
    { requiredKeys: [] },
  );
  fc.assert(
    fc.property(
      fc.oneof(usual, fc.dictionary(keys, odd)),
      fc.constantFrom<CallKind>('plain', 'edit', 'command'),
      fc.constantFrom(0, 0, 1),
      (line, kind, spaces) => {
        const text = JSON.stringify(line, undefined, spaces);
        expectAsParsed(skim(text, { calls: callsOf({ toolu_1: kind }) }), text);
      },
    ),
    { numRuns: 5000 },
  );
});

test('nothing throws and nothing hangs, however the bytes were damaged', () => {
  const texts = [responseText(), JSON.stringify(result({ toolUseResult: { structuredPatch: [{ lines: ['+a'] }] } }))];
  const skimmer = new Skimmer();
  fc.assert(
    fc.property(fc.constantFrom(...texts), fc.array(fc.tuple(fc.nat(2000), fc.nat(255)), { maxLength: 4 }), (text, changes) => {
      const bytes = Buffer.from(text);
      for (const [at, byte] of changes) bytes[at % bytes.length] = byte;
      skimmer.skim(bytes, 0, bytes.length, callsOf({ toolu_1: 'edit' }), true);
    }),
    { numRuns: 5000 },
  );
});

test('all lines of the fixtures are read as parsing reads them, few by parsing', () => {
  const fixtures = join(import.meta.dirname, '..', '..', '..', 'tests', 'fixtures', 'transcripts');
  const files = readdirSync(fixtures, { recursive: true, encoding: 'utf8' }).filter((path) => path.endsWith('.jsonl'));
  let lines = 0;
  let parsed = 0;
  for (const file of files) {
    const bytes = readFileSync(join(fixtures, file));
    const calls = callsOf();
    const skimmer = new Skimmer();
    forEachLine(bytes, bytes.length, (start, end) => {
      const skimmed = skimmer.skim(bytes, start, end, calls, true);
      expectAsParsed(skimmed, bytes.toString('utf8', start, end));
      lines += 1;
      if (skimmed === 'parse') parsed += 1;
    });
  }
  expect(lines).toBeGreaterThan(50);
  expect(parsed / lines).toBeLessThan(0.5);
});
