import { Hono } from 'hono';
import type { AppEnv } from '../environment.ts';
import { createDocument, type OpenApiDocument } from '../openapi/document.ts';
import { renderDocument, STYLE } from '../openapi/page.ts';

/** The description of all routes, as OpenAPI and as a page. `whole` is filled once the app is complete. */
export function docsRoutes(whole: Pick<Hono<AppEnv>, 'routes'>, version: string) {
  let document: Promise<OpenApiDocument> | undefined;
  const get = () => {
    document ??= createDocument(whole, version);
    return document;
  };
  return new Hono<AppEnv>()
    .get('/api/openapi.json', async (c) => c.json(await get()))
    .get('/api/docs', async (c) => c.html(await renderDocument(await get())))
    .get('/api/docs/style.css', (c) => c.body(STYLE, 200, { 'content-type': 'text/css; charset=utf-8' }));
}
