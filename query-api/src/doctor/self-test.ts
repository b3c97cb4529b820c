import type { Access } from '../access/access.ts';
import { COOKIE } from '../access/guard.ts';
import type { GuestKeys } from '../access/guest-keys.ts';
import type { App } from '../app.ts';
import { ApiError } from '../errors.ts';
import type { EventStore } from '../live/store.ts';
import { startServer } from '../server.ts';
import { type Diagnosis, worstOf } from './checks.ts';
import { passEvents } from './event-hops.ts';
import { passWriting } from './write-hops.ts';

/** What the self-test needs of the process that it runs in. */
export interface SelfTestDeps {
  app: App;
  store: EventStore;
  access: Access;
  guests: GuestKeys;
  /** The exporter's `main.ts`; undefined where there is none beside us. */
  exporterMain: string | undefined;
  /** Where the one series is written; empty leaves that out. */
  writeUrl: string;
  /** Headers for Prometheus. */
  headers(): Record<string, string>;
  /** Milliseconds since 1970. */
  now(): number;
}

/** Sends a session of its own through every hop and takes it out again. `write`: whether a sample is written to Prometheus. */
export type SelfTest = (options: { write: boolean }, signal: AbortSignal) => Promise<Diagnosis>;

/** Our own API over a socket, as somebody who may do everything. */
export interface Visit {
  url: string;
  ask(path: string, signal: AbortSignal): Promise<Response>;
}

/** One at a time. */
export function createSelfTest(deps: SelfTestDeps): SelfTest {
  let running = false;
  return async ({ write }, signal) => {
    if (running) throw new ApiError(409, 'already_running', 'A self-test is under way; wait for its end.', { retryAfterSeconds: 10 });
    running = true;
    try {
      return await visitOurselves(deps, async (visit) => {
        const why =
          deps.writeUrl === '' ? 'Nothing is written (--prometheus-write-url none).' : write ? undefined : 'Nothing is written, as asked.';
        const checks = [...(await passEvents(deps, visit, signal)), ...(await passWriting(deps, visit, why, signal))];
        return { status: worstOf(checks), checkedAt: new Date(deps.now()).toISOString(), checks };
      });
    } finally {
      running = false;
    }
  };
}

/** On a port of its own of this machine: TLS or a proxy before the other one may not know us by this name. */
async function visitOurselves<Result>({ app, access }: SelfTestDeps, work: (visit: Visit) => Promise<Result>): Promise<Result> {
  const server = await startServer(app, '127.0.0.1', 0);
  const login = access.open ? undefined : access.logins.begin({ name: 'self-test', role: 'admin' });
  const headers: Record<string, string> = login === undefined ? {} : { cookie: `${COOKIE}=${login}` };
  try {
    return await work({ url: server.url, ask: (path, signal) => fetch(`${server.url}${path}`, { headers, signal }) });
  } finally {
    if (login !== undefined) access.logins.end(login);
    await server.close();
  }
}
