import { expect, test } from 'vitest';
import { inForce, isOfFamily, priceOf } from './price-book.ts';

const NOW_MS = Date.parse('2026-11-21T00:00:00Z');

test.each([
  ['claude-sonnet-5-5-20261001', 'sonnet-5-5', true],
  ['us.anthropic.claude-sonnet-5-5[1m]', 'sonnet-5-5', true],
  ['claude-sonnet-5-5', 'sonnet-5', false],
  ['claude-sonnet-5-20260901', 'sonnet-5', true],
  ['glm-4', 'sonnet-5', false],
])('%s is of %s: %s', (model, family, is) => expect(isOfFamily(model, family)).toBe(is));

test('of a model whose price changed the row in force counts', () => {
  expect(priceOf('claude-sonnet-5-5', NOW_MS)?.rates.cacheRead).toBe(0.1);
  expect(priceOf('claude-sonnet-5-5', Date.parse('2026-10-01T00:00:00Z'))?.rates.cacheRead).toBe(0.2);
  expect(inForce(NOW_MS).filter((price) => price.families.includes('sonnet-5-5'))).toHaveLength(1);
});

test('a model that the list does not know has no price', () => expect(priceOf('glm-4.7', NOW_MS)).toBeUndefined());
