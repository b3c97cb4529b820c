import { barsPanel, type Dashboard, HOST, MODEL, now, PROJECT, panel, ratio, sharePanel, total, totalPanel } from './panel.ts';

const CACHE_READ = 'kind="cache_read"';
const INPUT = 'kind!="output"';

/** What most people look at. */
export const overview: Dashboard = {
  uid: 'ccmeter-overview',
  title: 'Claude Code: overview',
  description: 'What was used and what it cost. Totals are exact for ranges of whole minutes.',
  variables: [HOST, PROJECT, MODEL],
  rows: [
    {
      title: 'In the chosen range',
      panels: [
        totalPanel('Cost', 'ccmeter_cost_usd_total'),
        totalPanel('Tokens', 'ccmeter_tokens_total'),
        totalPanel('Requests', 'ccmeter_requests_total'),
        totalPanel('Sessions', 'ccmeter_sessions_total'),
        panel(
          'Cache share',
          'stat',
          'ccmeter_tokens_total',
          [
            {
              expr: ratio(total('ccmeter_tokens_total', [], CACHE_READ), total('ccmeter_tokens_total', [], INPUT)),
              legend: 'of what was read',
            },
          ],
          { unit: 'percentunit', width: 4, description: 'Cache reads among all tokens that went in.' },
        ),
        totalPanel('Time active', 'ccmeter_active_seconds_total'),
      ],
    },
    {
      title: 'Over time',
      panels: [
        barsPanel('Cost by model', 'ccmeter_cost_usd_total', 'model'),
        barsPanel('Tokens by kind', 'ccmeter_tokens_total', 'kind'),
        barsPanel('Requests by project', 'ccmeter_requests_total', 'project'),
        panel('Sessions now', 'lines', 'ccmeter_sessions_active', [
          { expr: now('ccmeter_sessions_active', ['state']), legend: '{{state}}' },
        ]),
      ],
    },
    {
      title: 'Who and where',
      panels: [
        sharePanel('Cost by project', 'ccmeter_cost_usd_total', 'project'),
        sharePanel('Cost by machine', 'ccmeter_cost_usd_total', 'host'),
        sharePanel('Cost by model, in all', 'ccmeter_cost_usd_total', 'model'),
      ],
    },
  ],
};
