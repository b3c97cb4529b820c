/** The one series that the self-test writes. It ends with each test, and no question of ours looks at it. */
export const PROBE = 'ccmeter_api_self_test_timestamp_seconds';

/** What Prometheus takes for the end of a series: a NaN that is only this. */
const STALE = 0x7ff0000000000002n;

/** A sample of the series; without a value its end. */
export interface ProbeSample {
  timeMs: number;
  value: number | null;
}

/**
 * A remote-write 1.0 request with the series and its samples: protobuf (WriteRequest, TimeSeries, Label, Sample) in a Snappy block that is one
 * literal. https://prometheus.io/docs/specs/prw/remote_write_spec/, https://github.com/google/snappy/blob/main/format_description.txt
 */
export function encodeProbe(labels: Readonly<Record<string, string>>, samples: readonly ProbeSample[]): Buffer {
  const pairs = Object.entries({ ...labels, __name__: PROBE })
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, value]) => field(1, Buffer.concat([field(1, Buffer.from(name)), field(2, Buffer.from(value))])));
  return snappyLiteral(field(1, Buffer.concat([...pairs, ...samples.map(encodeSample)])));
}

function encodeSample({ timeMs, value }: ProbeSample): Buffer {
  const double = Buffer.alloc(8);
  if (value === null) double.writeBigUInt64LE(STALE);
  else double.writeDoubleLE(value);
  return field(2, Buffer.concat([Buffer.of((1 << 3) | 1), double, Buffer.of(2 << 3), varint(timeMs)]));
}

function field(number: number, body: Buffer): Buffer {
  return Buffer.concat([Buffer.of((number << 3) | 2), varint(body.length), body]);
}

function varint(value: number): Buffer {
  const bytes: number[] = [];
  let rest = value;
  for (; rest >= 128; rest = Math.floor(rest / 128)) bytes.push((rest % 128) | 128);
  return Buffer.of(...bytes, rest);
}

function snappyLiteral(body: Buffer): Buffer {
  // The tag of a literal whose length less one follows in two bytes.
  return Buffer.concat([varint(body.length), Buffer.of(61 << 2, (body.length - 1) & 255, (body.length - 1) >> 8), body]);
}
