import { expect, test } from 'vitest';
import { createBreaker } from './breaker.ts';

function breakerAt() {
  const time = { ms: 0 };
  return { time, breaker: createBreaker({ clock: () => time.ms, failures: 3, pauseMs: 100, maxPauseMs: 300 }) };
}

test('opens after failures in a row, not after some', () => {
  const { breaker } = breakerAt();
  for (const answered of [false, false, true, false, false, undefined]) {
    expect(breaker.waitMs()).toBe(0);
    breaker.tell(answered);
  }
  expect(breaker.isOpen()).toBe(false);
  breaker.tell(false);
  expect([breaker.isOpen(), breaker.waitMs()]).toEqual([true, 100]);
});

test('lets one in after the pause, and all once that one has an answer', () => {
  const { breaker, time } = breakerAt();
  for (let count = 0; count < 3; count += 1) breaker.tell(false);
  time.ms = 100;
  expect([breaker.waitMs(), breaker.waitMs()]).toEqual([0, 100]);
  breaker.tell(true);
  expect([breaker.waitMs(), breaker.waitMs(), breaker.isOpen()]).toEqual([0, 0, false]);
});

test('pauses get longer, up to a limit', () => {
  const { breaker, time } = breakerAt();
  for (let count = 0; count < 3; count += 1) breaker.tell(false);
  const pauses = [1, 2, 3].map(() => {
    const wait = breaker.waitMs();
    time.ms += wait;
    breaker.waitMs();
    breaker.tell(false);
    return wait;
  });
  expect(pauses).toEqual([100, 200, 300]);
});

test('one who leaves while trying makes room for the next', () => {
  const { breaker, time } = breakerAt();
  for (let count = 0; count < 3; count += 1) breaker.tell(false);
  time.ms = 100;
  expect(breaker.waitMs()).toBe(0);
  breaker.tell(undefined);
  expect(breaker.waitMs()).toBe(0);
});
