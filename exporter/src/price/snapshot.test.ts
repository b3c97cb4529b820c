import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { temporaryDirectory } from '../testing.ts';
import { listPrices } from './cost.ts';
import { comparePrices, readSnapshot } from './snapshot.ts';

const AT = Date.parse('2026-11-20');

const litellm = (change: object = {}) => ({
  sample_spec: { max_tokens: 1 },
  'claude-opus-4-5-20251101': {
    litellm_provider: 'anthropic',
    input_cost_per_token: 5e-6,
    output_cost_per_token: 2.5e-5,
    cache_read_input_token_cost: 5e-7,
    cache_creation_input_token_cost: 6.25e-6,
    cache_creation_input_token_cost_above_1hr: 1e-5,
    ...change,
  },
  'claude-sonnet-4-5': {
    litellm_provider: 'anthropic',
    input_cost_per_token: 3e-6,
    output_cost_per_token: 1.5e-5,
    input_cost_per_token_above_200k_tokens: 6e-6,
    output_cost_per_token_above_200k_tokens: 2.25e-5,
  },
  'eu.anthropic.claude-opus-4-5': { litellm_provider: 'bedrock', input_cost_per_token: 5.5e-6, output_cost_per_token: 2.75e-5 },
  'gpt-5-mini': { litellm_provider: 'openai', input_cost_per_token: 1e-6, output_cost_per_token: 1e-6 },
});
const modelsDev = (change: object = {}) => ({
  openai: { models: { 'gpt-5-mini': { cost: { input: 1, output: 2 } } } },
  anthropic: {
    models: {
      'claude-opus-4-5': { cost: { input: 5, output: 25, cache_read: 0.5, cache_write: 6.25, ...change } },
      'claude-sonnet-4-5': { cost: { input: 3, output: 15, context_over_200k: { input: 6, output: 22.5 } } },
      'claude-of-old': {},
    },
  },
});
const compare = (snapshot: unknown) => comparePrices(readSnapshot(snapshot) ?? [], listPrices, AT);

test('snapshots that say the same differ in nothing', () => {
  expect([compare(litellm()), compare(modelsDev())]).toEqual([[], []]);
});

test('tells each figure that is not the same', () => {
  expect(compare(litellm({ output_cost_per_token: 2e-5, cache_creation_input_token_cost_above_1hr: 9e-6 }))).toEqual([
    { model: 'opus-4-5', what: 'output', ours: 25, theirs: 20 },
    { model: 'opus-4-5', what: 'cache writes (1 hour)', ours: 10, theirs: 9 },
  ]);
  expect(compare(modelsDev({ cache_read: 0.25, context_over_200k: { input: 10, output: 25 } }))).toEqual([
    { model: 'opus-4-5', what: 'cache reads', ours: 0.5, theirs: 0.25 },
    { model: 'opus-4-5', what: 'above 200000 tokens: input', ours: 5, theirs: 10 },
  ]);
});

test('tells a model that is not in the table, once for all its names', () => {
  const row = { litellm_provider: 'anthropic', input_cost_per_token: 1e-6, output_cost_per_token: 1e-6 };
  expect(compare({ 'claude-muse-9': row, 'claude-muse-9-20300101': row })).toEqual([
    { model: 'muse-9', what: 'price', ours: undefined, theirs: 1 },
  ]);
});

test.each([
  ['null', null],
  ['a list', []],
  ['something else', { models: {} }],
])('does not take %s for a snapshot', (_, value) => {
  expect(readSnapshot(value)).toBeUndefined();
});

test('the command reports and ends with 0, 1 or 2, and changes nothing', () => {
  using directory = temporaryDirectory();
  const file = (name: string, value: unknown) => {
    writeFileSync(join(directory.path, name), typeof value === 'string' ? value : JSON.stringify(value));
    return join(directory.path, name);
  };
  const check = (...args: string[]) => {
    const { status, stdout, stderr } = spawnSync(
      process.execPath,
      [join(import.meta.dirname, '..', 'prices-command.ts'), 'check', ...args],
      {
        encoding: 'utf8',
      },
    );
    return { status, text: stdout + stderr };
  };
  const same = file('same.json', litellm());
  const other = file('other.json', modelsDev({ output: 20 }));
  expect(check(same, '--at', '2026-11-20')).toEqual({ status: 0, text: `${same}: 2 models of Anthropic, 0 differences on 2026-11-20\n` });
  expect(check(same, other)).toMatchObject({ status: 1, text: expect.stringMatching(/opus-4-5 +output: \$25 here, \$20 there/) });
  const own = file('own.json', {
    prices: [{ models: ['opus-4-5'], input: 5, output: 20, cacheRead: 0.5, cacheWrite5m: 6.25, cacheWrite1h: 10 }],
  });
  expect(check(other, '--prices', own)).toMatchObject({ status: 0 });
  expect(check(file('broken.json', '{'))).toMatchObject({ status: 2, text: expect.stringContaining('it is not JSON') });
  expect(check(file('odd.json', {}))).toMatchObject({
    status: 2,
    text: expect.stringContaining('neither a snapshot of LiteLLM nor one of models.dev'),
  });
  expect(check(join(directory.path, 'none.json'))).toMatchObject({ status: 2, text: expect.stringContaining('ENOENT') });
}, 60_000);
