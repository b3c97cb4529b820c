import { createServer as createPlainServer, type Server } from 'node:http';
import { createServer as createSecureServer, type Server as SecureServer } from 'node:https';
import { getRequestListener } from '@hono/node-server';
import type { App } from './app.ts';
import type { Logger } from './log.ts';
import { followTls, readTls, type TlsFiles } from './tls.ts';
import { answerUnaddressed, answerUnreadable } from './unreadable.ts';

/** Against slow and endless requests; Node's own defaults are far longer. Streams are answers and have no such limit. */
const LIMITS = {
  headersTimeout: 10_000,
  requestTimeout: 30_000,
  keepAliveTimeout: 15_000,
  maxHeaderSize: 16 * 1024,
  connectionsCheckingInterval: 5000,
};

/** Connections beside those of open streams: room for requests. */
const MORE_CONNECTIONS = 2000;
const MAX_STREAMS = 10_000;

/** Most headers of a request, and the longest silence on a connection. */
const MAX_HEADERS = 100;
const SILENCE_MS = 60_000;

/** How long requests under way may take to end once we stop. */
const SHUTDOWN_MS = 3000;
const IDLE_CHECK_MS = 20;

/** A server that listens. */
export interface RunningServer {
  url: string;
  /** Takes no more requests and waits a little for those under way. Streams have to be ended before. */
  close(): Promise<void>;
}

/** A certificate, where connections are to be encrypted. */
interface Tls {
  files: TlsFiles;
  log: Logger;
  /** How often its files are looked at; shortened by tests. */
  checkMs?: number;
}

/** Serves the app. Fails with the error of the socket, such as EADDRINUSE. */
export async function startServer(
  app: App,
  host: string,
  port: number,
  tls?: Tls,
  { maxStreams = MAX_STREAMS, ...limits }: Partial<typeof LIMITS & { maxStreams: number }> = {},
): Promise<RunningServer> {
  const server = createServer(app, tls?.files, { ...LIMITS, ...limits });
  server.maxConnections = maxStreams + MORE_CONNECTIONS;
  server.maxHeadersCount = MAX_HEADERS;
  // Who neither sends nor takes anything for so long is cut off; an open stream has a sign of life every 15 s.
  server.timeout = SILENCE_MS;
  const stopFollowing = tls === undefined ? () => {} : followTls(server as SecureServer, tls.files, tls.log, tls.checkMs);
  const listening = Promise.withResolvers<void>();
  server.once('error', listening.reject);
  server.listen({ port, host }, listening.resolve);
  await listening.promise;
  const address = server.address();
  const actual = typeof address === 'object' && address !== null ? address.port : port;
  return {
    url: `${tls === undefined ? 'http' : 'https'}://${host.includes(':') ? `[${host}]` : host}:${actual}`,
    close: () => close(server, stopFollowing),
  };
}

function createServer(app: App, files: TlsFiles | undefined, limits: typeof LIMITS): Server | SecureServer {
  const listener = getRequestListener(app.fetch, { errorHandler: answerUnaddressed });
  const server = files === undefined ? createPlainServer(limits, listener) : createSecureServer({ ...limits, ...readTls(files) }, listener);
  answerUnreadable(server);
  return server;
}

async function close(server: Server | SecureServer, stopFollowing: () => void): Promise<void> {
  stopFollowing();
  const closed = Promise.withResolvers<void>();
  server.close(() => closed.resolve());
  // A connection that becomes idle after close() would be kept alive for its full time.
  const idle = setInterval(() => server.closeIdleConnections(), IDLE_CHECK_MS);
  const impatience = setTimeout(() => server.closeAllConnections(), SHUTDOWN_MS);
  await closed.promise;
  clearInterval(idle);
  clearTimeout(impatience);
}
