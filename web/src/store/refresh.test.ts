import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createRefresher, DEBOUNCE_MS } from './refresh.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

test('a burst of requests is one refresh, soon after the first', async () => {
  let runs = 0;
  const refresher = createRefresher(async () => void runs++, Date.now);
  for (let request = 0; request < 50; request++) {
    refresher.request();
    await vi.advanceTimersByTimeAsync(5);
  }
  await vi.advanceTimersByTimeAsync(DEBOUNCE_MS - 250);
  expect(runs).toBe(1);
});

test('a request during a refresh makes another one, after a rest as long as the refresh was', async () => {
  const starts: number[] = [];
  const began = Date.now();
  const refresher = createRefresher(() => {
    starts.push(Date.now() - began);
    return new Promise((resolve) => setTimeout(resolve, 1000));
  }, Date.now);
  refresher.request();
  await vi.advanceTimersByTimeAsync(800);
  refresher.request();
  await vi.advanceTimersByTimeAsync(10_000);
  expect(starts).toEqual([DEBOUNCE_MS, DEBOUNCE_MS + 1000 + 3000]);
});

test('a failed refresh does not end refreshing; closing does', async () => {
  let runs = 0;
  const refresher = createRefresher(() => {
    runs += 1;
    return Promise.reject(new Error('down'));
  }, Date.now);
  for (let request = 0; request < 2; request++) {
    refresher.request();
    await vi.advanceTimersByTimeAsync(DEBOUNCE_MS);
  }
  refresher.request();
  refresher.close();
  await vi.advanceTimersByTimeAsync(DEBOUNCE_MS);
  expect(runs).toBe(2);
});

test('between two refreshes lies as long as is wanted, and without an end there is none', async () => {
  let runs = 0;
  let leastMs = 10_000;
  const refresher = createRefresher(
    async () => void runs++,
    Date.now,
    () => leastMs,
  );
  const wait = async (ms: number) => {
    refresher.request();
    await vi.advanceTimersByTimeAsync(ms);
    return runs;
  };
  expect(await wait(9_000)).toBe(0);
  expect(await wait(2_000)).toBe(1);
  expect(await wait(7_000)).toBe(1);
  expect(await wait(2_000)).toBe(2);
  leastMs = Number.POSITIVE_INFINITY;
  expect(await wait(100_000)).toBe(2);
  refresher.close();
});
