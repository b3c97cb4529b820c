import { expect, test } from 'vitest';
import { createGate } from './gate.ts';

const never = new AbortController().signal;

test('lets only so many through at once, in the order in which they came', async () => {
  const gate = createGate(2, 10);
  const order: number[] = [];
  let inside = 0;
  let most = 0;
  const work = (number: number) => async () => {
    order.push(number);
    inside += 1;
    most = Math.max(most, inside);
    await Promise.resolve();
    inside -= 1;
  };
  await Promise.all([1, 2, 3, 4, 5].map((number) => gate.pass(never, work(number))));
  expect(order).toEqual([1, 2, 3, 4, 5]);
  expect(most).toBe(2);
});

test('who finds the line full is told so, who gives up leaves it', async () => {
  const gate = createGate(1, 1);
  const first = Promise.withResolvers<string>();
  const running = gate.pass(never, () => first.promise);
  const impatient = new AbortController();
  const waiting = gate.pass(impatient.signal, async () => 'never');
  await expect(gate.pass(never, async () => 'third')).rejects.toMatchObject({ status: 503, code: 'busy' });
  impatient.abort(new Error('left'));
  await expect(waiting).rejects.toThrow('left');
  const next = gate.pass(never, async () => 'next');
  first.resolve('first');
  expect(await Promise.all([running, next])).toEqual(['first', 'next']);
});

test('work that fails makes room as well', async () => {
  const gate = createGate(1, 1);
  await expect(gate.pass(never, () => Promise.reject(new Error('no')))).rejects.toThrow('no');
  expect(await gate.pass(never, async () => 'yes')).toBe('yes');
});
