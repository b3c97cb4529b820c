import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { parse } from 'yaml';
import { type Alert, alerts } from '../../deploy/rules/alerts.ts';
import { recordingRules } from '../../deploy/rules/recording.ts';
import { thresholds } from '../../deploy/rules/thresholds.ts';
import { needs, pathOf, type ToolName } from '../tools/tools.ts';

const RULES = join(import.meta.dirname, '..', '..', 'deploy', 'prometheus', 'rules');
const FILES = ['thresholds', 'recording', 'alerts'].map((name) => join(RULES, `ccmeter-${name}.yml`));

interface Series {
  series: string;
  /** As promtool writes them, half a minute apart from time 0 on. */
  values: string;
}

/** When an alert fires: the series, and the last moment before and the first moment at which it does, with the labels it then has. */
interface Case {
  input: Series[];
  before: string;
  after: string;
  labels?: Record<string, string>;
  /** Where days go by: rules are then evaluated every 5 minutes. */
  samplesEvery?: '10m';
}

const host = { host: 'h' };
const cost = (values: string): Series => ({
  series: 'ccmeter_cost_usd_total{host="h",project="p",model="m",agent="main"}',
  values,
});
const gauge = (metric: string, values: string, labels = 'host="h"'): Series => ({ series: `${metric}{${labels}}`, values });
const call = (result: string, values: string) =>
  gauge('ccmeter_tool_calls_total', values, `host="h",project="p",tool="Bash",result="${result}"`);

const { budget_usd, budget_fast_ratio, budget_slow_ratio } = thresholds;
/** What one hour, or one day, may cost. */
const FAST_USD = budget_usd.value * budget_fast_ratio.value;
const SLOW_USD = budget_usd.value * budget_slow_ratio.value;

const CASES: Record<string, Case> = {
  // 1 dollar a minute is more than the hour's 25 from the 26th minute on, and has to be so for 2 minutes.
  CcmeterBudgetBurnsFast: { input: [cost(`0+${0.5}x120`)], before: `${FAST_USD + 2}m`, after: `${FAST_USD + 4}m` },
  // 0.2 dollars a minute: the day's 50 are passed after 250 minutes.
  CcmeterBudgetBurnsSlowly: { input: [cost('0+0.1x1000')], before: `${SLOW_USD * 5 + 14}m`, after: `${SLOW_USD * 5 + 17}m` },
  // A dollar a day for fifteen days, ten minutes a sample; then a dollar a sample: more than 10 after 100 minutes, and a quarter of an hour.
  CcmeterSpendUnusual: {
    input: [cost(`0+${1 / 144}x2160 16+1x24`)],
    before: `${15 * 1440 + 110}m`,
    after: `${15 * 1440 + 130}m`,
    samplesEvery: '10m',
  },
  // One of two calls fails from the beginning; the 20th call comes in the 10th minute.
  CcmeterToolsFail: { input: [call('ok', '0+0.5x200'), call('error', '0+0.5x200')], before: '19m', after: '22m', labels: host },
  CcmeterSessionWaits: {
    input: [gauge('ccmeter_sessions_active', '0 1x40', 'host="h",project="p",state="waiting"')],
    before: '4m',
    after: '5m',
    labels: { ...host, project: 'p', state: 'waiting' },
  },
  // Just 90 % is not more than that.
  CcmeterQuotaNearlyUsed: {
    input: [gauge('ccmeter_quota_used_ratio', '0.9x19 0.91x40', 'host="h",window="five_hour"')],
    before: '9m',
    after: '10m',
    labels: { ...host, window: 'five_hour' },
  },
  CcmeterModelWithoutPrice: {
    input: [gauge('ccmeter_unpriced_tokens_total', '0x19 5x40', 'host="h",model="new",kind="input"')],
    before: '9m',
    after: '10m',
    labels: { ...host, model: 'new' },
  },
  // Last heard of at minute 10.
  CcmeterExporterSilent: {
    input: [gauge('ccmeter_exporter_build_info', '1x20', 'host="h",version="1"')],
    before: '25m',
    after: '26m',
    labels: host,
  },
  CcmeterLinesUnreadable: {
    input: [gauge('ccmeter_exporter_unreadable_lines_total', '0x119 12x20', 'host="h",reason="not_json"')],
    before: '59m',
    after: '61m',
    labels: { ...host, reason: 'not_json' },
  },
  CcmeterFormatUnknown: {
    input: [
      gauge('ccmeter_exporter_unknown_records_total', '0x119 1x20', 'host="h",record_kind="field",record_name="usage.x",version="2.2.0"'),
      gauge('ccmeter_exporter_unknown_records_total', '0 1x20', 'host="h",record_kind="attachment",record_name="x",version="2.2.0"'),
    ],
    before: '59m',
    after: '61m',
    labels: { ...host, record_kind: 'field', record_name: 'usage.x', version: '2.2.0' },
  },
  CcmeterSourcesUnusable: {
    input: [gauge('ccmeter_exporter_unusable_sources_total', '0x119 7x20', 'host="h",source="todos",reason="layout"')],
    before: '59m',
    after: '61m',
    labels: { ...host, source: 'todos', reason: 'layout' },
  },
  CcmeterSamplesWait: {
    input: [gauge('ccmeter_exporter_pending_samples', '0x9 20000x100', 'host="h",sink="remote_write"')],
    before: '24m',
    after: '25m',
    labels: { ...host, sink: 'remote_write' },
  },
  CcmeterEventsWait: { input: [gauge('ccmeter_exporter_outbox_events', '0x9 6000x100')], before: '24m', after: '25m', labels: host },
  // Accepted at second 60 and never again.
  CcmeterExportsFail: {
    input: [gauge('ccmeter_exporter_last_export_timestamp_seconds', '60x60', 'host="h",sink="otlp"')],
    before: '11m',
    after: '12m',
    labels: { ...host, sink: 'otlp' },
  },
  CcmeterSamplesRefused: {
    input: [gauge('ccmeter_exporter_refused_samples_total', '0x19 1x20', 'host="h",sink="remote_write"')],
    before: '9m',
    after: '10m',
    labels: { ...host, sink: 'remote_write' },
  },
  // Two days and ten minutes ahead: near enough after ten minutes, and half an hour later still not read.
  CcmeterHistorySoonDeleted: {
    input: [gauge('ccmeter_history_deletion_timestamp_seconds', `${172_800 + 600}x200`), gauge('ccmeter_exporter_backlog_bytes', '9x200')],
    before: '40m',
    after: '42m',
    labels: host,
  },
  CcmeterPipelinePartDown: {
    input: [gauge('up', '1x9 0x40', 'job="otel-collector",instance="collector:8888"')],
    before: '9m',
    after: '10m',
    labels: { job: 'otel-collector', instance: 'collector:8888' },
  },
  CcmeterCollectorQueueFills: {
    input: [
      gauge('otelcol_exporter_queue_size', '0x9 51x40', 'exporter="otlp_http/prometheus"'),
      gauge('otelcol_exporter_queue_capacity', '100x60', 'exporter="otlp_http/prometheus"'),
    ],
    before: '9m',
    after: '11m',
    labels: { exporter: 'otlp_http/prometheus' },
  },
};

describe.each([
  ['promtool', 'promtool'],
  ['promtool 3', 'promtool3'],
] as [string, ToolName][])('rules, by %s', (_, tool) => {
  test('are rules', needs(tool), () => {
    expect(execFileSync(pathOf(tool), ['check', 'rules', ...FILES], { encoding: 'utf8', stdio: 'pipe' })).toContain('SUCCESS');
  });

  test.each(alerts.map((alert) => [alert.name, alert] as const))('%s fires when it must and not before', needs(tool), (name, alert) => {
    const { input, before, after, labels = {}, samplesEvery } = wanted(name);
    // What the alert says is checked by eye in deploy/ALERTS.md; promtool compares annotations as well, so they are taken off here.
    const fires = [{ exp_labels: { severity: alert.severity, ...labels } }];
    const alert_rule_test = [
      { eval_time: before, alertname: name, exp_alerts: [] },
      { eval_time: after, alertname: name, exp_alerts: fires },
    ];
    expect(
      testRules(
        pathOf(tool),
        alone(alert),
        { interval: samplesEvery ?? '30s', input_series: input, alert_rule_test },
        samplesEvery && '5m',
      ),
    ).toContain('SUCCESS');
  });

  test('recording rules give the numbers that were put in', needs(tool), () => {
    const tokens = (kind: string, values: string): Series =>
      gauge('ccmeter_tokens_total', values, `host="h",project="p",model="m",agent="main",kind="${kind}"`);
    const input_series = [
      cost('_ 0 1.5 _ 2x40'),
      tokens('input', '_ 0 25 _x200'),
      tokens('cache_read', '_ 0 75 _x200'),
      tokens('output', '_ 0 1000 _x200'),
      gauge('ccmeter_requests_total', '_ 0 3 _x200', 'host="h",project="p",model="m",agent="main"'),
      call('ok', '_ 0 3 _x200'),
      call('error', '_ 0 1 _x200'),
      gauge('ccmeter_exporter_build_info', '1x200', 'host="h",version="1"'),
    ];
    const model = { host: 'h', model: 'm' };
    const bash = { host: 'h', tool: 'Bash' };
    const kinds = { input: 25, cache_read: 75, output: 1000 };
    const expected: Record<string, [labels: Record<string, string>, value: number][]> = {
      ...over('cost_usd', [[{ ...model, project: 'p' }, 2]]),
      ...over(
        'tokens',
        Object.entries(kinds).map(([kind, value]) => [{ ...model, kind }, value]),
      ),
      ...over('requests', [[{ ...model, project: 'p' }, 3]]),
      ...over('tool_calls', [
        [{ ...bash, result: 'ok' }, 3],
        [{ ...bash, result: 'error' }, 1],
      ]),
      'ccmeter:cache_read:ratio1d': [[model, 0.75]],
      'ccmeter:tool_failures:ratio1h': [[host, 0.25]],
      'ccmeter:exporter:seen_timestamp_seconds': [[host, 1200]],
    };
    expect(Object.keys(expected).sort()).toEqual(recordingRules.map(({ record }) => record).sort());
    const promql_expr_test = Object.entries(expected).map(([expr, samples]) => ({
      expr,
      eval_time: '20m',
      exp_samples: samples.map(([labels, value]) => ({ labels: `${expr}${braces(labels)}`, value })),
    }));
    expect(testRules(pathOf(tool), FILES, { interval: '30s', input_series, promql_expr_test })).toContain('SUCCESS');
  });
});

test('every alert has a case, and every threshold is used', () => {
  expect(Object.keys(CASES).sort()).toEqual(alerts.map(({ name }) => name).sort());
  const expressions = alerts.map(({ expr }) => expr).join('\n');
  for (const name of Object.keys(thresholds)) {
    if (name === 'quota_ratio' && !expressions.includes('quota')) continue;
    expect(expressions, name).toContain(`ccmeter:threshold:${name}`);
  }
});

function over(name: string, samples: [Record<string, string>, number][]): Record<string, [Record<string, string>, number][]> {
  return { [`ccmeter:${name}:added1h`]: samples, [`ccmeter:${name}:added1d`]: samples };
}

function braces(labels: Record<string, string>): string {
  return `{${Object.entries(labels)
    .map(([name, value]) => `${name}="${value}"`)
    .join(',')}}`;
}

function wanted(name: string): Case {
  const found = CASES[name];
  if (found === undefined) throw new Error(`${name} has no case`);
  return found;
}

/** One alert that says nothing, so that a test names only what it is about, with what it is made of. */
function alone({ name, expr, lasting, severity }: Alert): string[] {
  const rules = [{ alert: name, expr, for: lasting, labels: { severity } }];
  const file = join(workDirectory(), 'alerts.json');
  writeFileSync(file, JSON.stringify({ groups: [{ name: 'alerts', interval: '1m', rules }] }));
  const [limits = '', recordings = ''] = FILES;
  return recordingRules.some(({ record }) => expr.includes(record)) ? [limits, recordings, file] : [limits, file];
}

function testRules(promtool: string, rule_files: readonly string[], one: object, evaluation_interval = '1m'): string {
  const file = join(workDirectory(), 'test.json');
  // All of them: those that are not named may come before those that are, and then miss a threshold.
  const group_eval_order: string[] = rule_files.flatMap((path) =>
    parse(readFileSync(path, 'utf8')).groups.map((group: { name: string }) => group.name),
  );
  // JSON is YAML.
  writeFileSync(file, JSON.stringify({ rule_files, evaluation_interval, group_eval_order, tests: [one] }));
  return execFileSync(promtool, ['test', 'rules', file], { encoding: 'utf8', stdio: 'pipe', cwd: dirname(file) });
}

function workDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), 'ccmeter-rules-'));
  onTestFinished(() => rmSync(directory, { recursive: true }));
  return directory;
}
