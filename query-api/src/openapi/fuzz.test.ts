import fc from 'fast-check';
import * as v from 'valibot';
import { beforeAll, expect, test } from 'vitest';
import { createTestApp, NOW_MS, someEvent } from '../testing.ts';
import { errorShapes } from './answers.ts';
import { createDocument, type DocumentedOperation, type JsonSchema, type OpenApiDocument } from './document.ts';

/** As if asked over loopback. */
const LOCAL = { incoming: { url: '/', headersDistinct: { host: ['localhost'] }, socket: { remoteAddress: '127.0.0.1' } } };

const REQUESTS = 10_000;
const PATIENCE_MS = 5000;

const hostile = fc.oneof(
  fc.constantFrom(
    ...['', ' ', '0', '-1', '1e999', 'NaN', 'Infinity', '9'.repeat(400), '0x10', 'null', 'true', '[]', '{}', '{"a":1}'],
    ...['../../etc/passwd', '..%2f..%2f', '%00', '\0', '%ff%fe', '%', '%zz', '\ud800', '\u202e', '😀'.repeat(300), '\r\nX-Evil: 1'],
    ...['__proto__', 'constructor', 'toString', "' OR 1=1 --", '<script>alert(1)</script>', '$(id)', '`id`', '{{7*7}}', 'x'.repeat(70_000)],
    ...[
      'up',
      'sum(',
      'x{a="b"}',
      '"',
      '{',
      '((((((',
      '1'.repeat(2000),
      '(a+)+$',
      '2026-01-01T00:00:00Z',
      '2026-99-99T99:99:99Z',
      '1h',
      '60',
    ],
  ),
  fc.string({ unit: 'binary', maxLength: 40 }),
  fc.string({ maxLength: 40 }),
);

const bodies = fc.oneof(
  hostile,
  fc.json(),
  fc.constantFrom(
    '[',
    '{"id":',
    `${'['.repeat(50_000)}`,
    '[1,2,3]',
    '[[]]',
    '{"__proto__":{"a":1}}',
    JSON.stringify([someEvent(1), { id: 5 }]),
  ),
  fc
    .record({
      id: fc.anything(),
      source: fc.anything(),
      timestamp: fc.anything(),
      type: fc.constantFrom('tool', 'session', 'usage', 'x'),
      payload: fc.object(),
    })
    .map((one) => JSON.stringify(one, (_, value) => (typeof value === 'bigint' ? String(value) : value))),
);

const contentTypes = fc.constantFrom(
  ...[
    'application/json',
    'application/x-www-form-urlencoded',
    'multipart/form-data; boundary=x',
    'text/plain',
    '',
    'application/json; charset=utf-16',
    '\u00ff',
    'a/b/c',
  ],
);

/** A value of the wrong kind, as the schema itself tells; undefined where it says nothing that can be broken. */
function brokenBy(schema: JsonSchema): string | undefined {
  if (schema.pattern !== undefined && !new RegExp(schema.pattern, 'u').test('!')) return '!';
  if (schema.enum !== undefined) return 'none of these';
  return schema.maxLength === undefined ? undefined : 'x'.repeat(schema.maxLength + 1);
}

const NOTHING = { choice: 'left out', value: '' };

interface Case {
  method: string;
  path: string;
  operation: DocumentedOperation;
  /** The document says that this cannot be right. */
  mustFail: boolean;
  request: { url: string; init: RequestInit };
}

/** One request to one operation: some parameters given, some left out, some wrong, some unknown, with any body. */
function requestsTo(method: string, path: string, operation: DocumentedOperation): fc.Arbitrary<Case> {
  const parameters = operation.parameters;
  const form = operation.requestBody?.content['application/x-www-form-urlencoded']?.schema;
  const fields = Object.entries(form?.properties ?? {}).map(([name, schema]) => ({
    name,
    schema,
    required: form?.required?.includes(name) ?? false,
  }));
  const choice = fc.constantFrom('hostile', 'hostile', 'left out', 'left out', 'left out', 'broken', 'twice');
  const given = fc.record({ choice, value: hostile });
  return fc
    .record({
      given: fc.array(given, { minLength: parameters.length, maxLength: parameters.length }),
      filled: fc.array(given, { minLength: fields.length, maxLength: fields.length }),
      extra: fc.option(fc.tuple(hostile, hostile)),
      body: bodies,
      asForm: fc.boolean(),
      contentType: contentTypes,
      headers: fc.dictionary(
        fc.constantFrom('x-source-id', 'x-signature', 'last-event-id', 'accept', 'content-encoding'),
        fc.string({ maxLength: 30 }),
      ),
    })
    .map(({ given, filled, extra, body, asForm, contentType, headers }) => {
      let mustFail = false;
      let target = path;
      const search = new URLSearchParams();
      const put = (into: URLSearchParams, name: string, schema: JsonSchema, one: { choice: string; value: string }) => {
        const broken = one.choice === 'broken' ? brokenBy(schema) : undefined;
        if (broken !== undefined) mustFail = true;
        if (one.choice === 'left out') return;
        into.append(name, broken ?? one.value);
        if (one.choice === 'twice') into.append(name, one.value);
      };
      for (const [index, parameter] of parameters.entries()) {
        const one = given[index] ?? NOTHING;
        if (parameter.in === 'path') target = target.replace(`{${parameter.name}}`, encodeURIComponent(one.value.toWellFormed()) || 'x');
        else {
          if (one.choice === 'left out' && parameter.required === true && method === 'get') mustFail = true;
          put(search, parameter.name, parameter.schema, one);
        }
      }
      if (extra !== null) search.append(...extra);
      const sent = new URLSearchParams();
      for (const [index, { name, schema }] of (asForm ? fields : []).entries()) put(sent, name, schema, filled[index] ?? NOTHING);
      const post = method === 'post';
      const init: RequestInit = {
        method: method.toUpperCase(),
        headers: {
          ...clean(headers),
          ...(post ? clean({ 'content-type': asForm ? 'application/x-www-form-urlencoded' : contentType }) : {}),
        },
        ...(post ? { body: asForm ? String(sent) : body.toWellFormed() } : {}),
      };
      return { method, path, operation, mustFail, request: { url: `http://localhost${target}?${search}`, init } };
    });
}

/** Headers that cannot be sent at all are not the server's business. */
function clean(headers: Record<string, string>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).filter(([, value]) => /^[\x21-\x7e]([\x20-\x7e]*[\x21-\x7e])?$/.test(value)));
}

let document: OpenApiDocument;
const { app, deps } = createTestApp({ sendRate: 1_000_000, queryRate: 1_000_000 });

beforeAll(async () => {
  document = await createDocument(app, '1');
  deps.store.append([someEvent(1)], NOW_MS);
});

test('bad input of every kind is answered in the documented shape, never with a mistake of ours, never late', {
  timeout: 300_000,
}, async () => {
  const operations = Object.entries(document.paths).flatMap(([path, item]) =>
    Object.entries(item).map(([method, operation]) => requestsTo(method, path, operation)),
  );
  const seen = new Map<number, number>();
  await fc.assert(
    fc.asyncProperty(fc.oneof(...operations), async (one) => {
      const { status, text } = await within(one, answerTo(one));
      seen.set(status, (seen.get(status) ?? 0) + 1);
      expect(status, text).toBeLessThan(500);
      if (one.mustFail) expect(status, text).toBeGreaterThanOrEqual(400);
      if (status >= 400) expectDocumented(one, status, text);
    }),
    { numRuns: REQUESTS },
  );
  // It would prove nothing if one kind of answer were all there is.
  for (const status of [200, 400, 415]) expect(seen.get(status), `answers with ${status}`).toBeGreaterThan(10);
});

test.each(['PUT', 'DELETE', 'PATCH', 'OPTIONS', 'QUERY'])('%s is nowhere and harmless', async (method) => {
  for (const path of Object.keys(document.paths)) {
    const response = await app.request(path.replaceAll(/\{\w+\}/g, 'x'), { method }, LOCAL);
    expect([404, 405]).toContain(response.status);
    expect(v.is(errorShapes.Error, await response.json()), path).toBe(true);
  }
});

async function answerTo({ request }: Case): Promise<{ status: number; text: string }> {
  const response = await app.request(new Request(request.url, request.init), undefined, LOCAL);
  if (!(response.headers.get('content-type') ?? '').includes('event-stream'))
    return { status: response.status, text: await response.text() };
  await response.body?.cancel();
  return { status: response.status, text: '' };
}

async function within<Answer>(one: Case, answer: Promise<Answer>): Promise<Answer> {
  const { promise, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new Error(`${one.method} ${one.request.url} hangs`)), PATIENCE_MS);
  return Promise.race([answer, promise]).finally(() => clearTimeout(timer));
}

function expectDocumented({ method, path, operation }: Case, status: number, text: string): void {
  const documented = operation.responses[status];
  const schema = documented?.content?.['application/json']?.schema ?? {};
  const shapes = (schema.anyOf ?? [schema]).map(({ $ref }) => $ref?.split('/').at(-1) ?? 'Error') as (keyof typeof errorShapes)[];
  const body: unknown = JSON.parse(text);
  // A path parameter may end up as no part of this path any more, such as `..`.
  const fits = shapes.some((shape) => v.is(errorShapes[shape], body)) || (status === 404 && v.is(errorShapes.Error, body));
  expect(fits, `${method} ${path} ${status} ${text}`).toBe(true);
  const code = v.is(errorShapes.Error, body) ? body.error.code : v.is(errorShapes.VibeTeaError, body) ? body.code : undefined;
  if (code !== undefined && code !== 'not_found') expect(documented?.description, `${method} ${path} ${code}`).toContain(`\`${code}\``);
}
