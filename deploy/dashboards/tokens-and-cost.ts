import { barsPanel, chosen, type Dashboard, HOST, MODEL, PROJECT, panel, ratio, sharePanel, total, totalPanel } from './panel.ts';

/** Where tokens and money go. */
export const tokensAndCost: Dashboard = {
  uid: 'ccmeter-tokens-cost',
  title: 'Claude Code: tokens and cost',
  description: 'Tokens by kind, model and agent, and their cost at the list price of the day.',
  variables: [HOST, PROJECT, MODEL],
  rows: [
    {
      title: 'In the chosen range',
      panels: [
        totalPanel('Input', 'ccmeter_tokens_total', 4, 'kind="input"'),
        totalPanel('Output', 'ccmeter_tokens_total', 4, 'kind="output"'),
        totalPanel('Cache reads', 'ccmeter_tokens_total', 4, 'kind="cache_read"'),
        totalPanel('Cache writes', 'ccmeter_tokens_total', 4, 'kind=~"cache_write_.*"'),
        totalPanel('Without a price', 'ccmeter_unpriced_tokens_total'),
        totalPanel('Unfinished responses', 'ccmeter_unfinished_requests_total'),
      ],
    },
    {
      title: 'Over time',
      panels: [
        barsPanel('Tokens by model', 'ccmeter_tokens_total', 'model'),
        barsPanel('Tokens by agent', 'ccmeter_tokens_total', 'agent'),
        barsPanel('Cost by project', 'ccmeter_cost_usd_total', 'project'),
        barsPanel('Cost by agent', 'ccmeter_cost_usd_total', 'agent'),
      ],
    },
    {
      title: 'What it comes to',
      panels: [
        sharePanel('Tokens by kind', 'ccmeter_tokens_total', 'kind'),
        panel(
          'Cost of a request',
          'table',
          'ccmeter_cost_usd_total',
          [
            {
              expr: ratio(total('ccmeter_cost_usd_total', ['model']), total('ccmeter_requests_total', ['model'])),
              legend: '{{model}}',
            },
          ],
          { width: 8, description: 'Mean cost of an API response at the list price of the day.' },
        ),
        panel(
          'Cost of a session',
          'table',
          'ccmeter_cost_usd_total',
          [
            {
              expr: ratio(total('ccmeter_cost_usd_total', ['project']), total('ccmeter_sessions_total', ['project'])),
              legend: '{{project}}',
            },
          ],
          { width: 8, description: 'Cost in the range by the sessions begun in it.' },
        ),
      ],
    },
    {
      title: 'Subscription',
      panels: [
        panel('Used of a window', 'lines', 'ccmeter_quota_used_ratio', [
          { expr: `max by (host, window) (${chosen('ccmeter_quota_used_ratio')})`, legend: '{{host}} {{window}}' },
        ]),
        panel('Until a window begins anew', 'lines', 'ccmeter_quota_reset_timestamp_seconds', [
          {
            expr: `max by (host, window) (${chosen('ccmeter_quota_reset_timestamp_seconds')}) - time()`,
            legend: '{{host}} {{window}}',
          },
        ]),
      ],
    },
  ],
};
