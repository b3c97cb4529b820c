import { metrics } from '@ccmeter/exporter/contract';
import { expect, test } from 'vitest';
import { objectionTo } from './guard.ts';
import {
  addedQuery,
  filterOptionsQuery,
  historyStartQuery,
  nowQuery,
  type Question,
  type QuestionId,
  quantileQuery,
  questions,
  seenQuery,
} from './queries.ts';

const all = Object.entries(questions) as [QuestionId, Question][];

/** Every string that we ever ask, apart from label values. */
function golden(): string {
  const lines = all.flatMap(([id, question]) => {
    const build = (by: Question['labels'], filters = {}) => {
      if (question.kind === 'seen') return seenQuery(question, { by, filters }, 3600);
      if (question.kind === 'now') return nowQuery(question, { by, filters });
      if (question.kind === 'quantile') return quantileQuery(question, { by, filters }, 3600, 0.95);
      return addedQuery(question, { by, filters }, 3600);
    };
    return [
      `${id}\n  ${build([])}`,
      `${id} by ${question.labels.join(',')}\n  ${build(question.labels)}`,
      `${id} of one host\n  ${build([], { host: ['laptop'] })}`,
      `${id} of two hosts\n  ${build([], { host: ['a.b', 'c'] })}`,
    ];
  });
  return `${[...lines, `(history start)\n  ${historyStartQuery()}`, `(filter options)\n  ${filterOptionsQuery(3600)}`].join('\n')}\n`;
}

test('every question is the PromQL of the golden file', async () => {
  await expect(golden()).toMatchFileSnapshot('queries.golden.txt');
});

test('every question is PromQL by the official grammar', () => {
  for (const line of golden()
    .split('\n')
    .filter((text) => text.startsWith('  ')))
    expect(objectionTo(line), line).toBeUndefined();
});

/** What a question may be put to: only the ledger's counters never go down. */
const allowed = {
  added: ['counter ledger'],
  quantile: ['histogram ledger'],
  now: ['gauge process', 'counter process', 'counter state', 'info process'],
  seen: ['info process'],
};

test.each(all)('%s is put to a metric that can answer it', (_, question) => {
  const { kind, kept } = metrics[question.metric];
  expect(allowed[question.kind]).toContain(`${kind} ${kept}`);
  expect(question.labels).toEqual(metrics[question.metric].labels);
});
