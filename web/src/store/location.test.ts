import { expect, test } from 'vitest';
import { setPreferences } from '../format/preferences.ts';
import { DEFAULT_STATE, readState, unhide, type ViewState, writeState } from './location.ts';

const state = (change: Partial<ViewState>): ViewState => ({ ...DEFAULT_STATE, ...change });
const filters = (change: Partial<ViewState['filters']>) => state({ filters: { ...DEFAULT_STATE.filters, ...change } });

const links: [link: string, state: ViewState][] = [
  ['', DEFAULT_STATE],
  ['?range=all', state({ range: { kind: 'quick', name: 'all' } })],
  ['?from=2026-11-01T00:00Z&to=2026-11-02T12:30Z', state({ range: { kind: 'absolute', start: 1793491200, end: 1793622600 } })],
  ['?project=api&project=web+app', filters({ project: ['api', 'web app'] })],
  ['?model=a%26b%3Dc&agent=main', filters({ model: ['a&b=c'], agent: ['main'] })],
  ['?cost=project&tokens=kind', state({ costBy: 'project', tokensBy: 'kind' })],
  ['?marks=compaction&marks=commit', state({ marks: ['compaction', 'commit'] })],
  ['?marks=none', state({ marks: [] })],
  ['?type=usage&type=tool&session=s1&text=sonnet', state({ types: ['usage', 'tool'], sessions: ['s1'], text: 'sonnet' })],
];

test.each(links)('link %s', (link, expected) => {
  expect(readState(link)).toEqual(expected);
  expect(writeState(expected)).toBe(link);
});

test.each(['?range=2w', '?from=x&to=y', '?from=2026-11-02T00:00Z&to=2026-11-01T00:00Z', '?cost=kind', '?project=', '?__proto__=1', '?%'])(
  'link %s shows the usual view',
  (link) => expect(readState(link)).toEqual(DEFAULT_STATE),
);

test('a filter given twice holds once', () => expect(readState('?project=a&project=a').filters.project).toEqual(['a']));

test('while names are hidden, links name filters by stand-ins, which are found again', () => {
  setPreferences({ privacy: true });
  const link = writeState(filters({ project: ['harbour'], host: ['laptop'], model: ['opus'] }));
  setPreferences({ privacy: false });
  expect(link).not.toMatch(/harbour|laptop/);
  expect(link).toContain('model=opus');
  const known = { project: ['docs', 'harbour'], host: ['laptop'] };
  expect(unhide(readState(link), known)).toEqual(filters({ project: ['harbour'], host: ['laptop'], model: ['opus'] }));
  expect(unhide(readState('?project=gone'), known)).toEqual(filters({ project: ['gone'] }));
});
