import { expect, test, vi } from 'vitest';
import { Health } from '../health.ts';
import type { WatchHandlers } from './watcher.ts';
import { keepWatching, pauseBetweenSweeps } from './watching.ts';

/** A system that can be told what to tell. */
function createSystem() {
  const watchers: (WatchHandlers & { closed: boolean })[] = [];
  const said: string[] = [];
  const health = new Health(0);
  const say = (...words: unknown[]) => void said.push(String(words.at(-1)));
  const ready = vi.fn();
  const watching = keepWatching({
    claudeDirs: ['/claude'],
    onChange: () => {},
    onReady: ready,
    health,
    log: { info: say, warn: say, error: say, debug: say },
    create: (_, handlers) => {
      const watcher = { ...handlers, closed: false };
      watchers.push(watcher);
      const close = async () => {
        watcher.closed = true;
      };
      return { close };
    },
    retryMs: 1,
  });
  const gauge = () => health.value('ccmeter_exporter_watching', {});
  const errors = (code: string) => health.value('ccmeter_exporter_read_errors_total', { reason: `watch_${code}` });
  return { watchers, said, watching, ready, gauge, errors, last: () => watchers.at(-1) as (typeof watchers)[number] };
}

test('once it is ready every change is told', () => {
  const { watching, last, gauge, said, ready } = createSystem();
  expect([watching.isComplete(), gauge()]).toEqual([false, 0]);
  last().onReady();
  expect([watching.isComplete(), gauge()]).toEqual([true, 1]);
  expect(ready).toHaveBeenCalledOnce();
  expect(said).toEqual([]);
});

test.each(['enospc', 'emfile'])('a limit of the system (%s) is said once, counted each time, and tried again', async (code) => {
  const { watchers, watching, last, gauge, said, errors } = createSystem();
  last().onError(code);
  last().onError(code);
  last().onReady();
  expect([watching.isComplete(), gauge(), errors(code)]).toEqual([false, 0, 2]);
  expect(said).toEqual([expect.stringContaining('changes are found by looking through all of them')]);
  await vi.waitFor(() => expect(watchers).toHaveLength(2));
  expect(watchers[0]?.closed).toBe(true);
  last().onReady();
  expect([watching.isComplete(), gauge()]).toEqual([true, 1]);
  expect(said.slice(1)).toEqual(['the system watches all files again']);
});

test('a directory that cannot be read is counted and says nothing of the others', () => {
  const { watching, last, errors, said } = createSystem();
  last().onError('eacces');
  last().onReady();
  expect([watching.isComplete(), errors('eacces'), said]).toEqual([true, 1, []]);
});

test('closed, it tries nothing any more', async () => {
  const { watchers, watching, last } = createSystem();
  last().onError('enospc');
  await watching.close();
  await new Promise((resolve) => setTimeout(resolve, 20));
  expect(watchers).toHaveLength(1);
  expect(last().closed).toBe(true);
});

test.each([
  [10, true, 30_000],
  [1000, true, 200_000],
  [60_000, true, 600_000],
  [10, false, 2000],
  [1000, false, 50_000],
])('looking through all files took %d ms, watched %s: the next time is in %d ms', (sweepMs, isWatched, pauseMs) => {
  expect(pauseBetweenSweeps(sweepMs, isWatched)).toBe(pauseMs);
});
