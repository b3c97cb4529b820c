import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import type { UpstreamState } from './upstream/prometheus.ts';

/** Our own health. These are about this process and are therefore not in the catalogue of what Claude Code did. */
export interface ApiMetrics {
  registry: Registry;
  requestSeconds: Histogram<'method' | 'route' | 'status'>;
  upstreamSeconds: Histogram<'result'>;
  keptAnswers: Counter;
  events: Counter<'result'>;
  prunedEvents: Counter;
  storedEvents: Gauge;
  streamClients: Gauge;
  cutStreamClients: Counter;
  streamFrames: Counter;
  refusedRequests: Counter<'code'>;
}

/** What is asked for when the metrics are. */
export function addUpstreamGauges(registry: Registry, state: () => UpstreamState): void {
  const add = (name: string, help: string, read: (now: UpstreamState) => number) =>
    new Gauge({
      name,
      help,
      registers: [registry],
      collect() {
        this.set(read(state()));
      },
    });
  add('ccmeter_api_prometheus_questions', 'Questions that Prometheus is working on for us; at most 16.', ({ inside }) => inside);
  add('ccmeter_api_prometheus_waiting_questions', 'Questions that wait for their turn; at most 200.', ({ waiting }) => waiting);
  add('ccmeter_api_prometheus_resting', '1 while Prometheus is left alone because it failed again and again.', ({ resting }) =>
    Number(resting),
  );
}

/** How much waits on the way out: asked for when the metrics are. Without a bus nothing waits for one. */
export function addQueueGauges(registry: Registry, waiting: { streamBytes(): number; busEvents: (() => number) | undefined }): void {
  const add = (name: string, help: string, read: () => number) =>
    new Gauge({
      name,
      help,
      registers: [registry],
      collect() {
        this.set(read());
      },
    });
  add('ccmeter_api_stream_waiting_bytes', 'Bytes that open event streams have not taken yet; at most 1 MiB for each.', waiting.streamBytes);
  if (waiting.busEvents !== undefined)
    add('ccmeter_api_bus_waiting_events', 'Events that the other processes have not been told of yet.', waiting.busEvents);
}

const SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];

/** A registry of its own. `processMetrics` adds those of the Node process, which can only be had once per process. */
export function createMetrics(processMetrics = false): ApiMetrics {
  const registry = new Registry();
  const registers = [registry];
  if (processMetrics) collectDefaultMetrics({ register: registry });
  return {
    registry,
    requestSeconds: new Histogram({
      name: 'ccmeter_api_request_duration_seconds',
      help: 'Time from request to the head of the answer, by route. A stream counts until it is open.',
      labelNames: ['method', 'route', 'status'],
      buckets: SECONDS,
      registers,
    }),
    upstreamSeconds: new Histogram({
      name: 'ccmeter_api_prometheus_request_duration_seconds',
      help: 'Time that Prometheus took for an answer, by what came of it.',
      labelNames: ['result'],
      buckets: SECONDS,
      registers,
    }),
    keptAnswers: new Counter({
      name: 'ccmeter_api_kept_answers_total',
      help: 'Questions about the past that were answered from what Prometheus had said a moment ago.',
      registers,
    }),
    events: new Counter({
      name: 'ccmeter_api_events_total',
      help: 'Events that came in: stored, already known, or not taken.',
      labelNames: ['result'],
      registers,
    }),
    prunedEvents: new Counter({ name: 'ccmeter_api_pruned_events_total', help: 'Events that left the store to make room.', registers }),
    storedEvents: new Gauge({ name: 'ccmeter_api_stored_events', help: 'Events in the store.', registers }),
    streamClients: new Gauge({ name: 'ccmeter_api_stream_clients', help: 'Open event streams.', registers }),
    cutStreamClients: new Counter({
      name: 'ccmeter_api_cut_stream_clients_total',
      help: 'Streams cut off because their client could not keep up.',
      registers,
    }),
    streamFrames: new Counter({
      name: 'ccmeter_api_stream_events_total',
      help: 'Events told to clients, once for each client.',
      registers,
    }),
    refusedRequests: new Counter({
      name: 'ccmeter_api_failed_requests_total',
      help: 'Requests that were answered with an error, by its code.',
      labelNames: ['code'],
      registers,
    }),
  };
}
