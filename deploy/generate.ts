import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { dashboardJson, dashboards } from './dashboards/build.ts';
import { API_README, apiReadme } from './generate/api-readme.ts';
import { collectorConfigMap } from './generate/collector-config-map.ts';
import { EXPORTER_README, exporterReadme } from './generate/exporter-readme.ts';
import { metricsPage } from './generate/metrics-page.ts';
import { alertsFile, alertsPage, recordingFile, thresholdsFile } from './rules/files.ts';

/** Everything that is made from the catalogue: file and content. A new kind of output is a line here. */
export const outputs: readonly { path: string; content(): string }[] = [
  { path: 'exporter/METRICS.md', content: metricsPage },
  { path: EXPORTER_README, content: exporterReadme },
  { path: API_README, content: apiReadme },
  { path: 'deploy/prometheus/rules/ccmeter-thresholds.yml', content: thresholdsFile },
  { path: 'deploy/prometheus/rules/ccmeter-recording.yml', content: recordingFile },
  { path: 'deploy/prometheus/rules/ccmeter-alerts.yml', content: alertsFile },
  { path: 'deploy/ALERTS.md', content: alertsPage },
  { path: 'deploy/kubernetes/collector-config.yaml', content: collectorConfigMap },
  ...dashboards.map((dashboard) => ({
    path: `deploy/grafana/dashboards/${dashboard.uid}.json`,
    content: () => dashboardJson(dashboard),
  })),
];

const ROOT = join(import.meta.dirname, '..');

/** Writes all outputs; with `--check` compares instead and gives back 1 where one is out of date. */
export function generate(args: readonly string[], say: (text: string) => void): number {
  const stale = outputs.filter((output) => readOr(join(ROOT, output.path)) !== output.content());
  if (!args.includes('--check')) {
    for (const output of stale) {
      writeFileSync(join(ROOT, output.path), output.content());
      say(`${output.path} written`);
    }
    return 0;
  }
  for (const output of stale) say(describeDifference(output.path, readOr(join(ROOT, output.path)), output.content()));
  if (stale.length > 0) say('Run: npm run generate');
  return stale.length > 0 ? 1 : 0;
}

/** The first line in which a file and what it should be differ. */
export function describeDifference(path: string, is: string, wanted: string): string {
  const [isLines, wantedLines] = [is.split('\n'), wanted.split('\n')];
  const index = wantedLines.findIndex((line, position) => line !== isLines[position]);
  const line = index === -1 ? wantedLines.length : index;
  return `${path} is out of date, first at line ${line + 1}:\n  is:     ${isLines[line] ?? '(nothing)'}\n  wanted: ${wantedLines[line] ?? '(nothing)'}`;
}

function readOr(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

if (import.meta.main) process.exit(generate(process.argv.slice(2), (text) => process.stdout.write(`${text}\n`)));
