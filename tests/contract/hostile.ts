import fc from 'fast-check';
import { eventOf, someEvent } from '../../query-api/src/testing.ts';

/** Texts that have hurt somebody: numbers that are none, paths, encodings, markup, queries, names that mean something. */
const TEXTS = [
  ...['', ' ', '0', '-1', '1e999', 'NaN', 'Infinity', '9'.repeat(400), '0x10', 'null', 'true', '[]', '{}', '{"a":1}', '-0', '1_000', '٣'],
  ...['../../etc/passwd', '..%2f..%2f', '%00', '\0', '%ff%fe', '%', '%zz', '%c0%ae', '\ud800', '\u202e', '\ufeff', '😀'.repeat(300)],
  ...['\r\nX-Evil: 1', '__proto__', 'constructor', 'toString', "' OR 1=1 --", '<script>alert(1)</script>', '$(id)', '`id`', '{{7*7}}'],
  ...['up', 'sum(', 'x{a="b"}', '"', '{', '((((((', '1'.repeat(2000), '(a+)+$', '1h', '60', 'x'.repeat(70_000), 'a'.repeat(1025)],
  ...['2026-01-01T00:00:00Z', '2026-99-99T99:99:99Z', '+275760-09-13T00:00:00.001Z', '0000-00-00', 'Europe/Berlin', 'Nowhere/Land'],
];

export const hostileText = fc.oneof(fc.constantFrom(...TEXTS), fc.string({ unit: 'binary', maxLength: 40 }), fc.string({ maxLength: 40 }));

const bytesOf = (text: string, encoding: BufferEncoding = 'utf8') => new Uint8Array(Buffer.from(text, encoding));

const ok = JSON.stringify(someEvent(1));

/** Bytes in which the same JSON may hide, or that are none in any encoding. */
const ENCODED = [
  bytesOf(`\ufeff${ok}`),
  bytesOf(ok, 'utf16le'),
  bytesOf(`\ufeff${ok}`, 'utf16le'),
  new Uint8Array([0xff, 0xfe, 0x00]),
  new Uint8Array([0x7b, 0x22, 0xc0, 0xaf, 0x22, 0x3a, 0x31, 0x7d]),
  new Uint8Array([0x22, 0xed, 0xa0, 0x80, 0x22]),
  new Uint8Array([0x5b, 0xf5, 0x80, 0x80, 0x80, 0x5d]),
  bytesOf(ok.replace('laptop', '\\ud800')),
  bytesOf(`${ok}\0`),
  bytesOf(`${ok}${ok}`),
  bytesOf(ok.replaceAll('"', "'")),
];

const BROKEN = [
  '[',
  '{"id":',
  '['.repeat(50_000),
  '{"a":'.repeat(20_000),
  '[1,2,3]',
  '[[]]',
  '{"__proto__":{"a":1}}',
  '1e99999',
  '"\\u0000"',
];

const EVENTS = [
  someEvent(1),
  eventOf('tool', 2, { sessionId: 's', tool: 'Bash', status: 'started' }),
  eventOf('session', 3, { sessionId: 's', action: 'ended', project: 'p' }),
  { hook_event_name: 'PostToolUse', session_id: 's', tool_name: 'Bash', cwd: '/a/b', duration_ms: 5 },
  { session_id: 's', agent_type: 'codex', event_type: 'tool_finished', tool: 'shell' },
  { code: 'ccm_x' },
];

const anyJson = fc.oneof(fc.jsonValue({ maxDepth: 3 }), hostileText, fc.constantFrom(-1, 1e308, 2 ** 53, 0.1, [], {}, null));

/** Something right in which one place holds something else, or a place more. */
const nearlyRight = fc.tuple(fc.constantFrom(...EVENTS), fc.nat(), anyJson, fc.boolean()).map(([event, at, value, inside]) => {
  const changed: Record<string, unknown> = structuredClone(event) as Record<string, unknown>;
  const target = inside && typeof changed.payload === 'object' ? (changed.payload as Record<string, unknown>) : changed;
  const names = [...Object.keys(target), 'more'];
  target[names[at % names.length] ?? 'more'] = value;
  return changed;
});

/** Bodies of requests. */
export const hostileBody: fc.Arbitrary<Uint8Array<ArrayBuffer>> = fc.oneof(
  hostileText.map((text) => bytesOf(text)),
  fc.json().map((text) => bytesOf(text)),
  fc.constantFrom(...ENCODED),
  fc.constantFrom(...BROKEN).map((text) => bytesOf(text)),
  fc.uint8Array({ maxLength: 60 }).map((bytes) => new Uint8Array(bytes)),
  nearlyRight.map((one) => bytesOf(JSON.stringify(one))),
  fc.array(nearlyRight, { maxLength: 4 }).map((many) => bytesOf(JSON.stringify(many))),
);

export const contentType = fc.constantFrom(
  ...['application/json', 'application/x-www-form-urlencoded', 'multipart/form-data; boundary=x', 'text/plain', 'application/octet-stream'],
  ...['', 'application/json; charset=utf-16', 'application/json;charset="', 'a/b/c', 'APPLICATION/JSON', 'x'.repeat(5000)],
);

/** Headers that routes look at, with anything in them that can be sent at all. */
export const headers = fc
  .dictionary(
    fc.constantFrom(
      'x-source-id',
      'x-signature',
      'last-event-id',
      'accept',
      'content-encoding',
      'cookie',
      'authorization',
      'range',
      'origin',
    ),
    fc.oneof(fc.string({ maxLength: 30 }), fc.constantFrom('Bearer x', 'ccmeter_login=x', 'null', 'bytes=0-', 'text/html', 'gzip')),
  )
  .map((given) => Object.fromEntries(Object.entries(given).filter(([, value]) => /^[\x21-\x7e]([\x20-\x7e]*[\x21-\x7e])?$/.test(value))));
