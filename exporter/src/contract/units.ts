/**
 * The units of the catalogue. `otel` is what an OpenTelemetry instrument carries (UCUM; braced words are annotations),
 * `suffix` is the word that a metric name in this unit ends with (before `_total`), so that scraping and OTLP give one name,
 * `grafana` is Grafana's unit id, `words` is what a person reads behind a number.
 */
export const units = {
  token: { otel: '{token}', suffix: 'tokens', grafana: 'short', words: ['token', 'tokens'] },
  usd: { otel: '{USD}', suffix: 'usd', grafana: 'currencyUSD', words: ['US dollar', 'US dollars'] },
  second: { otel: 's', suffix: 'seconds', grafana: 's', words: ['second', 'seconds'] },
  byte: { otel: 'By', suffix: 'bytes', grafana: 'bytes', words: ['byte', 'bytes'] },
  ratio: { otel: '1', suffix: 'ratio', grafana: 'percentunit', words: ['', ''] },
  request: { otel: '{request}', suffix: '', grafana: 'short', words: ['request', 'requests'] },
  session: { otel: '{session}', suffix: '', grafana: 'short', words: ['session', 'sessions'] },
  message: { otel: '{message}', suffix: '', grafana: 'short', words: ['message', 'messages'] },
  line: { otel: '{line}', suffix: '', grafana: 'short', words: ['line', 'lines'] },
  todo: { otel: '{todo}', suffix: '', grafana: 'short', words: ['todo', 'todos'] },
  list: { otel: '{list}', suffix: '', grafana: 'short', words: ['list', 'lists'] },
  day: { otel: '{day}', suffix: '', grafana: 'short', words: ['day', 'days'] },
  record: { otel: '{record}', suffix: '', grafana: 'short', words: ['record', 'records'] },
  file: { otel: '{file}', suffix: '', grafana: 'short', words: ['file', 'files'] },
  event: { otel: '{event}', suffix: '', grafana: 'short', words: ['event', 'events'] },
  export: { otel: '{export}', suffix: '', grafana: 'short', words: ['export', 'exports'] },
  sample: { otel: '{sample}', suffix: '', grafana: 'short', words: ['sample', 'samples'] },
  value: { otel: '{value}', suffix: '', grafana: 'short', words: ['value', 'values'] },
  series: { otel: '{series}', suffix: '', grafana: 'short', words: ['series', 'series'] },
  error: { otel: '{error}', suffix: '', grafana: 'short', words: ['error', 'errors'] },
  call: { otel: '{call}', suffix: '', grafana: 'short', words: ['call', 'calls'] },
  agent: { otel: '{agent}', suffix: '', grafana: 'short', words: ['subagent', 'subagents'] },
  invocation: { otel: '{invocation}', suffix: '', grafana: 'short', words: ['use', 'uses'] },
  commit: { otel: '{commit}', suffix: '', grafana: 'short', words: ['commit', 'commits'] },
  pull_request: { otel: '{pull_request}', suffix: '', grafana: 'short', words: ['pull request', 'pull requests'] },
  compaction: { otel: '{compaction}', suffix: '', grafana: 'short', words: ['compaction', 'compactions'] },
  info: { otel: '1', suffix: 'info', grafana: 'none', words: ['', ''] },
} as const satisfies Record<string, Unit>;

/** One row of {@link units}. */
export interface Unit {
  otel: string;
  suffix: string;
  grafana: string;
  words: readonly [one: string, many: string];
}

export type UnitName = keyof typeof units;
