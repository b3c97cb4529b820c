import { formatAxis, formatCompact, formatCount, formatShare, formatUsd, formatUsdCompact, formatUsdExact } from './number.ts';
import { formatSeconds, formatSecondsAxis } from './time.ts';

/** How numbers of one unit are written: on an axis, in short, and with all that is known. */
export interface Format {
  axis(value: number): string;
  short(value: number): string;
  exact(value: number): string;
  /** The values are counts. */
  whole: boolean;
  /** From the smallest to the largest lie several powers of 60, so that lines are drawn on an axis of those. */
  powers?: boolean;
  /** No value is larger. */
  most?: number;
}

export const USD: Format = { axis: formatUsdCompact, short: formatUsd, exact: formatUsdExact, whole: false };
export const TOKENS: Format = { axis: formatAxis, short: formatCompact, exact: formatCount, whole: true };
export const SHARE: Format = {
  axis: (value) => `${Math.round(value * 100)}%`,
  short: formatShare,
  exact: formatShare,
  whole: false,
  most: 1,
};
export const COUNT: Format = { axis: formatAxis, short: formatCount, exact: formatCount, whole: true };
export const SECONDS: Format = { axis: formatSecondsAxis, short: formatSeconds, exact: formatSeconds, whole: false, powers: true };
