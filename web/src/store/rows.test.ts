import { expect, test } from 'vitest';
import { Rows } from './rows.ts';

const all = (rows: Rows<number>) => rows.from(0);

test('adding leaves the list as it was', () => {
  const one = Rows.of([1, 2]);
  const more = one.add([3], 10);
  const other = one.add([4, 5], 10);
  expect([all(one), all(more), all(other)]).toEqual([
    [1, 2],
    [1, 2, 3],
    [1, 2, 4, 5],
  ]);
});

test('the newest are kept', () => {
  let rows = Rows.of<number>();
  for (let number = 0; number < 1000; number++) rows = rows.add([number], 10);
  expect(all(rows)).toEqual([990, 991, 992, 993, 994, 995, 996, 997, 998, 999]);
  expect([rows.at(0), rows.at(9), rows.at(10), rows.at(-1)]).toEqual([990, 999, undefined, undefined]);
});

test('what is at the beginning can be dropped', () => {
  const rows = Rows.of([1, 2, 3]).dropWhile((row) => row < 3);
  expect(all(rows)).toEqual([3]);
  expect(all(rows.add([4], 10))).toEqual([3, 4]);
});

test.each([0, 1, 7])('a list that is cut at %d is the rest', (index) =>
  expect(Rows.of([1, 2, 3]).from(index)).toEqual([1, 2, 3].slice(index)),
);
