import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { ErrorBody } from './errors.ts';

/** What never becomes a request: too long, too slow, or no HTTP. By the code of Node's error; anything else is no HTTP. */
const REASONS: Record<string, Reason | undefined> = {
  HPE_HEADER_OVERFLOW: { status: '431 Request Header Fields Too Large', code: 'headers_too_large', message: 'The headers are too large.' },
  HPE_CHUNK_EXTENSIONS_OVERFLOW: { status: '413 Payload Too Large', code: 'payload_too_large', message: 'The chunks say too much.' },
  ERR_HTTP_REQUEST_TIMEOUT: {
    status: '408 Request Timeout',
    code: 'request_timeout',
    message: 'The request did not come to its end in time.',
  },
};
const NO_HTTP: Reason = { status: '400 Bad Request', code: 'invalid_request', message: 'This is not HTTP, or names no address of ours.' };

interface Reason {
  status: string;
  code: string;
  message: string;
}

/** Answers those in the one shape of errors, where Node would say nothing but the status, and closes the connection. */
export function answerUnreadable(server: Server): void {
  const answers = new WeakMap<Socket, ServerResponse>();
  server.on('request', ({ socket }: IncomingMessage, response: ServerResponse) => {
    answers.set(socket, response);
    response.once('close', () => answers.delete(socket));
  });
  server.on('clientError', (error: NodeJS.ErrnoException, socket: Socket) => {
    // Where an answer has begun there is no room for another one.
    if (error.code === 'ECONNRESET' || !socket.writable || answers.get(socket)?.headersSent === true) {
      socket.destroy();
      return;
    }
    const { status, code, message } = REASONS[error.code ?? ''] ?? NO_HTTP;
    const body = bodyOf(code, message);
    const head = ['content-type: application/json', `content-length: ${Buffer.byteLength(body)}`, 'connection: close'];
    socket.end(`HTTP/1.1 ${status}\r\n${head.join('\r\n')}\r\n\r\n${body}`, () => socket.destroy());
  });
  server.on('checkExpectation', (_: IncomingMessage, response: ServerResponse) => {
    const body = bodyOf('expectation_failed', 'Nothing but 100-continue can be expected.');
    response.writeHead(417, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body), connection: 'close' });
    response.end(body);
  });
}

/** The answer to a request whose address cannot be read, such as one with a user in the name of the host. */
export function answerUnaddressed(): Response {
  const headers = { 'content-type': 'application/json', connection: 'close' };
  return new Response(bodyOf(NO_HTTP.code, NO_HTTP.message), { status: 400, headers });
}

function bodyOf(code: string, message: string): string {
  return JSON.stringify({ error: { code, message } } satisfies ErrorBody);
}
