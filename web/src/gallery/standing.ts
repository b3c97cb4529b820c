import type { QuestionId } from '../api/client.ts';
import type { Grain } from './history.ts';
import { GALLERY_NOW_MS } from './now.ts';

/** How things stand. */
const standing: { [Id in QuestionId]?: Grain[] } = {
  sessions_active: [
    { labels: { state: 'working' }, value: 2 },
    { labels: { state: 'waiting' }, value: 1 },
    { labels: { state: 'idle' }, value: 1 },
  ],
  todos: [
    { labels: { status: 'pending' }, value: 7 },
    { labels: { status: 'in_progress' }, value: 2 },
    { labels: { status: 'completed' }, value: 11 },
  ],
  exporter_files: [
    { labels: { host: 'laptop' }, value: 1284 },
    { labels: { host: 'build-01' }, value: 311 },
  ],
  exporter_lines: [
    { labels: { host: 'laptop' }, value: 2_483_112 },
    { labels: { host: 'build-01' }, value: 310_554 },
  ],
  exporter_backlog: [
    { labels: { host: 'laptop' }, value: 0 },
    { labels: { host: 'build-01' }, value: 48_213 },
  ],
  exporter_ready: [
    { labels: { host: 'laptop' }, value: 1 },
    { labels: { host: 'build-01' }, value: 1 },
  ],
  exporter_series: [
    { labels: { host: 'laptop' }, value: 812 },
    { labels: { host: 'build-01' }, value: 240 },
  ],
  exporter_unreadable: [
    { labels: { host: 'laptop', reason: 'not_json' }, value: 3 },
    { labels: { host: 'laptop', reason: 'too_long' }, value: 1 },
  ],
  exporter_read_errors: [],
  exporter_outbox: [
    { labels: { host: 'laptop' }, value: 0 },
    { labels: { host: 'build-01' }, value: 12 },
  ],
  exporter_events: [
    { labels: { host: 'laptop', result: 'sent' }, value: 48_120 },
    { labels: { host: 'build-01', result: 'sent' }, value: 9120 },
    { labels: { host: 'build-01', result: 'dropped' }, value: 2 },
  ],
  exporter_exports: [
    { labels: { host: 'laptop', sink: 'remote_write', result: 'ok' }, value: 5210 },
    { labels: { host: 'build-01', sink: 'remote_write', result: 'ok' }, value: 5102 },
    { labels: { host: 'build-01', sink: 'remote_write', result: 'failed' }, value: 14 },
  ],
  exporter_last_export: [
    { labels: { host: 'laptop', sink: 'remote_write' }, value: Date.parse('2026-11-20T16:42:04Z') / 1000 },
    { labels: { host: 'build-01', sink: 'remote_write' }, value: Date.parse('2026-11-20T16:40:31Z') / 1000 },
  ],
  exporter_pending: [
    { labels: { host: 'laptop', sink: 'remote_write' }, value: 0 },
    { labels: { host: 'build-01', sink: 'remote_write' }, value: 37 },
  ],
  exporter_refused: [],
  exporter_build: [
    { labels: { host: 'laptop', version: '0.1.0' }, value: 1 },
    { labels: { host: 'build-01', version: '0.1.0' }, value: 1 },
  ],
  exporter_unknown: [
    { labels: { record_kind: 'line', record_name: 'recap', version: '2.1.240' }, value: 12 },
    { labels: { record_kind: 'block', record_name: 'server_tool_use', version: '2.1.240' }, value: 3 },
  ],
  exporter_unusable: [{ labels: { source: 'todos', reason: 'not_json' }, value: 1 }],
  exporter_label_values: [
    { labels: { label: 'project' }, value: 189 },
    { labels: { label: 'model' }, value: 6 },
  ],
  exporter_label_limits: [
    { labels: { label: 'project' }, value: 200 },
    { labels: { label: 'model' }, value: 100 },
  ],
  history_deletion: [{ labels: { host: 'laptop' }, value: GALLERY_NOW_MS / 1000 + 4 * 86_400 }],
  history_at_risk: [{ labels: { host: 'laptop' }, value: 48_300_000 }],
  quota_used: [
    { labels: { host: 'laptop', window: 'five_hour' }, value: 0.46 },
    { labels: { host: 'laptop', window: 'seven_day' }, value: 0.83 },
  ],
  quota_reset: [
    { labels: { host: 'laptop', window: 'five_hour' }, value: GALLERY_NOW_MS / 1000 + 7000 },
    { labels: { host: 'laptop', window: 'seven_day' }, value: GALLERY_NOW_MS / 1000 + 200_000 },
  ],
  stats_tokens: [{ labels: { host: 'laptop' }, value: 1_480_000_000 }],
  stats_sessions: [{ labels: { host: 'laptop' }, value: 402 }],
  stats_messages: [{ labels: { host: 'laptop' }, value: 31_200 }],
  stats_tool_calls: [{ labels: { host: 'laptop' }, value: 9120 }],
  stats_days: [{ labels: { host: 'laptop' }, value: 96 }],
  stats_first_session: [{ labels: { host: 'laptop' }, value: Date.parse('2026-07-26T08:00:00Z') / 1000 }],
  stats_longest_session: [{ labels: { host: 'laptop' }, value: 8420 }],
  stats_computed: [{ labels: { host: 'laptop' }, value: Date.parse('2026-11-17T00:00:00Z') / 1000 }],
};

/** Answers a question about now. */
export function answerNow(id: QuestionId, by: readonly string[]) {
  const rows = standing[id];
  if (!rows) return null;
  const series = new Map<string, { labels: Record<string, string>; value: number; points: null }>();
  for (const grain of rows) {
    const labels = Object.fromEntries(by.map((name) => [name, grain.labels[name] ?? '']));
    const key = JSON.stringify(labels);
    const row = series.get(key) ?? { labels, value: 0, points: null };
    series.set(key, { ...row, value: row.value + grain.value });
  }
  return { id, unit: 'info', start: 0, end: 0, step: null, series: [...series.values()], query: id };
}
