import { expect, test } from 'vitest';
import { sessionFact } from '../testing.ts';
import type { SessionFact } from './fact.ts';
import { IDLE_AFTER_MS, OVER_AFTER_MS, stateOf } from './sessions.ts';

const NOON = Date.parse('2026-03-01T12:00:00.000Z');
const SOON = 1000;
const DAY = 24 * 3600_000;

/** A process whose status was told so long after the last line. */
function told(status: NonNullable<SessionFact['process']>['status'], afterMs: number): Partial<SessionFact> {
  return { process: { status, atMs: NOON + afterMs } };
}

test.each<[string, Partial<SessionFact>, number, string]>([
  ['a turn under way', {}, SOON, 'working'],
  ['a turn that has ended', { turnOpen: false }, SOON, 'waiting'],
  ['silence', {}, IDLE_AFTER_MS + 1, 'idle'],
  ['a long silence', {}, OVER_AFTER_MS + 1, 'over'],
  ['a busy process, however long it is silent', told('busy', 1), DAY, 'working'],
  ['a busy process whose turn has ended since', { ...told('busy', -1), turnOpen: false }, SOON, 'waiting'],
  ['an idle process', told('idle', 1), SOON, 'waiting'],
  ['an idle process whose next turn has begun since', told('idle', -1), SOON, 'working'],
  ['an idle process after a while', told('idle', 1), DAY, 'idle'],
  ['a process that does not say', told('open', 1), SOON, 'working'],
  ['a process that does not say, after a while', told('open', 1), DAY, 'idle'],
  ['a process that is gone', told('gone', 1), SOON, 'over'],
  ['a process that is gone, and lines since', told('gone', -1), SOON, 'working'],
  ['a process that is gone, lines since, and silence again', told('gone', -1), OVER_AFTER_MS + 1, 'over'],
])('%s', (_, wish, ageMs, state) => {
  expect(stateOf(sessionFact({ lastMs: NOON, ...wish }), NOON + ageMs)).toBe(state);
});
