import { expect, test } from 'vitest';
import { labelText } from './labels.ts';
import { modelFamily, modelLabel } from './model.ts';

test.each([
  ['claude-sonnet-4-5-20250929', 'Sonnet 4.5', 'sonnet'],
  ['claude-sonnet-4-20250514', 'Sonnet 4', 'sonnet'],
  ['claude-opus-4-6', 'Opus 4.6', 'opus'],
  ['claude-3-5-haiku-20241022', 'Haiku 3.5', 'haiku'],
  ['claude-3-7-sonnet-20250219', 'Sonnet 3.7', 'sonnet'],
  ['claude-sonnet-4-5[1m]', 'Sonnet 4.5 1M', 'sonnet'],
  ['glm-4.7', 'glm-4.7', undefined],
  ['<script>alert(1)</script>', '<script>alert(1)</script>', undefined],
])('%s is shown as %s', (model, label, family) => {
  expect(modelLabel(model)).toBe(label);
  expect(modelFamily(model)).toBe(family);
});

test('closed labels have words, open ones stay', () => {
  expect(labelText('kind', 'cache_write_1h')).toBe('Cache write, 1 hour');
  expect(labelText('agent', 'subagent')).toBe('Subagents');
  expect(labelText('project', 'kind')).toBe('kind');
});
