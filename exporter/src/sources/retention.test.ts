import { expect, test } from 'vitest';
import { readRetentionDays, retentionOf } from './retention.ts';

const DAY = 24 * 3600_000;
const NOW = Date.parse('2026-09-01T00:00:00Z');

test.each([
  ['{"cleanupPeriodDays":90,"model":"opus"}', { days: 90 }],
  ['{"cleanupPeriodDays":0}', { days: 0 }],
  ['{"model":"opus"}', { days: 30 }],
  ['{"cleanupPeriodDays":"90"}', { days: 30 }],
  ['{"cleanupPeriodDays":-1}', { days: 30 }],
  ['{"cleanupPeriodDays":', { unusable: 'not_json' }],
  ['[]', { unusable: 'wrong_shape' }],
])('%s', (text, wanted) => {
  expect(readRetentionDays(text)).toEqual(wanted);
});

test('the oldest transcript goes first, and what goes within a week is at risk', () => {
  const files = [
    { modifiedMs: NOW - 29 * DAY, bytes: 100, days: 30 },
    { modifiedMs: NOW - 23 * DAY, bytes: 20, days: 30 },
    { modifiedMs: NOW - 22 * DAY, bytes: 3, days: 30 },
    { modifiedMs: NOW - 29 * DAY, bytes: 4000, days: 365 },
  ];
  expect(retentionOf(files, [30, 365], NOW)).toEqual({ deletionMs: NOW + DAY, atRiskBytes: 120, retentionMs: 30 * DAY });
});

test('where there is nothing, nothing will be deleted', () => {
  expect(retentionOf([], [], NOW)).toEqual({ deletionMs: undefined, atRiskBytes: 0, retentionMs: 30 * DAY });
});
