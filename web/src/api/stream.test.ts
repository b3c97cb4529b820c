import { expect, test } from 'vitest';
import { readMessage } from './stream.ts';

const event = {
  id: 'evt_abcdefghij0123456789',
  source: 'laptop',
  timestamp: '2026-11-20T12:00:00.000Z',
  type: 'activity',
  payload: { sessionId: 's1', project: 'api' },
};

test('a message becomes an event with its sequence number', () => {
  expect(readMessage('7', JSON.stringify(event))).toEqual({ seq: 7, event });
});

test.each([
  ['', JSON.stringify(event)],
  ['x', JSON.stringify(event)],
  ['7', '{'],
  ['7', JSON.stringify({ ...event, type: 'unheard_of' })],
])('what is no event is left out (%s, %s)', (id, data) => expect(readMessage(id, data)).toBeUndefined());
