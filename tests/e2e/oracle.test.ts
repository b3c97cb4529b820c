import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { type Scan, scanOnce } from '../../exporter/src/once.ts';
import type { ToolFact } from '../../exporter/src/track/fact.ts';
import { needs, pathOf } from '../tools/tools.ts';

const options = needs('corpus');

/** What the independent count says of the corpus: STATS.json, and two lines of STATS.txt that are not in it. */
interface IndependentCount {
  lines_changed: Record<string, number>;
  git: Record<string, number>;
}

/** Every figure that is counted independently of us, on real transcripts. Token counts have a test of their own. */
describe('ours and the independent count of real transcripts', () => {
  let count: IndependentCount;
  let text: string;
  let scan: Scan;
  let tools: ToolFact[];

  beforeAll(() => {
    if (options.skip) return;
    const data = join(pathOf('corpus'), '..');
    count = JSON.parse(readFileSync(join(data, 'STATS.json'), 'utf8'));
    text = readFileSync(join(data, 'STATS.txt'), 'utf8');
    scan = scanOnce([pathOf('corpus')], Date.now(), () => {});
    tools = scan.facts.filter((fact) => fact.type === 'tool');
  });

  const figure = (name: string) => Number(new RegExp(`^  ${name}: (\\d+)$`, 'm').exec(text)?.[1]);
  const lines = (from: 'patch' | 'create') => tools.filter(({ result }) => result?.linesFrom === from);
  const sum = (facts: ToolFact[], of: (fact: ToolFact) => number | undefined) => facts.reduce((total, fact) => total + (of(fact) ?? 0), 0);

  test('lines read and lines that are no JSON', options, () => {
    expect(scan.health.value('ccmeter_exporter_lines_total', {})).toBe(figure('lines'));
    expect(scan.health.value('ccmeter_exporter_unreadable_lines_total', { reason: 'not_json' })).toBe(figure('bad lines'));
    expect(scan.health.value('ccmeter_exporter_read_bytes_total', {})).toBe(figure('bytes'));
    expect(scan.health.value('ccmeter_exporter_files', {})).toBe(figure('main files') + figure('agent files'));
  });

  test('API errors, each line', options, () => {
    expect(scan.book.total('ccmeter_api_errors_total')).toBe(figure('api error messages'));
  });

  test('compactions: one summary stands in two files, and counts once here', options, () => {
    expect(scan.book.total('ccmeter_compactions_total')).toBe(figure('compact summaries') - 1);
  });

  test('tool calls by name', options, () => {
    const listed = /^== tools \{(.*?),? ?$/m.exec(text)?.[1] ?? '';
    const named = [...listed.matchAll(/'([A-Za-z_]+)': (\d+)/g)].filter(([, name]) => !name?.startsWith('mcp__'));
    const ours = Object.groupBy(
      tools.filter(({ use }) => use !== undefined),
      ({ use }) => use?.tool ?? '',
    );
    expect(named.length).toBeGreaterThan(20);
    for (const [, name = '', calls] of named) expect([name, ours[name]?.length]).toEqual([name, Number(calls)]);
  });

  test('lines of patches and of created files', options, () => {
    expect({
      'patch results': lines('patch').length + lines('create').length,
      'patch added': sum(lines('patch'), ({ result }) => result?.lines?.added),
      'patch removed': sum(lines('patch'), ({ result }) => result?.lines?.removed),
      'create results': lines('create').length,
      'create lines': sum(lines('create'), ({ result }) => result?.lines?.added),
    }).toEqual({
      'patch results': count.lines_changed['patch results'],
      'patch added': count.lines_changed['patch added'],
      'patch removed': count.lines_changed['patch removed'],
      'create results': count.lines_changed['create results'],
      'create lines': count.lines_changed['create lines'],
    });
  });

  test('lines of results that say nothing: the shortest difference has one pair fewer than the independent one', options, () => {
    const silent = tools.filter(({ use, result }) => use?.lines !== undefined && result?.countFromInput && result.outcome === 'ok');
    expect(silent).toHaveLength(count.lines_changed['nopatch results'] ?? 0);
    expect(sum(silent, ({ use }) => use?.lines?.added)).toBe((count.lines_changed['nopatch added'] ?? 0) - 1);
    expect(sum(silent, ({ use }) => use?.lines?.removed)).toBe((count.lines_changed['nopatch removed'] ?? 0) - 1);
  });

  test('commits and pull requests', options, () => {
    const commits = tools.filter(({ use, result }) => use?.commits && result !== undefined);
    const failed = commits.filter(({ result }) => result?.outcome !== 'ok');
    const shown = commits.filter(({ result }) => result?.outcome === 'ok' && (result.commits ?? 0) > 0);
    expect([commits.length, failed.length, shown.length]).toEqual([
      count.git['git commit calls'],
      count.git['git commit errors'],
      count.git['git commit ok with [branch sha] line'],
    ]);
    expect(scan.book.total('ccmeter_pull_requests_total')).toBe(count.git['gh pr create ok with URL']);
  });
});
