import type { Hono } from 'hono';
import { generateSpecs, resolver } from 'hono-openapi';
import type { AppEnv } from '../environment.ts';
import { answers, errorShapes } from './answers.ts';
import { beforeRoutes, errors, errorsOf, type Operation, operations } from './operations.ts';
import { SCHEMA_OPTIONS } from './schema.ts';

/** A parameter in the document. */
export interface Parameter {
  name: string;
  in: string;
  required?: boolean;
  description?: string;
  schema: JsonSchema;
}

/** What we read of a schema. */
export interface JsonSchema {
  $ref?: string;
  type?: string;
  description?: string;
  pattern?: string;
  maxLength?: number;
  maxItems?: number;
  enum?: unknown[];
  anyOf?: JsonSchema[];
  items?: JsonSchema;
  properties?: Record<string, JsonSchema>;
  required?: string[];
}

interface Content {
  [media: string]: { schema?: JsonSchema };
}

/** One method of one path. */
export interface DocumentedOperation {
  operationId?: string;
  summary: string;
  tags: string[];
  parameters: Parameter[];
  requestBody?: { required: boolean; content: Content };
  responses: Record<string, { description: string; headers?: object; content?: Content }>;
}

/** The OpenAPI document, as far as we read it ourselves. */
export interface OpenApiDocument {
  openapi: string;
  info: { title: string; version: string; description: string };
  paths: Record<string, Record<string, DocumentedOperation>>;
  components: { schemas: Record<string, JsonSchema> };
}

const DESCRIPTION =
  'Claude Code usage: named questions, PromQL, sessions and events. What is no HTTP, too large or too slow to become a request is answered before any route: 400 invalid_request, 408 request_timeout, 417 expectation_failed, 431 headers_too_large.';

/** The document: parameters from the schemas that check them, the rest from {@link operations}. */
export async function createDocument(app: Pick<Hono<AppEnv>, 'routes'>, version: string): Promise<OpenApiDocument> {
  const specs = await generateSpecs(app as Hono<AppEnv>, {
    includeEmptyPaths: true,
    excludeStaticFile: false,
    defaultValidationErrorResponse: false,
  });
  const schemas = Object.fromEntries(
    await Promise.all(Object.entries(errorShapes).map(async ([name, shape]) => [name, await schemaOf(shape)])),
  );
  const paths = await Promise.all(Object.entries(specs.paths).map(async ([path, item]) => [path, await describePath(path, item)]));
  return {
    openapi: '3.1.0',
    info: { title: 'ccmeter query API', version, description: DESCRIPTION },
    paths: Object.fromEntries(paths),
    components: { schemas },
  };
}

/** The routes that have no row in {@link operations}. */
export function undocumented(document: OpenApiDocument): string[] {
  const routes = Object.entries(document.paths).flatMap(([path, item]) => Object.keys(item).map((method) => keyOf(method, path)));
  return routes.filter((key) => operations[key] === undefined);
}

async function describePath(path: string, item: object): Promise<Record<string, DocumentedOperation>> {
  // What the library collected: parameters and forms, by method.
  const methods = Object.entries(item) as [string, Partial<DocumentedOperation>][];
  const described = await Promise.all(
    methods.map(async ([method, collected]) => {
      const operation = operations[keyOf(method, path)];
      return [method, operation === undefined ? bare(collected) : await describeOperation(path, operation, collected)] as const;
    }),
  );
  return Object.fromEntries(described);
}

function bare(collected: Partial<DocumentedOperation>): DocumentedOperation {
  return { ...collected, summary: '', tags: [], parameters: collected.parameters ?? [], responses: {} };
}

async function describeOperation(
  path: string,
  operation: Operation,
  collected: Partial<DocumentedOperation>,
): Promise<DocumentedOperation> {
  const { operationId, parameters = [], requestBody } = collected;
  const body = operation.body === undefined ? requestBody : { required: true, content: { 'application/json': { schema: operation.body } } };
  return {
    ...(operationId === undefined ? {} : { operationId }),
    summary: operation.summary,
    tags: [operation.tag],
    parameters,
    ...(body === undefined ? {} : { requestBody: body }),
    responses: { [operation.answer.status ?? 200]: await answerOf(operation), ...errorsAsResponses(path, operation) },
  };
}

async function answerOf({ answer, summary }: Operation) {
  const { shape, media = 'application/json' } = answer;
  if (shape === 'nothing') return { description: summary };
  return { description: summary, content: { [media]: shape === 'none' ? {} : { schema: await schemaOf(answers[shape]) } } };
}

/** One response a status, with all the codes that it can have. */
function errorsAsResponses(path: string, operation: Operation): DocumentedOperation['responses'] {
  const responses: DocumentedOperation['responses'] = {};
  for (const code of errorsOf(path, operation).toSorted((a, b) => errors[a].status - errors[b].status)) {
    const { status, when } = errors[code];
    const line = `\`${code}\`: ${when}`;
    const known = responses[status];
    const own = { $ref: `#/components/schemas/${beforeRoutes.has(code) ? 'Error' : (operation.errorShape ?? 'Error')}` };
    const schema = eitherOf(known?.content?.['application/json']?.schema, own);
    responses[status] = {
      description: known === undefined ? line : `${known.description}\n${line}`,
      content: { 'application/json': { schema } },
    };
  }
  return responses;
}

function eitherOf(one: JsonSchema | undefined, other: JsonSchema): JsonSchema {
  const all = one === undefined ? [] : (one.anyOf ?? [one]);
  const [first = other, ...more] = all.some(({ $ref }) => $ref === other.$ref) ? all : [...all, other];
  return more.length === 0 ? first : { anyOf: [first, ...more] };
}

async function schemaOf(shape: Parameters<typeof resolver>[0]): Promise<JsonSchema> {
  const { schema } = (await resolver(shape, { options: SCHEMA_OPTIONS }).toOpenAPISchema()) as { schema: JsonSchema };
  return schema;
}

/** As rows are named: `GET /api/panels/:id`. */
function keyOf(method: string, path: string): string {
  return `${method.toUpperCase()} ${path.replaceAll(/\{(\w+)\}/g, ':$1')}`;
}
