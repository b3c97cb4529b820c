import { expect, test } from 'vitest';
import { Health } from '../health.ts';
import { Pipeline } from '../pipeline.ts';
import { mainOrigin, memoryFacts, responseText } from '../testing.ts';
import { Canary, inspect, type Unknown } from './canary.ts';

const response = (change: (line: { message: Record<string, unknown> } & Record<string, unknown>) => void = () => {}) => {
  const line = JSON.parse(responseText());
  change(line);
  return line;
};
const version = '2.1.200';
const envelope = { uuid: 'a', sessionId: 's', timestamp: '2026-03-01T12:00:30.000Z', version };

test.each<[string, object, Unknown[]]>([
  ['a response of today', response(), []],
  ['a type', { ...envelope, type: 'telepathy' }, [{ kind: 'type', name: 'telepathy', version }]],
  ['a line without a type', { version }, [{ kind: 'type', name: 'none', version }]],
  ['a subtype', { ...envelope, type: 'system', subtype: 'dream' }, [{ kind: 'subtype', name: 'dream', version }]],
  ['no subtype, as in 1.0', { ...envelope, type: 'system', content: 'x' }, []],
  ['an attachment', { ...envelope, type: 'attachment', attachment: { type: 'smell' } }, [{ kind: 'attachment', name: 'smell', version }]],
  ['progress', { ...envelope, type: 'progress', data: { type: 'slow' } }, [{ kind: 'progress', name: 'slow', version }]],
  ['a field of a line', response((line) => Object.assign(line, { mood: 'x' })), [{ kind: 'field', name: 'assistant.mood', version }]],
  [
    'a field of a message',
    response((line) => Object.assign(line.message, { taste: 1 })),
    [{ kind: 'field', name: 'message.taste', version }],
  ],
  [
    'fields of the usage',
    response((line) => Object.assign(line.message, { usage: { input_tokens: 1, dream_tokens: 2, cache_creation: { ephemeral_1d: 3 } } })),
    [
      { kind: 'field', name: 'usage.dream_tokens', version },
      { kind: 'field', name: 'cache_creation.ephemeral_1d', version },
    ],
  ],
  [
    'a block',
    response((line) => Object.assign(line.message, { content: [{ type: 'text' }, { type: 'song' }] })),
    [{ kind: 'block', name: 'song', version }],
  ],
  ['a version that is none', { type: 'telepathy', version: '/home/ada' }, [{ kind: 'type', name: 'telepathy', version: 'unknown' }]],
])('finds what is new: %s', (_, line, expected) => {
  expect(inspect(line as Record<string, unknown>)).toEqual(expected);
});

test('says nothing of what is in the inputs and results of tools', () => {
  const use = response((line) =>
    Object.assign(line.message, { content: [{ type: 'tool_use', id: 't', name: 'X', input: { secret: 1 }, mine: 2 }] }),
  );
  const result = { ...envelope, type: 'user', message: { role: 'user', content: [] }, toolUseResult: { mine: 3 } };
  expect([...inspect(use), ...inspect(result)]).toEqual([]);
});

test.each(['a sentence of somebody', 'x'.repeat(41), '', '{"a":1}', 'Straße', '/home/ada/.ssh'])('does not repeat %j', (name) => {
  const type = inspect({ type: name, version });
  const field = inspect({ ...envelope, type: 'user', [name]: 1 });
  expect([type[0]?.name, field[0]?.name]).toEqual(['other', 'user.other']);
});

/** Everything that a canary reports of lines that nobody parsed. */
function report(lines: readonly object[], of: string | undefined = version): Unknown[] {
  const found: Unknown[] = [];
  const canary = new Canary((unknown) => void found.push(unknown));
  for (const line of lines) {
    const bytes = Buffer.from(`{"type":"before"}\n${JSON.stringify(line)}\n{"type":"after","subtype":"x"}`);
    canary.passed(bytes, 18, 18 + Buffer.byteLength(JSON.stringify(line)), of);
  }
  return found;
}

test('reads the kind of each line that is passed over from its bytes', () => {
  const lines = [
    { ...envelope, type: 'attachment', attachment: { type: 'smell' } },
    { ...envelope, attachment: { type: 'smell' }, type: 'attachment' },
    { ...envelope, type: 'system', subtype: 'dream' },
    { ...envelope, type: 'system' },
    { ...envelope, type: 'telepathy' },
    { ...envelope, type: 'attachment', attachment: { type: 'file', content: { type: 'smell' } } },
  ];
  const found = report(lines.flatMap((line) => [line, line, line]));
  expect(found.map(({ name }) => name)).toEqual([
    ...['smell', 'smell', 'smell', 'smell', 'smell', 'smell'],
    ...['dream', 'dream', 'dream', 'telepathy', 'telepathy', 'telepathy'],
  ]);
});

test('looks at the fields of a few lines of each kind and version', () => {
  const odd = { ...envelope, type: 'progress', data: { type: 'bash_progress' }, mood: 1 };
  expect(report(Array.from({ length: 100 }, () => odd))).toHaveLength(7);
  expect(report(Array.from({ length: 4096 }, () => odd))).toHaveLength(11 + 3);
  expect(report([odd])[0]).toEqual({ kind: 'field', name: 'progress.mood', version });
});

test('survives lines that are no JSON', () => {
  const found: Unknown[] = [];
  const canary = new Canary((unknown) => void found.push(unknown));
  const bytes = Buffer.from('{"type":"telepathy",');
  canary.passed(bytes, 0, bytes.length, undefined);
  canary.parsed(undefined);
  canary.parsed([1]);
  expect(found).toEqual([]);
});

/** What the pipeline counts as unknown in these lines, as `kind name version: count`. */
function countUnknown(lines: readonly object[]): string[] {
  const health = new Health(0);
  const bytes = Buffer.from(lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
  new Pipeline(memoryFacts(), health).transcript(mainOrigin())(bytes, bytes.length, 0);
  return health
    .points('ccmeter_exporter_unknown_records_total')
    .map(({ labels, value }) => `${labels.record_kind} ${labels.record_name} ${labels.version}: ${value}`);
}

test('what is new is counted in lines that are counted and in lines that are not', () => {
  const usage = { input_tokens: 1, output_tokens: 1, cache_creation: { ephemeral_1d_input_tokens: 3 } };
  const lines = [
    response((line) => Object.assign(line, { mood: 'x' })),
    response((line) => Object.assign(line.message, { taste: 'x' })),
    response((line) => Object.assign(line.message, { usage })),
    response((line) => Object.assign(line.message, { content: [{ type: 'song', text: 'x' }] })),
    { ...envelope, type: 'telepathy' },
    { ...envelope, type: 'system', subtype: 'dream' },
    { ...envelope, attachment: { type: 'smell' }, type: 'attachment' },
  ];
  expect(countUnknown([...lines, ...lines])).toEqual([
    'field assistant.mood 2.1.200: 2',
    'field message.taste 2.1.200: 2',
    'field cache_creation.ephemeral_1d_input_tokens 2.1.200: 2',
    'block song 2.1.200: 2',
    'type telepathy 2.1.200: 2',
    'subtype dream 2.1.200: 2',
    'attachment smell 2.1.200: 2',
  ]);
});

test('a file of somebody else does not make a series of each of its words', () => {
  const lines = Array.from({ length: 1000 }, (_, at) => ({ type: `word${at}`, version }));
  const counted = countUnknown(lines);
  expect(counted).toHaveLength(201);
  expect(counted.at(-1)).toBe('type other other: 800');
});
