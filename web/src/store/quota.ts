import { keepPreviousData, useQuery } from '@tanstack/solid-query';
import { type Accessor, createMemo } from 'solid-js';
import type { Api, PanelAnswer } from '../api/client.ts';
import { createClock, useServices } from './services.ts';

/** A window of a subscription, as Claude Code told its status line. */
export interface QuotaWindow {
  host: string;
  window: string;
  /** 1 is all of it. */
  usedRatio: number;
  resetMs: number;
  /** What will be used when it ends, if it goes on as it did until now; none where it has hardly begun. */
  pace: number | null;
}

const EVERY_MS = 30_000;
const HOUR_MS = 3_600_000;
const lengths: Readonly<Record<string, number>> = { five_hour: 5 * HOUR_MS, seven_day: 7 * 24 * HOUR_MS };
/** Before this part of a window has gone by, its pace says nothing. */
const SOON = 0.1;

/** The windows of the subscription; none where nobody tells them. */
export function useQuota(hosts: () => readonly string[]): Accessor<readonly QuotaWindow[]> {
  const { api, now } = useServices();
  const time = createClock(now, EVERY_MS);
  const query = useQuery(() => ({
    queryKey: ['quota', hosts()],
    queryFn: ({ signal }) => askQuota(api, hosts(), signal),
    refetchInterval: EVERY_MS,
    placeholderData: keepPreviousData,
  }));
  return createMemo(() => (query.isSuccess ? windowsOf(query.data.used, query.data.reset, time()) : []));
}

async function askQuota(api: Api, hosts: readonly string[], signal: AbortSignal) {
  const asked = { by: 'host,window', ...(hosts.length > 0 ? { host: [...hosts] } : {}) };
  const [used, reset] = await Promise.all([api.panel('quota_used', asked, signal), api.panel('quota_reset', asked, signal)]);
  return { used, reset };
}

/** Windows that are not over, the shortest first. */
export function windowsOf(used: PanelAnswer, reset: PanelAnswer, nowMs: number): QuotaWindow[] {
  const keyOf = ({ host = '', window = '' }: Record<string, string>) => JSON.stringify([host, window]);
  const resets = new Map(reset.series.map(({ labels, value }) => [keyOf(labels), value * 1000]));
  const windows = used.series.flatMap(({ labels, value }) => {
    const resetMs = resets.get(keyOf(labels)) ?? 0;
    const window = labels.window ?? '';
    const lengthMs = lengths[window];
    if (resetMs <= nowMs || lengthMs === undefined) return [];
    const gone = 1 - (resetMs - nowMs) / lengthMs;
    return [{ host: labels.host ?? '', window, usedRatio: value, resetMs, pace: gone < SOON ? null : value / gone, lengthMs }];
  });
  const sorted = windows.sort((one, other) => one.lengthMs - other.lengthMs || (one.host < other.host ? -1 : 1));
  return sorted.map(({ lengthMs: _, ...window }) => window);
}
