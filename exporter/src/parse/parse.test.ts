import fc from 'fast-check';
import { expect, test } from 'vitest';
import { responseText } from '../testing.ts';
import { parseLine } from './parse.ts';

const withUsage = (usage: unknown) => {
  const line = JSON.parse(responseText());
  line.message.usage = usage;
  return parseLine(JSON.stringify(line));
};

test.each([
  ['flat writes are five-minute writes', { cache_creation_input_tokens: 7 }, { write5m: 7, write1h: 0 }],
  [
    'a split is taken as it is',
    { cache_creation_input_tokens: 7, cache_creation: { ephemeral_5m_input_tokens: 2, ephemeral_1h_input_tokens: 5 } },
    { write5m: 2, write1h: 5 },
  ],
  [
    'a split of zeros beside a flat figure',
    { cache_creation_input_tokens: 7, cache_creation: { ephemeral_5m_input_tokens: 0, ephemeral_1h_input_tokens: 0 } },
    { write5m: 7, write1h: 0 },
  ],
  [
    'a split beside a flat zero',
    { cache_creation_input_tokens: 0, cache_creation: { ephemeral_5m_input_tokens: 2, ephemeral_1h_input_tokens: 5 } },
    { write5m: 2, write1h: 5 },
  ],
  [
    'what the split does not explain is a five-minute write',
    { cache_creation_input_tokens: 10, cache_creation: { ephemeral_1h_input_tokens: 4 } },
    { write5m: 6, write1h: 4 },
  ],
  ['null and missing figures are none', { input_tokens: null }, { input: 0, output: 0, cacheRead: 0, write5m: 0, write1h: 0 }],
  [
    'what is not a count is none',
    { input_tokens: '5', output_tokens: -3, cache_read_input_tokens: 1e300 },
    { input: 0, output: 0, cacheRead: 0 },
  ],
])('tokens: %s', (_, usage, tokens) => {
  expect(withUsage(usage)).toMatchObject({ type: 'response', tokens });
});

test.each([
  ['not JSON', '{"type":', { type: 'unreadable', reason: 'not_json' }],
  ['a list', '[1]', { type: 'unreadable', reason: 'not_object' }],
  ['null', 'null', { type: 'unreadable', reason: 'not_object' }],
  [
    'a usage that is a list',
    JSON.stringify({ type: 'assistant', message: { model: 'm', usage: [1] } }),
    { type: 'unreadable', reason: 'bad_usage' },
  ],
])('%s is unreadable, with its reason', (_, text, expected) => {
  expect(parseLine(text)).toEqual(expected);
});

test('what Claude Code writes on its own account is no response', () => {
  const own = JSON.parse(responseText({ model: '<synthetic>' }));
  expect(parseLine(JSON.stringify(own))).toMatchObject({ type: 'other' });
  expect(parseLine(JSON.stringify({ ...own, isApiErrorMessage: true, error: 'rate_limit' }))).toMatchObject({
    type: 'api_error',
    category: 'rate_limit',
  });
  expect(parseLine(JSON.stringify({ ...own, isApiErrorMessage: true, error: 'constructor' }))).toMatchObject({ category: 'other' });
});

test('usage in progress lines and tool results is nobody else’s response', () => {
  expect(parseLine(JSON.stringify({ type: 'progress', data: { message: JSON.parse(responseText()) } }))).toBeUndefined();
});

test.each([
  ['before there was Claude Code', '1970-01-01T00:00:00.000Z', undefined],
  ['the first that a date can be', '-271821-04-20T00:00:00.000Z', undefined],
  ['the last that a date can be', '+275760-09-13T00:00:00.000Z', undefined],
  ['not a time', 'yesterday', undefined],
  ['a time', '2026-03-01T12:00:30.000Z', Date.parse('2026-03-01T12:00:30.000Z')],
])('a line from %s', (_, at, timeMs) => {
  expect(parseLine(responseText({ at }))).toMatchObject({ type: 'response' });
  expect((parseLine(responseText({ at })) as { timeMs?: number }).timeMs).toBe(timeMs);
});

test('never throws, whatever the line', () => {
  const key = fc.constantFrom(
    'type',
    'message',
    'usage',
    'content',
    'timestamp',
    'model',
    'id',
    'cache_creation',
    '__proto__',
    'constructor',
  );
  const value = fc.letrec((tie) => ({
    any: fc.oneof(
      fc.constantFrom('assistant', 'user', 'tool_result', 'text'),
      fc.jsonValue(),
      fc.dictionary(key, tie('any')),
      fc.array(tie('any'), { maxLength: 3 }),
    ),
  })).any;
  fc.assert(
    fc.property(fc.dictionary(key, value), (line) => void parseLine(JSON.stringify(line))),
    { numRuns: 2000 },
  );
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => void parseLine(text)),
    { numRuns: 1000 },
  );
});
