const DAY_SECONDS = 86_400;
const END = Math.floor(Date.now() / 1000);
const START = END - 3 * DAY_SECONDS;

/** What Grafana sends along (pkg/promlib/client); it takes gzip as every HTTP client in Go does. */
const HEADERS = {
  'user-agent': 'Grafana/12.3.0',
  'accept-encoding': 'gzip',
  'x-grafana-referer': 'http://grafana.test/d/x',
  'x-query-group-id': '1',
};

/** One call. */
export interface Call {
  method: 'GET' | 'POST';
  path: string;
  parameters: [name: string, value: string][];
}

const range = (query: string, step = '300'): Call => ({
  method: 'POST',
  path: 'query_range',
  parameters: [
    ['end', `${END}`],
    ['query', query],
    ['start', `${START}.25`],
    ['step', step],
  ],
});
const times: [string, string][] = [
  ['start', `${START}`],
  ['end', `${END}`],
];

/** The calls of Grafana's Prometheus data source, as its source makes them (public/app/plugins/datasource/prometheus, pkg/promlib). */
export const CALLS = {
  'the health check': {
    method: 'POST',
    path: 'query',
    parameters: [
      ['query', '1+1'],
      ['time', '4'],
    ],
  },
  'which Prometheus it is': { method: 'GET', path: 'status/buildinfo', parameters: [] },
  'a graph': range('sum by (model) (rate(ccmeter_tokens_total{project=~".+"}[1h]))'),
  'a graph with $__rate_interval': range('sum by (project, kind) (increase(ccmeter_tokens_total[20m0s]))', '15m'),
  'a graph of every series': range('ccmeter_requests_total', '3600'),
  'a graph of nothing': range('no_such_metric'),
  'a graph by GET': { ...range('sum(max_over_time(ccmeter_cost_usd_total[1d]))', '86400'), method: 'GET' },
  'a table': {
    method: 'POST',
    path: 'query',
    parameters: [
      ['query', 'sort_desc(sum by (model) (ccmeter_tokens_total))'],
      ['time', `${END}`],
    ],
  },
  'a scalar': {
    method: 'GET',
    path: 'query',
    parameters: [
      ['query', 'scalar(vector(3))'],
      ['time', `${END}`],
    ],
  },
  'a raw range': {
    method: 'POST',
    path: 'query',
    parameters: [
      ['query', 'ccmeter_sessions_total[3d]'],
      ['time', `${END}`],
    ],
  },
  'names of metrics': { method: 'GET', path: 'label/__name__/values', parameters: [...times, ['limit', '40000']] },
  'values of a label for a variable': {
    method: 'GET',
    path: 'label/model/values',
    parameters: [...times, ['match[]', 'ccmeter_tokens_total{project=~".*",kind="input"}'], ['limit', '40000']],
  },
  'values of a label without matchers': { method: 'GET', path: 'label/project/values', parameters: [] },
  'names of labels': { method: 'GET', path: 'labels', parameters: [...times, ['match[]', '{__name__="ccmeter_tokens_total"}']] },
  'names of labels by POST': { method: 'POST', path: 'labels', parameters: [...times, ['match[]', 'ccmeter_cost_usd_total']] },
  series: {
    method: 'POST',
    path: 'series',
    parameters: [...times, ['match[]', 'ccmeter_sessions_total'], ['match[]', '{__name__=~"ccmeter_req.*"}']],
  },
  'series by GET': { method: 'GET', path: 'series', parameters: [...times, ['match[]', 'ccmeter_sessions_total']] },
  metadata: { method: 'GET', path: 'metadata', parameters: [['limit', '40000']] },
  'metadata of one metric': { method: 'GET', path: 'metadata', parameters: [['metric', 'ccmeter_tokens_total']] },
  exemplars: { method: 'POST', path: 'query_exemplars', parameters: [['query', 'ccmeter_tokens_total'], ...times] },
  rules: { method: 'GET', path: 'rules', parameters: [] },
  alerts: { method: 'GET', path: 'alerts', parameters: [] },
  // What people type while a query is half written.
  'half a query': range('sum('),
  'a query that does not fit together': range('rate(ccmeter_tokens_total)'),
  'too many points': range('up', '1'),
  'a selector that is none': { method: 'GET', path: 'series', parameters: [['match[]', 'sum(x)']] },
  'no selector': { method: 'GET', path: 'series', parameters: [] },
} as const satisfies Record<string, Call>;

/** Makes a call as Grafana does; `url` is that of the data source. */
export async function send(url: string, { method, path, parameters }: Call, more: Record<string, string> = {}) {
  const form = new URLSearchParams(parameters);
  const response = await fetch(`${url}/api/v1/${path}${method === 'GET' && form.size > 0 ? `?${form}` : ''}`, {
    method,
    headers: { ...HEADERS, ...more },
    ...(method === 'POST' ? { body: form } : {}),
  });
  const body: unknown = await response.json();
  return { status: response.status, contentType: response.headers.get('content-type'), body };
}

/** An answer with its series in one order: those of an instant come in any. */
export function ordered(body: unknown): unknown {
  const result: unknown = Object(body).data?.result;
  if (!Array.isArray(result)) return body;
  const byLabels = (one: unknown) => JSON.stringify(Object(one).metric ?? one);
  return { ...Object(body), data: { ...Object(body).data, result: result.toSorted((a, b) => (byLabels(a) < byLabels(b) ? -1 : 1)) } };
}
