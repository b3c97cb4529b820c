import { expect, onTestFinished, test } from 'vitest';
import { createLocalTime, hourLabels, systemTimeZone } from './local-time.ts';

test.each([
  ['UTC', '2026-03-01T12:59:59.999Z', { hour: '12', weekday: 'sunday' }],
  ['Europe/Berlin', '2026-03-01T23:30:00.000Z', { hour: '00', weekday: 'monday' }],
  ['America/Los_Angeles', '2026-03-02T03:00:00.000Z', { hour: '19', weekday: 'sunday' }],
  ['Asia/Kathmandu', '2026-03-01T18:14:59.000Z', { hour: '23', weekday: 'sunday' }],
  ['Asia/Kathmandu', '2026-03-01T18:15:00.000Z', { hour: '00', weekday: 'monday' }],
])('in %s it is at %s %o', (zone, at, local) => {
  expect(hourLabels(createLocalTime(zone)(Date.parse(at)))).toEqual(local);
});

test('in spring the hour from two to three does not exist', () => {
  const berlin = createLocalTime('Europe/Berlin');
  expect(hours(berlin, '2026-03-29T00:00:00Z', 4)).toEqual(['01', '03', '04', '05']);
});

test('in autumn the hour from two to three is there twice', () => {
  const berlin = createLocalTime('Europe/Berlin');
  expect(hours(berlin, '2026-10-24T23:30:00Z', 4)).toEqual(['01', '02', '02', '03']);
});

test('a clock change of half an hour is followed, too', () => {
  const lordHowe = createLocalTime('Australia/Lord_Howe');
  // On 2026-04-05 at 15:00 UTC of the day before clocks go back from 02:00 to 01:30.
  expect([0, 15, 30, 45].map((minute) => hourLabels(lordHowe(Date.parse('2026-04-04T15:00:00Z') + minute * 60_000)).hour)).toEqual([
    '01',
    '01',
    '02',
    '02',
  ]);
});

test.each(['', 'Europe/Nowhere'])('a machine whose TZ is %o has a time zone all the same', (zone) => {
  const before = process.env.TZ;
  onTestFinished(() => {
    if (before === undefined) delete process.env.TZ;
    else process.env.TZ = before;
  });
  process.env.TZ = zone;
  expect(hourLabels(createLocalTime(systemTimeZone())(0))).toEqual({ hour: '00', weekday: 'thursday' });
});

function hours(local: ReturnType<typeof createLocalTime>, from: string, count: number): string[] {
  return Array.from({ length: count }, (_, hour) => hourLabels(local(Date.parse(from) + hour * 3600_000)).hour);
}
