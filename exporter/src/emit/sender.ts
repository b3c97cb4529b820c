import type { Health } from '../health.ts';
import type { Ledger } from '../ledger/ledger.ts';
import type { Log } from '../log.ts';
import { shownUrl } from '../meter/write-client.ts';
import type { Signer } from './sign.ts';

/** One request carries so much at the most; the query API takes 1 MiB. */
const MAX_BODY_BYTES = 900 * 1024;
const MAX_BATCH_EVENTS = 2000;
const TIMEOUT_MS = 10_000;
const BACKOFF_FIRST_MS = 1000;
const BACKOFF_LAST_MS = 60_000;

export interface SenderOptions {
  url: string;
  source: string;
  signer: Signer;
  ledger: Ledger;
  health: Health;
  log: Log;
  fetch: typeof fetch;
}

type Outcome = { kind: 'sent' } | { kind: 'refused' } | { kind: 'retry'; afterMs?: number };

/**
 * Sends the outbox to the query API, oldest first, signed, in batches. What is not accepted stays in the ledger and is tried again,
 * so nothing is lost while the API is away. A batch that is refused for what it says is cut in halves until the event is found that
 * is not wanted; that one is counted and left out.
 */
export function createSender({ url, source, signer, ledger, health, log, fetch }: SenderOptions) {
  const closing = new AbortController();
  let wake = () => {};
  let failing = false;
  const sending = sendForEver();

  async function sendForEver(): Promise<void> {
    let backoffMs = BACKOFF_FIRST_MS;
    while (!closing.signal.aborted) {
      const batch = takeBatch();
      showSize();
      if (batch.length === 0) {
        await sleep();
        continue;
      }
      const outcome = await sendOrSplit(batch);
      if (outcome.kind === 'retry') {
        await sleep(outcome.afterMs ?? backoffMs * (0.75 + Math.random() / 2));
        backoffMs = Math.min(backoffMs * 2, BACKOFF_LAST_MS);
      } else {
        backoffMs = BACKOFF_FIRST_MS;
      }
    }
  }

  function sleep(ms?: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = ms === undefined ? undefined : setTimeout(resolve, ms);
      wake = () => {
        if (ms !== undefined && !closing.signal.aborted) return;
        clearTimeout(timer);
        resolve();
      };
    });
  }

  function takeBatch(): { seq: number; body: string }[] {
    const waiting = ledger.outbox(MAX_BATCH_EVENTS);
    let bytes = 2;
    const fits = waiting.findIndex(({ body }) => {
      bytes += Buffer.byteLength(body) + 1;
      return bytes > MAX_BODY_BYTES;
    });
    return fits === -1 ? waiting : waiting.slice(0, Math.max(fits, 1));
  }

  async function sendOrSplit(batch: readonly { seq: number; body: string }[]): Promise<Outcome> {
    const outcome = await post(Buffer.from(`[${batch.map(({ body }) => body).join(',')}]`));
    if (outcome.kind === 'retry') return outcome;
    if (outcome.kind === 'refused' && batch.length > 1) {
      const middle = Math.ceil(batch.length / 2);
      const first = await sendOrSplit(batch.slice(0, middle));
      return first.kind === 'retry' ? first : sendOrSplit(batch.slice(middle));
    }
    health.add('ccmeter_exporter_events_total', { result: outcome.kind === 'sent' ? 'sent' : 'rejected' }, batch.length);
    ledger.removeEvents(batch.at(-1)?.seq ?? 0);
    showSize();
    return outcome;
  }

  async function post(body: Buffer): Promise<Outcome> {
    try {
      const response = await fetch(url, {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'x-source-id': source, 'x-signature': signer.sign(body) },
        body: new Uint8Array(body),
        signal: AbortSignal.any([AbortSignal.timeout(TIMEOUT_MS), closing.signal]),
        redirect: 'error',
      });
      const text = await response.text();
      if (response.ok) failing = false;
      else report(`answered ${response.status}: ${text.slice(0, 200)}`);
      if (response.ok) return { kind: 'sent' };
      if (response.status === 400 || response.status === 413 || response.status === 422) return { kind: 'refused' };
      return retryAfter(response.headers.get('retry-after'));
    } catch (error) {
      if (!closing.signal.aborted) report(error instanceof Error ? String(error.cause ?? error.message) : String(error));
      return { kind: 'retry' };
    }
  }

  function report(problem: string): void {
    if (!failing) log.warn({ url: shownUrl(url), problem }, 'sending events fails; they wait in the ledger');
    failing = true;
  }

  function showSize(): void {
    health.set('ccmeter_exporter_outbox_events', {}, ledger.outboxSize);
  }

  return {
    /** There are new events in the outbox. */
    notify(): void {
      wake();
    },
    /** Waits until the outbox is empty, or sending fails, at the longest for so many milliseconds. */
    async flush(timeoutMs: number): Promise<void> {
      const deadline = performance.now() + timeoutMs;
      while (ledger.outboxSize > 0 && !failing && performance.now() < deadline) {
        wake();
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
    },
    async close(): Promise<void> {
      closing.abort();
      wake();
      await sending;
    },
  };
}

function retryAfter(header: string | null): Outcome {
  const seconds = Number(header);
  return header !== null && Number.isFinite(seconds)
    ? { kind: 'retry', afterMs: Math.min(seconds * 1000, BACKOFF_LAST_MS) }
    : { kind: 'retry' };
}
