import { expect, test } from 'vitest';
import { readCommand, readHistoryLine } from './prompt-history.ts';

test.each([
  ['/clear', 'clear'],
  ['/clear ', 'clear'],
  ['/model opus', 'model'],
  ['/plan:fast paint the boat', 'plan:fast'],
  ['/speckit.plan', 'speckit.plan'],
  ['/review-pr 12', 'review-pr'],
  ['/Büro', 'Büro'],
  ['/home/ada/boat.png what is this?', undefined],
  ['/etc', 'etc'],
  ['paint the boat', undefined],
  [' /clear', undefined],
  ['/', undefined],
  ['/ clear', undefined],
  ['//clear', undefined],
  ['/$(reboot)', 'other'],
  [`/${'x'.repeat(65)}`, 'other'],
  ['![17;6a', undefined],
])('%s is the command %s', (display, skill) => {
  expect(readCommand(display)).toBe(skill);
});

const LINE = { display: '/clear now', pastedContents: {}, timestamp: 1_788_000_000_000, project: '/home/ada/code/harbour' };

test.each([
  ['a line of today', { ...LINE, sessionId: 's' }, { skill: 'clear', timeMs: LINE.timestamp, project: 'harbour', sessionId: 's' }],
  ['a line of 2025', LINE, { skill: 'clear', timeMs: LINE.timestamp, project: 'harbour' }],
  ['a line of Windows', { ...LINE, project: 'C:\\code\\harbour' }, { skill: 'clear', timeMs: LINE.timestamp, project: 'harbour' }],
  ['a prompt', { ...LINE, display: 'paint the boat' }, undefined],
  ['another program', { command: '/clear', at: 1 }, { unusable: 'wrong_shape' }],
  ['another program that shows things', { display: '/clear' }, { unusable: 'wrong_shape' }],
  ['a time in seconds', { ...LINE, timestamp: 1_788_000_000 }, { unusable: 'wrong_shape' }],
  ['a list', [], { unusable: 'wrong_shape' }],
])('%s', (_, line, wanted) => {
  expect(readHistoryLine(JSON.stringify(line))).toEqual(wanted);
});

test('a line that is not JSON', () => {
  expect(readHistoryLine('/home/ada/notes')).toEqual({ unusable: 'not_json' });
});
