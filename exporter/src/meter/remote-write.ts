/**
 * A remote-write 1.0 request: protobuf in Snappy's block format.
 * Sources: https://prometheus.io/docs/specs/prw/remote_write_spec/ (WriteRequest, TimeSeries, Label, Sample) and
 * https://github.com/google/snappy/blob/main/format_description.txt (a block of literals is valid and is what we write: the
 * receiver is on this machine, and packing would cost more than it saves).
 */
export interface WriteSeries {
  /** Without `__name__`. */
  labels: Record<string, string>;
  name: string;
  /** Times in milliseconds since 1970, ascending. A value of {@link STALE} ends the series. */
  samples: { timeMs: number; value: number | typeof STALE }[];
}

/** Marks the end of a series: a NaN that only Prometheus knows, 0x7ff0000000000002. */
export const STALE = Symbol('stale');

/** Encodes one request. Labels are sorted by name, as the protocol wants. */
export function encodeWriteRequest(series: readonly WriteSeries[]): Buffer {
  const parts = series.map((one) => field(1, encodeSeries(one)));
  return snappyLiteral(Buffer.concat(parts));
}

function encodeSeries({ name, labels, samples }: WriteSeries): Buffer {
  const pairs = Object.entries({ ...labels, __name__: name })
    // A label without a value is no label.
    .filter(([, value]) => value !== '')
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, value]) => field(1, Buffer.concat([field(1, Buffer.from(key)), field(2, Buffer.from(value.toWellFormed()))])));
  return Buffer.concat([...pairs, ...samples.map(encodeSample)]);
}

function encodeSample({ timeMs, value }: { timeMs: number; value: number | typeof STALE }): Buffer {
  const body = Buffer.alloc(1 + 8 + 1 + varintLength(timeMs));
  body[0] = (1 << 3) | 1;
  if (value === STALE) body.writeBigUInt64LE(0x7ff0000000000002n, 1);
  else body.writeDoubleLE(value, 1);
  body[9] = 2 << 3;
  writeVarint(body, 10, timeMs);
  return field(2, body);
}

function field(number: number, body: Buffer): Buffer {
  const head = Buffer.alloc(1 + varintLength(body.length));
  head[0] = (number << 3) | 2;
  writeVarint(head, 1, body.length);
  return Buffer.concat([head, body]);
}

function varintLength(value: number): number {
  let length = 1;
  for (let rest = value; rest >= 128; rest = Math.floor(rest / 128)) length += 1;
  return length;
}

function writeVarint(buffer: Buffer, offset: number, value: number): void {
  let at = offset;
  let rest = value;
  for (; rest >= 128; rest = Math.floor(rest / 128)) buffer[at++] = (rest % 128) | 128;
  buffer[at] = rest;
}

const MAX_LITERAL = 65_536;

function snappyLiteral(body: Buffer): Buffer {
  const length = Buffer.alloc(varintLength(body.length));
  writeVarint(length, 0, body.length);
  const parts: Buffer[] = [length];
  for (let at = 0; at < body.length; at += MAX_LITERAL) {
    const literal = body.subarray(at, at + MAX_LITERAL);
    // Tag 0b11110100: a literal whose length less one follows in two bytes.
    const tag = Buffer.from([61 << 2, (literal.length - 1) & 255, (literal.length - 1) >> 8]);
    parts.push(tag, literal);
  }
  return Buffer.concat(parts);
}
