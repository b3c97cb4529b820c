import { type ClientRequest, Agent as HttpAgent, type IncomingMessage, request as requestHttp } from 'node:http';
import { Agent as HttpsAgent, request as requestHttps } from 'node:https';
import type { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { ApiError } from '../errors.ts';

/** One question over HTTP; without a body it is a GET. */
export interface HttpQuestion {
  url: string;
  body: string | null;
  headers: Record<string, string>;
  signal: AbortSignal;
}

/** An answer, whole. */
export interface HttpAnswer {
  status: number;
  body: Uint8Array<ArrayBuffer>;
}

/** Sends one question. Redirects are not followed; the signal ends it. */
export type Send = (question: HttpQuestion) => Promise<HttpAnswer>;

/** An answer above this is cut off with an error rather than kept in memory. */
const MAX_ANSWER_BYTES = 64 * 1024 * 1024;

/** On this machine packing costs more than it saves. */
const LOOPBACK = /^(localhost|127\..*|\[::1\])$/;

/** Node's own client on a pool of kept-alive connections: a third of the time that `fetch` takes, which is most of what we add to an answer. */
export function createSend(maxConnections: number): Send {
  const http = new HttpAgent({ keepAlive: true, maxSockets: maxConnections });
  const https = new HttpsAgent({ keepAlive: true, maxSockets: maxConnections });
  const once = (question: HttpQuestion) => {
    const url = new URL(question.url);
    const options = { method: question.body === null ? 'GET' : 'POST', headers: headersOf(question, url), signal: question.signal };
    return exchange(
      url.protocol === 'https:' ? requestHttps(url, { ...options, agent: https }) : requestHttp(url, { ...options, agent: http }),
      question.body,
    );
  };
  return (question) => once(question).catch((cause: unknown) => (cause instanceof LostConnection ? once(question) : Promise.reject(cause)));
}

/** The other side had closed a kept connection just before it was used again: nothing was asked yet. */
class LostConnection extends Error {}

function headersOf({ body, headers }: HttpQuestion, url: URL): Record<string, string> {
  return {
    'accept-encoding': LOOPBACK.test(url.hostname) ? 'identity' : 'gzip',
    ...(body === null ? {} : { 'content-type': 'application/x-www-form-urlencoded', 'content-length': String(Buffer.byteLength(body)) }),
    ...headers,
  };
}

function exchange(request: ClientRequest, body: string | null): Promise<HttpAnswer> {
  const { promise, resolve, reject } = Promise.withResolvers<HttpAnswer>();
  request.once('error', (cause: NodeJS.ErrnoException) =>
    reject(request.reusedSocket && cause.code === 'ECONNRESET' ? new LostConnection('', { cause }) : cause),
  );
  request.once('response', (response) => {
    const status = response.statusCode ?? 0;
    // The address is the operator's word alone.
    if (status >= 300 && status < 400) {
      request.destroy();
      reject(new Error('it redirects'));
    } else readBody(response).then((bytes) => resolve({ status, body: bytes }), reject);
  });
  request.end(body ?? undefined);
  return promise;
}

/** What counts is the size after unpacking. */
async function readBody(response: IncomingMessage): Promise<Uint8Array<ArrayBuffer>> {
  const packed = response.headers['content-encoding'] === 'gzip';
  const stream: Readable = packed ? response.compose(createGunzip()) : response;
  const chunks: Buffer[] = [];
  let bytes = 0;
  const { promise, resolve, reject } = Promise.withResolvers<Uint8Array<ArrayBuffer>>();
  stream.on('data', (chunk: Buffer) => {
    chunks.push(chunk);
    bytes += chunk.length;
    if (bytes <= MAX_ANSWER_BYTES) return;
    stream.removeAllListeners('data');
    response.destroy();
    reject(new ApiError(422, 'answer_too_large', 'The answer is larger than 64 MiB: ask for less.'));
  });
  stream.once('error', reject);
  stream.once('end', () => resolve(Buffer.concat(chunks, bytes)));
  // An answer that breaks off has neither.
  response.once('close', () => (response.complete ? undefined : reject(new Error('the answer broke off'))));
  return promise;
}
