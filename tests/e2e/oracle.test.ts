import { readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { Health } from '../../exporter/src/health.ts';
import { type Scan, scanOnce } from '../../exporter/src/once.ts';
import { inspect, type Unknown } from '../../exporter/src/parse/canary.ts';
import { Pipeline } from '../../exporter/src/pipeline.ts';
import { listPrices } from '../../exporter/src/price/cost.ts';
import { memoryFacts } from '../../exporter/src/testing.ts';
import type { ResponseFact, ToolFact } from '../../exporter/src/track/fact.ts';
import { originOf, walkTranscripts } from '../../exporter/src/watch/transcripts.ts';
import { needs, pathOf } from '../tools/tools.ts';

const options = needs('corpus');

/** What the independent count (`stats.py`) says of the corpus: STATS.json, and figures of STATS.txt that are not in it. */
interface IndependentCount {
  /** Input, output, cache reads and cache writes by model. */
  by_model: { best: Record<string, [number, number, number, number]> };
  totals: { best: Record<'input' | 'output' | 'cache_read' | 'cache_creation' | 'cc_1h', number> };
  lines_changed: Record<string, number>;
  git: Record<string, number>;
  types: Record<string, number>;
  files: Record<string, { lines: number; types: Record<string, number>; infile_max: Record<InFile, number> }>;
}

type InFile = 'messages' | 'input' | 'output' | 'cache_read' | 'cache_creation';

type Json = Record<string, unknown>;

/** Gateways whose list prices are not in our table: what they cost is unknown, and said to be. */
const UNPRICED = ['deepseek-v4-pro', 'glm-4.5-air', 'glm-4.7', 'glm-5', 'glm-5.1', 'mimo-v2.5-pro'];

/** What the corpus has and the tables of the canary do not know: nothing. */
const UNKNOWN: Unknown[] = [];

/**
 * Every figure that is counted independently of us, on real transcripts. Where ours differs the test says by how much and why. No counterpart of ours
 * have: policies other than "best", sidechain lines, bytes of usage, versions, web searches (0 everywhere), and lines by type, of which the
 * canary says that all are known.
 */
describe('ours and the independent count of real transcripts', () => {
  let count: IndependentCount;
  let text: string;
  let scan: Scan;
  let tools: ToolFact[];
  let responses: ResponseFact[];

  beforeAll(() => {
    if (options.skip) return;
    const data = join(pathOf('corpus'), '..');
    count = JSON.parse(readFileSync(join(data, 'STATS.json'), 'utf8'));
    text = readFileSync(join(data, 'STATS.txt'), 'utf8');
    scan = scanOnce([pathOf('corpus')], Date.now(), () => {});
    tools = scan.facts.filter((fact) => fact.type === 'tool');
    responses = scan.facts.filter((fact) => fact.type === 'response');
  });

  const figure = (name: string) => Number(new RegExp(`^  ${name}: (\\d+)$`, 'm').exec(text)?.[1]);
  const lines = (from: 'patch' | 'create') => tools.filter(({ result }) => result?.linesFrom === from);
  const sum = <One>(all: readonly One[], of: (one: One) => number | undefined) => all.reduce((total, one) => total + (of(one) ?? 0), 0);

  test('lines read and lines that are no JSON', options, () => {
    expect(scan.health.value('ccmeter_exporter_lines_total', {})).toBe(figure('lines'));
    expect(scan.health.value('ccmeter_exporter_unreadable_lines_total', { reason: 'not_json' })).toBe(figure('bad lines'));
    expect(scan.health.value('ccmeter_exporter_read_bytes_total', {})).toBe(figure('bytes'));
    expect(scan.health.value('ccmeter_exporter_files', {})).toBe(figure('main files') + figure('agent files'));
  });

  test('tokens by model and kind, and responses by model', options, () => {
    const ours = Object.entries(Object.groupBy(responses, ({ model }) => model)).map(([model, of = []]) => [
      model,
      [
        of.length,
        sum(of, ({ tokens }) => tokens.input),
        sum(of, ({ tokens }) => tokens.output),
        sum(of, ({ tokens }) => tokens.cacheRead),
        sum(of, ({ tokens }) => tokens.write5m + tokens.write1h),
      ],
    ]);
    const theirs = Object.entries(count.by_model.best).map(([model, tokens]) => [model, [responsesIn(text, model), ...tokens]]);
    expect(Object.fromEntries(ours)).toEqual(Object.fromEntries(theirs));
  });

  test('cache writes for an hour, and what is left is for five minutes: versions before 1.0.77 do not split them', options, () => {
    const { cache_creation, cc_1h } = count.totals.best;
    expect(sum(responses, ({ tokens }) => tokens.write1h)).toBe(cc_1h);
    expect(sum(responses, ({ tokens }) => tokens.write5m)).toBe(cache_creation - cc_1h);
  });

  test('what is counted is what is shown', options, () => {
    const { input, output, cache_read, cache_creation } = count.totals.best;
    expect(scan.book.total('ccmeter_tokens_total')).toBe(input + output + cache_read + cache_creation);
    expect(scan.book.total('ccmeter_requests_total')).toBe(responses.length);
    const prompts = scan.facts.filter(({ type }) => type === 'prompt').length;
    expect(scan.book.total('ccmeter_messages_total')).toBe(responses.length + prompts);
    const unpriced = Object.entries(count.by_model.best).filter(([model]) => UNPRICED.includes(model));
    expect(scan.book.total('ccmeter_unpriced_tokens_total')).toBe(sum(unpriced, ([, tokens]) => sum(tokens, (one) => one)));
  });

  test('every model is priced at the times of its responses, or known to be unpriced', options, () => {
    const priced = responses.filter(({ model, timeMs }) => listPrices.priceOf(model, timeMs) !== undefined);
    expect([...new Set(priced.map(({ model }) => model))].filter((model) => UNPRICED.includes(model))).toEqual([]);
    const others = responses.filter((response) => !priced.includes(response));
    expect([...new Set(others.map(({ model }) => model))].sort()).toEqual(UNPRICED);
  });

  test('each file by itself', options, () => {
    const root = pathOf('corpus');
    const different: unknown[] = [];
    for (const { path } of walkTranscripts(root, () => {})) {
      const facts = memoryFacts();
      const bytes = readFileSync(path);
      const origin = { ...originOf(path), offset: 0, fallbackMs: 0, nowMs: Date.now() };
      new Pipeline(facts, new Health(0)).transcript(origin)(bytes, bytes.length, 0);
      const of = facts.all().filter((fact) => fact.type === 'response');
      const ours: Record<InFile, number> = {
        messages: of.length,
        input: sum(of, ({ tokens }) => tokens.input),
        output: sum(of, ({ tokens }) => tokens.output),
        cache_read: sum(of, ({ tokens }) => tokens.cacheRead),
        cache_creation: sum(of, ({ tokens }) => tokens.write5m + tokens.write1h),
      };
      const theirs = count.files[relative(root, path)]?.infile_max;
      for (const [name, value] of Object.entries(ours)) if (theirs?.[name as InFile] !== value) different.push([path, name, value, theirs]);
    }
    expect(different).toEqual([]);
  });

  test('sessions: main files with a user or assistant line, by their names', options, () => {
    const begun = Object.entries(count.files).filter(([path, { types }]) => !/agent-[^/]*$/.test(path) && (types.user || types.assistant));
    expect(scan.book.total('ccmeter_sessions_total')).toBe(new Set(begun.map(([path]) => path.split('/').at(-1))).size);
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

  test('the same by tool: a result whose file is read before that of its call is of no tool there, and of its tool here', options, () => {
    const ours = (of: ToolFact[], part: 'added' | 'removed') =>
      new Map(
        Object.entries(Object.groupBy(of, ({ use }) => use?.tool ?? '?')).map(([tool, some = []]) => [
          tool,
          sum(some, ({ result }) => result?.lines?.[part]),
        ]),
      );
    const theirs = (name: string) =>
      [...text.matchAll(new RegExp(`^ {2}'?([^' ]+)'? +${name} +(\\d+)$`, 'gm'))].map(
        ([, tool = '', value]) => [tool, Number(value)] as const,
      );
    for (const [name, of, part] of [
      ['patch added', lines('patch'), 'added'],
      ['patch removed', lines('patch'), 'removed'],
      ['create lines', lines('create'), 'added'],
    ] as const) {
      const here = ours(of, part);
      const there = theirs(name);
      expect(there.length, name).toBeGreaterThan(0);
      expect(sum([...here.values()], (one) => one)).toBe(sum(there, ([, value]) => value));
      for (const [tool, value] of there) {
        if (tool === '?') expect(here.get(tool) ?? 0, name).toBeLessThanOrEqual(value);
        else expect(here.get(tool), `${name} ${tool}`).toBeGreaterThanOrEqual(value);
      }
    }
  });

  test('lines of results that say nothing: the shortest difference has one pair fewer than the independent one', options, () => {
    const silent = tools.filter(({ use, result }) => use?.lines !== undefined && result?.countFromInput && result.outcome === 'ok');
    expect(silent).toHaveLength(count.lines_changed['nopatch results'] ?? 0);
    expect(sum(silent, ({ use }) => use?.lines?.added)).toBe((count.lines_changed['nopatch added'] ?? 0) - 1);
    expect(sum(silent, ({ use }) => use?.lines?.removed)).toBe((count.lines_changed['nopatch removed'] ?? 0) - 1);
  });

  test('all lines together are those of patches, of created files and of silent results', options, () => {
    const { 'patch added': patched = 0, 'create lines': created = 0, 'nopatch added': silent = 0 } = count.lines_changed;
    const { 'patch removed': removed = 0, 'nopatch removed': silentlyRemoved = 0 } = count.lines_changed;
    expect(scan.book.total('ccmeter_lines_total')).toBe(patched + created + silent - 1 + removed + silentlyRemoved - 1);
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
    expect(tools.filter(({ use, result }) => use?.opensPullRequest && result !== undefined)).toHaveLength(
      count.git['gh pr create calls'] ?? 0,
    );
    expect(scan.book.total('ccmeter_pull_requests_total')).toBe(count.git['gh pr create ok with URL']);
  });

  test('tool results, prompts and what is not known, line by line', options, () => {
    const results = new Set<unknown>();
    const prompts = new Set<unknown>();
    const unknown: Unknown[] = [];
    let repeated = 0;
    const types = new Map<string, number>();
    for (const { path } of walkTranscripts(pathOf('corpus'), () => {})) {
      const main = !originOf(path).subagent;
      for (const line of readObjects(path)) {
        types.set(String(line.type), (types.get(String(line.type)) ?? 0) + 1);
        unknown.push(...inspect(line));
        for (const { type, tool_use_id: id } of line.type === 'user' ? blocksOf(line) : []) {
          if (type !== 'tool_result') continue;
          if (results.has(id)) repeated += 1;
          results.add(id);
        }
        if (main && isTyped(line)) prompts.add(line.uuid);
      }
    }
    expect(Object.fromEntries(types)).toEqual(count.types);
    expect(unknown).toEqual(UNKNOWN);
    expect(scan.health.points('ccmeter_exporter_unknown_records_total')).toEqual([]);
    expect(repeated).toBe(figure('repeated tool results'));
    expect(scan.book.total('ccmeter_tool_calls_total')).toBe(results.size);
    expect(scan.facts.filter(({ type }) => type === 'prompt')).toHaveLength(prompts.size);
  });
});

/** How many responses of a model the policy "best" has. */
function responsesIn(text: string, model: string): number {
  const begin = text.indexOf('== tokens by model');
  const section = text.slice(text.indexOf(`\n  ${model}\n`, begin));
  return Number(/^ {4}best +(\d+)/m.exec(section)?.[1]);
}

/** The lines of a file that are JSON objects, each by a parser of its own. */
function* readObjects(path: string): Generator<Json> {
  for (const line of readFileSync(path, 'utf8').split('\n')) {
    let value: unknown;
    try {
      value = JSON.parse(line);
    } catch {
      continue;
    }
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) yield value as Json;
  }
}

function blocksOf(line: Json): Json[] {
  const { content } = (line.message ?? {}) as Json;
  return Array.isArray(content) ? content.filter((block) => typeof block === 'object' && block !== null) : [];
}

const OWN_TEXT = /^(?:<command-|<local-command-|<bash-|<task-notification>|\[Request interrupted by user)/;

/** A prompt that a person typed, by the words of the notes on the format; one typed while a turn was under way stands in an attachment. */
function isTyped(line: Json): boolean {
  const attachment = (line.attachment ?? {}) as Json;
  if (line.type === 'attachment') return attachment.type === 'queued_command' && attachment.commandMode === 'prompt';
  const { content } = (line.message ?? {}) as Json;
  if (line.type !== 'user' || line.isMeta || line.isSidechain || line.isCompactSummary || line.toolUseResult !== undefined) return false;
  const blocks = blocksOf(line);
  if (blocks.some(({ type }) => type === 'tool_result')) return false;
  const text = typeof content === 'string' ? content : blocks.find(({ type }) => type === 'text')?.text;
  return typeof text === 'string' ? !OWN_TEXT.test(text) : blocks.length > 0;
}
