import { expect, test } from 'vitest';
import type { StoredEvent } from '../api/client.ts';
import { join } from './session-events.ts';

const event = (seq: number): StoredEvent => ({
  seq,
  event: {
    id: 'evt_abcdefghij0123456789',
    source: 'laptop',
    timestamp: '2026-11-20T12:00:00.000Z',
    type: 'activity',
    payload: { sessionId: 's1' },
  },
});

test('what the stream tells is joined to what was fetched, each event once, in order', () => {
  expect(join([event(3), event(2)], [event(3), event(4)]).map((one) => one.seq)).toEqual([2, 3, 4]);
});
