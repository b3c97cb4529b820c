import type { PriceBook } from '../price/cost.ts';
import type { Fact } from '../track/fact.ts';
import type { SeriesBook } from './series.ts';
import type { Statements } from './statements.ts';

/** What a change of prices means for what has been counted. */
export interface Repricing {
  /** Responses that cost more at the new prices, or had no price before: they are counted again, and the totals rise. */
  raised: number;
  /**
   * What the other responses would cost less, in billionths of a dollar by model. It stays counted: a total never falls.
   */
  excess: Record<string, number>;
}

const RESPONSES_AT_ONCE = 2000;

/** Holds every counted response against a new book of prices, and opens those that are to be counted again. */
export function reprice(run: Statements, series: SeriesBook, prices: PriceBook): Repricing {
  const result: Repricing = { raised: 0, excess: {} };
  for (let after = ''; ; ) {
    const rows = run.countedResponses(after, RESPONSES_AT_ONCE);
    for (const { key, body, counted } of rows) {
      const fact: Fact = JSON.parse(body);
      if (fact.type !== 'response') continue;
      const before = costIn(JSON.parse(counted), series);
      const now = prices.costOf(fact.model, fact.timeMs, fact.tokens, fact.fast) ?? 0;
      if (now > before) {
        run.openFact(key);
        result.raised += 1;
      } else if (now < before) result.excess[fact.model] = (result.excess[fact.model] ?? 0) + before - now;
    }
    const last = rows.at(-1);
    if (last === undefined) return result;
    after = last.key;
  }
}

/** What a fact has added to the cost. `counted` has the number of a series and what was added to it, by turns. */
function costIn(counted: readonly number[], series: SeriesBook): number {
  let cost = 0;
  for (let at = 0; at + 1 < counted.length; at += 2) {
    if (series.get(counted[at] ?? 0)?.metric === 'ccmeter_cost_usd_total') cost += counted[at + 1] ?? 0;
  }
  return cost;
}
