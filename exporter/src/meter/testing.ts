import { once } from 'node:events';
import { createServer } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { gunzipSync } from 'node:zlib';

/** What tests of sinks share: as much of a collector as an exporter notices, and readers of what it was sent. */
export interface TestCollector {
  url: string;
  requests: { path: string; headers: Record<string, string>; body: Buffer }[];
  /** Every data point of all requests so far, in the order in which they came. */
  points(): OtlpPoint[];
  /** Those of requests that were answered with status 0. */
  pointsTaken(): OtlpPoint[];
  close(): void;
}

/** A data point of OTLP. Times in milliseconds since 1970. */
export interface OtlpPoint {
  metric: string;
  attributes: Record<string, string>;
  startMs: number;
  timeMs: number;
  value: number;
}

/** As much of gRPC as an export needs: one message in, an empty one out, and the status of `answer` in the trailers. */
export async function startCollector(answer: () => number = () => 0): Promise<TestCollector> {
  const requests: TestCollector['requests'] = [];
  const taken: Buffer[] = [];
  const server = createServer();
  server.on('stream', async (stream, headers) => {
    const chunks: Buffer[] = [];
    for await (const chunk of stream) chunks.push(chunk);
    const body = Buffer.concat(chunks);
    requests.push({ path: String(headers[':path']), headers: { ...headers } as Record<string, string>, body });
    stream.respond({ ':status': 200, 'content-type': 'application/grpc' }, { waitForTrailers: true });
    stream.on('wantTrailers', () => {
      const status = answer();
      if (status === 0) taken.push(body);
      stream.sendTrailers({ 'grpc-status': String(status) });
    });
    stream.end(Buffer.alloc(5));
  });
  const sessions = new Set<{ destroy(): void }>();
  server.on('session', (session) => sessions.add(session));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    points: () => requests.flatMap(({ body }) => readPoints(messageOf(body))),
    pointsTaken: () => taken.flatMap((body) => readPoints(messageOf(body))),
    close() {
      for (const session of sessions) session.destroy();
      server.close();
    },
  };
}

/** The message of a gRPC body: a byte that says whether it is compressed, its length in four, and itself. */
export function messageOf(body: Buffer): Buffer {
  const message = body.subarray(5);
  return body[0] === 1 ? gunzipSync(message) : message;
}

/** One field of a protobuf message: bytes, or the bits of a number. */
interface Field {
  number: number;
  bytes: Buffer;
}

/** The fields of a protobuf message, in order. */
function* fieldsOf(message: Buffer): Generator<Field> {
  for (let at = 0; at < message.length; ) {
    const [tag, afterTag] = readVarint(message, at);
    const wire = tag & 7;
    if (wire === 2) {
      const [length, begin] = readVarint(message, afterTag);
      yield { number: tag >>> 3, bytes: message.subarray(begin, begin + length) };
      at = begin + length;
    } else if (wire === 0) {
      const [, end] = readVarint(message, afterTag);
      yield { number: tag >>> 3, bytes: message.subarray(afterTag, end) };
      at = end;
    } else {
      const end = afterTag + (wire === 1 ? 8 : 4);
      yield { number: tag >>> 3, bytes: message.subarray(afterTag, end) };
      at = end;
    }
  }
}

function readVarint(message: Buffer, begin: number): [value: number, end: number] {
  let value = 0;
  let scale = 1;
  for (let at = begin; ; at++) {
    const byte = message[at] ?? 0;
    value += (byte & 127) * scale;
    scale *= 128;
    if (byte < 128) return [value, at + 1];
  }
}

const child = (message: Buffer, number: number) =>
  [...fieldsOf(message)].filter((field) => field.number === number).map(({ bytes }) => bytes);

/** The points of an ExportMetricsServiceRequest; of histograms only their counts. Numbers of fields as in opentelemetry-proto 1. */
function readPoints(message: Buffer): OtlpPoint[] {
  const metrics = child(message, 1)
    .flatMap((resource) => child(resource, 2))
    .flatMap((scope) => child(scope, 2));
  return metrics.flatMap((metric) => {
    const name = child(metric, 1)[0]?.toString() ?? '';
    const numbers = [...child(metric, 5), ...child(metric, 7)].flatMap((data) => child(data, 1));
    const histograms = child(metric, 9).flatMap((data) => child(data, 1));
    return [
      ...numbers.map((point) => ({ metric: name, ...placeOf(point, 7), value: child(point, 4)[0]?.readDoubleLE() ?? 0 })),
      ...histograms.map((point) => ({ metric: name, ...placeOf(point, 9), value: Number(child(point, 4)[0]?.readBigUInt64LE() ?? 0n) })),
    ];
  });
}

function placeOf(point: Buffer, attributes: number) {
  const nanoseconds = (number: number) => Number((child(point, number)[0]?.readBigUInt64LE() ?? 0n) / 1000n) / 1000;
  return { startMs: nanoseconds(2), timeMs: nanoseconds(3), attributes: readAttributes(child(point, attributes)) };
}

/** Attributes that are texts. */
function readAttributes(pairs: readonly Buffer[]): Record<string, string> {
  return Object.fromEntries(
    pairs.map((pair) => [child(pair, 1)[0]?.toString() ?? '', child(child(pair, 2)[0] ?? Buffer.alloc(0), 1)[0]?.toString() ?? '']),
  );
}

/** The attributes of the resource of a request. */
export function readResource(message: Buffer): Record<string, string> {
  return readAttributes(
    child(message, 1)
      .flatMap((resource) => child(resource, 1))
      .flatMap((resource) => child(resource, 1)),
  );
}

/** A series of a remote-write request; stale markers are NaN. */
export interface WrittenSeries {
  labels: Record<string, string>;
  samples: { timeMs: number; value: number }[];
}

/** What a remote-write 1.0 request says. */
export function readWriteRequest(body: Buffer): WrittenSeries[] {
  return child(unpackSnappy(body), 1).map((series) => ({
    labels: Object.fromEntries(child(series, 1).map((pair) => [child(pair, 1).toString(), child(pair, 2).toString()])),
    samples: child(series, 2).map((sample) => ({
      value: child(sample, 1)[0]?.readDoubleLE() ?? 0,
      timeMs: readVarint(child(sample, 2)[0] ?? Buffer.alloc(1), 0)[0],
    })),
  }));
}

/** A block of Snappy as it was before it was packed: https://github.com/google/snappy/blob/main/format_description.txt */
function unpackSnappy(packed: Buffer): Buffer {
  const [length, begin] = readVarint(packed, 0);
  const out = Buffer.alloc(length);
  let to = 0;
  for (let at = begin; at < packed.length; ) {
    const tag = packed[at] ?? 0;
    if ((tag & 3) === 0) {
      const extra = Math.max((tag >> 2) - 59, 0);
      const size = (extra === 0 ? tag >> 2 : packed.readUIntLE(at + 1, extra)) + 1;
      at += 1 + extra;
      to += packed.copy(out, to, at, at + size);
      at += size;
      continue;
    }
    const near = (tag & 3) === 1;
    const size = near ? ((tag >> 2) & 7) + 4 : (tag >> 2) + 1;
    const bytes = near ? 1 : (tag & 3) === 2 ? 2 : 4;
    const back = packed.readUIntLE(at + 1, bytes) + (near ? (tag >> 5) * 256 : 0);
    for (let count = 0; count < size; count++, to++) out[to] = out[to - back] ?? 0;
    at += 1 + bytes;
  }
  return out;
}
