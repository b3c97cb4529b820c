import type { Event } from '@ccmeter/exporter/contract';
import type { StoredEvent } from '../api/client.ts';
import { projectOf, sessionIdOf } from './live.ts';
import { Rows } from './rows.ts';

/** Which events are shown; an empty list means all. */
export interface StreamFilter {
  types: readonly string[];
  projects: readonly string[];
  sessions: readonly string[];
  sources: readonly string[];
  text: string;
}

/** How a row is told: what a search looks through, and the project of a session whose events do not say it. */
export interface Words {
  /** What a row shows, in lower case, so that what is seen is what is searched. */
  textOf(event: Event): string;
  projectOfSession(sessionId: string | null): string | undefined;
}

/** Whether an event is let through. */
export function passes(filter: StreamFilter, event: Event, words: Words): boolean {
  const { types, projects, sessions, sources } = filter;
  if (types.length > 0 && !types.includes(event.type)) return false;
  if (sources.length > 0 && !sources.includes(event.source)) return false;
  const sessionId = sessionIdOf(event);
  if (sessions.length > 0 && (sessionId === null || !sessions.includes(sessionId))) return false;
  const project = projectOf(event) ?? words.projectOfSession(sessionId) ?? '';
  if (projects.length > 0 && !projects.includes(project)) return false;
  const text = filter.text.trim().toLowerCase();
  return text === '' || `${project.toLowerCase()} ${words.textOf(event)}`.includes(text);
}

/** Nothing is filtered out. */
function isOpen(filter: StreamFilter): boolean {
  const { types, projects, sessions, sources, text } = filter;
  return types.length + projects.length + sessions.length + sources.length === 0 && text.trim() === '';
}

/** Filters a list that grows: rows that were looked at once are not looked at again as long as the filter is the same. */
export function createRowFilter(words: Words): (rows: Rows<StoredEvent>, filter: StreamFilter, most: number) => Rows<StoredEvent> {
  let key = '';
  let seen = 0;
  let found = Rows.of<StoredEvent>();
  return (rows, filter, most) => {
    if (isOpen(filter)) return rows;
    const newKey = JSON.stringify(filter);
    const oldest = rows.at(0)?.seq ?? 0;
    if (newKey !== key || (rows.at(rows.length - 1)?.seq ?? 0) < seen) {
      key = newKey;
      seen = 0;
      found = Rows.of();
    }
    const fresh = rows.from(countUntil(rows, seen)).filter(({ event }) => passes(filter, event, words));
    seen = rows.at(rows.length - 1)?.seq ?? seen;
    found = found.dropWhile((row) => row.seq < oldest).add(fresh, most);
    return found;
  };
}

/** How many rows have no higher number: the place of the first that has. */
export function countUntil(rows: Rows<StoredEvent>, seq: number): number {
  let [low, high] = [0, rows.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((rows.at(middle)?.seq ?? 0) > seq) high = middle;
    else low = middle + 1;
  }
  return low;
}
