import { createHash } from 'node:crypto';
import type { Event, EventType, PayloadOf } from '../contract/index.ts';

/** An event of one type. Its id follows from what it says. */
export function build<Type extends EventType>(
  type: Type,
  timeMs: number,
  key: string,
  revision: number,
  source: string,
  payload: PayloadOf<Type>,
): Event {
  const id = `evt_${digest(`${source}\n${type}\n${key}\n${revision}`)}`;
  // The payload is of the row of `type`; the union is too wide for the compiler to see it.
  return { id, source, timestamp: new Date(timeMs).toISOString(), type, payload } as unknown as Event;
}

const ALPHABET = 'abcdefghijklmnopqrstuvwxyz0123456789';

/** Twenty letters and digits that stand for a text. */
export function digest(text: string): string {
  const hash = createHash('sha256').update(text).digest();
  let digits = '';
  for (let at = 0; at < 20; at++) digits += ALPHABET[(hash[at] ?? 0) % ALPHABET.length];
  return digits;
}
