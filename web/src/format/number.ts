import { numbers as texts } from '../texts/format.ts';
import { preferences } from './preferences.ts';

/** Numbers as people read them. Every function takes a locale for tests; without one the browser's is used. */

const cache = new Map<string, Intl.NumberFormat>();

/** Making a formatter costs more than using it, so each is made once. */
function formatter(locale: string | undefined, options: Intl.NumberFormatOptions): Intl.NumberFormat {
  const key = `${locale ?? ''} ${JSON.stringify(options)}`;
  const known = cache.get(key);
  if (known) return known;
  const made = new Intl.NumberFormat(locale, options);
  cache.set(key, made);
  return made;
}

/** Three digits that carry weight: 1.23M, 45.6K, 789. */
export function formatCompact(value: number, locale?: string): string {
  if (Math.abs(value) < 1000) return formatCount(value, locale);
  return formatter(locale, { notation: 'compact', maximumSignificantDigits: 3, minimumSignificantDigits: 3 }).format(value);
}

/** A number for an axis: 3M, 1.5K, 200. */
export function formatAxis(value: number, locale?: string): string {
  return formatter(locale, { notation: 'compact', maximumSignificantDigits: 3 }).format(value);
}

/** The whole number with separators: 1,234,567. Counts are integers; a fraction would be a mistake worth seeing. */
export function formatCount(value: number, locale?: string): string {
  return formatter(locale, { maximumFractionDigits: 3 }).format(value);
}

/** Bytes in the unit that fits: 1.2 MB. */
export function formatBytes(value: number, locale?: string): string {
  if (value < 1000) return formatWords(value, ['byte', 'bytes'], locale);
  const power = Math.min(4, Math.floor(Math.log10(value) / 3));
  const unit = (['byte', 'kilobyte', 'megabyte', 'gigabyte', 'terabyte'] as const)[power] ?? 'byte';
  return formatter(locale, { style: 'unit', unit, maximumFractionDigits: 1 }).format(value / 1000 ** power);
}

/** US dollars: cents from one dollar up, tenths of them below, two digits that carry weight for the smallest: never shown as nothing. */
export function formatUsd(usdValue: number, locale?: string): string {
  const value = inCurrency(usdValue);
  const size = Math.abs(value);
  if (size > 0 && size < 0.01) return formatter(locale, usd({ maximumSignificantDigits: 2 })).format(value);
  const digits = size === 0 || size >= 1 ? 2 : 3;
  return formatter(locale, usd({ minimumFractionDigits: digits, maximumFractionDigits: digits })).format(value);
}

/** US dollars for an axis: $1.2K, $40, $0.05, and $0.20 beside it. */
export function formatUsdCompact(usdValue: number, locale?: string): string {
  const value = inCurrency(usdValue);
  const cents = !Number.isInteger(value) && Math.abs(value) < 1000;
  const options = cents
    ? ({ minimumFractionDigits: 2, maximumFractionDigits: 4 } as const)
    : ({ notation: 'compact', minimumFractionDigits: 0, maximumSignificantDigits: 3 } as const);
  return formatter(locale, usd(options)).format(value);
}

/** US dollars with all that is known of them: $1.234567. */
export function formatUsdExact(value: number, locale?: string): string {
  return formatter(locale, usd({ minimumFractionDigits: 2, maximumFractionDigits: 6 })).format(inCurrency(value));
}

function usd(options: Intl.NumberFormatOptions): Intl.NumberFormatOptions {
  return { style: 'currency', currency: preferences().currency.code, currencyDisplay: 'narrowSymbol', ...options };
}

/** Dollars in the currency of the preferences. */
function inCurrency(value: number): number {
  return value * preferences().currency.perUsd;
}

/** A share from 0 to 1 as percent: 94.2%. What is not all is never rounded up to all. */
export function formatShare(share: number, locale?: string): string {
  const capped = share < 1 ? Math.min(share, 0.999) : share;
  return formatter(locale, { style: 'percent', minimumFractionDigits: 1, maximumFractionDigits: 1 }).format(capped);
}

/** The change from `before` to `now`, or what can be said where there is nothing to compare with. */
export function formatChange(now: number, before: number, locale?: string): string {
  if (before === 0) return now === 0 ? texts.noChange : texts.noneBefore;
  const change = now / before - 1;
  if (Math.abs(change) >= 10) return texts.times(formatter(locale, { maximumSignificantDigits: 2 }).format(now / before));
  const digits = Math.abs(change) < 0.1 ? 1 : 0;
  return formatter(locale, { style: 'percent', signDisplay: 'exceptZero', maximumFractionDigits: digits }).format(change);
}

/** The change of a share, in percentage points: +2.1 pts. */
export function formatPoints(now: number, before: number, locale?: string): string {
  const points = formatter(locale, { signDisplay: 'exceptZero', maximumFractionDigits: 1 }).format((now - before) * 100);
  return texts.points(points);
}

/** `1 session`, `1,234 sessions`. */
export function formatWords(value: number, words: readonly [one: string, many: string], locale?: string): string {
  return `${formatCount(value, locale)} ${value === 1 ? words[0] : words[1]}`;
}
