import { type InfiniteData, useInfiniteQuery, useQuery } from '@tanstack/solid-query';
import { type Accessor, createMemo } from 'solid-js';
import type { SessionAnswer, SessionDetail, StoredEvent } from '../api/client.ts';
import { MAX_ROWS } from './live.ts';
import { useServices } from './services.ts';
import { createRowFilter } from './stream-filter.ts';
import { useRefresh } from './use-refresh.ts';

/** Events of one page. The first one is asked for again now and then, in case the stream had a gap. */
const PAGE = 1000;
const AGAIN_MS = 60_000;

/** One session: its sums as they are now, and its events as far back as was asked for, with what the stream has told since. */
export function useSession(id: () => string) {
  const { api, live, now } = useServices();
  const sums = useQuery(() => ({
    queryKey: ['session', id()],
    queryFn: async ({ signal }) => ({ detail: (await api.session(id(), 1, null, signal)).session, askedAtMs: now() }),
  }));
  const pages = useInfiniteQuery(() => ({
    queryKey: ['session-events', id()],
    queryFn: ({ pageParam, signal }) => api.session(id(), PAGE, pageParam, signal),
    initialPageParam: null as number | null,
    getNextPageParam: ({ timeline }: SessionAnswer) => (timeline.length < PAGE ? null : (timeline.at(-1)?.seq ?? null)),
    refetchInterval: AGAIN_MS,
  }));
  useRefresh(() => sums.refetch());
  const fetched = () => (pages.isPending ? [] : eventsOf(pages.data));
  const filter = createRowFilter({ textOf: () => '', projectOfSession: () => undefined });
  const streamed = createMemo(() =>
    filter(live.state().rows, { types: [], projects: [], sources: [], sessions: [id()], text: '' }, MAX_ROWS),
  );
  const events = createMemo(() => join(fetched(), streamed().from(0)));
  return {
    detail: (): SessionDetail | undefined => (sums.isPending ? undefined : sums.data?.detail),
    askedAtMs: () => sums.data?.askedAtMs ?? now(),
    events: events as Accessor<readonly StoredEvent[]>,
    isPending: () => sums.isPending || pages.isPending,
    error: () => sums.error ?? null,
    hasMore: () => pages.hasNextPage,
    loadMore: () => pages.fetchNextPage(),
    isLoadingMore: () => pages.isFetchingNextPage,
    retry: () => {
      void sums.refetch();
      void pages.refetch();
    },
  };
}

function eventsOf(data: InfiniteData<SessionAnswer> | undefined): StoredEvent[] {
  return data?.pages.flatMap((page) => page.timeline) ?? [];
}

/** What was fetched with what came since, each event once, in the order in which it came. */
export function join(fetched: readonly StoredEvent[], streamed: readonly StoredEvent[]): StoredEvent[] {
  const all = new Map([...fetched, ...streamed].map((stored) => [stored.seq, stored]));
  return [...all.values()].sort((one, other) => one.seq - other.seq);
}
