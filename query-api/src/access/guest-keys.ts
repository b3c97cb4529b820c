import type { KeyObject } from 'node:crypto';
import type { SourceKeys } from './source-keys.ts';

/** Keys as configured, and for a while those of guests. */
export interface GuestKeys extends SourceKeys {
  /** Until the given function is called, this source has this key. */
  admit(source: string, key: KeyObject): () => void;
}

/** The self-test sends events as every exporter does, signed with a key that is known for as long as it runs. */
export function withGuests(keys: SourceKeys): GuestKeys {
  const guests = new Map<string, KeyObject>();
  return {
    required: keys.required,
    get: (source) => guests.get(source) ?? keys.get(source),
    close: () => keys.close(),
    admit(source, key) {
      guests.set(source, key);
      return () => void guests.delete(source);
    },
  };
}
