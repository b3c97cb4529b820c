import fc from 'fast-check';
import type { DocumentedOperation, JsonSchema, OpenApiDocument } from '../../query-api/src/openapi/document.ts';
import { contentType, headers, hostileBody, hostileText } from './hostile.ts';

/** One request, made from the document. */
export interface Case {
  /** As the document has it: `GET /api/panels/{id}`. */
  operation: string;
  described: DocumentedOperation;
  /** The document says that this cannot be right. */
  mustFail: boolean;
  method: string;
  /** Path and query, as they are sent. */
  target: string;
  headers: Record<string, string>;
  body: Uint8Array<ArrayBuffer> | undefined;
}

const FORM = 'application/x-www-form-urlencoded';

interface Wish {
  choice: string;
  value: string;
}

const LEFT_OUT: Wish = { choice: 'left out', value: '' };
const wish: fc.Arbitrary<Wish> = fc.record({
  choice: fc.constantFrom('hostile', 'hostile', 'left out', 'left out', 'left out', 'broken', 'twice'),
  value: hostileText,
});

/** Requests to every operation of the document, each as likely as the others. */
export function requestsTo(document: OpenApiDocument): fc.Arbitrary<Case> {
  const all = Object.entries(document.paths).flatMap(([path, item]) =>
    Object.entries(item).map(([method, described]) => requestsToOne(method.toUpperCase(), path, described)),
  );
  return fc.oneof(...all);
}

/** Some parameters given, some left out, some wrong, some unknown, with any body in any type. */
function requestsToOne(method: string, path: string, described: DocumentedOperation): fc.Arbitrary<Case> {
  const { parameters } = described;
  const form = described.requestBody?.content[FORM]?.schema;
  const fields = Object.entries(form?.properties ?? {});
  const exactly = (length: number) => fc.array(wish, { minLength: length, maxLength: length });
  const parts = fc.record({
    given: exactly(parameters.length),
    filled: exactly(fields.length),
    extra: fc.option(fc.tuple(hostileText, hostileText)),
    raw: fc.option(fc.constantFrom('%zz', '%ff=%fe', '&=&=&&', 'a[]=1&a[]=2', '%00', '+', '=%', '?a=b?c', 'start=0;end=1'), { freq: 6 }),
    body: hostileBody,
    asForm: fc.boolean(),
    type: contentType,
    headers,
  });
  return parts.map(({ given, filled, extra, raw, body, asForm, type, headers: sent }) => {
    let mustFail = false;
    let target = path;
    const put = (into: URLSearchParams, name: string, schema: JsonSchema, { choice, value }: Wish) => {
      const broken = choice === 'broken' ? brokenBy(schema) : undefined;
      if (broken !== undefined) mustFail = true;
      if (choice === 'left out') return;
      into.append(name, broken ?? value);
      if (choice === 'twice') into.append(name, value);
    };
    const search = new URLSearchParams();
    for (const [index, { name, in: place, required, schema }] of parameters.entries()) {
      const one = given[index] ?? LEFT_OUT;
      if (place === 'path') target = target.replace(`{${name}}`, encodeURIComponent(one.value.toWellFormed()) || 'x');
      else {
        if (one.choice === 'left out' && required === true && method === 'GET') mustFail = true;
        put(search, name, schema, one);
      }
    }
    if (extra !== null) search.append(...extra);
    const posted = new URLSearchParams();
    for (const [index, [name, schema]] of fields.entries()) put(posted, name, schema, filled[index] ?? LEFT_OUT);
    const isForm = asForm && form !== undefined;
    // What is wrong with a form says nothing where it is not sent.
    if (!isForm && fields.length > 0) mustFail = false;
    return {
      operation: `${method} ${path}`,
      described,
      mustFail,
      method,
      target: `${target}?${search}${raw === null ? '' : `&${raw}`}`,
      headers: method === 'POST' ? { ...sent, 'content-type': isForm ? FORM : type } : sent,
      body: method !== 'POST' ? undefined : isForm ? new Uint8Array(Buffer.from(String(posted))) : body,
    };
  });
}

/** A value of the wrong kind, as the schema itself tells; undefined where it says nothing that can be broken. */
function brokenBy(schema: JsonSchema): string | undefined {
  if (schema.pattern !== undefined && !new RegExp(schema.pattern, 'u').test('!')) return '!';
  if (schema.enum !== undefined) return 'none of these';
  return schema.maxLength === undefined ? undefined : 'x'.repeat(schema.maxLength + 1);
}
