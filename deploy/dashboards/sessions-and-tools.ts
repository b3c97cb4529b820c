import { barsPanel, type Dashboard, HOST, now, PROJECT, panel, quantile, ratio, sharePanel, total, totalPanel } from './panel.ts';

/** What Claude Code did. */
export const sessionsAndTools: Dashboard = {
  uid: 'ccmeter-sessions-tools',
  title: 'Claude Code: sessions and tools',
  description: 'Sessions, messages, tools, subagents, skills, and what came of it.',
  variables: [HOST, PROJECT],
  rows: [
    {
      title: 'In the chosen range',
      panels: [
        totalPanel('Messages', 'ccmeter_messages_total'),
        totalPanel('Tool calls', 'ccmeter_tool_calls_total'),
        panel(
          'Calls that failed',
          'stat',
          'ccmeter_tool_calls_total',
          [
            {
              expr: ratio(total('ccmeter_tool_calls_total', [], 'result="error"'), total('ccmeter_tool_calls_total')),
              legend: 'failed',
            },
          ],
          { unit: 'percentunit', width: 4 },
        ),
        totalPanel('Commits', 'ccmeter_commits_total'),
        totalPanel('Pull requests', 'ccmeter_pull_requests_total'),
        totalPanel('Compactions', 'ccmeter_compactions_total'),
      ],
    },
    {
      title: 'Sessions',
      panels: [
        barsPanel('Sessions by project', 'ccmeter_sessions_total', 'project'),
        barsPanel('Messages by role', 'ccmeter_messages_total', 'role'),
        panel('How long sessions last', 'table', 'ccmeter_session_duration_seconds', [
          { expr: quantile(0.5, 'ccmeter_session_duration_seconds'), legend: 'half of them at most' },
          { expr: quantile(0.9, 'ccmeter_session_duration_seconds'), legend: '90 % of them at most' },
        ]),
        panel('Todos', 'lines', 'ccmeter_todos', [{ expr: now('ccmeter_todos', ['status']), legend: '{{status}}' }]),
      ],
    },
    {
      title: 'Tools',
      panels: [
        barsPanel('Tool calls by tool', 'ccmeter_tool_calls_total', 'tool'),
        barsPanel('Tool calls by result', 'ccmeter_tool_calls_total', 'result'),
        sharePanel('What goes wrong', 'ccmeter_tool_errors_total', 'category'),
        sharePanel('Subagents', 'ccmeter_agent_spawns_total', 'agent_type'),
        sharePanel('Skills and commands', 'ccmeter_skill_invocations_total', 'skill'),
        panel(
          'How long tools take, 95 %',
          'table',
          'ccmeter_tool_duration_seconds',
          [{ expr: quantile(0.95, 'ccmeter_tool_duration_seconds', ['tool']), legend: '{{tool}}' }],
          { width: 12 },
        ),
        panel(
          'API errors',
          'table',
          'ccmeter_api_errors_total',
          [{ expr: total('ccmeter_api_errors_total', ['category']), legend: '{{category}}' }],
          { width: 12 },
        ),
      ],
    },
    {
      title: 'What came of it',
      panels: [
        barsPanel('Lines by change', 'ccmeter_lines_total', 'change'),
        sharePanel('Lines by language', 'ccmeter_lines_total', 'language', 6),
        sharePanel('Messages by hour', 'ccmeter_hour_messages_total', 'hour', 6),
      ],
    },
  ],
};
