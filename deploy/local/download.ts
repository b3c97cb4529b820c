import { createHash } from 'node:crypto';
import { createWriteStream, mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { run } from './command.ts';
import type { Release } from './releases.ts';
import { messageOf } from './say.ts';

/** It is there, or a sentence says why not. */
export type Fetched = { ok: true } | { ok: false; reason: string };

/** No answer in this time means no network; a slow download may take as long as it moves. */
const ANSWER_TIMEOUT_MS = 8000;
const STALL_TIMEOUT_MS = 30_000;
const MAX_ARCHIVE_BYTES = 400_000_000;

/** Downloads a release over https, compares its sha256, and unpacks it into a directory that appears whole or not at all. */
export async function fetchRelease(release: Release, into: string, onProgress: (text: string) => void): Promise<Fetched> {
  mkdirSync(dirname(into), { recursive: true });
  const work = mkdtempSync(join(dirname(into), '.download-'));
  try {
    const archive = join(work, basename(release.url));
    const sha256 = await download(release.url, archive, onProgress);
    if (sha256 !== release.sha256)
      return { ok: false, reason: `sha256 is ${sha256}, not the pinned ${release.sha256}; it was thrown away` };
    const unpacked = await run('tar', ['-xf', archive, '-C', work]);
    if (unpacked.code !== 0) return { ok: false, reason: `tar: ${unpacked.stderr.trim()}` };
    rmSync(into, { recursive: true, force: true });
    renameSync(join(work, release.folder), into);
    return { ok: true };
  } catch (error) {
    return { ok: false, reason: reasonOf(error) };
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

async function download(url: string, path: string, onProgress: (text: string) => void): Promise<string> {
  const stop = new AbortController();
  let patience = setTimeout(() => stop.abort(new Error('no answer')), ANSWER_TIMEOUT_MS);
  try {
    const response = await fetch(url, { signal: stop.signal });
    if (!response.ok || !response.body) throw new Error(`HTTP ${response.status}`);
    const totalBytes = Number(response.headers.get('content-length'));
    const hash = createHash('sha256');
    let doneBytes = 0;
    const meter = async function* (chunks: AsyncIterable<Uint8Array>) {
      for await (const chunk of chunks) {
        clearTimeout(patience);
        patience = setTimeout(() => stop.abort(new Error('the download stalled')), STALL_TIMEOUT_MS);
        doneBytes += chunk.length;
        if (doneBytes > MAX_ARCHIVE_BYTES) throw new Error(`more than ${MAX_ARCHIVE_BYTES} bytes`);
        hash.update(chunk);
        onProgress(`${megabytes(doneBytes)}${totalBytes ? ` of ${megabytes(totalBytes)}` : ''}`);
        yield chunk;
      }
    };
    await pipeline(Readable.fromWeb(response.body), meter, createWriteStream(path), { signal: stop.signal });
    return hash.digest('hex');
  } finally {
    clearTimeout(patience);
  }
}

function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(0)} MB`;
}

function reasonOf(error: unknown): string {
  const cause = error instanceof Error ? error.cause : undefined;
  return cause instanceof Error ? cause.message : messageOf(error);
}
