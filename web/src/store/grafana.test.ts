import { expect, test } from 'vitest';
import { grafanaLink } from './grafana.ts';

test.each([[''], ['grafana'], ['javascript:alert(1)'], ['file:///etc']])('%j is no Grafana', (url) =>
  expect(grafanaLink({ url, datasource: 'ccmeter' }, 'up')).toBeNull(),
);

test('a query opens in Explore over the range that is looked at', () => {
  const link = new URL(
    grafanaLink({ url: 'http://grafana.local/sub/', datasource: 'x' }, 'sum(up{a="b"})', { kind: 'absolute', start: 60, end: 120 }) ?? '',
  );
  expect(link.origin + link.pathname).toBe('http://grafana.local/sub/explore');
  expect(JSON.parse(link.searchParams.get('panes') ?? '').ccmeter).toEqual({
    datasource: 'x',
    queries: [{ refId: 'A', expr: 'sum(up{a="b"})', datasource: { type: 'prometheus', uid: 'x' } }],
    range: { from: '60000', to: '120000' },
  });
});

test.each([
  [{ kind: 'quick', name: '24h' }, 'now-24h'],
  [{ kind: 'quick', name: 'all' }, 'now-10y'],
  [undefined, 'now-7d'],
] as const)('%j begins at %s', (range, from) =>
  expect(grafanaLink({ url: 'https://g', datasource: 'x' }, 'up', range)).toContain(encodeURIComponent(`"from":"${from}"`)),
);
