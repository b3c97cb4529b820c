import type { ProcessPoint } from '../health.ts';
import type { ModelStats, Stats } from '../track/fact.ts';

type StatsMetric = Extract<ProcessPoint['metric'], `ccmeter_stats_${string}`>;

/** One value of a stats gauge. */
export type StatsPoint = Extract<ProcessPoint, { metric: StatsMetric }>;

/** Everything that a stats-cache.json says, as gauges. What the file does not say has no point. */
export function statsPoints(stats: Stats): StatsPoint[] {
  const points: StatsPoint[] = [
    { metric: 'ccmeter_stats_info', labels: { version: String(stats.version) }, value: 1 },
    { metric: 'ccmeter_stats_sessions', labels: {}, value: stats.sessions },
    { metric: 'ccmeter_stats_messages', labels: {}, value: stats.messages },
    { metric: 'ccmeter_stats_tool_calls', labels: {}, value: stats.toolCalls },
    { metric: 'ccmeter_stats_active_dates', labels: {}, value: stats.days },
    { metric: 'ccmeter_stats_longest_session_seconds', labels: {}, value: stats.longestSessionMs / 1000 },
    { metric: 'ccmeter_stats_longest_session_messages', labels: {}, value: stats.longestSessionMessages },
    { metric: 'ccmeter_stats_speculation_saved_seconds', labels: {}, value: stats.speculationSavedMs / 1000 },
  ];
  const { computedMs, firstSessionMs, lastDay } = stats;
  if (computedMs !== undefined) points.push({ metric: 'ccmeter_stats_computed_timestamp_seconds', labels: {}, value: computedMs / 1000 });
  if (firstSessionMs !== undefined)
    points.push({ metric: 'ccmeter_stats_first_session_timestamp_seconds', labels: {}, value: firstSessionMs / 1000 });
  if (lastDay !== undefined) points.push(...lastDayPoints(lastDay));
  for (const [hour, value] of Object.entries(stats.hours))
    points.push({ metric: 'ccmeter_stats_hour_sessions', labels: { hour: hour.padStart(2, '0') }, value });
  for (const [model, usage] of Object.entries(stats.models)) points.push(...modelPoints(model, usage));
  for (const [model, value] of Object.entries(stats.lastDayTokens))
    points.push({ metric: 'ccmeter_stats_last_day_tokens', labels: { model }, value });
  return points;
}

function lastDayPoints(day: NonNullable<Stats['lastDay']>): StatsPoint[] {
  return [
    { metric: 'ccmeter_stats_last_day_messages', labels: {}, value: day.messages },
    { metric: 'ccmeter_stats_last_day_sessions', labels: {}, value: day.sessions },
    { metric: 'ccmeter_stats_last_day_tool_calls', labels: {}, value: day.toolCalls },
  ];
}

function modelPoints(model: string, usage: ModelStats): StatsPoint[] {
  const tokens = (kind: string, value: number): StatsPoint => ({
    metric: 'ccmeter_stats_tokens',
    labels: { model, tokens_kind: kind },
    value,
  });
  const points: StatsPoint[] = [
    tokens('input', usage.inputTokens),
    tokens('output', usage.outputTokens),
    tokens('cache_read', usage.cacheReadTokens),
    tokens('cache_write', usage.cacheCreationTokens),
    { metric: 'ccmeter_stats_cost_usd', labels: { model }, value: usage.costUsd },
    { metric: 'ccmeter_stats_web_searches', labels: { model }, value: usage.webSearches },
  ];
  if (usage.contextWindowTokens > 0)
    points.push({ metric: 'ccmeter_stats_context_window_tokens', labels: { model }, value: usage.contextWindowTokens });
  if (usage.maxOutputTokens > 0)
    points.push({ metric: 'ccmeter_stats_max_output_tokens', labels: { model }, value: usage.maxOutputTokens });
  return points;
}

/** All gauges of the file, so that those of a file that is gone can be taken away. */
export const STATS_METRICS = [
  'ccmeter_stats_info',
  'ccmeter_stats_sessions',
  'ccmeter_stats_messages',
  'ccmeter_stats_tool_calls',
  'ccmeter_stats_active_dates',
  'ccmeter_stats_longest_session_seconds',
  'ccmeter_stats_longest_session_messages',
  'ccmeter_stats_speculation_saved_seconds',
  'ccmeter_stats_computed_timestamp_seconds',
  'ccmeter_stats_first_session_timestamp_seconds',
  'ccmeter_stats_last_day_messages',
  'ccmeter_stats_last_day_sessions',
  'ccmeter_stats_last_day_tool_calls',
  'ccmeter_stats_hour_sessions',
  'ccmeter_stats_tokens',
  'ccmeter_stats_cost_usd',
  'ccmeter_stats_web_searches',
  'ccmeter_stats_context_window_tokens',
  'ccmeter_stats_max_output_tokens',
  'ccmeter_stats_last_day_tokens',
] as const satisfies readonly StatsMetric[];
