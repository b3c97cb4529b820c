import type { ServerResponse } from 'node:http';
import { eventFrame, type FirstStats, type Hub, heartbeatFrame, historyFrame, resetFrame, statsFrame } from './hub.ts';
import type { EventFilter, EventStore, StoredEvent } from './store.ts';

/** How a client comes: for the first time with a wish for the newest events, or back with the last id it has seen. */
export type Arrival = { kind: 'new'; replay: number } | { kind: 'back'; id: string };

/** Most events that are told to a client that arrives; who has missed more asks for lists and totals again. */
export const MAX_REPLAY = 1000;

/** Shortest and longest wait before a browser comes back, so that all of them do not come at once after a restart. */
const RETRY_MS = { least: 500, most: 2000 } as const;

export interface StreamDeps {
  store: EventStore;
  hub: Hub;
  now(): number;
  random(): number;
}

/**
 * The stream of one client, or undefined when there are too many. What was kept is read and the client joins in one go, so nothing can
 * fall between the two. `cut` is called when the client cannot keep up.
 */
export function openStream(
  deps: StreamDeps,
  filter: EventFilter,
  arrival: Arrival,
  cut: () => void,
  stats?: FirstStats,
): ReadableStream<Uint8Array> | undefined {
  return deps.hub.join(filter, beginning(deps, filter, arrival, stats), cut, stats)?.body;
}

/** The same on an answer of Node's, whose head has been written. False when there are too many. */
export function openAnswer(deps: StreamDeps, filter: EventFilter, arrival: Arrival, answer: ServerResponse, stats?: FirstStats): boolean {
  return deps.hub.joinAnswer(filter, beginning(deps, filter, arrival, stats), answer, stats);
}

function beginning(deps: StreamDeps, filter: EventFilter, arrival: Arrival, first: FirstStats | undefined): string {
  const retryMs = Math.round(RETRY_MS.least + deps.random() * (RETRY_MS.most - RETRY_MS.least));
  const id = `${deps.hub.idPrefix}${deps.store.latestSeq()}`;
  const figures = first === undefined ? [] : [statsFrame(id, first.stats)];
  return [`retry: ${retryMs}\n\n`, ...catchUp(deps, filter, arrival), ...figures, heartbeatFrame(id, deps.now())].join('');
}

function catchUp({ store, hub: { idPrefix } }: StreamDeps, filter: EventFilter, arrival: Arrival): string[] {
  const told = (stored: StoredEvent) => eventFrame(stored, idPrefix);
  if (arrival.kind === 'new') return arrival.replay === 0 ? [] : store.replay(arrival.replay, filter).reverse().map(told);
  const id = `${idPrefix}${store.latestSeq()}`;
  const lastSeq = readId(arrival.id, idPrefix);
  if (lastSeq === undefined) return [resetFrame(id, 'The last event you have seen was told by another process.')];
  const missed = store.missedSince(lastSeq, MAX_REPLAY, filter);
  if (missed.kind === 'gone') return [resetFrame(id, 'What was missed is no longer kept here.')];
  // How much history came in is not known for one client; that it did is what matters.
  return [...missed.events.map(told), ...(missed.history ? [historyFrame(id, 0)] : [])];
}

/** The number in an id; undefined for one that is not of this process. */
function readId(id: string, idPrefix: string): number | undefined {
  return id.startsWith(idPrefix) && /^\d+$/.test(id.slice(idPrefix.length)) ? Number(id.slice(idPrefix.length)) : undefined;
}
