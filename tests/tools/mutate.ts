import type { Random } from '../../deploy/local/demo/random.ts';

/** Pieces that parsers stumble over. */
const POISON = [
  '\u0000',
  '\ufeff',
  '\\ud800',
  '"',
  '\\',
  '{',
  '}',
  '[',
  ']',
  ',',
  ':',
  'null',
  '-0',
  '1e999',
  '9007199254740993',
  '"__proto__":{"output_tokens":1}',
  '"constructor":1',
  '\\u0000',
  '\r',
  '[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[',
].map((text) => Buffer.from(text));

/** A line that is not quite what it was: bytes flipped, taken out, put in, repeated, or the end of another one put after its beginning. */
export function mutate(line: Buffer, other: Buffer, random: Random): Buffer {
  let bytes: Buffer = Buffer.from(line);
  for (let change = random.whole(1, 4); change > 0; change--) bytes = changeOnce(bytes, other, random);
  // One line stays one line.
  return Buffer.from(bytes.map((byte) => (byte === 0x0a ? 0x20 : byte)));
}

function changeOnce(bytes: Buffer, other: Buffer, random: Random): Buffer {
  const at = random.whole(0, bytes.length);
  const to = Math.min(bytes.length, at + random.whole(1, 30));
  switch (random.whole(0, 5)) {
    case 0: {
      const flipped = Buffer.from(bytes);
      if (at < flipped.length) flipped[at] = random.whole(0, 255);
      return flipped;
    }
    case 1:
      return Buffer.concat([bytes.subarray(0, at), bytes.subarray(to)]);
    case 2:
      return Buffer.concat([bytes.subarray(0, at), random.pick([Buffer.from('"'), ...POISON]), bytes.subarray(at)]);
    case 3:
      return Buffer.concat([bytes.subarray(0, to), bytes.subarray(at)]);
    case 4:
      return Buffer.concat([bytes.subarray(0, at), other.subarray(random.whole(0, other.length))]);
    default:
      return bytes.subarray(0, at);
  }
}
