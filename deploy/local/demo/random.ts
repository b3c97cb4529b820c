/** Seeded chance: the same seed gives the same demo. */
export interface Random {
  /** 0 up to, not including, 1. */
  next(): number;
  between(low: number, high: number): number;
  whole(low: number, high: number): number;
  pick<Value>(values: readonly [Value, ...Value[]]): Value;
  /** A value of a table, as often as its weight says. */
  weighted<Entry extends readonly [value: unknown, weight: number]>(table: readonly Entry[]): Entry[0];
  text(length: number, alphabet?: string): string;
  uuid(): string;
}

const BASE_62 = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';

/** Chance by mulberry32, which is enough for made-up data. */
export function createRandom(seed: number): Random {
  let state = seed >>> 0;
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const between = (low: number, high: number): number => low + next() * (high - low);
  const whole = (low: number, high: number): number => Math.floor(between(low, high + 1));
  const text = (length: number, alphabet = BASE_62): string =>
    Array.from({ length }, () => alphabet[whole(0, alphabet.length - 1)]).join('');
  const hex = (length: number): string => text(length, '0123456789abcdef');
  return {
    next,
    between,
    whole,
    text,
    pick: ([first, ...rest]) => [first, ...rest][whole(0, rest.length)] ?? first,
    weighted: (table) => pickWeighted(table, next()),
    uuid: () => `${hex(8)}-${hex(4)}-4${hex(3)}-a${hex(3)}-${hex(12)}`,
  };
}

function pickWeighted<Entry extends readonly [unknown, number]>(table: readonly Entry[], chance: number): Entry[0] {
  const total = table.reduce((sum, [, weight]) => sum + weight, 0);
  let left = chance * total;
  for (const [value, weight] of table) {
    left -= weight;
    if (left < 0) return value;
  }
  throw new Error('a table of chances needs a positive weight');
}
