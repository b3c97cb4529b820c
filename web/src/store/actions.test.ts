import { expect, test } from 'vitest';
import { type Action, actionFor, findActions } from './actions.ts';

const action = (name: string, ...keys: string[]): Action => ({ group: 'Show', name, keys, run: () => undefined });
const actions = [action('Overview', 'g', 'o'), action('Orders', 'o'), action('Zoom out', 'z')];

test.each([
  ['', 'z', 'Zoom out'],
  ['', 'g', 'pending'],
  ['g', 'o', 'Overview'],
  ['', 'o', 'Orders'],
  ['g', 'z', null],
  ['', 'q', null],
])('after %j the key %j is %j', (before, key, expected) => {
  const found = actionFor(actions, before, key);
  expect(found === null || found === 'pending' ? found : found.name).toBe(expected);
});

test.each([
  ['o', ['Overview', 'Orders', 'Zoom out']],
  ['out zoom', ['Zoom out']],
  ['nothing like it', []],
])('%j finds %j', (text, names) => expect(findActions(actions, text).map(({ name }) => name)).toEqual(names));
