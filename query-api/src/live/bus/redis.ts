import type { Event } from '@ccmeter/exporter/contract';
import { createClient } from 'redis';
import type { Logger } from '../../log.ts';
import { type Bus, KEPT_MESSAGES, readMessage } from './bus.ts';

/** The stream that all processes share. */
const KEY = 'ccmeter:events';
const FIELD = 'events';
const BLOCK_MS = 1000;
const MESSAGES_AT_ONCE = 100;
const CONNECT_MS = 5000;

/** Redis streams: entries have ids that grow with time, so they go on growing even where a broker has lost what it had. */
export function createRedisBus(url: string, log: Logger): Bus {
  // Who waits for new entries blocks its connection, so reading has one of its own.
  const writer = connect();
  const reader = connect();

  function connect() {
    const socket = { connectTimeout: CONNECT_MS, reconnectStrategy: false as const };
    const client = createClient({ url, socket, disableOfflineQueue: true });
    // Told by the promise of each command; without a listener it would end the process.
    client.on('error', (error) => log.debug({ err: error }, 'bus'));
    return client;
  }

  async function ready(client: ReturnType<typeof connect>): Promise<ReturnType<typeof connect>> {
    if (!client.isOpen) await client.connect();
    return client;
  }

  return {
    async publish(events: readonly Event[]) {
      const client = await ready(writer);
      await client.xAdd(
        KEY,
        '*',
        { [FIELD]: JSON.stringify(events) },
        { TRIM: { strategy: 'MAXLEN', strategyModifier: '~', threshold: KEPT_MESSAGES } },
      );
    },
    async read(after, take, signal) {
      const client = await ready(reader);
      let id = after ?? '0';
      while (!signal.aborted) {
        const answer = await client.xRead({ key: KEY, id }, { BLOCK: BLOCK_MS, COUNT: MESSAGES_AT_ONCE });
        for (const { messages } of answer ?? []) {
          for (const { id: position, message } of messages) {
            take({ events: readMessage(String(message[FIELD] ?? '')), position: String(position) });
            id = String(position);
          }
        }
      }
    },
    async close() {
      for (const client of [writer, reader]) if (client.isOpen) client.destroy();
    },
  };
}
