import { afterEach, expect, test } from 'vitest';
import { hideName, labelText, labelTitle, queryText } from './labels.ts';
import { setPreferences } from './preferences.ts';

afterEach(() => setPreferences({ privacy: false }));

test.each([
  ['model', 'claude-opus-4-6', 'Opus 4.6'],
  ['kind', 'cache_write_5m', 'Cache write, 5 min'],
  ['category', 'exit_code', 'Exit code'],
  ['skill', 'review', '/review'],
  ['project', 'shop', 'shop'],
  ['tool', 'Bash', 'Bash'],
])('%s %s is shown as %s', (label, value, text) => expect(labelText(label, value)).toBe(text));

test('in privacy mode names of the user are hidden, each behind its own stand-in', () => {
  setPreferences({ privacy: true });
  for (const label of ['project', 'host', 'skill', 'agent_type']) {
    expect(labelText(label, 'secret')).not.toContain('secret');
    expect(labelTitle(label, 'secret')).not.toContain('secret');
  }
  expect(labelText('project', 'shop')).toBe(labelText('project', 'shop'));
  expect(labelText('project', 'shop')).not.toBe(labelText('project', 'blog'));
  expect(labelText('tool', 'Bash')).toBe('Bash');
  expect(hideName('project', 'shop')).toMatch(/^project [0-9a-f]{4}$/);
});

test('a query is shown without the names that it asks for while they are hidden', () => {
  const query = 'sum(ccmeter_tokens_total{project=~"a|b\\"c",model="opus",host!="laptop"})';
  expect(queryText(query)).toBe(query);
  setPreferences({ privacy: true });
  expect(queryText(query)).toBe('sum(ccmeter_tokens_total{project=~"…",model="opus",host!="…"})');
  setPreferences({ privacy: false });
});
