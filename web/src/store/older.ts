import { createEffect, createSignal, on, onCleanup } from 'solid-js';
import type { Api, EventFilter, StoredEvent } from '../api/client.ts';
import type { StreamFilter } from './stream-filter.ts';

/** Events that a page of the past holds, and pages that are fetched for one filter at most: what is further back is found in Sessions. */
const PAGE = 500;
const MOST_PAGES = 200;

interface Older {
  /** Newest first. */
  rows: readonly StoredEvent[];
  /** Before which event the next page begins; none where nothing was fetched yet. */
  before: number | null;
  pages: number;
  /** There are no more, or none could be had. */
  end: boolean;
  loading: boolean;
}

const NOTHING: Older = { rows: [], before: null, pages: 0, end: false, loading: false };

/** Events of the past that fit a filter, page by page. Another filter begins anew. */
export function createOlder(api: Api, filter: () => StreamFilter, fits: (event: StoredEvent) => boolean) {
  const [older, setOlder] = createSignal(NOTHING);
  let asked = new AbortController();
  const forget = () => {
    asked.abort();
    asked = new AbortController();
    setOlder(NOTHING);
  };
  createEffect(on(() => JSON.stringify(filter()), forget, { defer: true }));
  onCleanup(() => asked.abort());

  async function load(oldestSeq: number): Promise<void> {
    const { loading, end, before, pages } = older();
    if (loading || end || pages >= MOST_PAGES) return;
    const { signal } = asked;
    setOlder((now) => ({ ...now, loading: true }));
    const page = await api.eventsBefore(before ?? oldestSeq, PAGE, questionOf(filter()), signal).catch(() => null);
    if (signal.aborted) return;
    setOlder((now) => ({
      rows: [...now.rows, ...(page ?? []).filter(fits)],
      before: page?.at(-1)?.seq ?? now.before,
      pages: now.pages + 1,
      end: page === null || page.length < PAGE,
      loading: false,
    }));
  }
  return { older, load };
}

/** What the API can filter by; a text is looked for here. */
function questionOf({ types, projects, sessions, sources }: StreamFilter): EventFilter {
  const lists: [keyof EventFilter, readonly string[]][] = [
    ['type', types],
    ['project', projects],
    ['session', sessions],
    ['source', sources],
  ];
  return Object.fromEntries(lists.filter(([, values]) => values.length > 0).map(([name, values]) => [name, [...values]]));
}
