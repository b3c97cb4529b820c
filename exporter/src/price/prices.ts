/** What a million tokens cost, in US dollars. */
export interface Rates {
  input: number;
  output: number;
  cacheRead: number;
  /** Cache writes kept for five minutes and for one hour. */
  write5m: number;
  write1h: number;
}

/** One row: what a model cost from a day (included) to a day (not included), both UTC, both open where absent. */
export interface Price {
  /**
   * Names of models: of Claude's without vendor prefix, `claude-`, date and `[1m]`, see `modelFamily`. A name that ends with `*` stands for
   * all that begin like it.
   */
  families: readonly string[];
  from?: string;
  to?: string;
  rates: Rates;
  /** Other rates for the whole request when its prompt (input, cache reads and cache writes) is longer than this many tokens. */
  longPrompt?: { aboveTokens: number; rates: Rates };
  /** Other rates when the response was made in fast mode (`usage.speed` is `fast`). */
  fast?: Rates;
  /** Where the price was read, and on which day. */
  source: string;
  checked: string;
}

/** Where the prices were read. */
const sources = {
  pricing: 'https://platform.claude.com/docs/en/about-claude/pricing',
  legacy: 'https://docs.anthropic.com/en/docs/about-claude/models/all-models',
  notes: 'https://platform.claude.com/docs/en/release-notes/overview',
} as const;

/**
 * The usual multiples of the input price: cache writes 1.25 (five minutes) and 2 (one hour), cache reads 0.1.
 * Rounded to a thousandth of a dollar per million tokens, the smallest step of the list.
 */
function listed(input: number, output: number, cacheRead = thousandth(input * 0.1)): Rates {
  return { input, output, cacheRead, write5m: thousandth(input * 1.25), write1h: thousandth(input * 2) };
}

function thousandth(dollars: number): number {
  return Math.round(dollars * 1000) / 1000;
}

/** The price table. For one family and one moment there is one row; `cost.test.ts` holds it to that. */
export const prices: readonly Price[] = [
  { families: ['fable-5-2'], rates: listed(8, 40, 0.2), source: sources.notes, checked: '2026-11-20' },
  { families: ['fable-5-1', 'mythos-5-1'], rates: listed(10, 50, 0.25), source: sources.pricing, checked: '2026-11-20' },
  { families: ['fable-5', 'mythos-5'], rates: listed(10, 50), source: sources.pricing, checked: '2026-11-20' },
  { families: ['opus-5-5'], rates: listed(4, 20, 0.2), fast: listed(8, 40, 0.4), source: sources.pricing, checked: '2026-11-20' },
  { families: ['opus-5', 'opus-4-8'], rates: listed(5, 25), fast: listed(10, 50), source: sources.pricing, checked: '2026-11-20' },
  { families: ['opus-4-7', 'opus-4-6'], rates: listed(5, 25), fast: listed(30, 150), source: sources.pricing, checked: '2026-11-20' },
  { families: ['opus-4-5'], rates: listed(5, 25), source: sources.pricing, checked: '2026-11-20' },
  { families: ['opus-4-1', 'opus-4', 'opus-4-0', '3-opus'], rates: listed(15, 75), source: sources.pricing, checked: '2026-11-20' },
  { families: ['sonnet-5-5'], to: '2026-10-07', rates: listed(2, 10), source: sources.pricing, checked: '2026-11-20' },
  { families: ['sonnet-5-5'], from: '2026-10-07', rates: listed(2, 10, 0.1), source: sources.notes, checked: '2026-11-20' },
  { families: ['sonnet-5'], rates: listed(2, 10), source: sources.pricing, checked: '2026-11-20' },
  { families: ['sonnet-4-6', '3-7-sonnet', '3-5-sonnet'], rates: listed(3, 15), source: sources.pricing, checked: '2026-11-20' },
  {
    families: ['sonnet-4-5', 'sonnet-4', 'sonnet-4-0'],
    rates: listed(3, 15),
    longPrompt: { aboveTokens: 200_000, rates: listed(6, 22.5) },
    source: sources.pricing,
    checked: '2026-11-20',
  },
  {
    families: ['haiku-5-5'],
    rates: listed(0.1, 0.5),
    longPrompt: { aboveTokens: 100_000, rates: listed(0.5, 2.5) },
    source: sources.pricing,
    checked: '2026-11-20',
  },
  { families: ['haiku-4-5'], rates: listed(1, 5), source: sources.pricing, checked: '2026-11-20' },
  { families: ['3-5-haiku'], rates: listed(0.8, 4), source: sources.pricing, checked: '2026-11-20' },
  {
    families: ['3-haiku'],
    rates: { input: 0.25, output: 1.25, cacheRead: 0.03, write5m: 0.3, write1h: 0.5 },
    source: sources.legacy,
    checked: '2026-11-20',
  },
];
