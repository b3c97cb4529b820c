import { expect, test } from 'vitest';
import { definitionsOf } from './definitions.ts';

test('a query is explained by the metrics that it names, each once', () => {
  const tokens = 'sum by (model) (max_over_time(ccmeter_tokens_total[60s]) - min_over_time(ccmeter_tokens_total[60s]))';
  expect(definitionsOf([tokens, tokens]).map((one) => one.name)).toEqual(['ccmeter_tokens_total']);
  expect(definitionsOf([tokens])[0]?.facts[0]).toEqual(['Unit', 'tokens']);
});

test('buckets are explained by their histogram', () => {
  const query = 'histogram_quantile(0.5, sum by (le) (ccmeter_tool_duration_seconds_bucket))';
  expect(definitionsOf([query]).map((one) => one.name)).toEqual(['ccmeter_tool_duration_seconds']);
});

test('what is not in the catalogue is left out', () => expect(definitionsOf(['up', 'ccmeter_made_up'])).toEqual([]));
