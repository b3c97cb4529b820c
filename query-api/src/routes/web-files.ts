import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { extname, join, relative, sep } from 'node:path';
import { gzipSync } from 'node:zlib';

/** One file of the built dashboard, in memory. */
export interface WebFile {
  bytes: Uint8Array<ArrayBuffer>;
  /** The same, compressed; null where that gains nothing. */
  gzip: Uint8Array<ArrayBuffer> | null;
  contentType: string;
  etag: string;
  /** Its name contains a hash of its content, so it never changes. */
  immutable: boolean;
}

/** The built dashboard. Paths are looked up in a list made beforehand, so no request ever becomes a path on disk. */
export interface WebFiles {
  /** Undefined where there is no such file. */
  get(path: string): WebFile | undefined;
}

const CONTENT_TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json',
  '.webmanifest': 'application/manifest+json',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.webp': 'image/webp',
  '.woff2': 'font/woff2',
  '.txt': 'text/plain; charset=utf-8',
};

/** A build is a few hundred files and a few MB; whatever is above that is not our build. */
const MAX_FILES = 5000;
const MAX_BYTES = 64 * 1024 * 1024;

/** Reads the build, and again whenever its index.html is a new one, so that a new build needs no restart. */
export function createWebFiles(directory: string): WebFiles {
  let builtMs = 0;
  let files = new Map<string, WebFile>();
  return {
    get(path) {
      if (path === '/index.html') {
        const nowMs = statSync(join(directory, 'index.html'), { throwIfNoEntry: false })?.mtimeMs ?? 0;
        if (nowMs !== builtMs) files = nowMs === 0 ? new Map() : readFiles(directory);
        builtMs = nowMs;
      }
      return files.get(path);
    },
  };
}

function readFiles(directory: string): Map<string, WebFile> {
  const entries = readdirSync(directory, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  if (entries.length > MAX_FILES) throw new Error(`${directory} has more than ${MAX_FILES} files: it is not the built dashboard`);
  let bytes = 0;
  const files = new Map<string, WebFile>();
  for (const entry of entries) {
    const path = join(entry.parentPath, entry.name);
    const file = readFile(path);
    bytes += file.bytes.length;
    if (bytes > MAX_BYTES) throw new Error(`${directory} is larger than 64 MiB: it is not the built dashboard`);
    files.set(`/${relative(directory, path).split(sep).join('/')}`, file);
  }
  return files;
}

function readFile(path: string): WebFile {
  const bytes = new Uint8Array(readFileSync(path));
  const contentType = CONTENT_TYPES[extname(path).toLowerCase()] ?? 'application/octet-stream';
  const compressed = /^(text|application)\/|svg/.test(contentType) ? new Uint8Array(gzipSync(bytes, { level: 9 })) : bytes;
  return {
    bytes,
    gzip: compressed.length < bytes.length ? compressed : null,
    contentType,
    etag: `"${createHash('sha256').update(bytes).digest('base64url').slice(0, 22)}"`,
    // Vite puts everything hashed, and nothing else, under assets.
    immutable: path.includes(`${sep}assets${sep}`),
  };
}
