import { connect } from 'node:net';

/**
 * Many open streams in a process of their own: `stream-clients.ts PORT COUNT`. Says when all are open, and on a message how long events took.
 * The bytes are searched, not parsed: with 100,000 events a second the clients would be what is measured.
 */
const [port = 0, count = 0] = process.argv.slice(2).map(Number);

/** Events carry the time at which they were sent where the project's name would be. */
const SENT = Buffer.from('"project":"');
const EVENT = Buffer.from('event: event\n');

let latencies: number[] = [];
let events = 0;
let open = 0;

/** `tail` is the end of the chunk before: an event may begin in one and go on in the next. Gives back the end of this one. */
function take(tail: Buffer, chunk: Buffer): Buffer {
  const now = performance.timeOrigin + performance.now();
  let last = -1;
  if (Buffer.concat([tail, chunk.subarray(0, EVENT.length - 1)]).includes(EVENT)) events += 1;
  for (let at = chunk.indexOf(EVENT); at !== -1; at = chunk.indexOf(EVENT, at + EVENT.length)) {
    events += 1;
    last = at;
  }
  const at = last === -1 ? -1 : chunk.indexOf(SENT, last);
  const sent = at === -1 ? Number.NaN : Number.parseFloat(chunk.toString('latin1', at + SENT.length, at + SENT.length + 17));
  if (sent > 0) latencies.push(now - sent);
  return chunk.length < EVENT.length ? Buffer.concat([tail, chunk]).subarray(1 - EVENT.length) : chunk.subarray(1 - EVENT.length);
}

function quantile(share: number): number {
  return latencies[Math.min(latencies.length - 1, Math.floor(share * latencies.length))] ?? Number.NaN;
}

function openOne(): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('error', reject);
    socket.write('GET /api/stream HTTP/1.1\r\nHost: localhost\r\n\r\n');
    socket.once('data', () => {
      open += 1;
      resolve();
    });
    let tail: Buffer = Buffer.alloc(0);
    socket.on('data', (chunk: Buffer) => {
      tail = take(tail, chunk);
    });
  });
}

// A few at a time: the queue of connections that wait for a server is short.
while (open < count) await Promise.all(Array.from({ length: Math.min(100, count - open) }, openOne));

process.on('message', () => {
  latencies.sort((a, b) => a - b);
  process.send?.({ p50: quantile(0.5), p99: quantile(0.99), events });
  latencies = [];
  events = 0;
});
process.on('disconnect', () => process.exit(0));
process.send?.('open');
