import { stringify } from 'yaml';
import { type Alert, alerts, pipelineAlerts, useAlerts } from './alerts.ts';
import { recordingRules } from './recording.ts';
import { type Threshold, type ThresholdName, thresholdSeries, thresholds } from './thresholds.ts';

const MADE = '# Made by `npm run generate` from deploy/rules. Valid for Prometheus 2.42 and 3.\n';

/** `ccmeter-thresholds.yml`: one series a number. */
export function thresholdsFile(): string {
  const rules = thresholdRows().map(([name, { value }]) => ({ record: thresholdSeries(name), expr: `vector(${value})` }));
  const help = thresholdRows().map(([name, row]) => `#   ${name}: ${row.value} ${row.unit}. ${row.help}\n`);
  return `${MADE}# Numbers that alerts are held against; change them here, on the server.\n${help.join('')}${groups([['ccmeter_thresholds', rules]])}`;
}

/** `ccmeter-recording.yml`. */
export function recordingFile(): string {
  return MADE + groups([['ccmeter_recording', recordingRules]]);
}

/** `ccmeter-alerts.yml`. */
export function alertsFile(): string {
  return (
    MADE +
    groups([
      ['ccmeter_use', useAlerts.map(toRule)],
      ['ccmeter_pipeline', pipelineAlerts.map(toRule)],
    ])
  );
}

/** `deploy/ALERTS.md`: what each alert means and what to do. */
export function alertsPage(): string {
  const numbers = thresholdRows().map(([name, { value, unit, help }]) => `- \`${name}\`: ${value} ${unit}. ${help}`);
  const entries = alerts.map(
    ({ name, severity, lasting, summary, description, remedy, expr }) =>
      `### ${name}\n\n${toWords(summary)} · ${severity}${lasting === '0m' ? '' : ` · when it has been so for ${lasting}`}\n\n${toWords(description)}\n\n**What to do.** ${remedy}\n\n\`\`\`promql\n${expr}\n\`\`\`\n`,
  );
  return [
    '# Alerts\n\nMade by `npm run generate` from [rules](rules). Each is tested just before and just after it must fire (`tests/promql/alerts.test.ts`).\n',
    '## Thresholds\n\nSeries `ccmeter:threshold:<name>` in `prometheus/rules/ccmeter-thresholds.yml`; change them there, on the server.\n',
    `${numbers.join('\n')}\n`,
    '## What they mean\n',
    entries.join('\n'),
  ].join('\n');
}

function thresholdRows(): [ThresholdName, Threshold][] {
  return Object.entries(thresholds) as [ThresholdName, Threshold][];
}

function toRule({ name, severity, expr, lasting, summary, description }: Alert) {
  return {
    alert: name,
    expr,
    ...(lasting === '0m' ? {} : { for: lasting }),
    labels: { severity },
    annotations: { summary, description, runbook: `deploy/ALERTS.md#${name.toLowerCase()}` },
  };
}

function groups(list: readonly [name: string, rules: readonly object[]][]): string {
  return stringify({ groups: list.map(([name, rules]) => ({ name, interval: '1m', rules })) }, { lineWidth: 0 });
}

/** A template of an alert as a person reads it without its values. */
function toWords(template: string): string {
  return template.replace(/\{\{ \$labels\.(\w+) \}\}/g, '‹$1›').replace(/\{\{ \$value[^}]*\}\}/g, '…');
}
