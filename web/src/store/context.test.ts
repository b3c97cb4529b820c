import { expect, test } from 'vitest';
import { usedOfWindow, windowOf } from './context.ts';

test.each([
  ['claude-opus-5-5', 100_000, 200_000],
  ['claude-sonnet-5-5[1m]', 100_000, 1_000_000],
  ['claude-sonnet-5-5', 300_000, 1_000_000],
  [null, 0, 200_000],
])('%s with %d tokens at most has a window of %d', (model, most, window) => expect(windowOf(model, most)).toBe(window));

test('a full window is not more than full', () => {
  expect(usedOfWindow('claude-opus-5-5', { tokens: 50_000, most: 50_000 })).toBe(0.25);
  expect(usedOfWindow('claude-opus-5-5[1m]', { tokens: 2_000_000, most: 2_000_000 })).toBe(1);
});
