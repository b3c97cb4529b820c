import type { SyntaxNode } from '@lezer/common';
import { parser } from '@prometheus-io/lezer-promql';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { enforce, everythingIn, type Scope } from './scope.ts';

const shop: Scope = { project: ['shop'] };

test.each([
  ['x', 'x{project="shop"}'],
  ['x{}', 'x{project="shop"}'],
  ['{a="b"}', '{project="shop",a="b"}'],
  ['x{a="b",}', 'x{project="shop",a="b",}'],
  ['{"metric.name"}', '{project="shop","metric.name"}'],
  ['x{project="other"}', 'x{project="shop",project="other"}'],
  ['x{project=~".*"} or y', 'x{project="shop",project=~".*"} or y{project="shop"}'],
  ['sum by (a) (rate(x[5m]))', 'sum by (a) (rate(x{project="shop"}[5m]))'],
  ['max_over_time(x[1h:1m] offset 1d)', 'max_over_time(x{project="shop"}[1h:1m] offset 1d)'],
  ['x @ end() / on (a) group_left (b) y', 'x{project="shop"} @ end() / on (a) group_left (b) y{project="shop"}'],
  ['absent(x)', 'absent(x{project="shop"})'],
  ['info(x)', 'info(x{project="shop"}, {project="shop"})'],
  ['info(x, {k8s="a"})', 'info(x{project="shop"}, {project="shop",k8s="a"})'],
  ['label_replace(x, "project", "shop", "", "")', 'label_replace(x{project="shop"}, "project", "shop", "", "")'],
  ['time()', 'time()'],
  ['-x', '-x{project="shop"}'],
  ['x{a="{y}#"}', 'x{project="shop",a="{y}#"}'],
  // A comment ends for Prometheus at a carriage return, for this grammar at a line feed.
  ['x # \r or y', 'x{project="shop"}  '],
  ['x # y\n or z', 'x{project="shop"}   or z{project="shop"}'],
  ['x\u00a0or\u2003y', 'x{project="shop"} or y{project="shop"}'],
])('%j is asked as %j', (query, scoped) => {
  expect(enforce(query, shop)).toBe(scoped);
});

test('several values are any of them, several labels all', () => {
  expect(everythingIn({ project: ['a.b', 'c'], host: ['h'] })).toBe('{project=~"a\\\\.b|c",host="h"}');
});

test.each([
  ['x{a="y}'],
  ['x{a="\\q"}'],
  ["x{a='\\\"'}"],
  ['x{a="\n"}'],
  ['x{a="\\\n"}'],
  ['x or'],
  ['x{a="b" or c="d"}'],
  ['WITH (y = x) y'],
])('%j cannot be scoped', (query) => {
  expect(() => enforce(query, shop)).toThrow(/^query: /);
});

test.each([[{}], [{ project: [] }], [{ project: [''] }], [{ 'a}': ['x'] }]] as [Scope][])('%j is no scope', (scope) => {
  expect(() => everythingIn(scope)).toThrow(/scope/);
});

const name = fc.constantFrom('x', 'ccmeter_tokens_total', 'sum', 'a:b', 'offset_', 'by', 'info', 'step', 'start', 'and_', 'group');
const literal = fc.constantFrom('"v"', "'v'", '`v}{`', '"a\\"b"', '"#"', '"\\u007d"', '"😀"', '""');
const operator = fc.constantFrom('=', '!=', '=~', '!~');
const matchers = fc
  .array(fc.tuple(fc.constantFrom('a', 'project', '__name__'), operator, literal), { maxLength: 3 })
  .map((all) => `{${all.map((one) => one.join('')).join(',')}}`);
const gap = fc.constantFrom('', ' ', '\n', '\r\n', ' # or secret\n', '\t', '#{"\n');
const bare = fc.constantFrom('x', 'ccmeter_tokens_total', 'a:b');
const selector = fc.oneof(
  bare,
  matchers,
  fc.tuple(name, gap, matchers).map((parts) => parts.join('')),
);

const { query } = fc.letrec<{ query: string }>((tie) => ({
  query: fc.oneof(
    { maxDepth: 5, withCrossShrink: true },
    selector,
    fc.tuple(selector, gap).map(([one, space]) => `rate(${one}${space}[5m])`),
    fc
      .tuple(tie('query'), gap, fc.constantFrom('+', 'or', 'and on (a)', '/ ignoring(b) group_left(c)', '> bool', 'unless'), tie('query'))
      .map((parts) => parts.map((part) => ` ${part}`).join('')),
    fc
      .tuple(fc.constantFrom('sum', 'topk', 'count_values', 'sum by (a)', 'max without (project)'), tie('query'))
      .map(([of, one]) =>
        of === 'topk' ? `topk(3, ${one})` : of === 'count_values' ? `count_values("project", ${one})` : `${of} (${one})`,
      ),
    tie('query').map((one) => `max_over_time((${one})[30m:15m] offset 5m)`),
    tie('query').map((one) => `label_replace(${one}, "project", "shop", "a", ".*")`),
    tie('query').map((one) => `histogram_quantile(0.9, ${one})`),
    fc.tuple(tie('query'), fc.boolean()).map(([one, two]) => (two ? `info(${one}, {a="b"})` : `info(${one})`)),
    tie('query').map((one) => `(${one}) @ end()`),
    tie('query').map((one) => `-(${one})`),
  ),
}));

test('every selector has the matcher, whatever the query, and nothing else changes', () => {
  fc.assert(
    fc.property(query, (text) => {
      if (hasError(text)) return;
      const scoped = enforce(text, shop);
      expect(hasError(scoped), scoped).toBe(false);
      const found = selectorsIn(scoped);
      expect(found.length).toBe(selectorsIn(text).length + lonelyInfosIn(text));
      for (const one of found) expect(one, scoped).toMatch(/\{project="shop"\s*[,}]/);
      expect(lonelyInfosIn(scoped)).toBe(0);
      expect(scoped.replaceAll(', {project="shop"}', '').replaceAll(/project="shop",?/g, '')).not.toContain('project="shop"');
    }),
    { numRuns: 3000 },
  );
});

test('any text is either refused or scoped', () => {
  const alphabet = fc.constantFrom(
    ...'x y{}()[],="\'`#\r\n\\:@-+/'.split(''),
    'or',
    'sum',
    'info',
    'by',
    'offset',
    '5m',
    'a',
    '\u00a0',
    '\ud800',
  );
  fc.assert(
    fc.property(
      fc.array(alphabet, { maxLength: 30 }).map((parts) => parts.join('')),
      (text) => {
        let scoped: string;
        try {
          scoped = enforce(text, shop);
        } catch (error) {
          expect(String(error)).toContain('query: ');
          return;
        }
        for (const one of selectorsIn(scoped)) expect(one).toMatch(/\{project="shop"\s*[,}]/);
        // Outside of strings there is nothing left that two lexers could see differently.
        expect(scoped.replaceAll(/"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|`[^`]*`/gs, '')).toMatch(/^[\x20-\x7e]*$/);
        expect(scoped.replaceAll(/"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|`[^`]*`/gs, '')).not.toContain('#');
      },
    ),
    { numRuns: 20_000 },
  );
});

function walk(text: string, visit: (node: SyntaxNode) => void): void {
  parser.parse(text).iterate({ enter: (node) => visit(node.node) });
}

function hasError(text: string): boolean {
  let found = false;
  walk(text, (node) => {
    found ||= node.type.isError;
  });
  return found;
}

function selectorsIn(text: string): string[] {
  const found: string[] = [];
  walk(text, (node) => {
    if (node.name === 'VectorSelector') found.push(text.slice(node.from, node.to));
  });
  return found;
}

function lonelyInfosIn(text: string): number {
  let found = 0;
  walk(text, (node) => {
    if (
      node.name === 'FunctionCall' &&
      /^info\s*[(#]/.test(text.slice(node.from)) &&
      node.getChild('FunctionCallBody')?.getChildren('Expr').length === 1
    )
      found += 1;
  });
  return found;
}
