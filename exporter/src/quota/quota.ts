import { labels } from '../contract/index.ts';

/** How much of one window of a subscription is used. */
export interface QuotaWindow {
  /** 1 is all of it. */
  usedRatio: number;
  /** When it begins anew, milliseconds since 1970. */
  resetMs: number;
}

/** Windows of a subscription by name, as the label `window` has them. */
export type Quota = Readonly<Record<string, QuotaWindow>>;

const WINDOWS: readonly string[] = labels.window.values;

/**
 * What Claude Code tells its status line of the limits of the subscription: `rate_limits.<window>.used_percentage` and `.resets_at` (seconds since
 * 1970). It does so only for subscriptions and after the first response of a session; what does not fit is left out.
 *
 * Source: https://code.claude.com/docs/en/statusline
 */
export function readQuota(status: unknown): Quota {
  const limits = fieldsOf(fieldsOf(status).rate_limits);
  return Object.fromEntries(
    WINDOWS.flatMap((name) => {
      const { used_percentage: percentage, resets_at: resetsAt } = fieldsOf(limits[name]);
      if (typeof percentage !== 'number' || !(percentage >= 0) || percentage > 1000) return [];
      if (typeof resetsAt !== 'number' || !(resetsAt > 0) || resetsAt > 1e11) return [];
      return [[name, { usedRatio: percentage / 100, resetMs: Math.round(resetsAt * 1000) }]];
    }),
  );
}

/**
 * What is known after another session has told something. Sessions tell what was so at their last response, so an idle one tells old news: of two
 * windows the later is right, and within one use only grows.
 */
export function mergeQuota(known: Quota, told: Quota): Quota {
  const merged: Record<string, QuotaWindow> = { ...known };
  for (const [name, window] of Object.entries(told)) {
    const before = merged[name];
    const isNews =
      before === undefined || window.resetMs > before.resetMs || (window.resetMs === before.resetMs && window.usedRatio > before.usedRatio);
    if (isNews) merged[name] = window;
  }
  return merged;
}

/** The windows that have not begun anew since: of a new one nothing is known yet. */
export function quotaAt(quota: Quota, nowMs: number): Quota {
  return Object.fromEntries(Object.entries(quota).filter(([, { resetMs }]) => resetMs > nowMs));
}

const SHORT: Readonly<Record<string, string>> = { five_hour: '5 h', seven_day: '7 d' };

/** A line for the terminal: model, cost of the session, use of the windows. */
export function statusLine(status: unknown, quota: Quota, localTime: (ms: number) => string): string {
  const { model, cost } = fieldsOf(status);
  const { display_name: modelName } = fieldsOf(model);
  const { total_cost_usd: costUsd } = fieldsOf(cost);
  const windows = Object.entries(quota).map(
    ([name, { usedRatio, resetMs }]) => `${SHORT[name] ?? name} ${Math.round(usedRatio * 100)}% until ${localTime(resetMs)}`,
  );
  return [
    ...(typeof modelName === 'string' ? [modelName] : []),
    ...(typeof costUsd === 'number' ? [`$${costUsd.toFixed(2)}`] : []),
    ...windows,
  ].join(' | ');
}

function fieldsOf(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}
