import { html } from 'hono/html';
import type { DocumentedOperation, JsonSchema, OpenApiDocument, Parameter } from './document.ts';

type Html = ReturnType<typeof html>;

/** The document as a page of plain HTML: no script, nothing from elsewhere, every text escaped. */
export function renderDocument(document: OpenApiDocument): Html {
  const entries = Object.entries(document.paths).flatMap(([path, item]) =>
    Object.entries(item).map(([method, operation]) => ({ method, path, operation })),
  );
  const tags = [...new Set(entries.flatMap(({ operation }) => operation.tags))];
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>${document.info.title}</title>
<link rel="stylesheet" href="/api/docs/style.css">
</head>
<body>
<main>
<h1>${document.info.title}</h1>
<p>${document.info.description} Version ${document.info.version}. As a file: <a href="/api/openapi.json">openapi.json</a>.</p>
${tags.map(
  (tag) => html`<h2>${tag}</h2>
${entries.filter(({ operation }) => operation.tags.includes(tag)).map(({ method, path, operation }) => renderOperation(method, path, operation))}`,
)}
</main>
</body>
</html>`;
}

function renderOperation(method: string, path: string, operation: DocumentedOperation): Html {
  const form = Object.entries(operation.requestBody?.content ?? {});
  return html`<details id="${operation.operationId ?? path}">
<summary><b>${method.toUpperCase()}</b> <code>${path}</code> <span>${operation.summary}</span></summary>
${operation.parameters.length === 0 ? '' : renderParameters('Parameters', operation.parameters)}
${form.map(([media, { schema }]) => renderBody(media, schema ?? {}))}
<h3>Answers</h3>
<table>
${Object.entries(operation.responses).map(([status, { description, content }]) => renderAnswer(status, description, content ?? {}))}
</table>
</details>
`;
}

function renderParameters(title: string, parameters: readonly Parameter[]): Html {
  return html`<h3>${title}</h3>
<table>
${parameters.map(
  ({
    name,
    required,
    description,
    schema,
  }) => html`<tr><th><code>${name}</code></th><td>${required ? 'needed' : ''}</td><td>${typeOf(schema)}</td><td>${description ?? schema.description ?? ''}</td></tr>
`,
)}
</table>`;
}

function renderBody(media: string, schema: JsonSchema): Html {
  const fields = Object.entries(schema.properties ?? {}).map(([name, one]) => ({
    name,
    in: 'body',
    required: schema.required?.includes(name) ?? false,
    schema: one,
  }));
  return fields.length === 0
    ? html`<h3>Body</h3><pre>${JSON.stringify(schema, null, 1)}</pre>`
    : renderParameters(`Form (${media})`, fields);
}

function renderAnswer(status: string, description: string, content: Record<string, { schema?: JsonSchema }>): Html {
  const lines = description.split('\n').map((line) => html`${line}<br>`);
  const shapes = Object.entries(content).map(([media, { schema }]) =>
    status.startsWith('2') && schema !== undefined ? html`<pre>${JSON.stringify(schema, null, 1)}</pre>` : html`<small>${media}</small>`,
  );
  return html`<tr><th>${status}</th><td>${lines}${shapes}</td></tr>
`;
}

function typeOf(schema: JsonSchema): string {
  if (schema.enum !== undefined) return schema.enum.join(' | ');
  if (schema.anyOf !== undefined) return [...new Set(schema.anyOf.map(typeOf))].join(' or ');
  return schema.items === undefined ? (schema.type ?? '') : `list of ${typeOf(schema.items)}`;
}

/** Its look, light or dark as the reader has it. */
export const STYLE = `:root { color-scheme: light dark; font: 15px/1.5 system-ui, sans-serif }
main { max-width: 70rem; margin: 2rem auto; padding: 0 1rem }
details { border-top: 1px solid color-mix(in srgb, currentColor 20%, transparent); padding: 0.4rem 0 }
summary { cursor: pointer }
summary b { display: inline-block; min-width: 3.5rem }
summary span { opacity: 0.7 }
table { border-collapse: collapse }
th { text-align: left; vertical-align: top }
th, td { padding: 0.15rem 1rem 0.15rem 0 }
pre { overflow: auto; max-height: 24rem; font-size: 12px }
h3 { font-size: 1rem; margin: 0.8rem 0 0.2rem }
`;
