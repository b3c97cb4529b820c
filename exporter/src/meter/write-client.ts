import { encodeWriteRequest, type WriteSeries } from './remote-write.ts';

/** Where remote write goes. */
export interface WriteTarget {
  url: string;
  /** Sent along with every request. Secrets. */
  headers: Readonly<Record<string, string>>;
  fetch: typeof fetch;
}

/**
 * What became of one request: `refused` means that the same samples will never be taken, `retry` that they may be later, where it says so
 * after so many milliseconds.
 */
export type WriteOutcome = { kind: 'ok' } | { kind: 'refused'; problem: string } | { kind: 'retry'; problem: string; afterMs?: number };

const TIMEOUT_MS = 30_000;

/** No pause that a database asks for is longer. */
const MAX_PAUSE_MS = 300_000;

/** Sends one request of remote write. Redirects are not followed: samples and secrets go where they were told to. */
export async function postSamples(target: WriteTarget, series: readonly WriteSeries[], signal?: AbortSignal): Promise<WriteOutcome> {
  const limit = AbortSignal.timeout(TIMEOUT_MS);
  try {
    const response = await target.fetch(target.url, {
      method: 'POST',
      headers: {
        ...target.headers,
        'content-type': 'application/x-protobuf',
        'content-encoding': 'snappy',
        'x-prometheus-remote-write-version': '0.1.0',
        'user-agent': 'ccmeter-exporter',
      },
      body: new Uint8Array(encodeWriteRequest(series)),
      signal: signal === undefined ? limit : AbortSignal.any([limit, signal]),
      redirect: 'error',
    });
    const text = await response.text();
    if (response.ok) return { kind: 'ok' };
    const problem = `answered ${response.status}: ${text.slice(0, 200).trim()}`;
    if (response.status === 400 || response.status === 413 || response.status === 422) return { kind: 'refused', problem };
    const seconds = Number(response.headers.get('retry-after') ?? Number.NaN);
    return { kind: 'retry', problem, ...(seconds > 0 ? { afterMs: Math.min(seconds * 1000, MAX_PAUSE_MS) } : {}) };
  } catch (error) {
    return { kind: 'retry', problem: error instanceof Error ? String(error.cause ?? error.message) : String(error) };
  }
}

/** A URL as logs may show it: without what may be a secret. */
export function shownUrl(text: string): string {
  const { origin, pathname } = new URL(text);
  return origin + pathname;
}
