import { events, type Label, type LabelName, labels, type Metric, metrics, units } from '@ccmeter/exporter/contract';
import { table } from './table.ts';

/** METRICS.md: every metric, label and event of the catalogue, for a person. */
export function metricsPage(): string {
  return `${[intro(), recipes(), overview(), ...Object.entries(metrics).map(([name, metric]) => section(name, metric)), labelTable(), eventTables()].join('\n\n')}\n`;
}

function intro(): string {
  return `# Metrics and events

Made from \`exporter/src/contract\` by \`npm run generate\`; do not edit.

All metrics carry \`host\`. In Prometheus they also have \`job="ccmeter"\` and \`instance\`, the id of the exporter. Counters of the ledger never go down, also over restarts and when Claude Code deletes
transcripts, and their history has the times at which things happened. For a range that begins and ends on a full minute, \`max_over_time(x[R]) - min_over_time(x[R])\` is exact;
\`increase(x[R])\` is what you are used to, and estimates.`;
}

/** How each kind of metric becomes a panel, for somebody who has never asked Prometheus anything. */
function recipes(): string {
  const rows = RECIPES.map(([wish, query, panel]) => [wish, `\`${query}\``, panel]);
  return `## How to ask

In Grafana \`$__range\` is the range in view and \`$__interval\` one step of the chart; elsewhere write \`1d\` or \`1h\`. A counter by itself is a total since the beginning: ask for what was added.
What is left out of \`by (…)\` is added up. Filters stand in braces: \`{project="harbour",agent="main"}\`.

${table(['to show', 'ask', 'as'], rows)}`;
}

const RECIPES: readonly [wish: string, query: string, panel: string][] = [
  ['one number for the range in view', added('ccmeter_cost_usd_total', '$__range', []), 'stat; unit from the metric'],
  ['the same by something', added('ccmeter_tokens_total', '$__range', ['model']), 'table, bar gauge or pie, instant query'],
  [
    'bars over time',
    added('ccmeter_cost_usd_total', '$__interval', ['project']),
    'time series as stacked bars, minimal interval 1m, or 1d for days',
  ],
  ['a pace, such as dollars an hour', 'sum(rate(ccmeter_cost_usd_total[1h])) * 3600', 'time series'],
  [
    'a share',
    'sum(increase(ccmeter_tool_calls_total{result="error"}[1d])) / sum(increase(ccmeter_tool_calls_total[1d]))',
    'gauge, unit percent (0.0-1.0)',
  ],
  ['how things stand now (gauges)', 'sum by (state) (ccmeter_sessions_active)', 'stat or time series'],
  [
    'a typical value (histograms)',
    'histogram_quantile(0.5, sum by (le) (increase(ccmeter_tool_duration_seconds_bucket[1d])))',
    'stat or time series, in the unit of the metric',
  ],
  [
    'the mean (histograms)',
    'sum(increase(ccmeter_tool_duration_seconds_sum[1d])) / sum(increase(ccmeter_tool_duration_seconds_count[1d]))',
    'stat',
  ],
  ['what an info says beside a number', 'count by (project, branch) (ccmeter_session_info)', 'table'],
];

/** The exact form, for ranges that begin and end on a minute. */
function added(metric: string, range: string, by: readonly string[]): string {
  const sum = by.length === 0 ? 'sum' : `sum by (${by.join(', ')}) `;
  return `${sum}(max_over_time(${metric}[${range}]) - min_over_time(${metric}[${range}]))`;
}

function overview(): string {
  const rows = Object.entries(metrics).map(([name, metric]) => [`[\`${name}\`](#${name})`, metric.kind, unitOf(metric), metric.help]);
  return `## Overview\n\n${table(['metric', 'kind', 'unit', 'what'], rows)}`;
}

function section(name: string, metric: Metric): string {
  return [
    `### ${name}`,
    '',
    metric.help,
    '',
    `- Kind: ${metric.kind}${metric.buckets === undefined ? '' : `, with the bounds ${metric.buckets.join(', ')}`}. Unit: ${unitOf(metric)}.`,
    `- Labels: ${metric.labels.map(labelIn).join(', ')}.`,
    `- Source: ${metric.source}`,
    `- Moves: ${metric.moves}`,
    `- Kept: ${metric.kept === 'ledger' ? 'in the ledger, over restarts, with its history.' : 'by the process; begins anew with each start of the exporter.'}`,
    '',
    '```promql',
    metric.example,
    '```',
  ].join('\n');
}

/** A label with its values, where they are few. What it means is in the table of labels. */
function labelIn(name: LabelName): string {
  const { values = [] }: Label = labels[name];
  return values.length === 0 ? `\`${name}\`` : `\`${name}\` (${values.map((value) => `\`${value}\``).join(', ')})`;
}

function unitOf(metric: Metric): string {
  return units[metric.unit].words[1] || (metric.unit === 'info' ? 'always 1' : 'none');
}

function labelTable(): string {
  const rows = Object.entries(labels).map(([name, label]) => [`\`${name}\``, label.help, label.source, boundOf(label)]);
  return `## Labels\n\n${LIMITS}\n\n${table(['label', 'what', 'source', 'values'], rows)}`;
}

const LIMITS = `Labels whose values users make up have a limit. Values beyond it are counted together as \`other\`: sums stay right, names get lost. In the
first scan the most used values get the places (projects and models by tokens, the others by how often they were used); later who comes first. A value that has its place keeps it for
good, also over restarts, and one that was counted as \`other\` stays there, so that no series takes over what another has counted. \`ccmeter_exporter_label_values\` beside
\`ccmeter_exporter_label_values_limit\` says how full it is, \`ccmeter_exporter_folded_values_total\` how many were folded. A value longer than 256 characters is \`other\`.`;

function boundOf(label: Label): string {
  if (label.values) return label.values.map((value) => `\`${value}\``).join(', ');
  return [label.bound ?? '', ...(label.limit === undefined ? [] : [`${label.limit} by name, then \`other\``])].join('; ');
}

function eventTables(): string {
  const sections = Object.entries(events).map(([type, event]) => {
    const rows = Object.entries(event.fields).map(([name, field]) => [`\`${name}\``, field.optional ? 'optional' : 'always', field.help]);
    return `### ${type}\n\n${event.help}\n\n${table(['field', 'present', 'what'], rows)}`;
  });
  return [
    '## Events',
    '',
    'Each event has `id` (`evt_` and 20 letters or digits), `source` (the host), `timestamp` (RFC 3339, UTC), `type`, and a `payload` with the fields below.',
    '',
    sections.join('\n\n'),
  ].join('\n');
}
