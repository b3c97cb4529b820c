import { expect, test } from 'vitest';
import { DEFAULT_PREFERENCES, readPreferences } from './preferences.ts';

test.each([
  [null, {}],
  ['text', {}],
  [{ timeZone: 'Mars/Olympus' }, {}],
  [
    { timeZone: 'Europe/Berlin', weekStart: 7, privacy: true },
    { timeZone: 'Europe/Berlin', weekStart: 7, privacy: true },
  ],
  [{ weekStart: 3, privacy: 'yes' }, {}],
  [{ currency: { code: 'EUR', perUsd: 0.9 } }, { currency: { code: 'EUR', perUsd: 0.9 } }],
  [{ currency: { code: 'USD', perUsd: 7 } }, {}],
  [{ currency: { code: 'euro', perUsd: 0.9 } }, {}],
  [{ currency: { code: 'EUR', perUsd: 0 } }, {}],
  [
    { density: 'compact', refresh: '60' },
    { density: 'compact', refresh: '60' },
  ],
  [{ density: 'tiny', refresh: '1' }, {}],
  [{ grafana: { url: 'https://g', datasource: 'x' } }, { grafana: { url: 'https://g', datasource: 'x' } }],
  [{ grafana: { url: 'no address', datasource: 'x' } }, {}],
])('stored preferences %j are read as %j', (value, expected) =>
  expect(readPreferences(value)).toEqual({ ...DEFAULT_PREFERENCES, ...expected }),
);
