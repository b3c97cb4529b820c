import type { Event } from '@ccmeter/exporter/contract';
import { DeliverPolicy, DiscardPolicy, type JetStreamClient, type JetStreamManager, jetstream, jetstreamManager } from '@nats-io/jetstream';
import { connect, type NatsConnection } from '@nats-io/transport-node';
import type { Logger } from '../../log.ts';
import { type Bus, KEPT_MESSAGES, readMessage } from './bus.ts';

const STREAM = 'CCMETER_EVENTS';
const SUBJECT = 'ccmeter.events';
const TIMEOUT_MS = 5000;

interface Open {
  connection: NatsConnection;
  client: JetStreamClient;
  manager: JetStreamManager;
  /** When the stream was made: another one begins its numbers anew. */
  created: string;
}

/** NATS JetStream. A connection that is lost is made anew by the next call, so that one thing alone decides when to try again. */
export function createNatsBus(url: string, log: Logger): Bus {
  let opening: Promise<Open> | undefined;

  async function open(): Promise<Open> {
    const { username, password, host, protocol } = new URL(url);
    const user = username === '' ? {} : { user: decodeURIComponent(username), pass: decodeURIComponent(password) };
    const servers = `${protocol}//${host}`;
    const connection = await connect({ servers, ...user, reconnect: false, timeout: TIMEOUT_MS, name: 'ccmeter query-api' });
    void connection.closed().then((error) => {
      if (error !== undefined) log.debug({ err: error }, 'bus');
      opening = undefined;
    });
    const manager = await jetstreamManager(connection, { timeout: TIMEOUT_MS });
    const { created } = await manager.streams.add({
      name: STREAM,
      subjects: [SUBJECT],
      max_msgs: KEPT_MESSAGES,
      discard: DiscardPolicy.Old,
    });
    return { connection, manager, client: jetstream(connection, { timeout: TIMEOUT_MS }), created };
  }

  function opened(): Promise<Open> {
    opening ??= open();
    opening.catch(() => {
      opening = undefined;
    });
    return opening;
  }

  return {
    async publish(events: readonly Event[]) {
      const { client } = await opened();
      await client.publish(SUBJECT, JSON.stringify(events));
    },
    async read(after, take, signal) {
      const { connection, client, created } = await opened();
      const last = readPosition(after, created);
      const consumer = await client.consumers.get(STREAM, { deliver_policy: DeliverPolicy.StartSequence, opt_start_seq: last + 1 });
      const messages = await consumer.consume();
      const stop = () => messages.stop();
      signal.addEventListener('abort', stop, { once: true });
      // The consumer would wait for ever for a server that is gone.
      void connection.closed().then(stop);
      for await (const message of messages) take({ events: readMessage(message.string()), position: `${created} ${message.seq}` });
      signal.removeEventListener('abort', stop);
      if (!signal.aborted) throw new Error('the connection to the bus was lost');
    },
    async close() {
      const open = await opening?.catch(() => undefined);
      await open?.connection.close();
    },
  };
}

function readPosition(after: string | undefined, created: string): number {
  const [of, seq] = after?.split(' ') ?? [];
  return of === created && seq !== undefined ? Number(seq) : 0;
}
