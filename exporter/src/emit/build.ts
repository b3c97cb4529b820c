import { createHash } from 'node:crypto';
import { type Event, type EventType, events, MAX_TEXT_CHARACTERS, type PayloadOf } from '../contract/index.ts';
import type { Names } from '../meter/names.ts';

/** Who tells. */
export interface Teller {
  /** Name of the machine. */
  source: string;
  /** How what users name is shown. */
  names: Names;
}

/**
 * An event of one type. Its id follows from what it says. The payload is made field by field from the row of its type, so what has no
 * row cannot travel, whatever it was given.
 */
export function build<Type extends EventType>(
  type: Type,
  timeMs: number,
  key: string,
  revision: number,
  { source, names }: Teller,
  payload: PayloadOf<Type>,
): Event {
  const id = `evt_${digest(`${names.salt}${source}\n${type}\n${key}\n${revision}`)}`;
  // The payload is of the row of `type`; the union is too wide for the compiler to see it.
  return { id, source, timestamp: new Date(timeMs).toISOString(), type, payload: fieldsOf(type, payload) } as unknown as Event;
}

function fieldsOf(type: EventType, payload: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const fields: Record<string, { read(value: unknown): unknown }> = events[type].fields;
  const built: Record<string, unknown> = {};
  for (const name in fields) {
    const given = payload[name];
    const value =
      given === undefined ? undefined : fields[name]?.read(typeof given === 'string' ? given.slice(0, MAX_TEXT_CHARACTERS) : given);
    if (value !== undefined) built[name] = value;
  }
  return built;
}

const ALPHABET = 'abcdefghijklmnopqrstuvwxyz0123456789';

/** Twenty letters and digits that stand for a text. */
export function digest(text: string): string {
  const hash = createHash('sha256').update(text).digest();
  let digits = '';
  for (let at = 0; at < 20; at++) digits += ALPHABET[(hash[at] ?? 0) % ALPHABET.length];
  return digits;
}
