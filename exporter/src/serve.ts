import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { createBirths } from './meter/births.ts';
import { createNative } from './meter/native.ts';
import { CONTENT_TYPE, chooseFormat, type PageFormat, renderPage, toPageFamily } from './meter/page.ts';
import type { Family } from './meter/points.ts';

/** What the server shows beside the metrics. */
export interface ServeOptions {
  families: () => Family[];
  listen: string;
  port: number;
  version: string;
  isReady: () => boolean;
  status: () => Record<string, unknown>;
}

type Page = (format: PageFormat) => string;
type Pages = Record<'/metrics' | '/metrics/claude-code', Page>;

const compress = promisify(gzip);

/**
 * Serves `/metrics` and, under the names of Claude Code's own telemetry, `/metrics/claude-code` (text 0.0.4 or OpenMetrics by `Accept`, gzip where asked for), `/-/healthy`, `/-/ready`, `/-/status` and a page at `/`.
 * Requests whose `Host` is not this machine are refused, so that no web site can read it through a name of its own.
 *
 * @throws NodeJS.ErrnoException `EADDRINUSE` and the like
 */
export async function serve(options: ServeOptions): Promise<{ url: string; close(): Promise<void> }> {
  // Each page has readers of its own, so each has births of its own.
  const births = createBirths(options.isReady);
  const native = createNative(options.isReady);
  const pages: Pages = {
    '/metrics': (format) => renderPage(births(options.families()).map(toPageFamily), format),
    '/metrics/claude-code': (format) => renderPage(native(options.families()), format),
  };
  const server = createServer({ headersTimeout: 10_000, requestTimeout: 30_000 }, (request, response) => {
    answer(request, response, options, pages).catch(() => response.destroy());
  });
  server.maxConnections = 256;
  await listen(server, options.port, options.listen);
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://${options.listen}:${port}`,
    async close() {
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
    },
  };
}

function listen(server: Server, port: number, host: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, resolve);
  });
}

async function answer(request: IncomingMessage, response: ServerResponse, options: ServeOptions, pages: Pages): Promise<void> {
  response.setHeader('x-content-type-options', 'nosniff');
  if (!isOwnHost(request.headers.host, options.listen)) return end(response, 403, 'This host name is not served here.\n');
  if (request.method !== 'GET' && request.method !== 'HEAD') return end(response, 405, 'Only GET is served here.\n');
  const path = (request.url ?? '/').split('?')[0];
  switch (path) {
    case '/metrics':
    case '/metrics/claude-code':
      return answerMetrics(request, response, pages[path]);
    case '/-/healthy':
      return end(response, 200, 'Healthy.\n');
    case '/-/ready':
      return options.isReady() ? end(response, 200, 'Ready.\n') : end(response, 503, 'Reading transcripts.\n');
    case '/-/status':
      return end(response, 200, JSON.stringify(options.status()), 'application/json');
    case '/':
      return end(response, 200, landingPage(options.version), 'text/html; charset=utf-8');
    default:
      return end(response, 404, 'Not found. See /metrics.\n');
  }
}

async function answerMetrics(request: IncomingMessage, response: ServerResponse, renderIn: Page): Promise<void> {
  const format = chooseFormat(request.headers.accept);
  const page = renderIn(format);
  response.setHeader('vary', 'accept, accept-encoding');
  if (!/\bgzip\b/.test(String(request.headers['accept-encoding'] ?? ''))) return end(response, 200, page, CONTENT_TYPE[format]);
  response.setHeader('content-encoding', 'gzip');
  end(response, 200, await compress(page, { level: 1 }), CONTENT_TYPE[format]);
}

function end(response: ServerResponse, status: number, body: string | Buffer, type = 'text/plain; charset=utf-8'): void {
  response.writeHead(status, { 'content-type': type, 'content-length': Buffer.byteLength(body) });
  response.end(body);
}

const LOOPBACK = new Set(['localhost', '127.0.0.1', '[::1]']);

/** The `Host` header names this machine's loopback, or the address that the server listens on. */
function isOwnHost(header: string | undefined, listenAddress: string): boolean {
  const name = (header ?? '').toLowerCase().replace(/:\d+$/, '');
  return LOOPBACK.has(name) || name === listenAddress.toLowerCase();
}

function landingPage(version: string): string {
  return `<!doctype html><html lang="en"><title>ccmeter exporter</title><h1>ccmeter exporter ${version}</h1>
<p>Claude Code usage for Prometheus.</p><ul><li><a href="/metrics">Metrics</a></li><li><a href="/-/status">Status</a></li></ul></html>`;
}
