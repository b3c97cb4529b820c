import { expect, test } from 'vitest';
import { PricesError, readOwnPrices } from './own-prices.ts';

const row = { models: ['glm-4.7'], input: 0.6, output: 2.2 };
const read = (...rows: unknown[]) => readOwnPrices(JSON.stringify({ prices: rows }));

test('reads a row with nothing but what it must have: the cache costs what input costs', () => {
  expect(read(row)).toEqual([
    {
      families: ['glm-4.7'],
      rates: { input: 0.6, output: 2.2, cacheRead: 0.6, write5m: 0.6, write1h: 0.6 },
      source: 'own',
      checked: '',
    },
  ]);
});

test('reads a row with everything', () => {
  const all = {
    ...row,
    cacheRead: 0.1,
    cacheWrite5m: 0.7,
    cacheWrite1h: 0.9,
    from: '2026-01-01',
    to: '2026-02-01',
    longPrompt: { aboveTokens: 1000, input: 1, output: 2 },
    fast: { input: 3, output: 4 },
    source: 'https://example.org/prices',
    checked: '2026-01-31',
  };
  expect(read(all)).toEqual([
    {
      families: ['glm-4.7'],
      from: '2026-01-01',
      to: '2026-02-01',
      rates: { input: 0.6, output: 2.2, cacheRead: 0.1, write5m: 0.7, write1h: 0.9 },
      longPrompt: { aboveTokens: 1000, rates: { input: 1, output: 2, cacheRead: 1, write5m: 1, write1h: 1 } },
      fast: { input: 3, output: 4, cacheRead: 3, write5m: 3, write1h: 3 },
      source: 'https://example.org/prices',
      checked: '2026-01-31',
    },
  ]);
});

test.each<[string, string, string]>([
  ['no JSON', '{', 'it is not JSON'],
  ['a list', '[]', 'the file is []; it wants an object with prices'],
  ['no list of prices', '{"prices": {}}', 'prices is {}; it wants a list'],
  ['a field that is none', '{"prices": [], "price": []}', 'the file has "price", which is none of prices'],
])('refuses a file that is %s', (_, text, message) => {
  expect(() => readOwnPrices(text)).toThrow(PricesError);
  expect(() => readOwnPrices(text)).toThrow(message);
});

test.each<[string, unknown, string]>([
  ['no name', { ...row, models: [] }, 'prices[0].models is []; it wants a list of names'],
  ['a name with a star inside', { ...row, models: ['a', 'glm*x'] }, 'prices[0].models[1] is "glm*x"'],
  ['no output', { models: ['a'], input: 1 }, 'prices[0].output is missing; it wants a number of US dollars for a million tokens'],
  ['a price as text', { ...row, input: '0.6' }, 'prices[0].input is "0.6"'],
  ['a price below nothing', { ...row, cacheRead: -1 }, 'prices[0].cacheRead is -1'],
  ['a price a token', { ...row, output: 1e9 }, 'prices[0].output is 1000000000'],
  ['a misspelt field', { ...row, cacheread: 1 }, 'prices[0] has "cacheread", which is none of input, output, cacheRead'],
  ['a day that is none', { ...row, from: '2026-02-30' }, 'prices[0].from is "2026-02-30"; it wants a day'],
  [
    'an end before the beginning',
    { ...row, from: '2026-02-01', to: '2026-02-01' },
    'prices[0].to is "2026-02-01"; it wants a day after 2026-02-01',
  ],
  ['a long prompt without a length', { ...row, longPrompt: { input: 1, output: 1 } }, 'prices[0].longPrompt.aboveTokens is missing'],
  ['a text in place of a row', 'glm', 'prices[0] is "glm"; it wants an object'],
])('refuses a row with %s', (_, given, message) => {
  expect(() => read(given)).toThrow(message);
});

test('refuses two prices for one model at one time, and takes one after the other', () => {
  expect(() => read(row, row)).toThrow('prices[1] and prices[0] both price glm-4.7 at the same time');
  expect(() => read({ ...row, to: '2026-02-02' }, { ...row, from: '2026-02-01' })).toThrow('at the same time');
  expect(read({ ...row, to: '2026-02-01' }, { ...row, from: '2026-02-01' })).toHaveLength(2);
});
