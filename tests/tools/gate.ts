import { once } from 'node:events';
import { createServer, type IncomingMessage, request, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';

/** What a gate does with a request: lets it through, keeps it waiting until that changes, or ends it without an answer. */
export type Passage = 'through' | 'waiting' | 'cut';

/** A server of a test that stands before another one and can be shut: what is behind it is then away or slow, as it happens in the world. */
export interface Gate {
  url: string;
  /** From now on, and for what waits, too: what happens to requests whose path begins with one of these, or to all of them. */
  set(passage: Passage, paths?: readonly string[]): void;
  /** Nobody listens any more, and every connection is closed. */
  down(): Promise<void>;
  /** Listens again, on the same address. */
  up(): Promise<void>;
  close(): Promise<void>;
}

/** Opens a gate before a server. `change` may change answers in JSON. */
export async function openGate(target: string, change?: (body: unknown, path: string) => unknown): Promise<Gate> {
  const { hostname, port } = new URL(target);
  const rules = new Map<string, Passage>([['', 'through']]);
  const sockets = new Set<Socket>();
  let changed = Promise.withResolvers<void>();
  const passageOf = (path: string): Passage => {
    const fitting = [...rules].filter(([prefix]) => path.startsWith(prefix)).sort(([one], [other]) => other.length - one.length);
    return fitting[0]?.[1] ?? 'through';
  };

  async function pass(incoming: IncomingMessage, answer: ServerResponse): Promise<void> {
    const path = incoming.url ?? '/';
    while (passageOf(path) === 'waiting' && !answer.destroyed) await changed.promise;
    if (passageOf(path) === 'cut' || answer.destroyed) {
      incoming.socket.destroy();
      return;
    }
    const headers = { ...incoming.headers, ...(change ? { 'accept-encoding': 'identity' } : {}) };
    const onward = request({ hostname, port, path, method: incoming.method ?? 'GET', headers, agent: false }, (answered) => {
      if (change && (answered.headers['content-type'] ?? '').includes('json')) {
        void sendChanged(answered, answer, (body) => change(body, path));
        return;
      }
      answer.writeHead(answered.statusCode ?? 502, answered.headers);
      answered.pipe(answer);
      answered.once('error', () => answer.destroy());
    });
    onward.once('error', () => answer.destroy());
    answer.once('close', () => onward.destroy());
    incoming.pipe(onward);
  }

  function listen(at: number): Server {
    const made = createServer((incoming, answer) => void pass(incoming, answer));
    made.on('connection', (socket) => {
      sockets.add(socket);
      socket.once('close', () => sockets.delete(socket));
    });
    return made.listen(at, '127.0.0.1');
  }

  let server: Server | undefined = listen(0);
  await once(server, 'listening');
  const at = (server.address() as AddressInfo).port;
  const gate: Gate = {
    url: `http://127.0.0.1:${at}`,
    set(passage, paths = ['']) {
      if (paths.includes('')) rules.clear();
      for (const path of paths) rules.set(path, passage);
      changed.resolve();
      changed = Promise.withResolvers();
    },
    async down() {
      if (!server) return;
      const gone = once(server, 'close');
      server.close();
      for (const socket of sockets) socket.destroy();
      await gone;
      server = undefined;
    },
    async up() {
      server ??= listen(at);
      if (!server.listening) await once(server, 'listening');
    },
    async close() {
      gate.set('cut');
      await gate.down();
    },
  };
  return gate;
}

async function sendChanged(answered: IncomingMessage, answer: ServerResponse, change: (body: unknown) => unknown): Promise<void> {
  const chunks: Buffer[] = [];
  for await (const chunk of answered) chunks.push(chunk);
  const body = Buffer.from(JSON.stringify(change(JSON.parse(Buffer.concat(chunks).toString('utf8')))));
  const { 'transfer-encoding': _, ...headers } = answered.headers;
  answer.writeHead(answered.statusCode ?? 502, { ...headers, 'content-length': String(body.length) }).end(body);
}
