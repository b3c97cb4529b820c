import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Tokens } from './price/cost.ts';
import type { Fact, Facts, Origin, ResponseFact, SessionFact } from './track/fact.ts';

/** What tests of this package share. */

export const SESSION = '5e551011-0000-4000-a000-000000000001';

/** A directory that is gone when the block that holds it ends. */
export function temporaryDirectory(): { path: string } & Disposable {
  const path = mkdtempSync(join(tmpdir(), 'ccmeter-exporter-'));
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }) };
}

/** A line of a response as Claude Code writes it, as text. */
export function responseText(
  wish: { id?: string; output?: number; input?: number; at?: string; model?: string; stop?: string | null; uuid?: string } = {},
): string {
  return JSON.stringify({
    parentUuid: null,
    isSidechain: false,
    cwd: '/home/someone/code/harbour',
    sessionId: SESSION,
    version: '2.1.200',
    gitBranch: 'main',
    message: {
      id: wish.id ?? 'msg_01AAAAAAAAAAAAAAAAAAAAAA',
      type: 'message',
      role: 'assistant',
      model: wish.model ?? 'claude-opus-5',
      content: [{ type: 'text', text: 'The lamp is on.' }],
      stop_reason: wish.stop === undefined ? 'end_turn' : wish.stop,
      usage: {
        input_tokens: wish.input ?? 3,
        output_tokens: wish.output ?? 10,
        cache_read_input_tokens: 0,
        cache_creation_input_tokens: 0,
      },
    },
    type: 'assistant',
    uuid: wish.uuid ?? '00000000-0000-4000-a000-000000000001',
    timestamp: wish.at ?? '2026-03-01T12:00:30.000Z',
  });
}

export const NO_TOKENS: Tokens = { input: 0, output: 0, cacheRead: 0, write5m: 0, write1h: 0 };

/** A response as a tracker keeps it. */
export function responseFact(wish: Partial<ResponseFact> = {}): ResponseFact {
  return {
    type: 'response',
    key: 'response:msg_01AAAAAAAAAAAAAAAAAAAAAA',
    timeMs: Date.parse('2026-03-01T12:00:30.000Z'),
    sessionId: SESSION,
    agent: 'main',
    model: 'claude-opus-5',
    tokens: { ...NO_TOKENS, output: 10 },
    finished: true,
    fast: false,
    settled: false,
    ...wish,
  };
}

/** A session as a tracker keeps it: begun, and the model's turn. */
export function sessionFact(wish: Partial<SessionFact> = {}): SessionFact {
  const sessionId = wish.sessionId ?? SESSION;
  const timeMs = Date.parse('2026-03-01T12:00:00.000Z');
  return {
    type: 'session',
    key: `session:${sessionId}`,
    sessionId,
    timeMs,
    lastMs: timeMs,
    lastMainMs: timeMs,
    project: 'harbour',
    projectRank: 2,
    projectMs: timeMs,
    begun: true,
    model: 'claude-opus-5',
    branch: 'main',
    version: '2.1.200',
    turnOpen: true,
    toldOpen: false,
    ended: false,
    durationMs: 0,
    settled: false,
    ...wish,
  };
}

/** Facts in memory. */
export function memoryFacts(): Facts & { all(): Fact[] } {
  const facts = new Map<string, Fact>();
  return { get: (key) => facts.get(key), put: (fact) => void facts.set(fact.key, fact), all: () => [...facts.values()] };
}

/** A line of a main transcript. */
export function mainOrigin(wish: Partial<Origin> = {}): Origin {
  return { file: SESSION, sessionId: SESSION, subagent: false, offset: 0, fallbackMs: 0, nowMs: Date.parse('2027-01-01'), ...wish };
}

/** A server of a test: what it was sent, and what it answers. */
export interface Stub {
  url: string;
  requests: { headers: IncomingHttpHeaders; body: Buffer }[];
  /** Resolves once the condition holds, looked at after each request. */
  until(condition: () => boolean): Promise<void>;
  close(): Promise<void>;
}

/** Starts a server that answers each request as `answer` says. */
export async function startStub(answer: (body: Buffer) => { status: number; headers?: Record<string, string> }, port = 0): Promise<Stub> {
  const requests: Stub['requests'] = [];
  const waiting = new Set<() => void>();
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const body = Buffer.concat(chunks);
    requests.push({ headers: request.headers, body });
    const { status, headers } = answer(body);
    response.writeHead(status, headers).end('{}', () => {
      for (const look of waiting) look();
    });
  });
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    until: (condition) =>
      new Promise((resolve) => {
        const look = () => {
          if (!condition()) return;
          waiting.delete(look);
          resolve();
        };
        waiting.add(look);
        look();
      }),
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
