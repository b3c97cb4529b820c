import { expect, test } from 'vitest';
import { createTurns } from './turns.ts';

test('jobs are done in their order, each in a task of its own; one that is taken back is not done', async () => {
  const takeTurn = createTurns();
  const done: string[] = [];
  const { promise, resolve } = Promise.withResolvers<void>();
  takeTurn(() => {
    done.push('first');
    queueMicrotask(() => done.push('after the first'));
  });
  const takeBack = takeTurn(() => done.push('never'));
  takeTurn(() => done.push('second'));
  takeTurn(resolve);
  takeBack();
  expect(done).toEqual([]);
  await promise;
  expect(done).toEqual(['first', 'after the first', 'second']);
});

test('goes on when a line that had run out begins again', async () => {
  const takeTurn = createTurns();
  await new Promise<void>((resolve) => takeTurn(resolve));
  await new Promise<void>((resolve) => takeTurn(resolve));
});
