import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Health } from '../health.ts';
import { memoryFacts } from '../testing.ts';
import { createHistoryConsumer } from './history-source.ts';
import { readHistoryLine } from './prompt-history.ts';
import { readRetentionDays } from './retention.ts';
import { readRunningSession } from './running-sessions.ts';
import { readStats } from './stats-cache.ts';
import { statsPoints } from './stats-points.ts';
import { readTask, readTodoList } from './todo-files.ts';

const SECRET = 'whisper';

/** Values as files could hold them, with the keys and words that readers look for, so that they get far. */
const key = fc.constantFrom(
  ...['status', 'content', 'id', 'display', 'timestamp', 'project', 'sessionId', 'pid', 'startedAt', 'updatedAt', 'cleanupPeriodDays'],
  ...['modelUsage', 'hourCounts', 'dailyActivity', 'dailyModelTokens', 'tokensByModel', 'longestSession', 'duration', 'inputTokens'],
  ...['lastComputedDate', 'firstSessionDate', 'date', 'toolCallCount', '9', '__proto__', 'constructor', 'toString'],
);
const word = fc.constantFrom(
  SECRET,
  'pending',
  'completed',
  '2026-08-30',
  '5e551011-0000-4000-a000-000000000001',
  '',
  `/${'x/'.repeat(3)}`,
);
const { value } = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small' },
    fc.constantFrom(null, true, false),
    fc.double(),
    fc.integer(),
    fc.constantFrom(1_788_000_000_000, -1, 1e300, Number.MAX_SAFE_INTEGER),
    word,
    fc.array(tie('value'), { maxLength: 4 }),
    fc.dictionary(key, tie('value'), { maxKeys: 6 }),
  ),
}));

/** Such a value as text, whole, cut, or with another byte in it. */
const text = fc.oneof(
  value.map((one) => JSON.stringify(one) ?? ''),
  fc.tuple(value, fc.nat(200)).map(([one, at]) => (JSON.stringify(one) ?? '').slice(0, at)),
  fc.tuple(value, fc.nat(200), fc.string({ unit: 'binary', maxLength: 2 })).map(([one, at, put]) => {
    const whole = JSON.stringify(one) ?? '';
    return whole.slice(0, at) + put + whole.slice(at + 1);
  }),
);

describe.each<[string, (text: string) => unknown]>([
  ['a todo list', readTodoList],
  ['a task', readTask],
  ['a stats cache', readStats],
  ['a running session', readRunningSession],
  ['a line of history', readHistoryLine],
  ['settings', readRetentionDays],
])('the reader of %s', (name, read) => {
  test('never throws, and lets no text through but names', () => {
    fc.assert(
      fc.property(text, (given) => {
        const result = JSON.stringify(read(given)) ?? '';
        // Names of models and of directories are what those readers are for.
        if (name !== 'a stats cache' && name !== 'a line of history') expect(result).not.toContain(SECRET);
      }),
      { numRuns: 2000 },
    );
  });

  test('gives up on what is nested without end', () => {
    const deep = '['.repeat(100_000);
    expect(read(deep)).toEqual({ unusable: 'not_json' });
  });
});

test('every number of a stats cache is one that can be shown', () => {
  fc.assert(
    fc.property(text, (given) => {
      const stats = readStats(given);
      if ('unusable' in stats) return;
      for (const { value: shown } of statsPoints(stats)) expect(Number.isFinite(shown)).toBe(true);
    }),
    { numRuns: 2000 },
  );
});

test('any split of history.jsonl gives the same commands', () => {
  const line = (display: string, at: number) =>
    JSON.stringify({ display, timestamp: 1_788_000_000_000 + at * 10_000, project: '/code/harbour', sessionId: 's' });
  const whole = Buffer.from(
    `${['/clear', 'a prompt', '/model opus', '{', '/büro', '/paint blue'].map((one, at) => (one === '{' ? one : line(one, at))).join('\n')}\n`,
  );
  const keysOf = (cuts: number[]) => {
    const facts = memoryFacts();
    const consume = createHistoryConsumer(facts, new Health(0));
    let begin = 0;
    for (const end of [...cuts.filter((cut) => cut <= whole.length).sort((a, b) => a - b), whole.length]) {
      const part = whole.subarray(begin, end);
      if (end > begin) begin += consume(Buffer.from(part), part.length, begin);
    }
    return facts.all().map((fact) => fact.key);
  };
  const wanted = keysOf([]);
  expect(wanted).toHaveLength(4);
  fc.assert(fc.property(fc.array(fc.nat(whole.length), { maxLength: 8 }), (cuts) => void expect(keysOf(cuts)).toEqual(wanted)));
});
