import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openState, type State } from './state.ts';

let directory: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'ccmeter-state-'));
});

afterEach(() => rmSync(directory, { recursive: true }));

function open(): State {
  const state = openState(join(directory, 'state'));
  if ('held' in state) throw new Error('the state is held by somebody else');
  return state;
}

test('keeps the directory to its owner', () => {
  open().close();
  expect(statSync(join(directory, 'state')).mode & 0o777).toBe(0o700);
});

test('is held by one, who tells the others where it runs', () => {
  const state = open();
  expect(openState(state.directory)).toEqual({ held: true, running: undefined });
  state.announce({ url: 'http://127.0.0.1:1', processes: [1, 2] });
  expect(openState(state.directory)).toEqual({ held: true, running: { url: 'http://127.0.0.1:1', processes: [1, 2] } });
  state.close();
  open().close();
});

test('knows what a killed start left behind, and forgets what was stopped in order', () => {
  const state = open();
  writeFileSync(join(state.directory, 'stack.json'), '{"url":"u","processes":[7,"x"]}');
  state.close();
  expect(open().leftOver).toBeUndefined();
});

test('reads what is left of a killed start', () => {
  open().close();
  writeFileSync(join(directory, 'state', 'stack.json'), '{"url":"u","processes":[7,"x"]}');
  const state = open();
  expect(state.leftOver).toEqual({ url: 'u', processes: [7] });
  state.close();
});

test('says which option helps where it cannot write', () => {
  writeFileSync(join(directory, 'file'), '');
  expect(() => openState(join(directory, 'file', 'state'))).toThrow(/--state-dir .*cannot be written to/);
});
