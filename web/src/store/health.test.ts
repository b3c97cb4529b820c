import { expect, test } from 'vitest';
import { roomsOf, samplesPerSecond } from './health.ts';

test.each([
  [null, { appended: 5, atMs: 1000 }, null],
  [{ appended: 5, atMs: 1000 }, { appended: 105, atMs: 11_000 }, 10],
  [{ appended: 500, atMs: 1000 }, { appended: 5, atMs: 11_000 }, null],
  [{ appended: null, atMs: 1000 }, { appended: 5, atMs: 11_000 }, null],
  [{ appended: 5, atMs: 1000 }, { appended: 5, atMs: 1000 }, null],
])('from %j to %j are %j samples a second', (before, now, perSecond) => expect(samplesPerSecond(before, now)).toBe(perSecond));

test('labels are told when hardly a name has room', () => {
  expect(roomsOf({ project: 480, model: 3, skill: 300 }, { project: 500, model: 100, skill: 300 })).toEqual([
    { label: 'skill', limit: 300, values: 300 },
    { label: 'project', limit: 500, values: 480 },
  ]);
});
