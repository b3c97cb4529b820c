import type { RangeChoice } from './range.ts';

/** Where a Grafana is, and the uid of its data source that has our metrics. */
export interface Grafana {
  url: string;
  datasource: string;
}

/** Grafana's Explore with a query over a range; none where no Grafana is set. */
export function grafanaLink({ url, datasource }: Grafana, query: string, range?: RangeChoice): string | null {
  const base = URL.canParse(url) ? new URL(url) : null;
  if (!base || !['http:', 'https:'].includes(base.protocol)) return null;
  const asked = { refId: 'A', expr: query, datasource: { type: 'prometheus', uid: datasource } };
  const pane = { datasource, queries: [asked], range: grafanaRange(range) };
  const parameters = new URLSearchParams({ schemaVersion: '1', panes: JSON.stringify({ ccmeter: pane }), orgId: '1' });
  return `${base.origin}${base.pathname.replace(/\/+$/, '')}/explore?${parameters}`;
}

function grafanaRange(range: RangeChoice | undefined): { from: string; to: string } {
  if (range?.kind === 'absolute') return { from: String(range.start * 1000), to: String(range.end * 1000) };
  const name = range?.name ?? '7d';
  return { from: name === 'all' ? 'now-10y' : `now-${name}`, to: 'now' };
}
