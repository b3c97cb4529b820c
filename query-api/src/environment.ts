import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Access } from './access/access.ts';
import type { SourceKeys } from './access/source-keys.ts';
import type { User } from './access/users.ts';
import type { SelfTest } from './doctor/self-test.ts';
import type { Hub } from './live/hub.ts';
import type { Reader } from './live/reader.ts';
import type { EventStore } from './live/store.ts';
import type { Logger } from './log.ts';
import type { ApiMetrics } from './metrics.ts';
import type { Scope } from './promql/scope.ts';
import type { WebFiles } from './routes/web-files.ts';
import type { Upstream } from './upstream/prometheus.ts';

/** What a request brings along: Node's own objects where it came over a socket, nothing where it came from `app.request`. */
export interface AppEnv {
  Bindings: { incoming?: IncomingMessage; outgoing?: ServerResponse };
  /** Who asks, where access knows. */
  Variables: { user?: User };
}

/** Everything that the routes need from outside. */
export interface Deps {
  upstream: Upstream;
  store: EventStore;
  /** Questions about what is stored. */
  reader: Reader;
  hub: Hub;
  /** Called when events came in here and were stored. */
  onStored?(): void;
  metrics: ApiMetrics;
  web: WebFiles;
  log: Logger;
  access: Access;
  allowHosts: readonly string[];
  /** Label values that a user may see, by name; `*` stands for everybody. */
  scopes: ReadonlyMap<string, Scope>;
  /** Where the exporter of this machine answers; empty where there is none. */
  exporterUrl: string;
  /** Questions to Prometheus that one client may ask in a second. */
  queryRate: number;
  sourceKeys: SourceKeys;
  /** Requests with events that one source may send in a second, and at once. */
  sendRate: number;
  selfTest: SelfTest;
  version: string;
  /** Milliseconds since 1970. */
  now(): number;
  random(): number;
}
