import { metrics } from '@ccmeter/exporter/contract';
import { expect, test } from 'vitest';
import { readPromql } from '../query-api/src/promql/guard.ts';
import { metricsPage } from './generate/metrics-page.ts';
import { describeDifference, generate, outputs } from './generate.ts';

test('what is in the repository is what the catalogue says', () => {
  const said: string[] = [];
  expect(
    generate(['--check'], (text) => said.push(text)),
    said.join('\n'),
  ).toBe(0);
});

test('names the first line that differs', () => {
  expect(describeDifference('x.md', 'a\nb\nc', 'a\nB\nc')).toBe('x.md is out of date, first at line 2:\n  is:     b\n  wanted: B');
  expect(describeDifference('x.md', 'a\nb', 'a')).toContain('line 2');
});

test('every output ends with a newline', () => {
  for (const output of outputs) expect(output.content().endsWith('\n'), output.path).toBe(true);
});

/** The queries of METRICS.md: those of the metrics, and the recipes. */
const QUERIES = [
  ...[...metricsPage().matchAll(/```promql\n(.*)\n```/g)].map(([, query = '']) => query),
  ...[...metricsPage().matchAll(/^\| [^|]+ \| `([^`|]*ccmeter_[^`|]*)`/gm)].map(([, query = '']) => query),
].filter((query) => query.includes('('));

test.each(QUERIES)('METRICS.md asks what can be asked: %s', (query) => {
  const text = query.replaceAll('$__range', '1h').replaceAll('$__interval', '1h');
  const asked: string[] = [];
  const by = new Set<string>();
  const { tree, objection } = readPromql(text);
  expect(objection).toBeUndefined();
  tree?.iterate({
    enter(node) {
      const word = text.slice(node.from, node.to);
      if (node.name === 'Identifier' && word.startsWith('ccmeter_')) asked.push(word);
      if (node.name === 'LabelName') by.add(word);
    },
  });
  expect(asked.length).toBeGreaterThan(0);
  const known = asked.flatMap((word) => metrics[word.replace(/_(bucket|sum|count)$/, '') as keyof typeof metrics]?.labels ?? [`${word}?`]);
  for (const label of by) expect([...known, 'le']).toContain(label);
});
