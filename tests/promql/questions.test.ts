import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { nativeQuery } from '../../query-api/src/promql/native.ts';
import { addedQuery, filterOptionsQuery, historyStartQuery, nowQuery, questions, seenQuery } from '../../query-api/src/promql/queries.ts';
import { needs, pathOf } from '../tools/tools.ts';

/** Samples stand at 10 s, 20 s and so on; `_` is none. As the exporter does it, none stands on a full minute. */
const INTERVAL = '10s';

const SERIES = [
  // 0 → 5 in the first minute, nothing in the second, 5 → 12 in the third.
  { series: 'ccmeter_tokens_total{host="h",project="a",model="m",agent="main",kind="input"}', values: '_ 0 5 _x10 5 12' },
  // Lives two samples long, in the third minute.
  { series: 'ccmeter_tokens_total{host="h",project="a",model="m",agent="main",kind="output"}', values: '_x13 0 100' },
  // Another project, with a value that a regular expression would take for any character.
  { series: 'ccmeter_tokens_total{host="h",project="x.y",model="n",agent="main",kind="input"}', values: '_ 0 1000' },
  { series: 'ccmeter_tokens_total{host="h",project="xzy",model="n",agent="main",kind="input"}', values: '_ 0 3' },
  // Two machines that know the same project.
  { series: 'ccmeter_cost_usd_total{host="h",project="a",model="m",agent="main",instance="1"}', values: '_ 0 0.25' },
  { series: 'ccmeter_cost_usd_total{host="i",project="a",model="m",agent="main",instance="2"}', values: '_ 0 0.5' },
  { series: 'ccmeter_requests_total{host="h",project="a",model="m",agent="main"}', values: '_ 0 1' },
  { series: 'ccmeter_sessions_active{host="h",project="a",state="working"}', values: '_ 2 1' },
  { series: 'ccmeter_sessions_active{host="i",project="a",state="working"}', values: '_ 4' },
  // Seen in the first minute, and another one in the third.
  { series: 'ccmeter_session_info{host="h",project="a",session_id="s",branch="b",model="m",version="2.0.1"}', values: '_ 1' },
  { series: 'ccmeter_session_info{host="h",project="a",session_id="t",branch="b",model="m",version="2.0.2"}', values: '_x13 1' },
  // Claude Code's own telemetry: one series goes on, one is born with its only value; ours under the same name has a project.
  { series: 'claude_code_token_usage_tokens_total{session_id="s",type="input"}', values: '5 _x6 9' },
  { series: 'claude_code_token_usage_tokens_total{session_id="t",type="input"}', values: '_x7 100' },
  { series: 'claude_code_token_usage_tokens_total{project="a",type="input"}', values: '_x7 1000' },
  { series: 'ccmeter_history_start_timestamp_seconds{host="h"}', values: '_ 1000 900' },
  { series: 'ccmeter_history_start_timestamp_seconds{host="i"}', values: '_ 950' },
];

const { tokens, cost, sessions, sessions_active, versions } = questions;
const everything = { by: [], filters: {} };

const CASES: [what: string, expr: string, at: string, samples: Record<string, number>][] = [
  ['a minute', addedQuery(tokens, everything, 60), '1m', { '{}': 1008 }],
  ['a minute in which nothing happened', addedQuery(tokens, everything, 60), '2m', {}],
  ['a minute in which a series is born and ends', addedQuery(tokens, everything, 60), '3m', { '{}': 107 }],
  ['all of it', addedQuery(tokens, everything, 180), '3m', { '{}': 1115 }],
  ['an end in the future', addedQuery(tokens, everything, 86_400), '1d', { '{}': 1115 }],
  ['by a label', addedQuery(tokens, { by: ['kind'], filters: {} }, 180), '3m', { '{kind="input"}': 1015, '{kind="output"}': 100 }],
  ['one value, taken literally', addedQuery(tokens, { by: [], filters: { project: ['x.y'] } }, 60), '1m', { '{}': 1000 }],
  ['two values, taken literally', addedQuery(tokens, { by: [], filters: { project: ['x.y', 'a'] } }, 60), '1m', { '{}': 1005 }],
  ['two machines', addedQuery(cost, { by: ['project'], filters: {} }, 60), '1m', { '{project="a"}': 0.75 }],
  ['what was never counted', addedQuery(sessions, everything, 60), '1m', {}],
  ['now', nowQuery(sessions_active, { by: ['state'], filters: {} }), '1m', { '{state="working"}': 5 }],
  ['what was seen', seenQuery(versions, { by: ['version'], filters: {} }, 60), '1m', { '{version="2.0.1"}': 1 }],
  ['what was seen later', seenQuery(versions, { by: ['version'], filters: {} }, 60), '3m', { '{version="2.0.2"}': 1 }],
  ['what was ever seen', seenQuery(versions, { by: [], filters: {} }, 180), '3m', { '{}': 1 }],
  ["what Claude Code's own telemetry has", nativeQuery('tokens', 60), '2m', { '{}': 104 }],
  ['the beginning of history', historyStartQuery(), '30d', { '{}': 900 }],
  ['what there is to choose from', filterOptionsQuery(60), '1m', { '{host="h",project="a",model="m"}': 1 }],
];

test('questions give the numbers that were put in', needs('promtool'), () => {
  const directory = mkdtempSync(join(tmpdir(), 'ccmeter-promql-'));
  onTestFinished(() => rmSync(directory, { recursive: true }));
  const file = join(directory, 'questions.json');
  const promql_expr_test = CASES.map(([, expr, eval_time, samples]) => ({
    expr,
    eval_time,
    exp_samples: Object.entries(samples).map(([labels, value]) => ({ labels, value })),
  }));
  // JSON is YAML.
  writeFileSync(
    file,
    JSON.stringify({ evaluation_interval: '1m', tests: [{ interval: INTERVAL, input_series: SERIES, promql_expr_test }] }),
  );
  expect(execFileSync(pathOf('promtool'), ['test', 'rules', file], { encoding: 'utf8', stdio: 'pipe' })).toContain('SUCCESS');
});
