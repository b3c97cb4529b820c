import type { DatabaseSync, SQLInputValue } from 'node:sqlite';
import type { Event } from '@ccmeter/exporter/contract';
import { IS_SYNTHETIC } from './synthetic.ts';

/** An event with the number that it has here; numbers grow and are never given again. */
export interface StoredEvent {
  seq: number;
  /** It was young enough on arrival to be told live. */
  fresh: boolean;
  event: Event;
}

/** What of the events is wanted: any of the listed values; a name that is absent wants all. */
export interface EventFilter {
  source?: readonly string[] | undefined;
  type?: readonly string[] | undefined;
  project?: readonly string[] | undefined;
  session?: readonly string[] | undefined;
}

/** So many events are looked at for a client that arrives; streams wait meanwhile. */
const REPLAYED_AMONG = 10_000;

/** Questions about the event log; reads only. */
export interface EventQuestions {
  /** The newest by their own time, newest first; before the event with the number `before`, if that is given. */
  newest(limit: number, filter: EventFilter, before?: number): StoredEvent[];
  /** The same of the last {@link REPLAYED_AMONG} events alone, which is quick whatever the filter is. */
  replay(limit: number, filter: EventFilter): StoredEvent[];
}

/** What {@link bindFilter} binds, as a condition. */
export const MATCHES = [
  ...['source', 'type', 'project', 'session'].map((name) => `(:${name} IS NULL OR ${name} IN (SELECT value FROM json_each(:${name})))`),
  `(:source IS NOT NULL OR NOT ${IS_SYNTHETIC})`,
].join(' AND ');

export function createEventQuestions(database: DatabaseSync): EventQuestions {
  const select = (from: string, where: string) =>
    database.prepare(`SELECT seq, fresh, body FROM ${from} WHERE ${where} ORDER BY at_ms DESC, seq DESC LIMIT :limit`);
  const before = '(at_ms, seq) < (SELECT at_ms, seq FROM events WHERE seq = :before)';
  // Of one session there are few, and an index finds them; all else is found by going back in time.
  const ofSessions = 'events INDEXED BY events_by_session';
  const inSessions = `session IN (SELECT value FROM json_each(:session)) AND ${MATCHES}`;
  const lists = {
    all: { first: select('events', MATCHES), next: select('events', `${before} AND ${MATCHES}`) },
    sessions: { first: select(ofSessions, inSessions), next: select(ofSessions, `${before} AND ${inSessions}`) },
  };
  const replayed = select(`(SELECT * FROM events ORDER BY at_ms DESC, seq DESC LIMIT ${REPLAYED_AMONG})`, MATCHES);
  return {
    newest(limit, filter, beforeSeq) {
      const list = filter.session === undefined ? lists.all : lists.sessions;
      const wanted = { ...bindFilter(filter), limit };
      return (beforeSeq === undefined ? list.first.all(wanted) : list.next.all({ ...wanted, before: beforeSeq })).map(readRow);
    },
    replay: (limit, filter) => replayed.all({ ...bindFilter(filter), limit }).map(readRow),
  };
}

export function bindFilter(filter: EventFilter): Record<string, SQLInputValue> {
  const list = (values: readonly string[] | undefined) => (values === undefined ? null : JSON.stringify(values));
  return { source: list(filter.source), type: list(filter.type), project: list(filter.project), session: list(filter.session) };
}

/** A row with `seq`, `fresh` and `body`. */
export function readRow(row: Record<string, unknown>): StoredEvent {
  // Only events that parseEvent() has let through are written.
  return { seq: Number(row.seq), fresh: row.fresh === 1, event: JSON.parse(String(row.body)) as Event };
}
