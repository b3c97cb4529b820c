import { type Price, prices } from '@ccmeter/exporter/prices';

export { type Price, prices, type Rates } from '@ccmeter/exporter/prices';

/** Where the list prices are read. */
export const PRICE_PAGE = 'https://platform.claude.com/docs/en/about-claude/pricing';

/** The row of the list that holds for a model at a time; none for a model that the list does not know. */
export function priceOf(model: string, timeMs: number): Price | undefined {
  return inForce(timeMs).find((price) => price.families.some((family) => isOfFamily(model, family)));
}

/** The rows of the list that hold at a moment. */
export function inForce(timeMs: number): Price[] {
  return prices.filter((price) => (!price.from || Date.parse(price.from) <= timeMs) && (!price.to || timeMs < Date.parse(price.to)));
}

/** `claude-sonnet-5-5-20261001` is of `sonnet-5-5`, not of `sonnet-5`. */
export function isOfFamily(model: string, family: string): boolean {
  const name = model.toLowerCase();
  const at = name.indexOf(`claude-${family}`);
  return at !== -1 && !/^-\d{1,2}(?!\d)/.test(name.slice(at + `claude-${family}`.length));
}
