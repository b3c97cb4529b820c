import { expect, test } from 'vitest';
import { readRunningSession } from './running-sessions.ts';

const FILE = {
  pid: 4242,
  sessionId: '5e551011-0000-4000-a000-000000000001',
  cwd: '/home/ada/code/harbour',
  startedAt: 1_788_000_000_000,
  version: '2.1.200',
  peerProtocol: 1,
  kind: 'interactive',
  entrypoint: 'cli',
  status: 'busy',
  updatedAt: 1_788_000_100_000,
};
const READ = { pid: 4242, sessionId: FILE.sessionId, status: 'busy', startedMs: FILE.startedAt, updatedMs: FILE.updatedAt };

test.each([
  ['a busy session', FILE, READ],
  ['an idle one', { ...FILE, status: 'idle' }, { ...READ, status: 'idle' }],
  ['one with a shell command', { ...FILE, status: 'shell' }, READ],
  [
    'one that does not say',
    { pid: 4242, sessionId: FILE.sessionId, startedAt: FILE.startedAt },
    { ...READ, status: undefined, updatedMs: FILE.startedAt },
  ],
  [
    'one with a time of its own for the status',
    { ...FILE, statusUpdatedAt: FILE.updatedAt + 5 },
    { ...READ, updatedMs: FILE.updatedAt + 5 },
  ],
  ['a status of tomorrow', { ...FILE, status: 'dreaming' }, { ...READ, status: undefined }],
  ['no pid', { ...FILE, pid: undefined }, { unusable: 'wrong_shape' }],
  ['a pid that is no number', { ...FILE, pid: '4242' }, { unusable: 'wrong_shape' }],
  ['a pid that would reach every process', { ...FILE, pid: -1 }, { unusable: 'wrong_shape' }],
  ['a session of another shape', { ...FILE, sessionId: '../../etc' }, { unusable: 'wrong_shape' }],
  ['no start', { ...FILE, startedAt: undefined }, { unusable: 'wrong_shape' }],
])('%s', (_, file, wanted) => {
  expect(readRunningSession(JSON.stringify(file))).toEqual(wanted);
});

test('half a file', () => {
  expect(readRunningSession('{"pid":42')).toEqual({ unusable: 'not_json' });
});
