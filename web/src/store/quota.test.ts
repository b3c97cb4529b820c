import { expect, test } from 'vitest';
import type { PanelAnswer } from '../api/client.ts';
import { windowsOf } from './quota.ts';

const NOW = 1_800_000_000_000;
const HOUR = 3_600_000;

function answer(values: readonly (readonly [host: string, window: string, value: number])[]): PanelAnswer {
  const series = values.map(([host, window, value]) => ({ labels: { host, window }, value, points: [] }));
  return { id: 'quota_used', unit: 'ratio', start: 0, end: 0, step: null, series, query: '' };
}

test('windows come with the pace at which they are used', () => {
  const used = answer([
    ['laptop', 'seven_day', 0.2],
    ['laptop', 'five_hour', 0.3],
  ]);
  const reset = answer([
    ['laptop', 'five_hour', (NOW + 2.5 * HOUR) / 1000],
    ['laptop', 'seven_day', (NOW + 167 * HOUR) / 1000],
  ]);
  expect(windowsOf(used, reset, NOW)).toEqual([
    { host: 'laptop', window: 'five_hour', usedRatio: 0.3, resetMs: NOW + 2.5 * HOUR, pace: 0.6 },
    { host: 'laptop', window: 'seven_day', usedRatio: 0.2, resetMs: NOW + 167 * HOUR, pace: null },
  ]);
});

test('a window that is over, has no end or is not known is left out', () => {
  const used = answer([
    ['laptop', 'five_hour', 0.3],
    ['other', 'five_hour', 0.4],
    ['laptop', 'lunar_month', 0.1],
  ]);
  const reset = answer([
    ['laptop', 'five_hour', NOW / 1000],
    ['laptop', 'lunar_month', (NOW + HOUR) / 1000],
  ]);
  expect(windowsOf(used, reset, NOW)).toEqual([]);
});
