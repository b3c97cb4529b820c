import { type Context, Hono } from 'hono';
import type { AppEnv, Deps } from '../environment.ts';
import type { WebFile } from './web-files.ts';

/** The dashboard: its files, and its page for every address that is a view of it. */
export function webRoutes({ web }: Deps) {
  return new Hono<AppEnv>().get('*', (c, next) => {
    const path = c.req.path === '/' ? '/index.html' : c.req.path;
    const index = web.get('/index.html');
    const file = web.get(path);
    if (file !== undefined) return send(c, file);
    if (!isView(c)) return next();
    return index === undefined ? c.html(NOT_BUILT, 503) : send(c, index);
  });
}

/** A view is what a browser goes to: it asks for HTML, and neither an interface nor a file is meant. */
function isView(c: Context<AppEnv>): boolean {
  const { path } = c.req;
  return !/^\/(api|events|metrics|assets)(\/|$)/.test(path) && (path === '/' || (c.req.header('accept') ?? '').includes('text/html'));
}

function send(c: Context<AppEnv>, file: WebFile): Response {
  c.header('etag', file.etag);
  c.header('cache-control', file.immutable ? 'public, max-age=31536000, immutable' : 'no-cache');
  c.header('vary', 'accept-encoding');
  if (c.req.header('if-none-match') === file.etag) return c.body(null, 304);
  c.header('content-type', file.contentType);
  if (file.gzip === null || !acceptsGzip(c.req.header('accept-encoding') ?? '')) return c.body(file.bytes);
  c.header('content-encoding', 'gzip');
  return c.body(file.gzip);
}

function acceptsGzip(header: string): boolean {
  return /(^|,)\s*gzip\s*(;\s*q=(1|0\.\d*[1-9]\d*)\b[^,]*)?(,|$)/i.test(header);
}

const NOT_BUILT = `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><title>ccmeter: the dashboard is not built</title></head>
<body>
<h1>The dashboard is not built yet</h1>
<p>Run <code>npm run build</code> in the repository and load this page again. The query API itself is running:
<a href="/api/health">health</a>, <a href="/api/panels">questions</a>, <a href="/metrics">metrics</a>.</p>
</body>
</html>
`;
