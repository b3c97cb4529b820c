import type { IncomingMessage } from 'node:http';
import type { Context, MiddlewareHandler } from 'hono';
import type { AppEnv } from '../environment.ts';
import { ApiError } from '../errors.ts';

/** Most bytes of a body, wherever there is no other limit. */
const MAX_BODY_BYTES = 1024 * 1024;

/**
 * The bytes of the body, at most so many. Over a socket they are taken from Node's own request: going through a web stream costs
 * as much as checking a signature does.
 */
export async function readBody(c: Context<AppEnv>, maxBytes = MAX_BODY_BYTES): Promise<Uint8Array> {
  if (Number(c.req.header('content-length') ?? 0) > maxBytes) throw tooLarge(c, maxBytes);
  const incoming = c.env?.incoming;
  const body =
    incoming !== undefined && 'on' in incoming ? await readIncoming(incoming, maxBytes) : new Uint8Array(await c.req.arrayBuffer());
  if (body === undefined || body.length > maxBytes) throw tooLarge(c, maxBytes);
  return body;
}

/** Undefined when there is more than that; what comes after it is left unread. */
function readIncoming(incoming: IncomingMessage, maxBytes: number): Promise<Uint8Array | undefined> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let bytes = 0;
    const end = (body: Uint8Array | undefined) => {
      incoming.off('data', take).off('end', finish).off('error', fail).off('close', leave);
      resolve(body);
    };
    const take = (chunk: Buffer) => {
      chunks.push(chunk);
      bytes += chunk.length;
      if (bytes <= maxBytes) return;
      incoming.pause();
      end(undefined);
    };
    const finish = () => end(chunks.length === 1 ? chunks[0] : Buffer.concat(chunks, bytes));
    const fail = (cause: Error) => reject(new ApiError(400, 'invalid_body', 'The body ended too early.', { cause }));
    const leave = () => fail(new Error('the connection was closed'));
    incoming.on('data', take).once('end', finish).once('error', fail).once('close', leave);
  });
}

function tooLarge(c: Context<AppEnv>, maxBytes: number): ApiError {
  // The rest is not read, so nothing can follow on this connection.
  c.header('connection', 'close');
  return new ApiError(413, 'payload_too_large', `The body is larger than ${maxBytes / 1024 / 1024} MiB.`);
}

/** Refuses bodies that are packed: ten megabytes of them may be ten gigabytes. Nothing that is sent here needs it. */
export const unpackedOnly: MiddlewareHandler<AppEnv> = async (c, next) => {
  const encoding = c.req.header('content-encoding');
  if (encoding !== undefined && encoding.toLowerCase() !== 'identity')
    throw new ApiError(415, 'unsupported_encoding', 'Bodies are taken as they are, without Content-Encoding.');
  await next();
};
