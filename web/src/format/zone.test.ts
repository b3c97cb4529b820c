import { expect, test } from 'vitest';
import { fromWall, midnight, weekHour, zoneOffset } from './zone.ts';

const at = (text: string) => Date.parse(text) / 1000;

test.each([
  ['2026-11-20T12:00:00Z', 'UTC', 0],
  ['2026-11-20T12:00:00Z', 'Asia/Kolkata', 19_800],
  ['2026-07-01T12:00:00Z', 'Europe/Berlin', 7200],
  ['2026-12-01T12:00:00Z', 'Europe/Berlin', 3600],
])('at %s %s is %d seconds ahead', (moment, zone, offset) => {
  expect(zoneOffset(at(moment), zone)).toBe(offset);
  expect(fromWall(at(moment) + offset, zone)).toBe(at(moment));
});

test.each([
  ['2026-11-20T12:00:00Z', 0, 'UTC', '2026-11-20T00:00:00Z'],
  ['2026-11-20T23:30:00Z', 0, 'Asia/Kolkata', '2026-11-20T18:30:00Z'],
  ['2026-10-25T12:00:00Z', 0, 'Europe/Berlin', '2026-10-24T22:00:00Z'],
  ['2026-10-25T12:00:00Z', 1, 'Europe/Berlin', '2026-10-25T23:00:00Z'],
])('the midnight before %s and %d days on, in %s, is %s', (moment, days, zone, expected) =>
  expect(midnight(at(moment), days, zone)).toBe(at(expected)),
);

test('a Friday noon', () => expect(weekHour(at('2026-11-20T12:30:00Z'), 'UTC')).toEqual({ weekday: 5, hour: 12 }));
test('a Sunday ends the week', () => expect(weekHour(at('2026-11-22T23:30:00Z'), 'UTC')).toEqual({ weekday: 7, hour: 23 }));
