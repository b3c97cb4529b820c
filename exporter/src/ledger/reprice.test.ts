import { afterEach, beforeEach, expect, test } from 'vitest';
import { createPriceBook, NANO_USD, type PriceBook } from '../price/cost.ts';
import { readOwnPrices } from '../price/own-prices.ts';
import { NO_TOKENS, responseFact, sessionFact, temporaryDirectory } from '../testing.ts';
import { Ledger } from './ledger.ts';

const NOW = Date.parse('2026-03-02T00:00:00.000Z');
const AT = Date.parse('2026-03-01T12:00:30.000Z');

let directory: ReturnType<typeof temporaryDirectory>;
beforeEach(() => {
  directory = temporaryDirectory();
});
afterEach(() => directory[Symbol.dispose]());

const priced = (usd: number, ...models: string[]) =>
  createPriceBook(readOwnPrices(JSON.stringify({ prices: [{ models, input: usd, output: usd }] })));

/** One start of the exporter: what it counts of these responses, and what is then shown. */
function start(prices: PriceBook, responses: { id: string; model: string; atMs?: number }[], nowMs = NOW) {
  const ledger = new Ledger(directory.path, 'laptop', undefined, prices);
  ledger.begin();
  if (responses.length > 0) ledger.put(sessionFact());
  for (const { id, model, atMs } of responses) {
    ledger.put(responseFact({ key: `response:${id}`, model, timeMs: atMs ?? AT, tokens: { ...NO_TOKENS, input: 1_000_000 } }));
  }
  ledger.commit([]);
  ledger.settle(nowMs);
  const usd = (name: 'ccmeter_cost_usd_total') => ledger.book.total(name) / NANO_USD;
  const shown = {
    cost: usd('ccmeter_cost_usd_total'),
    tokens: ledger.book.total('ccmeter_tokens_total'),
    unpriced: ledger.book.total('ccmeter_unpriced_tokens_total'),
    excess: Object.fromEntries(Object.entries(ledger.costExcess).map(([model, nano]) => [model, nano / NANO_USD])),
    repriced: ledger.repricing?.raised,
    samples: ledger.samplesFor('sink', 1000),
    costSeries: [...ledger.book.all()].filter(({ metric }) => metric === 'ccmeter_cost_usd_total').map(({ id }) => id),
  };
  ledger.close();
  return shown;
}

test('a raised price moves the total up at once, after the last sample', () => {
  const before = start(priced(2, 'lamp'), [{ id: 'a', model: 'lamp' }]);
  expect(before).toMatchObject({ cost: 2, repriced: undefined });
  const after = start(priced(3, 'lamp'), []);
  expect(after).toMatchObject({ cost: 3, tokens: 1_000_000, excess: {}, repriced: 1 });
  const [series] = after.costSeries;
  const values = after.samples.filter(({ seriesId }) => seriesId === series);
  expect(values.map(({ value }) => value / NANO_USD)).toEqual([0, 2, 3]);
  expect(values.map(({ timeMs }) => timeMs)).toEqual([...values.map(({ timeMs }) => timeMs)].sort((a, b) => a - b));
  expect(start(priced(3, 'lamp'), [])).toMatchObject({ cost: 3, repriced: undefined });
});

test('a lowered price takes nothing off; what is too much is told beside, and new responses cost less', () => {
  start(priced(3, 'lamp'), [{ id: 'a', model: 'lamp' }]);
  expect(start(priced(2, 'lamp'), [])).toMatchObject({ cost: 3, excess: { lamp: 1 }, repriced: 0 });
  expect(start(priced(2, 'lamp'), [{ id: 'b', model: 'lamp' }])).toMatchObject({ cost: 5, excess: { lamp: 1 } });
  // And up again: the same as it was counted.
  expect(start(priced(3, 'lamp'), [])).toMatchObject({ cost: 6, excess: {}, repriced: 1 });
});

test('a model that gets its first price is counted at the times of its responses', () => {
  const none = start(createPriceBook(), [
    { id: 'a', model: 'lamp' },
    { id: 'b', model: 'lamp', atMs: AT + 3600_000 },
  ]);
  expect(none).toMatchObject({ cost: 0, unpriced: 2_000_000, costSeries: [] });
  const after = start(priced(2, 'lamp'), []);
  expect(after).toMatchObject({ cost: 4, repriced: 2 });
  const values = after.samples.filter(({ seriesId }) => after.costSeries.includes(seriesId));
  const since = (usd: number) => values.find(({ value }) => value === usd * NANO_USD)?.timeMs;
  expect([since(2), since(4)]).toEqual([AT, AT + 3600_000]);
});

test('prices that say the same again change nothing', () => {
  start(priced(2, 'lamp'), [{ id: 'a', model: 'lamp' }]);
  const { samples } = start(priced(2, 'lamp'), []);
  expect(start(priced(2, 'lamp', 'other'), [])).toMatchObject({ cost: 2, repriced: undefined, samples });
});
