import { type Dashboard, type Panel, sharePanel, total } from './panel.ts';

/**
 * Claude Code's own telemetry, as it arrives through the collector: names by OTLP translation of `claude_code.token.usage` and so on.
 * Source: the page “Monitoring usage” of Claude Code's documentation, read in August 2026.
 */
const NATIVE = {
  cost: 'claude_code_cost_usage_USD_total',
  tokens: 'claude_code_token_usage_tokens_total',
  sessions: 'claude_code_session_count_total',
  lines: 'claude_code_lines_of_code_count_total',
  commits: 'claude_code_commit_count_total',
  pullRequests: 'claude_code_pull_request_count_total',
  active: 'claude_code_active_time_seconds_total',
  decisions: 'claude_code_code_edit_tool_decision_total',
} as const;

const USER = 'user_email=~"$user_email"';
const AND_MODEL = `${USER},model=~"$model"`;

/**
 * What was added over a range to series that begin with their first value: the newest value less the one from before the range, which
 * is 0 where there was none. `increase()` would lose the first value of each session, which often is its only one.
 */
function added(metric: string, matchers: string, range: string, by: string): string {
  const series = `${metric}{${matchers}}`;
  const newest = `max_over_time(${series}[${range}])`;
  const difference = `${newest} - (last_over_time(${series}[1d] offset ${range}) or ${newest} * 0)`;
  return by === '' ? `sum(${difference})` : `sum by (${by}) (${difference})`;
}

function stat(title: string, metric: string, unit: string, matchers: string): Panel {
  return {
    title,
    kind: 'stat',
    unit,
    description: `As Claude Code itself reports it: ${metric}.`,
    queries: [{ expr: added(metric, matchers, '$__range', ''), legend: title }],
    width: 4,
  };
}

function bars(title: string, metric: string, unit: string, matchers: string, by: string): Panel {
  return {
    title,
    kind: 'bars',
    unit,
    description: `As Claude Code itself reports it: ${metric}.`,
    queries: [{ expr: added(metric, matchers, '$__interval', by), legend: `{{${by}}}` }],
    width: 12,
  };
}

/** For people who turn telemetry on; beside ours it shows where the two disagree. */
export const native: Dashboard = {
  uid: 'ccmeter-native',
  title: 'Claude Code: native telemetry',
  description: 'What Claude Code reports by OpenTelemetry (npm run exporter -- telemetry-env), beside what its transcripts say.',
  variables: [
    { name: 'user_email', of: NATIVE.cost },
    { name: 'model', of: NATIVE.cost },
  ],
  rows: [
    {
      title: 'In the chosen range',
      panels: [
        stat('Cost', NATIVE.cost, 'currencyUSD', AND_MODEL),
        stat('Tokens', NATIVE.tokens, 'short', AND_MODEL),
        stat('Sessions', NATIVE.sessions, 'short', `${USER},start_type!="agents_view"`),
        stat('Commits', NATIVE.commits, 'short', USER),
        stat('Pull requests', NATIVE.pullRequests, 'short', USER),
        stat('Time active', NATIVE.active, 's', USER),
      ],
    },
    {
      title: 'Over time',
      panels: [
        bars('Cost by model', NATIVE.cost, 'currencyUSD', AND_MODEL, 'model'),
        bars('Tokens by type', NATIVE.tokens, 'short', AND_MODEL, 'type'),
        bars('Cost by source', NATIVE.cost, 'currencyUSD', AND_MODEL, 'query_source'),
        bars('Cost by person', NATIVE.cost, 'currencyUSD', AND_MODEL, 'user_email'),
        bars('Lines by type', NATIVE.lines, 'short', USER, 'type'),
        bars('Edits by decision', NATIVE.decisions, 'short', USER, 'decision'),
      ],
    },
    {
      title: 'Beside the transcripts',
      panels: [
        {
          title: 'Cost: telemetry and transcripts',
          kind: 'table',
          unit: 'currencyUSD',
          description: 'The same by both ways. Telemetry misses machines where it is off, and the last interval of short sessions.',
          queries: [
            { expr: added(NATIVE.cost, AND_MODEL, '$__range', ''), legend: 'telemetry' },
            { expr: withoutVariables(total('ccmeter_cost_usd_total')), legend: 'transcripts' },
          ],
          width: 12,
        },
        { ...sharePanel('Cost by transcripts and model', 'ccmeter_cost_usd_total', 'model', 12), queries: [transcriptsByModel()] },
      ],
    },
  ],
};

function transcriptsByModel() {
  return { expr: `sort_desc(${withoutVariables(total('ccmeter_cost_usd_total', ['model']))} > 0)`, legend: '{{model}}' };
}

/** This dashboard chooses by other labels; of ours it has the model. */
function withoutVariables(expression: string): string {
  return expression.replaceAll('host=~"$host",project=~"$project",', '');
}
